"""When to look next, while a task is under way."""

from __future__ import annotations

from typing import Final

SHARE: Final = 0.05
"""A wait grows with the time already spent, so that the lag stays this share of the task's length."""

LEAST_S: Final = 1.0
"""No two looks are closer than this, in seconds."""

CALLS_PER_S: Final = 2.0
"""DescribeRefreshTasks allows 5 to 10 calls a second for a whole account (CDN 2018-05-10): one wait takes 2."""

MOST_S: Final = 20.0
"""A wait never grows beyond this, in seconds."""


def next_look_s(age_s: float, percent: float, remaining_s: float, calls: int = 1) -> float:
    """Seconds to wait before the next look.

    *age_s* is the time since the submit, *percent* (0..100) the progress seen at the last look, *remaining_s* the time
    left until the deadline, *calls* how many calls one look takes. Where progress allows an estimate of the end, half
    of the estimate is waited, so that looks close in on the end; but never more than half the age, because the first
    percentages say little and the service tells ages in whole seconds. The last look is at the deadline.
    """
    wait = max(LEAST_S, SHARE * age_s)
    eta = eta_s(age_s, percent)
    if eta is not None:
        wait = max(wait, min(eta, age_s) / 2)
    return max(0.0, min(max(min(wait, MOST_S), calls / CALLS_PER_S), remaining_s))


def eta_s(age_s: float, percent: float) -> float | None:
    """Seconds until the end if progress goes on as it did, or None where nothing can be said of it yet."""
    if percent <= 0 or percent >= 100:  # noqa: PLR2004  percent
        return None
    return age_s * (100.0 - percent) / percent
