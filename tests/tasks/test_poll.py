"""What one wait asks for: few questions for many rows, and no answer that is taken for more than it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import TaskFailedError, TaskTimeoutError
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_method import LATE_ROWS_S, CreationWindow
from pulumi_alicdn.tasks.waiting.subscription import FAILURES_EVERY
from support.call_log import paths, submits
from support.concurrent_waits import Ended, Process, asked, submit, task, url
from support.tampering_proxy import Lie, TamperingProxy
from support.virtual_clock import Listener, VirtualClock, break_calls

LENGTH_S = 330.0
LATEST_S = LENGTH_S * 1.06
BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])
SUBMIT = {"vod": "RefreshVodObjectCaches", "cdn": "RefreshObjectCaches"}
MANY = [url(number) for number in range(120)]
THOUSAND = [url(number) for number in range(1000)]


class Bench:
    """A process with one wait, over HTTP."""

    def __init__(self, cloud: Emulator, clock: VirtualClock, apis: dict[str, AlibabaCloud]) -> None:
        self.cloud, self.clock, self.apis = cloud, clock, apis
        self.process = Process(clock)
        self.listener = Listener()

    def submit(self, service: str, *urls: str, object_type: ObjectType = ObjectType.FILE) -> AwaitedTasks:
        """Submit, and begin the log of calls anew."""
        awaited = submit(self.apis[service], task(service, *urls, object_type=object_type))
        self.cloud.admin("calls", method="DELETE")
        return awaited

    def fail(self, service: str, *urls: str, times: int = 1) -> None:
        fault = {"kind": "fail", "description": "Origin Timeout", "paths": urls, "times": times}
        break_calls(self.cloud, {**fault, "action": SUBMIT[service]})

    def wait(
        self,
        awaited: AwaitedTasks,
        timeout_s: float = 900.0,
        api: AlibabaCloud | None = None,
        retry_failed: int = 0,
        *,
        retry_first: bool = False,
    ) -> Ended:
        self.began_s = self.clock.monotonic()
        api = api or self.apis[str(awaited.spec.service)]
        ended = self.process.wait(api, awaited, timeout_s, retry_failed, self.listener, retry_first=retry_first)
        assert self.process.clean
        return ended

    def waited_s(self, ended: Ended) -> float:
        return ended.at_s - self.began_s

    def asked(self) -> Counter[str]:
        return asked(self.cloud.calls())

    def through(self, liar: TamperingProxy, service: str) -> AlibabaCloud:
        cloud = self.cloud
        settings = Settings(
            endpoint=liar.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
        )
        return connect(settings, Service(service))


@pytest.fixture
def bench(cloud: Emulator, clock: VirtualClock, apis: dict[str, AlibabaCloud]) -> Bench:
    return Bench(cloud, clock, apis)


def is_complete(ended: Ended, urls: list[str]) -> bool:
    assert ended.error is None, ended.error
    assert ended.result is not None
    verdict = ended.result.verdict
    assert verdict.outcome is Outcome.COMPLETE
    return list(verdict.rows) == urls


def test_a_poll_at_120_urls_asks_once_for_those_under_way(bench: Bench) -> None:
    awaited = bench.submit("vod", *MANY)
    ended = bench.wait(awaited)
    assert is_complete(ended, MANY)
    assert LENGTH_S <= bench.waited_s(ended) <= LATEST_S

    calls = bench.cloud.calls()
    polls = [call["params"] for call in calls if call["params"].get("Status") == "Refreshing"]  # type: ignore[union-attr]
    assert len(polls) == len(bench.listener.seen)
    assert awaited.window is not None
    start, end = awaited.window.asked()
    for params in polls:
        assert isinstance(params, dict)
        assert (params["ObjectType"], params["PageNumber"], params["PageSize"]) == ("file", "1", "50")
        assert (params["StartTime"], params["EndTime"]) == (f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}")
    assert (end - awaited.window.start).total_seconds() == LATE_ROWS_S


def test_the_end_of_120_urls_is_confirmed_by_counts_and_by_their_listing(bench: Bench) -> None:
    bench.wait(bench.submit("vod", *MANY))
    found = bench.asked()
    # Three counts before the first row was under way, and two at the end.
    assert found["task"] == 3
    assert found["Complete#"] == found["Failed#"] == 2
    assert found["Failed"] == (found["Refreshing"] - 2) // FAILURES_EVERY
    last = [call["params"] for call in bench.cloud.calls()][-3:]
    assert all(isinstance(params, dict) and "TaskId" in params for params in last), "nothing is done before the listing"


def test_10_000_urls_take_hardly_more_polls_than_10(bench: Bench) -> None:
    bench.cloud.admin("quota", {"service": "cdn", "UrlQuota": 20_000, "UrlRemain": 20_000})
    bench.wait(bench.submit("cdn", *MANY[:10]))
    few = len(bench.cloud.calls())
    most = [url(number, f"m{number // 1000}") for number in range(10_000)]
    parts = [bench.submit("cdn", *most[at : at + 1000]) for at in range(0, 10_000, 1000)]
    awaited = replace(parts[0], spec=task("cdn", *most), task_ids=[one for part in parts for one in part.task_ids])
    end = bench.clock.monotonic() + LENGTH_S
    before: list[int] = []
    bench.clock.at(end - 0.01, lambda: before.append(len(bench.cloud.calls())))
    ended = bench.wait(awaited)
    assert is_complete(ended, most)
    assert bench.waited_s(ended) <= LATEST_S
    assert before[0] <= 1.5 * few
    assert len(bench.cloud.calls()) - before[0] <= 100 + 5


@BOTH
def test_another_tasks_rows_under_way_hide_the_end_for_a_minute_at_most(bench: Bench, service: str) -> None:
    early = bench.submit(service, *MANY)
    assert early.window is not None
    bench.clock.sleep(50)
    # In the same window, and still under way when ours have ended.
    submit(bench.apis[service], task(service, *(url(number, "other") for number in range(600))))
    ended = bench.wait(early)
    assert is_complete(ended, MANY)
    assert LENGTH_S - 50 <= bench.waited_s(ended) <= LENGTH_S - 50 + LATE_ROWS_S


@BOTH
def test_rows_of_others_that_fail_in_the_same_window_are_not_ours(bench: Bench, service: str) -> None:
    others = [url(number, "other") for number in range(300)]
    bench.fail(service, *others, url(9999))
    submit(bench.apis[service], task(service, *others, url(9999)))
    awaited = bench.submit(service, *MANY)
    ended = bench.wait(awaited)
    assert is_complete(ended, MANY)
    assert {row["TaskId"] for row in bench.cloud.tasks() if row["Status"] == "Failed"} & set(awaited.task_ids)
    assert bench.waited_s(ended) <= LATEST_S


@BOTH
def test_a_failure_of_ours_is_seen_among_those_of_others(bench: Bench, service: str) -> None:
    others = [url(number, "other") for number in range(150)]
    bench.fail(service, url(3), *others, times=2)
    awaited = bench.submit(service, *MANY)
    submit(bench.apis[service], task(service, *others))
    ended = bench.wait(awaited)
    assert isinstance(ended.error, TaskFailedError)
    assert bench.waited_s(ended) < LENGTH_S - 30


@BOTH
def test_a_failed_row_among_1000_is_reported_within_a_few_polls(bench: Bench, service: str) -> None:
    bench.fail(service, url(567))
    ended = bench.wait(bench.submit(service, *THOUSAND))
    assert isinstance(ended.error, TaskFailedError)
    assert str(ended.error).splitlines()[1].startswith(f"  {url(567)}: Failed, Origin Timeout (task ")
    first_edge_s = LENGTH_S / 3
    polls = [call for call in bench.cloud.calls() if call["params"].get("Status") == "Refreshing"]  # type: ignore[union-attr]
    began = bench.cloud.calls()[0]["at"]
    assert first_edge_s <= bench.waited_s(ended) < LENGTH_S - 30
    since = [call for call in polls if seconds(began, call["at"]) > first_edge_s]
    assert len(since) <= FAILURES_EVERY


def seconds(began: object, at: object) -> float:
    def of(text: object) -> timedelta:
        clock = str(text).split("T")[1].rstrip("Z").split(":")
        return timedelta(hours=int(clock[0]), minutes=int(clock[1]), seconds=float(clock[2]))

    return (of(at) - of(began)).total_seconds() % 86_400


@BOTH
def test_a_failed_row_among_1000_is_submitted_again_and_waited_for(bench: Bench, service: str) -> None:
    bench.fail(service, url(567))
    awaited = bench.submit(service, *THOUSAND)
    ended = bench.wait(awaited, retry_failed=1)
    assert is_complete(ended, THOUSAND)
    (again,) = submits(bench.cloud)
    assert paths(again) == [url(567)]
    assert {row["Status"] for row in bench.cloud.tasks()} == {"Complete", "Failed"}
    assert ended.result is not None
    # How long the last task took, not how long the wait did.
    assert ended.result.length_s == pytest.approx(LENGTH_S, rel=0.1)
    assert len(bench.cloud.calls()) < 200


def test_a_task_that_a_later_run_submits_again_is_counted_by_its_id(bench: Bench) -> None:
    bench.fail("vod", url(7))
    awaited = bench.submit("vod", *MANY)
    bench.clock.sleep(200)
    early = bench.wait(awaited, 300.0, retry_failed=1)
    assert isinstance(early.error, TaskTimeoutError)
    assert len(awaited.task_ids) == 2
    # The new row is not in the window; the state keeps only the ids.
    later = AwaitedTasks(awaited.spec, awaited.task_ids, awaited.intent, window=awaited.window)
    ended = bench.wait(later, retry_first=True)
    assert is_complete(ended, MANY)
    assert len(submits(bench.cloud)) == 1


@BOTH
def test_what_had_failed_among_many_before_a_run_is_submitted_again_by_it(bench: Bench, service: str) -> None:
    bench.fail(service, url(7))
    awaited = bench.submit(service, *MANY)
    bench.clock.sleep(400)
    assert is_complete(bench.wait(awaited, retry_first=True), MANY)
    assert [paths(call) for call in submits(bench.cloud)] == [[url(7)]]


@BOTH
def test_rows_that_are_hidden_are_waited_for(bench: Bench, service: str) -> None:
    break_calls(bench.cloud, {"kind": "hide", "seconds": 400, "action": SUBMIT[service]})
    ended = bench.wait(bench.submit(service, *MANY))
    assert is_complete(ended, MANY)
    assert 400 <= bench.waited_s(ended) <= 450


@BOTH
def test_one_hidden_row_among_many_is_waited_for(bench: Bench, service: str) -> None:
    first = bench.submit(service, *MANY[:-1])
    break_calls(bench.cloud, {"kind": "hide", "seconds": 500, "action": SUBMIT[service]})
    (same,) = submit(bench.apis[service], task(service, MANY[-1])).task_ids
    assert [same] == first.task_ids
    ended = bench.wait(replace(first, spec=task(service, *MANY)))
    assert is_complete(ended, MANY)
    assert 500 <= bench.waited_s(ended) <= 500 * 1.1


def test_rows_that_were_made_outside_of_the_window_are_found_by_their_task(bench: Bench) -> None:
    awaited = bench.submit("vod", *MANY)
    assert awaited.window is not None
    wrong = awaited.window.start - timedelta(hours=2)
    ended = bench.wait(replace(awaited, window=CreationWindow(wrong, wrong + timedelta(seconds=60))))
    assert is_complete(ended, MANY)
    assert bench.waited_s(ended) <= LATEST_S


@BOTH
def test_rows_of_which_some_were_made_outside_of_the_window_are_all_waited_for(bench: Bench, service: str) -> None:
    early = bench.submit(service, *MANY[:-1])
    bench.clock.sleep(200)
    late = submit(bench.apis[service], task(service, MANY[-1]))
    both = replace(early, spec=task(service, *MANY), task_ids=[*early.task_ids, *late.task_ids])
    ended = bench.wait(both)
    assert is_complete(ended, MANY)
    # All rows together take 530 s from the first submit: a twentieth of that, and 2 s.
    assert LENGTH_S <= bench.waited_s(ended) <= LENGTH_S + 0.05 * (200 + LENGTH_S) + 2


def through(bench: Bench, service: str, lie: Lie, wait: Callable[[AlibabaCloud], Ended]) -> Ended:
    with TamperingProxy(bench.cloud, lie) as liar:
        return wait(bench.through(liar, service))


def empty(answer: dict[str, Any], total: int = 0) -> None:
    container = answer["Tasks"]
    if isinstance(container, dict):
        for rows in container.values():
            rows.clear()
    answer["TotalCount"] = total


def say_all_done(params: dict[str, str], answer: dict[str, Any]) -> None:
    if params.get("Status") == "Refreshing":
        empty(answer)
    elif params.get("Status") == "Complete":
        empty(answer, 120)


def say_none_left(params: dict[str, str], answer: dict[str, Any]) -> None:
    if params.get("Status") == "Refreshing":
        empty(answer)


def say_all_under_way(params: dict[str, str], answer: dict[str, Any]) -> None:
    if "Status" in params:
        empty(answer, 120 if params["Status"] == "Refreshing" else 0)


def count_nothing(params: dict[str, str], answer: dict[str, Any]) -> None:
    if "Status" in params:
        answer["TotalCount"] = 0


def show_everything(params: dict[str, str], answer: dict[str, Any]) -> None:
    if "Status" in params:
        answer["TotalCount"] = 100_000


@BOTH
@pytest.mark.parametrize("lie", [say_all_done, say_none_left, say_all_under_way, count_nothing, show_everything])
def test_a_count_alone_neither_opens_the_gate_nor_holds_it_shut(bench: Bench, service: str, lie: Lie) -> None:
    awaited = bench.submit(service, *MANY)
    ended = through(bench, service, lie, lambda api: bench.wait(awaited, api=api))
    assert is_complete(ended, MANY)
    assert {row["Status"] for row in bench.cloud.tasks()} == {"Complete"}
    assert LENGTH_S <= bench.waited_s(ended) <= LATEST_S + 15


@BOTH
def test_a_count_that_says_done_before_a_row_failed_loses_no_failure(bench: Bench, service: str) -> None:
    bench.fail(service, url(5))
    awaited = bench.submit(service, *MANY)
    ended = through(bench, service, say_all_done, lambda api: bench.wait(awaited, api=api))
    assert isinstance(ended.error, TaskFailedError)


@pytest.mark.parametrize("urls", [60, 120])
def test_a_service_that_takes_no_question_without_a_domain_is_asked_by_id(bench: Bench, urls: int) -> None:
    both = [url(number, host) for number in range(urls) for host in ("a", "b")]
    awaited = bench.submit("cdn", *both)
    bench.cloud.admin("dialect", {"describe": "intl-2020"})
    ended = bench.wait(awaited)
    assert is_complete(ended, both)
    assert bench.waited_s(ended) <= LATEST_S
    assert bench.asked()["task"] > 3


def test_few_urls_of_several_tasks_take_one_question_for_all(bench: Bench) -> None:
    urls = [url(0, f"h{number}") for number in range(20)]
    awaited = bench.submit("vod", *urls)
    assert len(awaited.task_ids) == 20
    ended = bench.wait(awaited)
    assert is_complete(ended, urls)
    assert set(bench.asked()) == {"window"}
    assert len(bench.cloud.calls()) <= 30


def test_few_urls_among_very_many_of_others_are_asked_for_by_id(bench: Bench) -> None:
    ours = [url(0, "a"), url(0, "b")]
    awaited = bench.submit("vod", *ours)
    submit(bench.apis["vod"], task("vod", *(url(number, "other") for number in range(900))))
    bench.cloud.admin("calls", method="DELETE")
    ended = bench.wait(awaited)
    assert is_complete(ended, ours)
    # Each second poll asks again whether the others are fewer by now, which takes one page.
    assert 1 <= bench.asked()["window"] <= bench.asked()["task"] / 2 + 1
    assert bench.waited_s(ended) <= LATEST_S


@BOTH
def test_a_wait_by_id_alone_lists_the_tasks_at_the_end(bench: Bench, service: str) -> None:
    hosts = [url(number, f"h{number % 10}") for number in range(120)]
    awaited = bench.submit(service, *hosts)
    ended = bench.wait(AwaitedTasks(awaited.spec.only(()), awaited.task_ids))
    assert ended.result is not None
    assert set(ended.result.verdict.rows) == set(hosts)
    assert ended.result.verdict.outcome is Outcome.COMPLETE
    found = bench.asked()
    assert found["Refreshing"] > 5
    per_listing = 10 if service == "vod" else 1
    assert found["task"] == 2 * per_listing
    assert "window" not in found


@BOTH
def test_a_wait_by_id_alone_ends_with_rows_that_came_up_late(bench: Bench, service: str) -> None:
    hosts = [url(number, f"h{number}") for number in range(10)]
    awaited = bench.submit(service, *hosts)
    break_calls(bench.cloud, {"kind": "hide", "seconds": 300, "action": SUBMIT[service]})
    late = submit(bench.apis[service], task(service, url(99, "h0")))
    assert late.task_ids == awaited.task_ids[:1], "the service merges what is submitted in one second"
    ended = bench.wait(AwaitedTasks(awaited.spec.only(()), awaited.task_ids))
    assert ended.result is not None
    assert url(99, "h0") in ended.result.verdict.rows


@BOTH
def test_finished_rows_are_never_asked_for_again(bench: Bench, service: str) -> None:
    early = bench.submit(service, *MANY)
    bench.clock.sleep(300)
    late = submit(bench.apis[service], task(service, *(url(number, "late") for number in range(120))))
    bench.cloud.admin("calls", method="DELETE")
    urls = [*early.spec.object_paths, *late.spec.object_paths]
    # No window: by id only, so that each row costs something.
    both = AwaitedTasks(task(service, *urls), [*early.task_ids, *late.task_ids], early.intent)
    ended = bench.wait(both)
    assert is_complete(ended, urls)
    ids = [str(call["params"]["TaskId"]) for call in bench.cloud.calls()]  # type: ignore[index, call-overload]
    seen = [early.task_ids[0] in one for one in ids]
    assert True not in seen[len(seen) // 2 :], "the first has ended after 30 s"
    assert late.task_ids[0] in ids[-1]


@BOTH
def test_progress_of_a_count_grows_and_is_never_done_before_it_is(bench: Bench, service: str) -> None:
    bench.wait(bench.submit(service, *THOUSAND))
    *seen, last = bench.listener.seen
    percents = [progress.percent for progress in seen]
    assert percents == sorted(percents)
    assert percents[-1] <= 99
    assert (last.outcome, last.complete) == (Outcome.COMPLETE, 1000)
    assert all((progress.complete, progress.total) == (0, 1000) for progress in seen)
    assert len(seen) <= 30


@BOTH
def test_a_wait_that_counts_names_what_is_late_at_its_deadline_with_true_states(bench: Bench, service: str) -> None:
    early = bench.submit(service, *MANY[:60])
    bench.clock.sleep(45)
    late = submit(bench.apis[service], task(service, *MANY[60:]))
    bench.cloud.admin("calls", method="DELETE")
    both = replace(early, spec=task(service, *MANY), task_ids=[*early.task_ids, *late.task_ids])
    ended = bench.wait(both, LENGTH_S - 20)
    assert isinstance(ended.error, TaskTimeoutError)
    assert bench.waited_s(ended) == pytest.approx(LENGTH_S - 20)
    lines = str(ended.error).splitlines()
    assert "60 of 120 URLs are not Complete" in lines[0]
    rows = ended.error.verdict.rows
    assert {path for path, row in rows.items() if row is None or row.status != "Complete"} == set(MANY[60:])
    assert all(row is not None for row in rows.values())
    assert lines[1].startswith(f"  {url(60)}: Refreshing 9")
    assert bench.asked()["task"] >= 1


@BOTH
def test_a_deadline_in_an_outage_is_kept_by_a_wait_that_counts(bench: Bench, service: str) -> None:
    awaited = bench.submit(service, *MANY)
    break_calls(bench.cloud, {"kind": "reset-before", "action": "*", "times": -1, "nth": 8})
    ended = bench.wait(awaited, 200)
    assert isinstance(ended.error, TaskTimeoutError)
    assert bench.waited_s(ended) <= 200
    assert "The last poll failed" in str(ended.error)


@pytest.mark.parametrize("object_type", [ObjectType.DIRECTORY, ObjectType.PRELOAD])
@BOTH
def test_other_types_are_counted_where_every_document_has_them(
    bench: Bench, service: str, object_type: ObjectType
) -> None:
    bench.cloud.admin("origin", {"files": {f"/{number}.m3u8": "x" for number in range(60)}})
    directory = object_type is ObjectType.DIRECTORY
    urls = [f"https://media.example.com/{number}/" if directory else url(number) for number in range(60)]
    awaited = bench.submit(service, *urls, object_type=object_type)
    assert is_complete(bench.wait(awaited, 3600), urls)
    kinds = {call["params"].get("ObjectType") for call in bench.cloud.calls()}  # type: ignore[union-attr]
    expected = {None} if directory and service == "cdn" else {str(object_type), None}
    assert kinds <= expected
    if service == "vod":
        assert bench.asked()["Refreshing"] + bench.asked()["window"] > 3
