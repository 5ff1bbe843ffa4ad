"""Waiting until every edge has it: on both services, through trouble, and never longer than asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import DeniedError, InterruptedWaitError, TaskFailedError, TaskTimeoutError, UnknownTaskError
from pulumi_alicdn.tasks.options import WaitOptions
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.submit import Intent, Submitter, declare
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks, NextSteps, WaitResult
from pulumi_alicdn.tasks.waiting.loop import Waiter
from pulumi_alicdn.tasks.waiting.schedule import MAX_S
from pulumi_alicdn.tasks.waiting.snapshot import UNKNOWN_TASK_S
from support.call_log import paths, submits
from support.virtual_clock import Gone, Listener, VirtualClock, break_calls, seeded_chance

LENGTH_S = 330.0
NEXT_STEPS = NextSteps("Fix it.", "Go on later.")
DESCRIBES = {"vod": ["DescribeVodRefreshTasks"], "cdn": ["DescribeRefreshTaskById", "DescribeRefreshTasks"]}
SUBMIT = {
    ("vod", Kind.REFRESH): "RefreshVodObjectCaches",
    ("vod", Kind.PREFETCH): "PreloadVodObjectCaches",
    ("cdn", Kind.REFRESH): "RefreshObjectCaches",
    ("cdn", Kind.PREFETCH): "PushObjectCache",
}
BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])
KINDS = pytest.mark.parametrize("kind", list(Kind))


def spec(service: str, *urls: str, kind: Kind = Kind.REFRESH) -> TaskSpec:
    object_type = ObjectType.FILE if kind is Kind.REFRESH else ObjectType.PRELOAD
    return TaskSpec(Service(service), kind, object_type, urls or (url(0), url(1)))


def url(number: int, host: str = "media") -> str:
    return f"https://{host}.example.com/{number}.m3u8"


@dataclass
class Bench:
    """What a test needs to submit and wait."""

    cloud: Emulator
    clock: VirtualClock
    caller: Caller
    apis: dict[str, AlibabaCloud]
    listener: Listener
    waited_s: float = field(default=0.0)

    def submit(self, task: TaskSpec) -> AwaitedTasks:
        """Submit *task*; the log of calls begins anew."""
        api = self.apis[str(task.service)]
        if task.kind is Kind.PREFETCH:
            self.cloud.admin("origin", {"files": {f"/{number}.m3u8": "x" for number in range(10)}})
        intent: Intent = declare(api, self.caller, task)
        done = Submitter(api, self.caller).run(task, intent, attempted_before=False)
        self.cloud.admin("calls", method="DELETE")
        return AwaitedTasks(task, done.task_ids, intent, done.request_ids)

    def wait(
        self,
        awaited: AwaitedTasks,
        timeout_s: float = 900.0,
        on_timeout: str = "fail",
        retry_failed: int = 0,
        *,
        retry_first: bool = False,
    ) -> WaitResult:
        started = self.clock.monotonic()
        waiter = Waiter(self.apis[str(awaited.spec.service)], self.caller, self.listener, NEXT_STEPS)
        try:
            return waiter.run(awaited, WaitOptions(True, timeout_s, on_timeout, retry_failed), retry_first=retry_first)
        finally:
            self.waited_s = self.clock.monotonic() - started

    def break_looks(self, service: str, **fault: object) -> None:
        break_calls(self.cloud, *({**fault, "action": action} for action in DESCRIBES[service]))

    def heal(self) -> None:
        break_calls(self.cloud)


@pytest.fixture
def bench(
    cloud: Emulator, clock: VirtualClock, caller: Caller, apis: dict[str, AlibabaCloud], listener: Listener
) -> Bench:
    return Bench(cloud, clock, caller, apis, listener)


def text(error: BaseException) -> str:
    return str(error)


@BOTH
@KINDS
def test_it_returns_soon_after_the_last_edge_and_not_before(bench: Bench, service: str, kind: Kind) -> None:
    awaited = bench.submit(spec(service, kind=kind))
    result = bench.wait(awaited)

    assert all(row["edges_done"] == row["edges"] == 3 for row in bench.cloud.tasks())
    assert LENGTH_S <= bench.waited_s <= LENGTH_S * 1.06
    assert result.verdict.outcome is Outcome.COMPLETE
    assert result.effective_at is not None
    assert f"{result.effective_at:%Y-%m-%dT%H:%M:%SZ}" == bench.cloud.admin("clock")["now"]
    assert submits(bench.cloud) == []


@BOTH
def test_a_refresh_of_330_s_takes_few_calls(bench: Bench, service: str) -> None:
    bench.wait(bench.submit(spec(service)))
    calls = bench.cloud.calls()
    assert {call["action"] for call in calls} == {DESCRIBES[service][0]}
    assert 5 <= len(calls) <= 30


@BOTH
def test_what_is_reported_meanwhile_grows_and_is_never_done_before_it_is(bench: Bench, service: str) -> None:
    bench.wait(bench.submit(spec(service)))
    *meanwhile, _ = bench.listener.seen
    percents = [progress.percent for progress in meanwhile]
    assert percents == sorted(percents)
    assert percents[-1] < 100
    assert all((progress.complete, progress.total) == (0, 2) for progress in meanwhile)
    estimates = [progress.remaining_s for progress in meanwhile if progress.remaining_s is not None]
    assert len(estimates) > 3
    assert abs(estimates[len(estimates) // 2] - LENGTH_S / 2) < LENGTH_S / 2


@BOTH
def test_the_last_report_says_how_many_urls_are_effective_and_after_how_long(bench: Bench, service: str) -> None:
    """It stays on the row of the finished step, in the place of an estimate."""
    bench.wait(bench.submit(spec(service)))
    last = bench.listener.seen[-1]
    assert (last.outcome, last.complete, last.total, last.remaining_s) == (Outcome.COMPLETE, 2, 2, None)
    assert last.took_s is not None
    assert abs(last.took_s - LENGTH_S) <= LENGTH_S * 0.06


@BOTH
@KINDS
def test_a_failure_is_reported_at_the_poll_that_first_sees_it(bench: Bench, service: str, kind: Kind) -> None:
    fail = {"kind": "fail", "description": "Origin Timeout", "paths": [url(1)]}
    break_calls(bench.cloud, {**fail, "action": SUBMIT[service, kind]})
    awaited = bench.submit(spec(service, kind=kind))
    with pytest.raises(TaskFailedError) as caught:
        bench.wait(awaited)

    first_edge_s = LENGTH_S / 3
    assert first_edge_s <= bench.waited_s <= first_edge_s + MAX_S
    assert text(caught.value).splitlines() == [
        f"{kind} of 1 of 2 URLs failed on {service}:",
        f"  {url(1)}: Failed, Origin Timeout (task {awaited.task_ids[0]})",
        "Fix it.",
    ]
    assert caught.value.verdict.outcome is Outcome.FAILED
    assert submits(bench.cloud) == []


def test_an_origin_that_answers_5xx_fails_a_prefetch_with_that_reason(bench: Bench) -> None:
    bench.cloud.admin("origin", {"rules": [{"path": "/1.m3u8", "status": 503}]})
    with pytest.raises(TaskFailedError, match=f"{url(1)}: Failed, Origin Return StatusCode 5XX"):
        bench.wait(bench.submit(spec("cdn", kind=Kind.PREFETCH)))


@BOTH
@KINDS
@pytest.mark.parametrize("hidden_s", [0, 30])
def test_retry_failed_submits_the_failed_ones_again(bench: Bench, service: str, kind: Kind, hidden_s: float) -> None:
    action = SUBMIT[service, kind]
    fail = {"kind": "fail", "action": action, "paths": [url(1)]}
    break_calls(bench.cloud, fail, {"kind": "hide", "seconds": hidden_s, "action": action, "nth": 2})
    awaited = bench.submit(spec(service, kind=kind))
    result = bench.wait(awaited, retry_failed=1)

    (again,) = submits(bench.cloud)
    assert paths(again) == [url(1)]
    assert result.verdict.outcome is Outcome.COMPLETE
    assert len(awaited.task_ids) == len(awaited.request_ids) == 2
    assert result.verdict.rows[url(1)] is not None
    assert "1 of 2 URLs failed and is submitted again:" in bench.listener.warnings[0]
    assert bench.listener.submits == [((awaited.task_ids[1],), awaited.request_ids[1])]
    assert all(progress.outcome is not Outcome.FAILED for progress in bench.listener.seen)


def test_no_more_is_submitted_again_than_was_allowed(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT["vod", Kind.REFRESH], "times": -1})
    awaited = bench.submit(spec("vod"))
    with pytest.raises(TaskFailedError):
        bench.wait(awaited, retry_failed=2)
    assert len(submits(bench.cloud)) == 2
    assert len(awaited.task_ids) == 3


def test_a_retry_whose_answer_is_lost_is_not_sent_twice(bench: Bench) -> None:
    action = SUBMIT["cdn", Kind.REFRESH]
    lose = {"kind": "reset-after", "action": action, "nth": 2}
    break_calls(bench.cloud, {"kind": "fail", "action": action, "paths": [url(0)]}, lose)
    awaited = bench.submit(spec("cdn"))
    bench.wait(awaited, retry_failed=1)
    assert len(submits(bench.cloud)) == 1
    assert bench.listener.submits == [((awaited.task_ids[1],), "")]


def test_what_had_failed_before_the_wait_is_submitted_again_once(bench: Bench) -> None:
    action = SUBMIT["vod", Kind.REFRESH]
    break_calls(bench.cloud, {"kind": "fail", "action": action, "paths": [url(0)]})
    awaited = bench.submit(spec("vod"))
    bench.clock.sleep(400)
    assert bench.wait(awaited, retry_first=True).verdict.outcome is Outcome.COMPLETE
    (again,) = submits(bench.cloud)
    assert paths(again) == [url(0)]


def test_what_fails_only_in_this_wait_is_not_submitted_again_on_its_account(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT["vod", Kind.REFRESH]})
    awaited = bench.submit(spec("vod"))
    with pytest.raises(TaskFailedError):
        bench.wait(awaited, retry_first=True)
    assert submits(bench.cloud) == []


def test_an_earlier_retry_that_nobody_noted_is_found_and_not_sent_again(bench: Bench) -> None:
    action = SUBMIT["vod", Kind.REFRESH]
    break_calls(
        bench.cloud, {"kind": "fail", "action": action}, {"kind": "hide", "seconds": 10, "nth": 2, "action": action}
    )
    awaited = bench.submit(spec("vod"))
    bench.clock.sleep(400)
    bench.apis["vod"].submit(awaited.spec)
    bench.cloud.admin("calls", method="DELETE")
    assert bench.wait(awaited, retry_first=True).verdict.outcome is Outcome.COMPLETE
    assert submits(bench.cloud) == []


def test_tasks_of_somebody_else_are_never_submitted_again(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT["vod", Kind.REFRESH]})
    awaited = AwaitedTasks(spec("vod"), bench.submit(spec("vod")).task_ids)
    with pytest.raises(TaskFailedError):
        bench.wait(awaited, retry_failed=5, retry_first=True)
    assert submits(bench.cloud) == []


@BOTH
@pytest.mark.parametrize("timeout_s", [1.0, 100.0])
def test_a_timeout_is_kept_and_names_tasks_and_objects(bench: Bench, service: str, timeout_s: float) -> None:
    awaited = bench.submit(spec(service))
    with pytest.raises(TaskTimeoutError) as caught:
        bench.wait(awaited, timeout_s)

    assert bench.waited_s == pytest.approx(timeout_s)
    lines = text(caught.value).splitlines()
    assert lines[0] == (
        f"refresh on {service} is not effective after {timeout_s:.0f} s: "
        f"2 of 2 URLs are not Complete (task ids {awaited.task_ids[0]}):"
    )
    assert lines[1].startswith(f"  {url(0)}: Refreshing ")
    assert lines[-1] == "Go on later."
    assert caught.value.verdict.outcome is Outcome.REFRESHING


def test_a_timeout_may_be_taken_for_an_answer(bench: Bench) -> None:
    result = bench.wait(bench.submit(spec("vod")), 60, "continue")
    assert (result.verdict.outcome, result.effective_at) == (Outcome.REFRESHING, None)
    (warning,) = bench.listener.warnings
    assert "is not effective after 60 s" in warning


def test_a_task_that_ends_at_the_deadline_is_in_time(bench: Bench) -> None:
    assert bench.wait(bench.submit(spec("vod")), LENGTH_S).verdict.outcome is Outcome.COMPLETE


@BOTH
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle", "times": 12},
        {"kind": "throttle", "times": 3, "retry_after_s": 20},
        {"kind": "http-500", "times": 8},
        {"kind": "reset-before", "times": 8},
        {"kind": "reset-after", "times": 8},
        {"kind": "shuffle", "times": -1},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault['times']}",
)
def test_storms_are_ridden_out(bench: Bench, service: str, fault: dict[str, Any]) -> None:
    awaited = bench.submit(spec(service))
    bench.break_looks(service, **fault, nth=2)
    bench.wait(awaited)
    assert LENGTH_S <= bench.waited_s <= LENGTH_S + 40
    assert submits(bench.cloud) == []
    assert any(call.get("fault") for call in bench.cloud.calls())


@BOTH
def test_a_service_that_admits_few_calls_is_asked_more_slowly(bench: Bench, service: str) -> None:
    awaited = bench.submit(spec(service))
    bench.cloud.admin("limits", {"per_s": 0.05, "burst": 1})
    bench.wait(awaited)
    assert LENGTH_S <= bench.waited_s <= LENGTH_S + 60
    assert len(bench.cloud.calls()) < 80


@BOTH
def test_an_outage_is_ridden_out_and_reported(bench: Bench, service: str) -> None:
    awaited = bench.submit(spec(service))
    start = bench.clock.monotonic()
    bench.clock.at(start + 50, lambda: bench.break_looks(service, kind="reset-before", times=-1))
    bench.clock.at(start + 250, bench.heal)
    bench.wait(awaited)
    assert LENGTH_S <= bench.waited_s <= LENGTH_S + 40
    assert any("broke before an answer came" in progress.note for progress in bench.listener.seen)


@BOTH
def test_an_outage_to_the_deadline_ends_by_the_deadline_and_says_so(bench: Bench, service: str) -> None:
    awaited = bench.submit(spec(service))
    bench.break_looks(service, kind="http-500", times=-1, nth=4)
    with pytest.raises(TaskTimeoutError) as caught:
        bench.wait(awaited, 200)
    assert 200 - 20 <= bench.waited_s <= 200
    assert "\nThe last poll failed: Describe" in text(caught.value)
    assert awaited.task_ids[0] in text(caught.value)


def test_an_outage_that_ends_before_the_deadline_does_not_end_the_wait_early(bench: Bench) -> None:
    awaited = bench.submit(spec("vod"))
    start = bench.clock.monotonic()
    # One refusal near the end asks for a minute, the task is done well before the deadline.
    bench.clock.at(start + 320, lambda: bench.break_looks("vod", kind="throttle", retry_after_s=60))
    assert bench.wait(awaited, 370).verdict.outcome is Outcome.COMPLETE


def test_a_denial_while_waiting_ends_the_wait_at_once(bench: Bench) -> None:
    awaited = bench.submit(spec("vod"))
    bench.clock.at(bench.clock.monotonic() + 50, lambda: bench.cloud.admin("account", {"state": "suspended"}))
    with pytest.raises(DeniedError, match="suspended for this account"):
        bench.wait(awaited)
    assert bench.waited_s <= 50 + MAX_S


@BOTH
def test_a_task_that_is_not_listed_is_never_a_success(bench: Bench, service: str) -> None:
    break_calls(bench.cloud, {"kind": "hide", "seconds": 800, "action": SUBMIT[service, Kind.REFRESH]})
    awaited = bench.submit(spec(service))
    with pytest.raises(TaskTimeoutError, match=f"{url(0)}: not listed by the service yet"):
        bench.wait(awaited, 600)
    assert {row["Status"] for row in bench.cloud.tasks()} == {"Complete"}
    assert bench.wait(awaited, 300).verdict.outcome is Outcome.COMPLETE


@BOTH
def test_rows_of_others_under_our_id_count_neither_way(bench: Bench, service: str) -> None:
    task = spec(service)
    api = bench.apis[service]
    action = SUBMIT[service, Kind.REFRESH]
    break_calls(bench.cloud, {"kind": "fail", "action": action, "paths": [url(7)], "times": -1})
    # In the same second: the service merges them.
    (theirs,) = api.submit(spec(service, url(7), url(8))).task_ids
    (ours,) = api.submit(task).task_ids
    assert ours == theirs

    result = bench.wait(AwaitedTasks(task, [ours]))
    assert result.verdict.outcome is Outcome.COMPLETE
    assert list(result.verdict.rows) == list(task.object_paths)
    with pytest.raises(TaskFailedError, match=url(7)):
        bench.wait(AwaitedTasks(task.only(()), [ours]))


@BOTH
@pytest.mark.parametrize("first", [True, False])
def test_the_same_object_twice_in_one_task_is_effective_by_either(bench: Bench, service: str, first: bool) -> None:
    action = SUBMIT[service, Kind.REFRESH]
    break_calls(bench.cloud, {"kind": "fail", "action": action, "nth": 1 if first else 2})
    api, task = bench.apis[service], spec(service, url(0))
    (one,) = api.submit(task).task_ids
    (other,) = api.submit(task).task_ids
    assert one == other
    assert bench.wait(AwaitedTasks(task, [one])).verdict.outcome is Outcome.COMPLETE


@BOTH
def test_all_rows_of_many_pages_count_in_any_order(bench: Bench, service: str) -> None:
    urls = [url(number) for number in range(250)]
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT[service, Kind.REFRESH], "paths": [urls[0], urls[249]]})
    awaited = bench.submit(spec(service, *urls))
    bench.clock.sleep(400)
    bench.break_looks(service, kind="shuffle", times=-1)
    with pytest.raises(TaskFailedError, match="refresh of 2 of 250 URLs failed") as caught:
        bench.wait(awaited)
    assert caught.value.verdict.complete == 248
    pages = bench.cloud.calls("DescribeVodRefreshTasks")
    assert len(pages) == (5 if service == "vod" else 0)


def test_many_pages_are_asked_for_no_faster_than_two_calls_a_second(bench: Bench) -> None:
    awaited = bench.submit(spec("vod", *(url(number) for number in range(500))))
    bench.wait(awaited)
    assert len(bench.cloud.calls()) <= 2 * bench.waited_s + 20
    assert bench.waited_s <= LENGTH_S * 1.06 + 5


def test_many_cdn_tasks_are_asked_for_ten_at_a_time(bench: Bench) -> None:
    awaited = bench.submit(spec("cdn", *(url(0, f"h{number}") for number in range(25))))
    assert len(awaited.task_ids) == 25
    bench.wait(awaited)
    asked = [str(call["params"]["TaskId"]).split(",") for call in bench.cloud.calls()]  # type: ignore[index, call-overload]
    assert {call["action"] for call in bench.cloud.calls()} == {"DescribeRefreshTaskById"}
    assert max(map(len, asked)) == 10
    assert {task_id for ids in asked for task_id in ids} == set(awaited.task_ids)


@BOTH
def test_a_finished_task_is_not_asked_for_again(bench: Bench, service: str) -> None:
    early = bench.submit(spec(service, url(0, "early")))
    bench.clock.sleep(200)
    late = bench.submit(spec(service, url(0, "late")))
    both = spec(service, url(0, "early"), url(0, "late"))
    bench.wait(AwaitedTasks(both, [*early.task_ids, *late.task_ids]))

    asked = [str(call["params"]["TaskId"]) for call in bench.cloud.calls()]  # type: ignore[index, call-overload]
    (first,), (second,) = early.task_ids, late.task_ids
    seen_early = [index for index, ids in enumerate(asked) if first in ids]
    seen_late = [index for index, ids in enumerate(asked) if second in ids]
    assert seen_early[-1] < seen_late[-3], "the wait for the second goes on without the first"


@BOTH
def test_a_task_of_which_one_row_is_missing_is_asked_for_though_all_others_are_final(
    bench: Bench, service: str
) -> None:
    api, task = bench.apis[service], spec(service)
    (one,) = api.submit(task.only(task.object_paths[:1])).task_ids
    break_calls(bench.cloud, {"kind": "hide", "seconds": 400, "action": SUBMIT[service, Kind.REFRESH]})
    (same,) = api.submit(task.only(task.object_paths[1:])).task_ids
    assert one == same
    assert bench.wait(AwaitedTasks(task, [one])).verdict.outcome is Outcome.COMPLETE
    assert 400 <= bench.waited_s <= 440
    assert len(bench.cloud.calls()) <= 25, "it is polled no more often than a task that refreshes"


@BOTH
@pytest.mark.parametrize("beside", [False, True])
def test_an_unknown_task_is_reported_after_a_while(bench: Bench, service: str, beside: bool) -> None:
    known = bench.submit(spec(service)).task_ids if beside else []
    bench.clock.sleep(400)
    awaited = AwaitedTasks(spec(service).only(()), [*known, "99999999"])
    with pytest.raises(UnknownTaskError, match=f"^{service} lists no task 99999999: it was never submitted by this"):
        bench.wait(awaited)
    assert UNKNOWN_TASK_S <= bench.waited_s <= UNKNOWN_TASK_S + 20


@BOTH
def test_a_task_of_which_only_the_id_is_known_is_waited_for_with_all_its_rows(bench: Bench, service: str) -> None:
    break_calls(bench.cloud, {"kind": "hide", "seconds": UNKNOWN_TASK_S - 1, "action": SUBMIT[service, Kind.REFRESH]})
    ids = bench.submit(spec(service, url(0), url(1), url(0, "other"))).task_ids
    assert len(ids) == 2
    result = bench.wait(AwaitedTasks(spec(service).only(()), ids))
    assert LENGTH_S <= bench.waited_s <= LENGTH_S * 1.06 + 2
    assert set(result.verdict.rows) == {url(0), url(1), url(0, "other")}


@BOTH
def test_a_poll_is_one_call_and_no_wait(bench: Bench, service: str) -> None:
    awaited = bench.submit(spec(service))
    bench.clock.sleep(100)
    slept = len(bench.clock.slept)
    verdict, snapshot = Waiter(bench.apis[service], bench.caller, bench.listener, NEXT_STEPS).poll_once(awaited)
    assert (verdict.outcome, len(snapshot.rows)) == (Outcome.REFRESHING, 2)
    assert len(bench.cloud.calls()) == 1
    assert len(bench.clock.slept) == slept


def test_a_wait_ends_when_its_watcher_is_gone(bench: Bench) -> None:
    awaited = bench.submit(spec("vod"))
    waiter = Waiter(bench.apis["vod"], bench.caller, Gone(3), NEXT_STEPS)
    with pytest.raises(InterruptedWaitError):
        waiter.run(awaited, WaitOptions(True, 900, "fail", 0), retry_first=False)
    assert len(bench.cloud.calls()) == 4


def test_nothing_is_submitted_again_for_somebody_who_is_gone(bench: Bench, clock: VirtualClock) -> None:
    def gone() -> None:
        raise InterruptedWaitError("the engine is gone")

    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT["vod", Kind.REFRESH]})
    awaited = bench.submit(spec("vod"))

    waiter = Waiter(bench.apis["vod"], Caller(clock, seeded_chance(), gone), bench.listener, NEXT_STEPS)
    with pytest.raises(InterruptedWaitError):
        waiter.run(awaited, WaitOptions(True, 900, "fail", 1), retry_first=False)
    assert submits(bench.cloud) == []
