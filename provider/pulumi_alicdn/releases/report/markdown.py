"""The report of a release as GitHub-flavoured Markdown, for the summary of a pipeline's step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar

from jinja2 import Template
from markupsafe import Markup

from pulumi_alicdn import borders
from pulumi_alicdn.borders import one_line
from pulumi_alicdn.phrases import clipped
from pulumi_alicdn.releases.report.pipeline import NO_RUN, Run
from pulumi_alicdn.releases.report.place_table import by_place
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story, by_edge
from pulumi_alicdn.releases.report.templates import template
from pulumi_alicdn.releases.report.wording import HEALED, grouped, headline, pending_groups, plain_url, proof_sentence

_Item = TypeVar("_Item")

FIRST: Final = 20
"""The most URLs that a list shows; the others are folded away. [chosen: about one screen]"""

MAX_MISMATCHES: Final = 50
"""The most mismatches that the table lists. [chosen: more of them add nothing new]"""

MAX_EDGES: Final = 100
"""The most edges, or places and providers, of the table; those with mismatches come first. [chosen: a few screens]"""

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

_MARKS: Final = {
    ReleaseOutcome.LIVE: "✅",
    ReleaseOutcome.UNPROVEN: "⚠️",
    ReleaseOutcome.FAILED: "❌",
    ReleaseOutcome.SUBMITTED: "⏳",
}


def markdown(story: Story, run: Run = NO_RUN) -> str:
    """Render the report of *story*, which *run* made. It ends with a line break and has at most 200,000 bytes (UTF-8).

    Every text crosses the border of Markdown; those that others fill stand in `<code>`, where GitHub finds no mentions.
    """
    times = (("Refresh took", story.refresh_s), ("Prefetch took", story.prefetch_s), ("Proof took", story.proof_s))
    return _template().render(
        story=story,
        run=run,
        mismatches=grouped(story.evidence),
        mark=_MARKS[story.outcome],
        headline=headline(story),
        failure_lines=clipped(story.failure, MAX_SENTENCE).split("\n") if story.failure else [],
        proof=Markup(proof_sentence(story)),  # noqa: S704  numbers only
        pending=pending_groups(story),
        healed_lead=HEALED,
        times=[(name, seconds) for name, seconds in times if seconds is not None],
        places=sorted(by_place(story.evidence, story.folded), key=lambda place: -place.wrong),
        edges=sorted(by_edge(story.evidence, story.folded), key=lambda summary: -summary.other),
        ids=[(name, ids) for name, ids in (("Tasks", story.task_ids), ("Requests", story.request_ids)) if ids],
        max_first=FIRST,
        max_edges=MAX_EDGES,
        max_mismatches=MAX_MISMATCHES,
        max_sentence=MAX_SENTENCE,
        max_text=MAX_TEXT,
        max_sites=MAX_SITES,
        mismatch_room=MISMATCH_ROOM,
    )


@cache
def _template() -> Template:
    return template(
        "summary.md.jinja",
        borders.markdown,
        clipped=_clipped,
        link_target=_link_target,
        fitting=_fitting,
    )


def _clipped(text: str, most: int) -> str:
    """Shorten *text* as it will be seen: an escape has several characters."""
    return clipped(one_line(text).strip(), most)


def _link_target(url: str) -> str:
    """Return *url* as the target of a link; empty if it is none, or could end the attribute or the cell of a table."""
    return url if len(url) <= MAX_TEXT and plain_url(url) else ""


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
