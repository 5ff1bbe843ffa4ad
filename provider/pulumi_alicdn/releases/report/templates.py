"""The files that the reports are made of: two templates, a style and a script, beside this module."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.report.wording import clock, duration, visible


def template(name: str, **filters: Callable[..., Any]) -> Template:
    """Return the template of that file, with *filters* of its own besides the shared ones.

    Only `*.html.jinja` is escaped by itself: Markdown has no escaping that fits every place.
    """
    environment = Environment(
        loader=_files(),
        autoescape=select_autoescape(["html.jinja"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": clock,
        "duration": duration,
        "number": "{:,}".format,
        "counted": counted,
        "visible": visible,
        **filters,
    }
    return environment.get_template(name)


def text_of(name: str) -> str:
    """Return a file as it is."""
    return _files().get_source(Environment(autoescape=True), name)[0]


@cache
def _files() -> PackageLoader:
    return PackageLoader("pulumi_alicdn.releases.report", package_path=".")
