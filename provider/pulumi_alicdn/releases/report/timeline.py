"""The timeline of a release: lanes with marks, bars and curves, positioned in percent of its duration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.report.story import Effect, Story
from pulumi_alicdn.releases.report.wording import clock, duration

SINGLE: Final = 5
"""The most objects that have a lane each; more of them share a curve. [chosen: about half a screen of a phone]"""

SHORTEST_S: Final = 1.0
"""Seconds; the scale spans at least these. [chosen: the API's instants are whole seconds]"""

_THINNEST: Final = 0.6
"""Percent of the scale that a bar takes at least. [chosen: 2 pixels on a phone]"""

_STEPS: Final = 1000
"""Places of the scale that a curve tells apart. [chosen: finer than the pixels of a screen]"""

_VERBS: Final = {Kind.REFRESH: "Refresh", Kind.PREFETCH: "Prefetch"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that begins at ``start`` and is ``width`` wide, both in percent; ``css_class`` is its CSS class."""

    start: float
    width: float
    css_class: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a curve: from ``across`` on, in thousandths of the timeline, ``percent`` of the URLs wait."""

    across: int
    percent: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the timeline. ``curve``: the share of URLs that still wait for their effect; may be empty.

    A bar and a curve say the same: they begin at the submit and end with the effect.
    """

    name: str
    detail: str
    marks: tuple[Bar, ...] = ()
    bars: tuple[Bar, ...] = ()
    curve: tuple[Step, ...] = ()
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the scale at ``at`` percent."""

    at: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The time that the timeline spans."""

    start: datetime
    length_s: float
    ticks: tuple[Tick, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Label the quarters."""
        anchors = {0: "start", 100: "end"}
        ticks = [
            Tick(at, anchors.get(at, "middle"), duration(self.length_s * at / 100) if at else "0")
            for at in (0, 25, 50, 75, 100)
        ]
        object.__setattr__(self, "ticks", tuple(ticks))

    def place(self, at: datetime) -> float:
        """Return *at* in percent, from 0 to 100."""
        return round(min(100.0, max(0.0, (at - self.start).total_seconds() / self.length_s * 100)), 2)

    def bar(self, start: datetime, end: datetime, css_class: str) -> Bar:
        """Return the bar from *start* to *end*, wide enough to be visible and within the timeline."""
        left = min(self.place(start), 100 - _THINNEST)
        return Bar(round(left, 2), round(max(_THINNEST, self.place(end) - left), 2), css_class)


def scale(story: Story) -> Scale:
    """Return the scale from the beginning of the release to its last known instant."""
    return Scale(story.began_at, max(SHORTEST_S, story.total_s))


def lanes(story: Story, over: Scale) -> tuple[Lane, ...]:
    """Return the lanes in the order of events; none if nothing happened."""
    if not story.effects and story.submitted_at is None and story.proof_began_at is None:
        return ()
    found = [_upload(story, over), _submit(story, over)]
    for kind in Kind:
        found += _effects([effect for effect in story.effects if effect.kind is kind], kind, over, story.ended_at)
    return (*found, _proof(story, over))


def _after(at: datetime, story: Story) -> str:
    return f"after {duration((at - story.began_at).total_seconds())}"


def _upload(story: Story, over: Scale) -> Lane:
    if story.uploaded_at is None:
        return Lane("Upload", "not known")
    before_s = (story.began_at - story.uploaded_at).total_seconds()
    when = f"{duration(before_s)} before" if before_s > 0 else _after(story.uploaded_at, story)
    mark = Bar(over.place(story.uploaded_at), 0, "upload")
    return Lane("Upload", f"newest file {when}, {clock(story.uploaded_at)}", (mark,))


def _submit(story: Story, over: Scale) -> Lane:
    marks = [
        (at, css_class, f"{css_class} {_after(at, story)}")
        for at, css_class in ((story.submitted_at, "refresh"), (story.prefetch_submitted_at, "prefetch"))
        if at is not None
    ]
    when = ", ".join(text for _, _, text in marks) or "nothing was submitted"
    return Lane("Submit", when, tuple(Bar(over.place(at), 0, css_class) for at, css_class, _ in marks))


def _took_s(effect: Effect) -> float:
    return ((effect.effective_by or effect.created_at) - effect.created_at).total_seconds()


def _effects(effects: Sequence[Effect], kind: Kind, over: Scale, end: datetime) -> list[Lane]:
    if not effects:
        return []
    if len(effects) <= SINGLE:
        return [_single(effect, over, end) for effect in effects]
    known = sorted(effect.effective_by for effect in effects if effect.effective_by is not None)
    detail = f"{len(known):,} of {counted(len(effects), 'URL')} in effect"
    if known:
        times = sorted(_took_s(effect) for effect in effects if effect.effective_by is not None)
        detail += f", the first after {duration(times[0])}, the last after {duration(times[-1])}"
        detail += "; height: URLs that still wait"
    begin = over.place(min(effect.created_at for effect in effects))
    curve = _curve(begin, [over.place(at) for at in known], len(effects))
    failed = [effect for effect in effects if effect.status is RowStatus.FAILED]
    if failed:
        detail += f"; {len(failed):,} failed"
    bars = (
        () if known else (over.bar(min(effect.created_at for effect in effects), end, "fault" if failed else "open"),)
    )
    return [Lane(_VERBS[kind], detail, bars=bars, curve=curve, css_class=str(kind))]


def _single(effect: Effect, over: Scale, end: datetime) -> Lane:
    if effect.effective_by is not None:
        detail, css_class = f"in effect within {duration(_took_s(effect))}", str(effect.kind)
    elif effect.status is RowStatus.FAILED:
        detail, css_class = f"failed{': ' if effect.description else ''}{effect.description}", "fault"
    else:
        detail, css_class = f"{effect.status}, not seen to be in effect", "open"
    bar = over.bar(effect.created_at, effect.effective_by or end, css_class)
    return Lane(_VERBS[effect.kind], f"{effect.url}, {detail}", bars=(bar,))


def _curve(begin: float, places: Sequence[float], total: int) -> tuple[Step, ...]:
    """Return the share of URLs without effect over time; *begin* and *places* are in percent of the timeline, sorted.

    It ends at 0, unless some never took effect. Without any effect there is no curve.
    """
    if not places:
        return ()
    left, thinnest = round(begin * _STEPS / 100), round(_THINNEST * _STEPS / 100)
    # One step for each thousandth suffices, however many URLs took effect at that time.
    reached = {left: 0}
    reached |= {max(left + thinnest, round(place * _STEPS / 100)): count for count, place in enumerate(places, 1)}
    return tuple(Step(across, 100 - round(count / total * 100)) for across, count in reached.items())


def _proof(story: Story, over: Scale) -> Lane:
    if story.proof_began_at is None:
        return Lane("Proof", "the edges were not checked")
    end = story.proof_ended_at or story.ended_at
    wrong = story.wrong
    detail = f"{counted(story.checks, 'check')} in {duration((end - story.proof_began_at).total_seconds())}"
    others = story.not_required
    if wrong:
        detail += f", {wrong:,} not fresh"
    elif story.evidence:
        detail += f", {story.checks - others:,} fresh, {others:,} not required" if others else ", all fresh"
    return Lane("Proof", detail, bars=(over.bar(story.proof_began_at, end, "fault" if wrong else "proof"),))
