"""The machine's clock: a wait that others notify."""

from __future__ import annotations

import threading

from pulumi_alicdn.system.clock import SystemClock

LONGER_THAN_ANY_LOCK_S = 1e12


def test_a_wait_ends_with_the_notification_however_long_it_may_take() -> None:
    condition, done = threading.Condition(), threading.Event()

    def notify() -> None:
        with condition:
            done.set()
            condition.notify_all()

    with condition:
        thread = threading.Thread(target=notify)
        thread.start()
        SystemClock().wait(condition, done.is_set, LONGER_THAN_ANY_LOCK_S)
        assert done.is_set()
    thread.join()


def test_a_wait_without_a_notification_ends_with_its_time() -> None:
    condition = threading.Condition()
    asked: list[int] = []

    def ready() -> bool:
        asked.append(1)
        return False

    with condition:
        SystemClock().wait(condition, ready, 0.001)
    assert asked
