"""The report of a release as GitHub-flavoured Markdown, for the summary of a pipeline's step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story, by_edge
from pulumi_alicdn.releases.report.wording import (
    clock,
    duration,
    finding,
    headline,
    proof_sentence,
    visible,
    why,
)

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
"""Bytes of UTF-8 of one list or table. [chosen: with MISMATCH_ROOM and what is told once, less than 200,000 in all]"""

MISMATCH_ROOM: Final = 40_000
"""Bytes of UTF-8 of the table of mismatches. [chosen: it is what a failed release is read for]"""

_MARKS = {ReleaseOutcome.LIVE: "✅", ReleaseOutcome.FAILED: "❌", ReleaseOutcome.SUBMITTED: "⏳"}
_SAFE = frozenset(" ,/-?%")


def markdown(story: Story) -> str:
    """The report, ending with a line break; at most 200,000 bytes of UTF-8 however many URLs there are.

    Names are escaped to entities, so none of them can open a cell, a link, a tag or a mention.
    """
    blocks = [
        f"## {_MARKS[story.outcome]} {headline(story)}: {_plain(story.name)}",
        _quoted(story.failure) if story.failure else "",
        _plain(story.reason, MAX_SENTENCE),
        _figures(story),
        *_urls("Refreshed", story.refreshed),
        *_urls("Prefetched", story.prefetched),
        *_proof(story),
        _ids(story),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _plain(text: str, most: int = MAX_TEXT) -> str:
    shown = visible(text).strip()
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    # An entity never has a meaning in Markdown, whichever character it stands for.
    entities = (char if char.isalnum() or not char.isascii() or char in _SAFE else f"&#{ord(char)};" for char in shown)
    return "".join(entities).replace("-", "&#45;", 1 if shown.startswith("-") else 0)


def _code(text: str) -> str:
    return f"<code>{_plain(text)}</code>"


def _quoted(sentence: str) -> str:
    cut = sentence if len(sentence) <= MAX_SENTENCE else sentence[: MAX_SENTENCE - 1] + "…"
    return "\n".join("> " + _plain(line, MAX_SENTENCE).strip() + "<br>" for line in cut.splitlines())


def _within(lines: Iterable[str], most: int | None = None, room: int = ROOM) -> list[str]:
    """The first of *lines*: as many as there is room for, and at most *most*."""
    kept: list[str] = []
    for line in islice(lines, most):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    return "\n".join([_row(*head), _row(*["---"] * len(head)), *rows])


def _figures(story: Story) -> str:
    counts = story.counts
    differ = f"{counts.added:,} added, {counts.changed:,} changed, {counts.removed:,} removed"
    rows = [
        ("Files", f"{counts.total:,} ({differ}, {counts.unchanged:,} unchanged)"),
        ("Refreshed", counted(len(story.refreshed), "object")),
        ("Prefetched", counted(len(story.prefetched), "object")),
        ("Proof", proof_sentence(story)),
        ("Service", _plain(story.service)),
        ("Site", "<br>".join(_code(url) for url in story.base_urls[:MAX_SITES])),
        ("Began", clock(story.began_at)),
    ]
    times = (("Refresh took", story.refresh_s), ("Prefetch took", story.prefetch_s), ("Proof took", story.proof_s))
    rows += [(name, duration(seconds)) for name, seconds in times if seconds is not None]
    return _table(("", ""), [_row(*row) for row in (*rows, ("In all", duration(story.total_s)))])


def _urls(verb: str, urls: Sequence[str]) -> list[str]:
    if not urls:
        return []
    first = _within((f"- {_code(url)}" for url in urls), FIRST)
    blocks = [f"### {verb}: {counted(len(urls), 'object')}", "\n".join(first)]
    return [*blocks, _folded(urls[len(first) :])] if len(urls) > len(first) else blocks


def _folded(urls: Sequence[str]) -> str:
    lines = _within(visible(url)[:MAX_TEXT] for url in urls)
    left = len(urls) - len(lines)
    more = f"\n\n… and {left:,} more; the HTML report names them all." if left else ""
    # Only a run of tildes as long as the fence ends it.
    fence = "~" * max([3, *(len(run) + 1 for line in lines for run in re.findall("~+", line))])
    block = "\n".join([fence, *lines, fence])
    return f"<details><summary>{counted(len(urls), 'more object')}</summary>\n\n{block}{more}\n\n</details>"


def _proof(story: Story) -> list[str]:
    if not story.evidence:
        return []
    edges = sorted(by_edge(story.evidence), key=lambda summary: -summary.other)
    rows = (
        _row(_code(edge.edge), f"{edge.fresh:,}", f"{edge.other:,}", "❌" if edge.other else "✅") for edge in edges
    )
    named = _within(rows, MAX_EDGES)
    blocks = ["### What the edges serve", _table(("Edge", "Fresh", "Not fresh", ""), named)]
    if len(edges) > len(named):
        blocks.append(f"… and {counted(len(edges) - len(named), 'more edge')}.")
    return blocks + _mismatches(story)


def _mismatches(story: Story) -> list[str]:
    wrong = story.mismatches
    if not wrong:
        return []
    rows = (_row(_code(seen.edge), _code(seen.url), finding(seen), _plain(why(seen))) for seen in wrong)
    named = _within(rows, MAX_MISMATCHES, MISMATCH_ROOM)
    table = _table(("Edge", "URL", "Finding", "What it served"), named)
    left = len(wrong) - len(named)
    return [table, f"… and {left:,} more that did not find the release."] if left else [table]


def _ids(story: Story) -> str:
    parts = [
        f"{name} {', '.join(_code(value) for value in ids[:MAX_SITES])}"
        + (f" and {len(ids) - MAX_SITES:,} more" if len(ids) > MAX_SITES else "")
        for name, ids in (("Tasks", story.task_ids), ("Requests", story.request_ids))
        if ids
    ]
    return "<sub>" + " · ".join(parts) + "</sub>" if parts else ""
