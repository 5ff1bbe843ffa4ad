"""Loading of the report's files, which lie beside this module: two templates, a style and a script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.report.wording import clock, duration


def template(name: str, border: Callable[[str], str], **filters: Callable[..., Any]) -> Template:
    """Return the template *name*, with *filters* added to the shared ones.

    *border*: the escape of the file that the template makes. Every value of an expression crosses it, so that none can
    be forgotten; only the result of a macro, and what is Markup already, stays as it is.
    """

    def crossed(value: object) -> Markup:
        return value if isinstance(value, Markup) else Markup(border(str(value)))  # noqa: S704  it is escaped here

    environment = Environment(
        loader=_files(),
        # For its Markup only: the border has escaped everything else before.
        autoescape=True,
        finalize=crossed,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": _own(clock),
        "duration": _own(duration),
        "number": _own("{:,}".format),
        "counted": _own(counted),
        **filters,
    }
    return environment.get_template(name)


def _own(words: Callable[..., str]) -> Callable[..., Markup]:
    """Return *words* with a result that crosses no border: times and numbers, which nobody else fills."""
    return lambda *arguments: Markup(words(*arguments))  # noqa: S704


def text_of(name: str) -> str:
    """Return the text of the file *name*, unchanged."""
    return _files().get_source(Environment(autoescape=True), name)[0]


@cache
def _files() -> PackageLoader:
    return PackageLoader("pulumi_alicdn.releases.report", package_path=".")
