"""The progress of a wait, and its sentence for users."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_alicdn.tasks.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a wait.

    ``outcome``: the state of all objects together.
    ``percent``: 0 to 100.
    ``complete``, ``total``: numbers of objects.
    ``remaining_s``: an estimate in seconds, or None.
    ``note``: further text for the user; may be empty.
    ``took_s``: about how long the tasks took until they were Complete, in seconds, or None.
    """

    outcome: Outcome
    percent: float
    complete: int
    total: int
    remaining_s: float | None = None
    note: str = ""
    took_s: float | None = None


def sentence(progress: Progress) -> str:
    """Format as `62% · 5/8 URLs · ~70 s left`, and in the end as `8/8 URLs effective after 184 s`.

    The number comes first: in a narrow terminal, Pulumi cuts the row after its first characters.
    """
    objects = f"{progress.complete}/{progress.total} URLs"
    if progress.outcome is Outcome.COMPLETE:
        took = "" if progress.took_s is None else f" after {max(1, round(progress.took_s))} s"
        parts = [f"{objects} effective{took}"]
    else:
        parts = [f"{progress.percent:.0f}%", objects]
    if progress.remaining_s is not None:
        parts.append(f"~{max(1, round(progress.remaining_s))} s left")
    if progress.outcome not in (Outcome.COMPLETE, Outcome.REFRESHING):
        parts.append(str(progress.outcome))
    if progress.note:
        parts.append(progress.note)
    return " · ".join(parts)
