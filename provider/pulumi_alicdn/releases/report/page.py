"""The HTML page: one self-contained file that sends no requests and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Final, NamedTuple

from jinja2 import Template
from markupsafe import Markup

from pulumi_alicdn.borders import html, one_line
from pulumi_alicdn.releases.report.pipeline import NO_RUN, Run
from pulumi_alicdn.releases.report.place_matrix import COLUMN, LINE, matrix
from pulumi_alicdn.releases.report.place_table import by_place
from pulumi_alicdn.releases.report.story import Story, by_edge
from pulumi_alicdn.releases.report.templates import template, text_of
from pulumi_alicdn.releases.report.timeline import lanes, scale
from pulumi_alicdn.releases.report.url_table import columns, url_rows
from pulumi_alicdn.releases.report.wording import HEALED, duration, headline, pending_groups, proof_sentence

_SCHEMES: Final = ("https://", "http://")
"""A URL of the report becomes a link only if it begins so: another scheme could run a script."""


class UrlParts(NamedTuple):
    """The target of a link and the two parts of its text; ``href`` is empty if the URL is shown as plain text."""

    href: str
    site: str
    rest: str


def page(story: Story, run: Run = NO_RUN) -> str:
    """Render the report of *story*, which *run* made, as HTML.

    The text can be encoded as UTF-8, even if names contain surrogates.
    """
    over = scale(story)
    places = by_place(story.evidence, story.folded)
    edges = sorted(by_edge(story.evidence, story.folded), key=lambda edge: -edge.other)
    return _template().render(
        story=story,
        run=run,
        policy=_policy(),
        style=_own("page.css"),
        script=_own("page.js"),
        headline=headline(story),
        pending=pending_groups(story),
        healed_lead=HEALED,
        failure=story.failure.split("\n") if story.failure else [],
        figures=_figures(story),
        lanes=lanes(story, over),
        ticks=over.ticks,
        length_s=over.length_s,
        proof=proof_sentence(story),
        edges=edges,
        wrong_edges=[edge for edge in edges if edge.other],
        places=sorted(places, key=lambda place: -place.wrong),
        matrix=matrix(places),
        line_height=LINE,
        column_width=COLUMN,
        columns=columns(story),
        rows=url_rows(story),
    )


@cache
def _template() -> Template:
    return template("page.html.jinja", html, split_url=_split)


@cache
def _own(name: str) -> Markup:
    return Markup(text_of(name))  # noqa: S704  (our own file, no text from outside)


@cache
def _policy() -> str:
    """Allow only our own style and script, each by its hash: no requests, no frames, no forms, no other scripts."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{digest(_own('page.css'))}'; "
        f"script-src 'sha256-{digest(_own('page.js'))}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _split(url: str) -> UrlParts:
    """Split a URL for a link; make no link if a browser would open something else than the text shows."""
    if not url.startswith(_SCHEMES) or one_line(url) != url:
        return UrlParts("", "", url)
    slash = url.find("/", url.index("://") + 3)
    return UrlParts(url, "", url) if slash in {-1, len(url) - 1} else UrlParts(url, url[:slash], url[slash:])


def _figures(story: Story) -> list[tuple[str, str, str]]:
    found = story.plan.difference
    wrong = story.wrong
    figures = [
        ("Files", f"{story.files:,}", ""),
        ("Added", f"{len(found.added):,}", ""),
        ("Changed", f"{len(found.changed):,}", ""),
        ("Removed", f"{len(found.removed):,}", ""),
        *([("Pending", f"{len(story.pending):,}", "")] if story.pending else []),
        ("Unchanged", f"{found.unchanged:,}", ""),
        ("Refreshed", f"{len(story.refreshed):,}", ""),
        ("Prefetched", f"{len(story.prefetched):,}", ""),
    ]
    if story.evidence:
        figures += [
            ("Checks", f"{story.checks:,}", ""),
            ("Not fresh", f"{wrong:,}", "bad" if wrong else "good"),
            *([("Not required", f"{story.not_required:,}", "")] if story.not_required else []),
        ]
    times = (("Refresh took", story.refresh_s), ("Prefetch took", story.prefetch_s), ("Proof took", story.proof_s))
    return figures + [(name, duration(seconds), "") for name, seconds in times if seconds is not None]
