"""Submitting exactly once, whatever becomes of the answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import (
    DeniedError,
    QuotaError,
    RefusedError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.retry_policy import READ_PATIENCE_S, SUBMIT_PATIENCE_S, Caller
from pulumi_alicdn.tasks.submit import GRACE_S, MAX_SENDS, Intent, Submission, Submitter, declare
from support.call_log import paths, submits
from support.virtual_clock import VirtualClock, break_calls

REFRESH = {"vod": "RefreshVodObjectCaches", "cdn": "RefreshObjectCaches"}
DESCRIBE = {"vod": "DescribeVodRefreshTasks", "cdn": "DescribeRefreshTasks"}
BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])


def spec(service: str, count: int = 2, object_type: ObjectType = ObjectType.FILE, host: str = "media") -> TaskSpec:
    end = "/" if object_type is ObjectType.DIRECTORY else ".m3u8"
    kind = Kind.PREFETCH if object_type is ObjectType.PRELOAD else Kind.REFRESH
    urls = tuple(f"https://{host}.example.com/{number}{end}" for number in range(count))
    return TaskSpec(Service(service), kind, object_type, urls)


@dataclass
class Bench:
    """What a test needs to submit."""

    cloud: Emulator
    clock: VirtualClock
    caller: Caller
    apis: dict[str, AlibabaCloud]

    def declare(self, service: str) -> Intent:
        return declare(self.apis[service], self.caller, spec(service))

    def run(self, task: TaskSpec, intent: Intent, *, again: bool = False) -> Submission:
        return Submitter(self.apis[str(task.service)], self.caller).run(task, intent, attempted_before=again)

    def others(self, task: TaskSpec) -> tuple[str, ...]:
        """Somebody else submits *task*."""
        return self.apis[str(task.service)].submit(task).task_ids

    def ids(self) -> list[str]:
        return list(dict.fromkeys(str(row["TaskId"]) for row in self.cloud.tasks()))


@pytest.fixture
def bench(cloud: Emulator, clock: VirtualClock, caller: Caller, apis: dict[str, AlibabaCloud]) -> Bench:
    return Bench(cloud, clock, caller, apis)


@BOTH
def test_an_intent_is_one_cheap_question_and_the_next_whole_second(bench: Bench, service: str) -> None:
    intent = bench.declare(service)
    (call,) = bench.cloud.calls()
    assert call["action"] == DESCRIBE[service]
    assert call["params"] == {
        "PageNumber": "1",
        "PageSize": "50",
        "ObjectType": "file",
        "DomainName": "media.example.com",
    }
    assert intent.request_id == call["request_id"]
    assert f"{intent.not_before - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}" == call["at"]


@BOTH
@pytest.mark.parametrize("object_type", list(ObjectType))
def test_a_task_of_any_type_is_submitted_once(bench: Bench, service: str, object_type: ObjectType) -> None:
    count = 1 if object_type is ObjectType.REGEX else 2
    task = spec(service, count, object_type)
    intent = bench.declare(service)
    done = bench.run(task, intent)

    (call,) = submits(bench.cloud)
    assert tuple(paths(call)) == task.object_paths
    assert done.task_ids == bench.ids()
    assert done.request_ids == [call["request_id"]]
    assert (done.adopted, done.submitted_at >= intent.not_before) == ([], True)


@BOTH
@pytest.mark.parametrize("object_type", list(ObjectType))
def test_a_second_attempt_adopts_a_task_of_any_type(bench: Bench, service: str, object_type: ObjectType) -> None:
    task = spec(service, 1, object_type)
    intent = bench.declare(service)
    first = bench.run(task, intent)
    second = bench.run(task, intent, again=True)
    assert (second.task_ids, second.adopted) == (first.task_ids, list(task.object_paths))
    assert second.request_ids == []
    assert len(submits(bench.cloud)) == 1


def test_the_second_of_the_intent_is_over_before_anything_is_sent(bench: Bench) -> None:
    intent = bench.declare("vod")
    bench.run(spec("vod"), intent)
    assert f"{intent.not_before:%Y-%m-%dT%H:%M:%SZ}" <= str(bench.cloud.tasks()[0]["CreationTime"])


@BOTH
def test_what_somebody_else_submitted_after_the_intent_is_adopted(bench: Bench, service: str) -> None:
    task = spec(service, 3)
    intent = bench.declare(service)
    bench.clock.sleep(1)
    ids = bench.others(task.only(task.object_paths[:2]))
    bench.clock.sleep(1)

    done = bench.run(task, intent)

    theirs, ours = submits(bench.cloud)
    assert paths(ours) == [task.object_paths[2]]
    assert done.adopted == list(task.object_paths[:2])
    assert done.task_ids == [*ids, *(task_id for task_id in bench.ids() if task_id not in ids)]
    assert done.request_ids == [ours["request_id"]]
    assert theirs["request_id"] not in done.request_ids


@BOTH
@pytest.mark.parametrize("before_s", [60, 0])
def test_what_was_submitted_before_the_intent_or_in_its_second_is_not_adopted(
    bench: Bench, service: str, before_s: float
) -> None:
    task = spec(service)
    bench.others(task)
    bench.clock.sleep(before_s)
    done = bench.run(task, bench.declare(service))
    assert done.adopted == []
    assert len(submits(bench.cloud)) == 2


def test_what_is_submitted_in_the_second_of_the_intent_but_after_it_is_not_adopted(bench: Bench) -> None:
    task = spec("vod")
    intent = bench.declare("vod")
    bench.others(task)
    assert bench.run(task, intent).adopted == []


@BOTH
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ObjectType.FILE, ObjectType.PRELOAD),
        (ObjectType.PRELOAD, ObjectType.FILE),
        (ObjectType.FILE, ObjectType.IGNORE_PARAMS),
        (ObjectType.IGNORE_PARAMS, ObjectType.FILE),
    ],
)
def test_a_task_of_another_type_for_the_same_object_is_not_adopted(
    bench: Bench, service: str, ours: ObjectType, theirs: ObjectType
) -> None:
    intent = bench.declare(service)
    bench.clock.sleep(2)
    bench.others(spec(service, object_type=theirs))
    assert bench.run(spec(service, object_type=ours), intent).adopted == []


def test_a_failed_task_is_not_adopted(bench: Bench) -> None:
    intent = bench.declare("vod")
    bench.clock.sleep(2)
    break_calls(bench.cloud, {"kind": "fail", "action": REFRESH["vod"]})
    bench.others(spec("vod"))
    bench.cloud.advance(400)
    assert {row["Status"] for row in bench.cloud.tasks()} == {"Failed"}
    done = bench.run(spec("vod"), intent)
    assert done.adopted == []
    assert len(submits(bench.cloud)) == 2


@BOTH
@pytest.mark.parametrize("hidden_s", [0, 10])
def test_a_lost_answer_is_settled_by_looking(bench: Bench, service: str, hidden_s: float) -> None:
    hide = {"kind": "hide", "seconds": hidden_s, "action": REFRESH[service]}
    break_calls(bench.cloud, hide, {"kind": "reset-after", "action": REFRESH[service]})
    task = spec(service, 3)

    done = bench.run(task, bench.declare(service))

    assert len(submits(bench.cloud)) == 1
    assert done.task_ids == bench.ids()
    assert len(bench.cloud.tasks()) == 3
    assert done.adopted == list(task.object_paths)
    assert bench.clock.monotonic() <= hidden_s + 3


@BOTH
def test_an_answer_of_500_is_not_sent_again_where_the_task_appears_after_all(bench: Bench, service: str) -> None:
    task = spec(service, 3)
    intent = bench.declare(service)
    bench.clock.sleep(1)
    break_calls(bench.cloud, {"kind": "hide", "seconds": 10, "action": REFRESH[service]})
    ids = bench.others(task)
    break_calls(bench.cloud, {"kind": "http-500", "action": REFRESH[service]})

    done = bench.run(task, intent)

    assert len(submits(bench.cloud)) == 2, "theirs and ours, whose answer was 500"
    assert (done.task_ids, done.adopted) == (list(ids), list(task.object_paths))


@BOTH
@pytest.mark.parametrize("kind", ["reset-before", "http-500"])
def test_a_request_without_effect_is_looked_for_and_then_sent_again(bench: Bench, service: str, kind: str) -> None:
    break_calls(bench.cloud, {"kind": kind, "action": REFRESH[service]})
    done = bench.run(spec(service), bench.declare(service))

    assert len(submits(bench.cloud)) == 2
    assert len(bench.cloud.tasks()) == 2
    assert done.task_ids == bench.ids()
    assert GRACE_S <= bench.clock.monotonic() <= GRACE_S + 5


def test_answers_that_are_lost_for_ever_end_in_a_stated_error_after_a_few_sends(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "reset-before", "action": REFRESH["vod"], "times": -1})
    with pytest.raises(UnknownOutcomeError, match=f"was sent {MAX_SENDS} times, no answer came, and 15 s after each"):
        bench.run(spec("vod"), bench.declare("vod"))
    assert len(submits(bench.cloud)) == MAX_SENDS
    assert bench.cloud.tasks() == []


@pytest.mark.parametrize(
    "refusal",
    [
        {"kind": "throttle"},
        {"kind": "throttle", "retry_after_s": 12},
        {"kind": "error", "code": "ServiceBusy", "http_status": 403},
        {"kind": "error", "code": "QuotaPerMinuteExceeded.Refresh", "http_status": 400},
    ],
    ids=lambda refusal: str(refusal.get("code") or refusal),
)
def test_a_throttled_submit_is_tried_again_after_what_was_asked_for(bench: Bench, refusal: dict[str, Any]) -> None:
    break_calls(bench.cloud, {**refusal, "action": REFRESH["vod"], "times": 2})
    done = bench.run(spec("vod"), bench.declare("vod"))
    assert len(submits(bench.cloud)) == 3
    assert done.adopted == []
    assert len(bench.cloud.tasks()) == 2
    asked = {"ServiceBusy": 5, "QuotaPerMinuteExceeded.Refresh": 60}.get(
        str(refusal.get("code")), refusal.get("retry_after_s", 0)
    )
    assert all(wait >= asked for wait in bench.clock.slept[1:3])


def test_a_submit_that_is_throttled_for_ever_ends_with_its_patience(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "throttle", "action": REFRESH["cdn"], "times": -1})
    with pytest.raises(ThrottledError):
        bench.run(spec("cdn"), bench.declare("cdn"))
    assert SUBMIT_PATIENCE_S - 25 <= bench.clock.monotonic() <= SUBMIT_PATIENCE_S + 2
    assert len(submits(bench.cloud)) < 60
    assert bench.cloud.tasks() == []


def test_a_minute_with_too_many_urls_of_a_domain_is_waited_out(bench: Bench) -> None:
    bench.cloud.admin("limits", {"urls_per_minute": 1500})
    done = bench.run(spec("vod", 2000), bench.declare("vod"))
    bench.cloud.admin("limits", {"urls_per_minute": 10_000})
    assert len(bench.cloud.tasks()) == 2000
    assert len(done.request_ids) == 2
    assert 60 <= bench.clock.monotonic() <= 90


@pytest.mark.parametrize("state", ["not-open", "suspended"])
def test_a_denial_ends_at_once(bench: Bench, state: str) -> None:
    bench.cloud.admin("account", {"state": state})
    with pytest.raises(DeniedError):
        bench.declare("vod")
    assert len(bench.cloud.calls()) == 1


def test_a_refusal_ends_at_once(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "error", "code": "InvalidDomain.NotFound", "http_status": 404, "nth": 3})
    with pytest.raises(RefusedError, match="not an accelerated domain"):
        bench.run(spec("vod"), bench.declare("vod"))
    assert len(submits(bench.cloud)) == 1


def test_no_network_is_reported_after_half_a_minute_of_tries(bench: Bench) -> None:
    api = connect(Settings(endpoint="http://127.0.0.1:9", access_key_id="id", access_key_secret="canary"), Service.VOD)
    with pytest.raises(UnreachableError):
        declare(api, bench.caller, spec("vod"))
    assert READ_PATIENCE_S - 20 <= bench.clock.monotonic() <= READ_PATIENCE_S


@BOTH
def test_a_quota_that_is_too_small_is_reported_in_numbers(bench: Bench, service: str) -> None:
    bench.cloud.admin("quota", {"UrlRemain": 1})
    with pytest.raises(QuotaError, match=f"needs more than today's {service} quota: 1 of .* are left"):
        bench.run(spec(service), bench.declare(service))
    assert bench.cloud.tasks() == []


@BOTH
def test_several_batches_are_sent_only_if_the_quota_suffices_for_all(bench: Bench, service: str) -> None:
    bench.cloud.admin("quota", {"DirRemain": 149, "DirQuota": 200})
    bench.cloud.admin("quota", {"DirRemain": 149})
    with pytest.raises(QuotaError, match="149 of 200 are left; nothing was submitted"):
        bench.run(spec(service, 150, ObjectType.DIRECTORY), bench.declare(service))
    assert submits(bench.cloud) == []

    bench.cloud.admin("quota", {"DirRemain": 150})
    done = bench.run(spec(service, 150, ObjectType.DIRECTORY), bench.declare(service))
    assert [len(paths(call)) for call in submits(bench.cloud)] == [100, 50]
    assert done.task_ids == bench.ids()


def test_a_quota_that_must_not_be_asked_for_is_left_to_the_service(bench: Bench) -> None:
    denied = {"kind": "error", "code": "Forbidden.RAM", "http_status": 403, "action": "DescribeVodRefreshQuota"}
    break_calls(bench.cloud, {**denied, "times": -1})
    bench.run(spec("vod", 1100), bench.declare("vod"))
    assert len(bench.cloud.tasks()) == 1100
    bench.cloud.admin("quota", {"UrlRemain": 0})
    with pytest.raises(RefusedError, match="the refresh quota is exceeded"):
        bench.run(spec("vod", host="other"), bench.declare("vod"))


@BOTH
def test_a_refusal_for_the_quota_beside_a_quota_that_is_left_names_both(bench: Bench, service: str) -> None:
    refusal = {"kind": "error", "code": "QuotaExceeded.Refresh", "http_status": 400, "action": REFRESH[service]}
    break_calls(bench.cloud, refusal)
    bench.cloud.admin("quota", {"UrlQuota": 10_000, "UrlRemain": 9990})
    with pytest.raises(RefusedError) as caught:
        bench.run(spec(service), bench.declare(service))
    assert "the refresh quota is exceeded" in str(caught.value)
    assert (
        "; but today's quota has 9,990 of 10,000 left, so that a limit per hour or per minute is likely. "
        "Run it again later"
    ) in str(caught.value)
    assert "used up" not in str(caught.value)


@BOTH
def test_a_nonce_that_was_used_means_that_a_copy_of_the_submit_arrived_and_it_is_adopted(
    bench: Bench, service: str
) -> None:
    task = spec(service)
    intent = bench.declare(service)
    bench.clock.sleep(1)
    action = REFRESH[service]
    break_calls(
        bench.cloud,
        {"kind": "hide", "seconds": 5, "action": action},
        {"kind": "error", "code": "SignatureNonceUsed", "http_status": 400, "action": action, "nth": 2},
    )
    copy = bench.others(task)

    done = bench.run(task, intent)

    assert (tuple(done.task_ids), done.adopted) == (copy, list(task.object_paths))
    assert len(bench.cloud.tasks()) == len(task.object_paths)


@BOTH
def test_a_nonce_that_was_used_by_a_read_is_replaced_by_a_new_one(bench: Bench, service: str) -> None:
    break_calls(
        bench.cloud,
        {"kind": "error", "code": "SignatureNonceUsed", "http_status": 400, "action": DESCRIBE[service]},
    )
    bench.declare(service)
    assert len(bench.cloud.calls()) == 2


@BOTH
@pytest.mark.parametrize("hidden_s", [0, 10])
def test_a_second_attempt_adopts_everything_and_sends_nothing(bench: Bench, service: str, hidden_s: float) -> None:
    task = spec(service, 130)
    intent = bench.declare(service)
    break_calls(bench.cloud, {"kind": "hide", "seconds": hidden_s, "action": REFRESH[service]})
    first = bench.run(task, intent)

    second = bench.run(task, intent, again=True)

    assert second.task_ids == first.task_ids
    assert second.adopted == list(task.object_paths)
    assert len(submits(bench.cloud)) == 1


@BOTH
def test_after_a_crash_between_batches_only_the_rest_is_sent(bench: Bench, service: str) -> None:
    task = spec(service, 250, ObjectType.PRELOAD)
    intent = bench.declare(service)
    bench.clock.sleep(2)
    first = bench.others(task.only(task.object_paths[:100]))
    bench.clock.sleep(5)
    bench.cloud.admin("calls", method="DELETE")

    done = bench.run(task, intent, again=True)

    assert [paths(call) for call in submits(bench.cloud)] == [
        list(task.object_paths[100:200]),
        list(task.object_paths[200:]),
    ]
    assert done.task_ids[: len(first)] == list(first)
    assert done.adopted == list(task.object_paths[:100])
    assert len(bench.cloud.tasks()) == 250


def test_what_had_gone_through_is_reported_beside_the_error_and_adopted_by_the_next_attempt(bench: Bench) -> None:
    task = spec("vod", 1500)
    intent = bench.declare("vod")
    refusal = {"kind": "error", "code": "InvalidDomain.Offline", "http_status": 404}
    break_calls(bench.cloud, {**refusal, "action": REFRESH["vod"], "nth": 2})
    with pytest.raises(RefusedError) as caught:
        bench.run(task, intent)
    assert any(bench.ids()[0] in note for note in caught.value.__notes__)

    done = bench.run(task, intent, again=True)
    assert len(done.adopted) == 1000
    assert [len(paths(call)) for call in submits(bench.cloud)] == [1000, 500, 500]


def test_ids_are_reported_the_moment_they_are_known(bench: Bench) -> None:
    task = spec("vod", 1500)
    intent = bench.declare("vod")
    bench.clock.sleep(2)
    (found,) = bench.others(task.only(task.object_paths[:10]))
    break_calls(bench.cloud, {"kind": "error", "code": "X", "http_status": 404, "action": REFRESH["vod"], "nth": 2})
    reported: list[tuple[list[str], str]] = []
    submitter = Submitter(
        bench.apis["vod"], bench.caller, lambda task_ids, request_id: reported.append((list(task_ids), request_id))
    )

    with pytest.raises(RefusedError):
        submitter.run(task, intent, attempted_before=False)

    (_, sent) = sorted(bench.ids(), key=[found].count, reverse=True)
    assert [task_ids for task_ids, _ in reported] == [[found], [sent]]
    assert [bool(request_id) for _, request_id in reported] == [False, True]


@pytest.mark.parametrize("fault", [{"kind": "throttle", "times": 3}, {"kind": "http-500", "times": 2}])
def test_trouble_with_looking_before_a_submit_is_ridden_out(bench: Bench, fault: dict[str, Any]) -> None:
    break_calls(bench.cloud, {**fault, "action": DESCRIBE["cdn"]})
    bench.run(spec("cdn"), bench.declare("cdn"))
    assert len(submits(bench.cloud)) == 1


def test_cdn_batches_name_at_most_ten_domains(bench: Bench) -> None:
    urls = tuple(f"https://h{number % 23}.example.com/{number}" for number in range(60))
    task = TaskSpec(Service.CDN, Kind.REFRESH, ObjectType.FILE, urls)
    done = bench.run(task, bench.declare("cdn"))
    calls = submits(bench.cloud)
    assert len(calls) == 3
    assert all(len({url.split("/")[2] for url in paths(call)}) <= 10 for call in calls)
    assert sorted(url for call in calls for url in paths(call)) == sorted(urls)
    assert sorted(done.task_ids) == sorted(bench.ids())


STRONG = {
    "a forced refresh of a directory": replace(spec("vod", 1, ObjectType.DIRECTORY), force=True),
    "a forced refresh of a file": replace(spec("cdn", 1), force=True),
    "a prefetch": spec("vod", 1, ObjectType.PRELOAD),
    "a prefetch of one area": replace(spec("cdn", 1, ObjectType.PRELOAD), area="overseas"),
    "a prefetch of the second level": replace(spec("vod", 1, ObjectType.PRELOAD), l2_preload=True),
    "a prefetch with headers": replace(spec("cdn", 1, ObjectType.PRELOAD), headers=(("accept-encoding", "br"),)),
}


@pytest.mark.parametrize("name", STRONG)
def test_what_rows_cannot_show_is_not_adopted_from_somebody_else(bench: Bench, name: str) -> None:
    task = STRONG[name]
    intent = declare(bench.apis[str(task.service)], bench.caller, task)
    bench.clock.sleep(2)
    plain = TaskSpec(task.service, task.kind, task.object_type, task.object_paths)
    theirs = bench.others(plain)
    submission = bench.run(task, intent)
    assert (submission.adopted, submission.weaker) == ([], [])
    assert not set(theirs).intersection(submission.task_ids)


@pytest.mark.parametrize("name", STRONG)
def test_what_rows_cannot_show_is_adopted_after_a_lost_answer_and_the_weaker_possibility_is_named(
    bench: Bench, name: str
) -> None:
    task = STRONG[name]
    intent = declare(bench.apis[str(task.service)], bench.caller, task)
    bench.clock.sleep(2)
    theirs = bench.others(TaskSpec(task.service, task.kind, task.object_type, task.object_paths))
    submission = bench.run(task, intent, again=True)
    assert submission.task_ids == list(theirs)
    assert submission.weaker == list(task.object_paths)
    (said,) = messages.doubts(task, submission.weaker, submission.early, messages.STORED)
    assert "nothing shows whether that" in said
    assert f"  {task.object_paths[0]}" in said


def test_an_unforced_refresh_is_adopted_from_anybody_without_a_word(bench: Bench) -> None:
    task = spec("vod", 1, ObjectType.DIRECTORY)
    intent = declare(bench.apis["vod"], bench.caller, task)
    bench.clock.sleep(2)
    theirs = bench.others(replace(task, force=True))
    submission = bench.run(task, intent)
    assert submission.task_ids == list(theirs)
    assert (submission.weaker, submission.early) == ([], [])
