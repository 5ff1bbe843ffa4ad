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
    """

    outcome: Outcome
    percent: float
    complete: int
    total: int
    remaining_s: float | None = None
    note: str = ""


def sentence(progress: Progress) -> str:
    """Format as `Refreshing 62% · 5/8 URLs · ~70 s left`."""
    parts = [f"{progress.outcome} {progress.percent:.0f}%", f"{progress.complete}/{progress.total} URLs"]
    if progress.remaining_s is not None:
        parts.append(f"~{max(1, round(progress.remaining_s))} s left")
    if progress.note:
        parts.append(progress.note)
    return " · ".join(parts)
