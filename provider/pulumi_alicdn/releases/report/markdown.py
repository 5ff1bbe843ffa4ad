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
"""URLs that a list shows before the rest is folded away. [chosen: about one screen]"""

MAX_MISMATCHES: Final = 50
"""Mismatches that the table names. [chosen: more of them say nothing new]"""

MAX_EDGES: Final = 100
"""Edges that the table names, those with mismatches first. [chosen: some screens]"""

MAX_SITES: Final = 5
"""Base URLs and ids that are named. [chosen: a line or two]"""

MAX_TEXT: Final = 400
"""Characters of one name. [chosen: longer than any sensible URL]"""

MAX_SENTENCE: Final = 2_000
"""Characters of a failure or a reason. [chosen: a sentence and a list of some objects]"""

ROOM: Final = 15_000
"""Bytes of UTF-8 of one list or table. [chosen: with MISMATCH_ROOM and what appears once, less than 200,000 in all]"""

MISMATCH_ROOM: Final = 40_000
"""Bytes of UTF-8 of the table of mismatches. [chosen: it is what a failed release is read for]"""

_MARKS = {ReleaseOutcome.LIVE: "✅", ReleaseOutcome.FAILED: "❌", ReleaseOutcome.SUBMITTED: "⏳"}
_SAFE = frozenset(" ,/-?%")


def markdown(story: Story) -> str:
    """The report, ending with a line break; at most 200,000 bytes of UTF-8 however many URLs there are.

    Names are escaped to entities, so none of them can open a cell, a link, a tag or a mention.
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
    """*text* as Markdown that reads as it stands there, on one line and of at most *most* characters."""
    shown = clipped(visible(text).strip(), most)
    # An entity never has a meaning in Markdown, whichever character it stands for.
    entities = (char if char.isalnum() or not char.isascii() or char in _SAFE else f"&#{ord(char)};" for char in shown)
    return "".join(entities).replace("-", "&#45;", 1 if shown.startswith("-") else 0)


def _cut(url: str) -> str:
    return visible(url)[:MAX_TEXT]


def _fitting(
    items: Sequence[_Item], line: Callable[[_Item], str], most: int | None = None, room: int = ROOM
) -> list[str]:
    """The lines of the first *items*: at most *most* of them, and at most *room* bytes of UTF-8."""
    kept: list[str] = []
    for item in items[:most]:
        rendered = line(item)
        room -= len(rendered.encode()) + 1
        if room < 0:
            break
        kept.append(rendered)
    return kept


def _fence(lines: Iterable[str]) -> str:
    """A fence that none of *lines* ends: only a run of tildes that is as long ends it."""
    return "~" * max([3, *(len(run) + 1 for line in lines for run in re.findall("~+", line))])
