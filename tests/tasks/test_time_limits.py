"""The time of each call: a read has what is left until its deadline, and a submit always has all that it needs."""

from __future__ import annotations

import math

import pytest

from pulumi_alicdn.errors import ApiFault, UnknownOutcomeError, UnreachableError
from pulumi_alicdn.tasks.retry_policy import LAST_S, READ_PATIENCE_S, Caller
from pulumi_alicdn.time_limits import allowed_s
from support.virtual_clock import Sleeper


class OwnTime(Sleeper):
    """A clock that shows what has been slept."""

    def __init__(self) -> None:
        self._now_s = 1000.0

    def monotonic(self) -> float:
        return self._now_s

    def sleep(self, seconds: float) -> None:
        self._now_s += seconds


@pytest.fixture
def time() -> OwnTime:
    return OwnTime()


def test_a_read_has_the_time_until_its_deadline_and_a_little_more(time: OwnTime) -> None:
    caller = Caller(time, lambda: 0.5)
    assert caller.read(allowed_s) == READ_PATIENCE_S + LAST_S
    assert caller.read(allowed_s, time.monotonic() + 100.0) == 100.0 + LAST_S
    assert caller.read(allowed_s, time.monotonic()) == LAST_S
    assert allowed_s() == math.inf


def test_a_submit_has_its_full_time_also_at_the_deadline(time: OwnTime) -> None:
    caller = Caller(time, lambda: 0.5)
    assert caller.submit(allowed_s, time.monotonic()) == math.inf
    assert caller.submit(allowed_s, time.monotonic() - 60.0) == math.inf


def test_no_page_is_read_once_the_time_after_the_deadline_is_over(time: OwnTime) -> None:
    """A service that needs seconds for each page of many would keep a wait going for minutes after its timeout."""
    caller, until = Caller(time, lambda: 0.5), time.monotonic() + 5.0
    answered = 0

    def page() -> None:
        nonlocal answered
        time.sleep(4.0)
        answered += 1

    def pages() -> None:
        for _ in range(100):
            caller.read(page, until)

    with pytest.raises(UnreachableError, match="the time was up before all was read"):
        pages()
    assert answered == 3
    assert time.monotonic() <= until + LAST_S + 4.0


def test_a_read_whose_tries_all_time_out_ends_soon_after_its_deadline(time: OwnTime) -> None:
    caller, until = Caller(time, lambda: 0.5), time.monotonic() + 5.0

    def never() -> None:
        time.sleep(min(20.0, allowed_s()))
        raise UnknownOutcomeError("no answer in time", ApiFault("X"))

    with pytest.raises(UnknownOutcomeError):
        caller.read(never, until)
    assert until <= time.monotonic() <= until + LAST_S
