"""The table of URLs: one row for each, with its refresh and prefetch and what each edge serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.releases.proof.checks.folded import Counts, summed
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.report.story import Effect, Story
from pulumi_alicdn.releases.report.wording import duration, finding, grouped

MAX_COLUMNS: Final = 6
"""The most edges that have a column each; more of them share one column. [chosen: the width of a laptop's screen]"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and its CSS class."""

    text: str
    css_class: str


@dataclass(frozen=True, slots=True)
class UrlRow:
    """One URL. ``at``: seconds from the beginning of the release until it was in effect; None if that is not known."""

    url: str
    kinds: str
    at: float | None
    wrong: bool
    actions: tuple[Cell, ...]
    cells: tuple[Cell, ...]
    reasons: tuple[str, ...]


def columns(story: Story) -> tuple[str, ...]:
    """Return the headings for edges: one for each of a few, one for all of many, none without evidence."""
    edges = sorted({seen.edge for seen in story.evidence})
    return tuple(edges) if len(edges) <= MAX_COLUMNS else (f"{len(edges)} edges",)


def url_rows(story: Story) -> list[UrlRow]:
    """Return a row for each URL that was refreshed, prefetched or checked; those with mismatches first, then by URL."""
    effects: dict[str, list[Effect]] = {}
    for effect in story.effects:
        effects.setdefault(effect.url, []).append(effect)
    directories = _directories(story)
    checks: dict[str, list[Evidence]] = {}
    for seen in story.evidence:
        checks.setdefault(seen.url, []).append(seen)
    edges = sorted({seen.edge for seen in story.evidence})
    kinds: dict[str, set[str]] = {url: set() for url in (*effects, *checks)}
    for kind, urls in ((Kind.REFRESH, story.refreshed), (Kind.PREFETCH, story.prefetched)):
        for url in urls:
            kinds.setdefault(url, set()).add(kind)
    rows = [
        _row(
            url, _of(url, effects, directories), checks.get(url, ()), story.folded.at(url), edges, named, story.began_at
        )
        for url, named in kinds.items()
    ]
    return sorted(rows, key=lambda row: (not row.wrong, row.url))


def _directories(story: Story) -> tuple[Effect, ...]:
    """Return the effects of refreshed directories, the deepest one first."""
    if story.plan.refresh_type is not ObjectType.DIRECTORY:
        return ()
    found = (effect for effect in story.effects if effect.kind is Kind.REFRESH)
    return tuple(sorted(found, key=lambda effect: -len(effect.url)))


def _of(url: str, effects: Mapping[str, Sequence[Effect]], directories: Sequence[Effect]) -> list[Effect]:
    """Return the effects on *url*: its own ones, and that of the directory that contains it."""
    own = list(effects.get(url, ()))
    # The deepest directory that contains the URL; a directory's own row has its own effect.
    around = [effect for effect in directories if url.startswith(effect.url)][:1]
    return [*(effect for effect in around if effect.url != url), *own]


def _row(
    url: str,
    effects: Sequence[Effect],
    checks: Sequence[Evidence],
    more: Mapping[str, Counts],
    edges: Sequence[str],
    named: set[str],
    began_at: datetime,
) -> UrlRow:
    kinds = named | {str(effect.kind) for effect in effects}
    at = [effect.effective_by for effect in effects if effect.effective_by is not None]
    failed = [effect for effect in effects if effect.status is RowStatus.FAILED]
    mismatches = [seen for seen in checks if not seen.ok]
    done = tuple(
        _action(effect, began_at, str(effect.kind) if effect.url == url else "directory refresh") for effect in effects
    )
    return UrlRow(
        url,
        " ".join(sorted(kinds)) or "none",
        max((instant - began_at).total_seconds() for instant in at) if at else None,
        bool(mismatches or failed or summed(more.values()).other),
        done or tuple(Cell(f"{kind}: not submitted", "o") for kind in sorted(kinds)),
        _cells(checks, more, edges),
        (
            *(f"{effect.kind} failed: {effect.description or 'no reason given'}" for effect in failed),
            *(f"{one.where}: {one.why}" for one in grouped(mismatches)),
        ),
    )


def _action(effect: Effect, began_at: datetime, name: str) -> Cell:
    if effect.effective_by is not None:
        return Cell(f"{name}: after {duration((effect.effective_by - began_at).total_seconds())}", "")
    failed = effect.status is RowStatus.FAILED
    return Cell(f"{name}: {'failed' if failed else effect.status}", "n" if failed else "wait")


def _cells(checks: Sequence[Evidence], more: Mapping[str, Counts], edges: Sequence[str]) -> tuple[Cell, ...]:
    """Return what each edge serves; *more*: checks that have no evidence, by their edge."""
    if len(edges) > MAX_COLUMNS:
        required, further = [seen for seen in checks if seen.finding is not Finding.NOT_REQUIRED], summed(more.values())
        fresh = sum(seen.ok for seen in required) + further.fresh
        count = len(required) + further.fresh + further.other
        if not count:
            return (Cell("not required" if checks else "not checked", "o"),)
        sign, css_class = ("✓", "y") if fresh == count else ("✗", "n")
        return (Cell(f"{sign} {fresh} of {count} fresh", css_class),)
    # The last probe of an edge counts, and a mismatch of one of its copies.
    seen_at = {seen.edge: seen for ok in (True, False) for seen in checks if seen.ok is ok}
    return tuple(_at_edge(seen_at.get(edge), more.get(edge)) for edge in edges)


def _at_edge(seen: Evidence | None, more: Counts | None) -> Cell:
    differs = more is not None and more.other > 0
    return _counted(more) if seen is None or (seen.ok and differs) else _cell(seen)


def _cell(seen: Evidence) -> Cell:
    if seen.finding is Finding.NOT_REQUIRED:
        return Cell("not required", "o")
    return Cell("✓ fresh", "y") if seen.ok else Cell(f"✗ {finding(seen)}", "n")


def _counted(counts: Counts | None) -> Cell:
    if counts is None:
        return Cell("not checked", "o")
    if counts.other:
        return Cell("✗ not fresh", "n")
    return Cell("✓ fresh", "y") if counts.fresh else Cell("not required", "o")
