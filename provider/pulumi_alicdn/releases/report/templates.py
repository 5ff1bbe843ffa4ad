"""Loading of the report's files, which lie beside this module: two templates, a style and a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.report.wording import clock, duration, visible


def template(name: str, **filters: Callable[..., Any]) -> Template:
    """Return the template *name*, with *filters* added to the shared ones.

    Only `*.html.jinja` is escaped automatically: no escaping fits every position in Markdown.
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
    """Return the text of the file *name*, unchanged."""
    return _files().get_source(Environment(autoescape=True), name)[0]


@cache
def _files() -> PackageLoader:
    return PackageLoader("pulumi_alicdn.releases.report", package_path=".")
