"""A service whose clocks disagree: our own row is found, nothing is sent twice, and no row from before counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.errors import UnknownOutcomeError
from pulumi_alicdn.tasks.adoption import Older
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.submit import Before, OwnTask, Submitter, declare
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from support.concurrent_waits import Process
from support.virtual_clock import Listener, VirtualClock

BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])
CLOCKS = pytest.mark.parametrize("clocks", ["ahead", "behind", "minutes", "both"])
SUBMIT = {"vod": "RefreshVodObjectCaches", "cdn": "RefreshObjectCaches"}


def spec(service: str, count: int = 1) -> TaskSpec:
    urls = tuple(f"https://media.example.com/{number}.js" for number in range(count))
    return TaskSpec(Service(service), Kind.REFRESH, ObjectType.FILE, urls)


def disagree(cloud: Emulator, clocks: str, *faults: JsonObject) -> None:
    """Answers state a Date that is 5 s ahead or behind, or creation times in whole minutes."""
    date: JsonObject = {"kind": "date", "shift_s": -5 if clocks == "behind" else 5, "times": -1}
    cloud.admin("quirks", {"minute_times": clocks in ("minutes", "both")})
    cloud.admin("faults", {"faults": [*faults, *([date] if clocks != "minutes" else [])]})


def into_a_minute(caller: Caller, api: AlibabaCloud) -> None:
    """Let 20 s of a minute pass: a CreationTime with 0 seconds may be cut, and shows no difference."""
    caller.clock.sleep((80 - api.describe(Query(page_size=1)).server_time.second) % 60)


def ids(cloud: Emulator) -> set[str]:
    return {str(row["TaskId"]) for row in cloud.tasks()}


@BOTH
@CLOCKS
def test_a_submit_whose_answer_is_lost_is_found_and_not_sent_twice(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, clocks: str
) -> None:
    disagree(cloud, clocks, {"action": SUBMIT[service], "kind": "reset-after", "nth": 1})
    intent = declare(apis[service], caller, spec(service))
    found = Submitter(apis[service], caller).run(spec(service), intent, attempted_before=False)
    assert ids(cloud) == set(found.task_ids)
    assert len(found.task_ids) == 1


@BOTH
@CLOCKS
def test_a_run_that_was_killed_after_its_submit_is_continued_and_nothing_is_sent_twice(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, clocks: str
) -> None:
    disagree(cloud, clocks)
    intent = declare(apis[service], caller, spec(service))
    Submitter(apis[service], caller).run(spec(service), intent, attempted_before=False)
    found = Submitter(apis[service], caller).run(spec(service), intent, attempted_before=True)
    assert ids(cloud) == set(found.task_ids)
    assert found.adopted == list(spec(service).object_paths)


@BOTH
@pytest.mark.parametrize("clocks", ["ahead", "minutes", "both"])
def test_a_lost_submit_is_a_stated_doubt_where_nobody_knows_what_was_listed_before_it(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, clocks: str
) -> None:
    """An earlier version stored no list, and a list may lack rows."""
    into_a_minute(caller, apis[service])
    disagree(cloud, clocks)
    intent = replace(declare(apis[service], caller, spec(service)), older=Older())
    Submitter(apis[service], caller).run(spec(service), intent, attempted_before=False)
    sent = ids(cloud)
    with pytest.raises(UnknownOutcomeError, match=r"this one's, or older\. Nothing was sent again\. Change `triggers`"):
        Submitter(apis[service], caller).run(spec(service), intent, attempted_before=True)
    assert ids(cloud) == sent


@BOTH
@CLOCKS
@pytest.mark.parametrize("killed", [False, True])
def test_a_task_from_just_before_the_intent_is_not_taken_for_ours(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, clocks: str, killed: bool
) -> None:
    disagree(cloud, clocks, {"action": SUBMIT[service], "kind": "reset-before", "nth": 2})
    (theirs,) = apis[service].submit(spec(service)).task_ids
    caller.clock.sleep(2)
    intent = declare(apis[service], caller, spec(service))
    found = Submitter(apis[service], caller).run(spec(service), intent, attempted_before=killed)
    assert theirs not in found.task_ids
    assert found.adopted == []


@BOTH
@CLOCKS
def test_a_wait_for_many_objects_ends_in_time(
    cloud: Emulator, clock: VirtualClock, apis: dict[str, AlibabaCloud], service: str, clocks: str
) -> None:
    disagree(cloud, clocks)
    task, caller = spec(service, count=120), Caller(clock, lambda: 0.5)
    intent = declare(apis[service], caller, task)
    done = Submitter(apis[service], caller).run(task, intent, attempted_before=False)
    window = CreationWindow.of_submit(intent.not_before, done.submitted_until)
    awaited = AwaitedTasks(task, done.task_ids, intent, window=window)
    ended = Process(clock).wait(apis[service], awaited, 900.0, 0, Listener())
    assert ended.result is not None
    assert ended.result.verdict.outcome is Outcome.COMPLETE


@BOTH
@pytest.mark.parametrize("lost", ["answer", "process"])
@pytest.mark.parametrize("known", ["an earlier intent", "an earlier call"])
@pytest.mark.parametrize("ahead_s", [25, 40])
def test_clocks_that_differ_more_than_assumed_are_noticed_by_a_task_of_our_own(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, lost: str, known: str, ahead_s: int
) -> None:
    """The row of the lost submit seems to be from before its intent, and would be sent again."""
    api, task = apis[service], spec(service)
    into_a_minute(caller, api)
    date: JsonObject = {"kind": "date", "shift_s": ahead_s, "times": -1}
    cloud.admin("faults", {"faults": [date]})
    other = task if known == "an earlier intent" else replace(task, object_paths=("https://media.example.com/x.js",))
    receipt = api.submit(other)
    own = OwnTask(receipt.task_ids[0], receipt.server_time, receipt.server_time)
    caller.clock.sleep(600)
    intent = declare(api, caller, task)
    if lost == "answer":
        cloud.admin("faults", {"faults": [date, {"action": SUBMIT[service], "kind": "reset-after", "nth": 1}]})
    else:
        api.submit(task)
    sent = ids(cloud)
    with pytest.raises(UnknownOutcomeError, match=r"this one's, or older\. Nothing was sent again"):
        Submitter(api, caller).run(task, intent, attempted_before=lost == "process", before=Before(own=own))
    assert len(ids(cloud)) == 2
    assert sent <= ids(cloud)


@BOTH
def test_a_submit_that_was_never_accepted_is_sent_again_although_the_clocks_differ(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str
) -> None:
    api, task = apis[service], spec(service)
    into_a_minute(caller, api)
    date: JsonObject = {"kind": "date", "shift_s": 25, "times": -1}
    cloud.admin("faults", {"faults": [date]})
    receipt = api.submit(task)
    own = OwnTask(receipt.task_ids[0], receipt.server_time, receipt.server_time)
    caller.clock.sleep(600)
    intent = declare(api, caller, task)
    cloud.admin("faults", {"faults": [date, {"action": SUBMIT[service], "kind": "reset-before", "nth": 1}]})
    found = Submitter(api, caller).run(task, intent, attempted_before=False, before=Before(own=own))
    assert ids(cloud) == {*receipt.task_ids, *found.task_ids}
    assert len(ids(cloud)) == 2
