"""The report of a release as GitHub-flavoured Markdown, for the summary of a pipeline's step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, TypeVar

from jinja2 import Template

from pulumi_alicdn.phrases import clipped
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story, by_edge
from pulumi_alicdn.releases.report.templates import template
from pulumi_alicdn.releases.report.wording import finding, headline, proof_sentence, visible, why

_Item = TypeVar("_Item")

FIRST: Final = 20
"""The most URLs that a list shows; the others are folded away. [chosen: about one screen]"""

MAX_MISMATCHES: Final = 50
"""The most mismatches that the table lists. [chosen: more of them add nothing new]"""

MAX_EDGES: Final = 100
"""The most edges that the table lists, those with mismatches first. [chosen: a few screens]"""

MAX_SITES: Final = 5
"""The most base URLs and the most ids that are listed. [chosen: a line or two]"""

MAX_TEXT: Final = 400
"""The most characters of one name. [chosen: longer than any sensible URL]"""

MAX_SENTENCE: Final = 2_000
"""The most characters of a failure or a reason. [chosen: a sentence and a list of a few objects]"""

ROOM: Final = 15_000
"""The most bytes (UTF-8) of one list or table. [chosen: with MISMATCH_ROOM and all other parts, less than 200,000]"""

MISMATCH_ROOM: Final = 40_000
"""The most bytes (UTF-8) of the table of mismatches. [chosen: it is the main part of a failed release's report]"""

_MARKS: Final = {ReleaseOutcome.LIVE: "✅", ReleaseOutcome.FAILED: "❌", ReleaseOutcome.SUBMITTED: "⏳"}
_SAFE: Final = frozenset(" ,/-?%")
"""Characters besides letters and digits that mean nothing in Markdown and HTML within a line."""


def markdown(story: Story) -> str:
    """Render the report, which ends with a line break and has at most 200,000 bytes (UTF-8) for any number of URLs.

    Names are escaped to entities, so that no name can begin a cell, a link, a tag or a mention.
    """
    times = (("Refresh took", story.refresh_s), ("Prefetch took", story.prefetch_s), ("Proof took", story.proof_s))
    return _template().render(
        story=story,
        mark=_MARKS[story.outcome],
        headline=headline(story),
        failure_lines=clipped(story.failure, MAX_SENTENCE).splitlines(),
        reason=_plain(story.plan.reason, MAX_SENTENCE),
        proof=proof_sentence(story),
        times=[(name, seconds) for name, seconds in times if seconds is not None],
        edges=sorted(by_edge(story.evidence), key=lambda summary: -summary.other),
        ids=[(name, ids) for name, ids in (("Tasks", story.task_ids), ("Requests", story.request_ids)) if ids],
        max_first=FIRST,
        max_edges=MAX_EDGES,
        max_mismatches=MAX_MISMATCHES,
        max_sentence=MAX_SENTENCE,
        max_sites=MAX_SITES,
        mismatch_room=MISMATCH_ROOM,
    )


@cache
def _template() -> Template:
    return template("summary.md.jinja", text=_plain, cut=_cut, fence=_fence, fitting=_fitting, finding=finding, why=why)


def _plain(text: str, most: int = MAX_TEXT) -> str:
    """Escape *text* so that Markdown shows it literally, on one line and with at most *most* characters."""
    shown = clipped(visible(text).strip(), most)
    # Markdown never reads an entity as markup.
    entities = (char if char.isalnum() or not char.isascii() or char in _SAFE else f"&#{ord(char)};" for char in shown)
    return "".join(entities).replace("-", "&#45;", 1 if shown.startswith("-") else 0)


def _cut(url: str) -> str:
    return visible(url)[:MAX_TEXT]


def _fitting(
    items: Sequence[_Item], line: Callable[[_Item], str], most: int | None = None, room: int = ROOM
) -> list[str]:
    """Return the lines of the first *items*: at most *most* lines, and at most *room* bytes (UTF-8)."""
    kept: list[str] = []
    for item in items[:most]:
        rendered = line(item)
        room -= len(rendered.encode()) + 1
        if room < 0:
            break
        kept.append(rendered)
    return kept


def _fence(lines: Iterable[str]) -> str:
    """Return a fence longer than any run of tildes in *lines*, so that no line can end the block."""
    return "~" * max([3, *(len(run) + 1 for line in lines for run in re.findall("~+", line))])
