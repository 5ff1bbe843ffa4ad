"""Many waits of one process: each polls for the others, and none pays for the trouble of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import InterruptedWaitError, RefusedError, TaskFailedError, TaskTimeoutError
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_group import GATHER_S, PollGroup
from pulumi_alicdn.tasks.waiting.snapshot import Snapshot
from pulumi_alicdn.tasks.waiting.subscription import Subscription, Wanted
from support.call_log import paths, submits
from support.concurrent_waits import Crowd, Ended, Process, asked, submit, task, url
from support.shared_clock import SharedClock
from support.virtual_clock import Gone, break_calls

LENGTH_S = 330.0
LATEST_S = LENGTH_S * 1.06
BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])
SUBMIT = {"vod": "RefreshVodObjectCaches", "cdn": "RefreshObjectCaches"}


@pytest.fixture
def crowd(cloud: Emulator, apis: dict[str, AlibabaCloud]) -> Crowd:
    clock = SharedClock(cloud)
    return Crowd(cloud, clock, apis, Process(clock))


def site(number: int, urls: int = 1) -> list[str]:
    """URLs of a domain of their own, so that their task is their own too."""
    return [url(index, f"site-{number}") for index in range(urls)]


def handed_in(
    crowd: Crowd, service: str, urls: Sequence[str], object_type: ObjectType = ObjectType.FILE
) -> AwaitedTasks:
    return submit(crowd.apis[service], task(service, *urls, object_type=object_type))


def outcomes(crowd: Crowd) -> set[Outcome]:
    assert not [ended.error for ended in crowd.ended.values() if ended.error]
    return {ended.result.verdict.outcome for ended in crowd.ended.values() if ended.result}


def error(ended: Ended) -> str:
    assert ended.error is not None
    return str(ended.error)


def polling_calls(crowd: Crowd, service: str, waits: int, urls: int) -> int:
    """How many calls that many waits make before their tasks are effective, all of which has to go well."""
    crowd.cloud.admin("reset", {})
    crowd.cloud.admin("clock", {"frozen": True})
    began_s = crowd.clock.monotonic()
    for number in range(waits):
        crowd.add(f"{number}", handed_in(crowd, service, site(number, urls)))
    crowd.cloud.admin("calls", method="DELETE")
    before: list[int] = []
    crowd.at(LENGTH_S - 0.5, lambda: before.append(len(crowd.cloud.calls())))
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    assert all(LENGTH_S <= ended.at_s - began_s <= LATEST_S for ended in crowd.ended.values())
    assert crowd.process.clean
    assert submits(crowd.cloud) == []
    crowd.ended.clear()
    return before[0]


def test_a_wait_that_the_poll_of_another_does_not_serve_polls_a_moment_after_it(crowd: Crowd) -> None:
    clock, group = crowd.clock, PollGroup()
    waits = {name: Subscription(Wanted(("1",)), 0.0) for name in ("first", "served", "other", "late")}
    seen = Snapshot((), datetime(2026, 1, 2, tzinfo=UTC), 10.0, 10.0)
    began: list[tuple[str, bool, float]] = []

    def first() -> None:
        assert group.begin(waits["first"], clock, 900.0, all_rows=False)
        clock.sleep(10.0)
        group.deliver({waits["served"]: seen})
        clock.sleep(5.0)
        group.end()

    def later(name: str, until: float) -> None:
        clock.sleep(1.0)
        mine = group.begin(waits[name], clock, until, all_rows=False)
        began.append((name, mine, clock.monotonic()))
        if mine:
            group.end()

    clock.run([first, *(partial(later, *one) for one in (("served", 900.0), ("other", 900.0), ("late", 7.0)))])

    assert began == [("late", False, 7.0), ("served", False, 10.0), ("other", True, 15.0 + GATHER_S)]


@BOTH
@pytest.mark.parametrize("urls", [1, 10])
def test_100_waits_poll_hardly_more_often_than_one(crowd: Crowd, service: str, urls: int) -> None:
    one = polling_calls(crowd, service, 1, urls)
    assert polling_calls(crowd, service, 100, urls) <= 3 * one


@BOTH
def test_what_one_poll_has_seen_all_waits_know_at_once(crowd: Crowd, service: str) -> None:
    for number in range(30):
        crowd.add(f"{number}", handed_in(crowd, service, site(number, 3)))
    crowd.run()
    ends = [ended.at_s for ended in crowd.ended.values()]
    assert max(ends) - min(ends) <= 2.0


@BOTH
def test_waits_that_begin_at_different_times_end_when_their_own_tasks_do(crowd: Crowd, service: str) -> None:
    begins = {f"{number}": 37.0 * number for number in range(12)}
    handed: dict[str, AwaitedTasks] = {}

    def later(name: str, number: int) -> None:
        handed[name] = handed_in(crowd, service, site(number, 20))
        crowd.ended[name] = crowd.process.wait(crowd.apis[service], handed[name])

    for number, (name, begin_s) in enumerate(begins.items()):
        crowd.at(begin_s, lambda name=name, number=number: later(name, number))  # type: ignore[misc]
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    for name, begin_s in begins.items():
        assert LENGTH_S <= crowd.ended[name].at_s - begin_s <= LATEST_S
    assert crowd.process.clean
    assert len(crowd.cloud.calls()) <= 12 * 25


@BOTH
@pytest.mark.parametrize("fault", ["throttle", "reset-before", "reset-after", "http-500"])
def test_polls_that_fail_for_a_minute_hold_up_nobody_for_long(crowd: Crowd, service: str, fault: str) -> None:
    for number in range(20):
        crowd.add(f"{number}", handed_in(crowd, service, site(number, 10)))
    crowd.at(150.0, lambda: break_calls(crowd.cloud, {"kind": fault, "times": -1}))
    crowd.at(210.0, lambda: break_calls(crowd.cloud))
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    # A client that was throttled keeps a gap between calls for a while.
    assert all(LENGTH_S <= ended.at_s <= LENGTH_S + 40 for ended in crowd.ended.values())
    assert crowd.process.clean


@BOTH
def test_a_deadline_is_kept_while_another_wait_rides_out_an_outage(crowd: Crowd, service: str) -> None:
    for number, timeout_s in enumerate((900.0, 200.0, 60.0)):
        crowd.add(f"{timeout_s:.0f}", handed_in(crowd, service, site(number)), timeout_s=timeout_s)
    crowd.at(20.0, lambda: break_calls(crowd.cloud, {"kind": "reset-before", "action": "*", "times": -1}))
    crowd.at(500.0, lambda: break_calls(crowd.cloud))
    crowd.run()
    for name, latest_s in (("60", 60.0), ("200", 200.0)):
        assert isinstance(crowd.ended[name].error, TaskTimeoutError)
        assert "The last poll failed" in error(crowd.ended[name])
        assert crowd.ended[name].at_s <= latest_s + 0.01
    assert crowd.ended["900"].error is None
    assert 500 <= crowd.ended["900"].at_s <= 600
    assert crowd.process.clean


@BOTH
def test_a_deadline_in_the_middle_of_it_ends_no_other_wait(crowd: Crowd, service: str) -> None:
    for number in range(10):
        crowd.add(f"{number}", handed_in(crowd, service, site(number)), timeout_s=100.0 if number % 2 else 900.0)
    crowd.run()
    for name, ended in crowd.ended.items():
        if int(name) % 2:
            assert isinstance(ended.error, TaskTimeoutError)
            assert ended.at_s == pytest.approx(100.0, abs=0.01)
        else:
            assert ended.error is None
            assert LENGTH_S <= ended.at_s <= LATEST_S
    assert crowd.process.clean


@BOTH
def test_a_task_id_that_is_refused_ends_its_own_wait_only(crowd: Crowd, service: str) -> None:
    for number in range(5):
        awaited = handed_in(crowd, service, site(number))
        crowd.add(f"{number}", AwaitedTasks(awaited.spec.only(()), awaited.task_ids))
    bad = AwaitedTasks(task(service), ["not-an-id"])
    for number in range(5):
        crowd.add(f"bad-{number}", bad, after_s=10.0 * number)
    # Slow enough that polls of others come while it is there.
    break_calls(crowd.cloud, {"kind": "throttle", "times": 3, "nth": 2, "retry_after_s": 5})
    crowd.run()
    for name, ended in crowd.ended.items():
        assert isinstance(ended.error, RefusedError) if name.startswith("bad") else ended.error is None
    assert crowd.process.clean


@BOTH
def test_waits_that_are_interrupted_leave_nothing_behind(crowd: Crowd, service: str) -> None:
    for number in range(10):
        crowd.add(f"{number}", handed_in(crowd, service, site(number)), sink=Gone(number) if number % 2 else None)
    # A retry of a poll is reported, too, and the watcher leaves in the middle of it.
    crowd.at(30.0, lambda: break_calls(crowd.cloud, {"kind": "http-500", "action": "*", "times": -1}))
    crowd.at(90.0, lambda: break_calls(crowd.cloud))
    crowd.run()
    for name, ended in crowd.ended.items():
        if int(name) % 2:
            assert isinstance(ended.error, InterruptedWaitError)
        else:
            assert ended.error is None
            assert LENGTH_S <= ended.at_s <= LATEST_S + 20
    assert crowd.process.clean


def test_waits_of_two_types_and_both_services_go_on_side_by_side(crowd: Crowd) -> None:
    crowd.cloud.admin("origin", {"files": {f"/{number}.m3u8": "x" for number in range(60)}})
    for service in ("vod", "cdn"):
        for number, kind in enumerate((ObjectType.FILE, ObjectType.PRELOAD, ObjectType.DIRECTORY)):
            urls = site(number, 60)
            if kind is ObjectType.DIRECTORY:
                urls = [one.replace(".m3u8", "/") for one in urls]
            awaited = handed_in(crowd, service, urls, object_type=kind)
            crowd.add(f"{service} {kind}", awaited, timeout_s=3600.0)
    crowd.cloud.admin("calls", method="DELETE")
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    assert all(LENGTH_S <= ended.at_s <= LATEST_S * 1.1 for ended in crowd.ended.values())
    assert crowd.process.clean
    kinds = {(call["service"], call["params"].get("ObjectType")) for call in crowd.cloud.calls()}  # type: ignore[union-attr]
    assert {("vod", "file"), ("vod", "preload"), ("vod", "directory")} <= kinds


@BOTH
def test_a_failure_of_one_wait_is_reported_to_that_one_soon(crowd: Crowd, service: str) -> None:
    break_calls(crowd.cloud, {"kind": "fail", "action": SUBMIT[service], "paths": site(7), "times": -1})
    for number in range(60):
        crowd.add(f"{number}", handed_in(crowd, service, site(number, 3)))
    crowd.run()
    failed = crowd.ended.pop("7")
    assert isinstance(failed.error, TaskFailedError)
    assert LENGTH_S / 3 <= failed.at_s <= LENGTH_S - 30
    assert outcomes(crowd) == {Outcome.COMPLETE}


@BOTH
def test_a_retry_that_takes_long_is_judged_once_though_others_poll_meanwhile(crowd: Crowd, service: str) -> None:
    fail = {"kind": "fail", "action": SUBMIT[service], "paths": site(0)}
    busy = {"kind": "throttle", "action": SUBMIT[service], "nth": 5, "retry_after_s": 90}
    break_calls(crowd.cloud, fail, busy)
    for number in range(4):
        crowd.add(f"{number}", handed_in(crowd, service, site(number, 60)), retry_failed=1)
    crowd.cloud.admin("calls", method="DELETE")
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    assert [paths(call) for call in submits(crowd.cloud) if call["http_status"] == 200] == [site(0)]
    assert crowd.ended["0"].at_s >= LENGTH_S + 90
    assert all(crowd.ended[f"{number}"].at_s <= LATEST_S for number in (1, 2, 3))


@BOTH
def test_rows_of_one_wait_that_stay_hidden_hold_up_others_for_a_minute_at_most(crowd: Crowd, service: str) -> None:
    hide = {"kind": "hide", "action": SUBMIT[service], "seconds": 700}
    break_calls(crowd.cloud, hide)
    for number in range(4):
        crowd.add(f"{number}", handed_in(crowd, service, site(number, 40)))
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    assert 700 <= crowd.ended.pop("0").at_s <= 760
    assert all(LENGTH_S <= ended.at_s <= LENGTH_S + 60 for ended in crowd.ended.values())


@BOTH
def test_two_waits_for_the_same_task_both_end(crowd: Crowd, service: str) -> None:
    awaited = handed_in(crowd, service, site(0, 60))
    for name, urls in (("all", site(0, 60)), ("some", site(0, 5)), ("again", site(0, 60))):
        crowd.add(name, replace(awaited, spec=task(service, *urls), task_ids=list(awaited.task_ids)))
    crowd.add("by id", AwaitedTasks(awaited.spec.only(()), list(awaited.task_ids)))
    crowd.run()
    assert outcomes(crowd) == {Outcome.COMPLETE}
    assert all(LENGTH_S <= ended.at_s <= LATEST_S for ended in crowd.ended.values())


def test_waits_that_have_ended_are_not_asked_for(crowd: Crowd) -> None:
    crowd.add("early", early := handed_in(crowd, "cdn", site(0)))
    api = crowd.apis["cdn"]
    crowd.at(200.0, lambda: crowd.ended.update(late=crowd.process.wait(api, handed_in(crowd, "cdn", site(1)))))
    crowd.run()
    calls = [call for call in crowd.cloud.calls() if "TaskId" in call["params"]]  # type: ignore[operator]
    ids = [str(call["params"]["TaskId"]) for call in calls]  # type: ignore[index, call-overload]
    last = max(index for index, one in enumerate(ids) if early.task_ids[0] in one)
    assert len(ids) - last > 3
    assert asked(crowd.cloud.calls())["task"] == len(ids)
