"""When to look next, while a task is under way."""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 1.0
"""Seconds from the submit to the first look. Short: a wrong origin fails within a second or two."""

SHARE: Final = 0.05
"""A wait grows with the time already spent, so that the lag stays this share of the task's length."""

LEAST_S: Final = 1.0
"""DescribeRefreshTasks allows 5 to 10 calls a second for a whole account (CDN 2018-05-10): one caller takes 1."""

MOST_S: Final = 20.0
"""A wait never grows beyond this, in seconds."""


def next_look_s(elapsed_s: float, percent: float, remaining_s: float) -> float:
    """Seconds to wait before the next look.

    *elapsed_s* is the time since the wait began, *percent* (0..100) the progress seen at the last look, *remaining_s*
    the time left until the deadline. Where progress allows an estimate of the end, half of the estimate is waited, so
    that looks close in on the end. The last look is at the deadline.
    """
    wait = max(FIRST_S, LEAST_S, SHARE * elapsed_s)
    eta = eta_s(elapsed_s, percent)
    if eta is not None:
        wait = max(wait, eta / 2)
    return max(0.0, min(wait, MOST_S, remaining_s))


def eta_s(elapsed_s: float, percent: float) -> float | None:
    """Seconds until the end if progress goes on as it did, or None where nothing can be said of it yet."""
    if percent <= 0 or percent >= 100:  # noqa: PLR2004  percent
        return None
    return elapsed_s * (100.0 - percent) / percent
