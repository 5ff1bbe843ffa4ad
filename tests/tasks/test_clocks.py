"""A service whose clocks disagree: our own row is found, nothing is sent twice, and no row from before counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.errors import UnknownOutcomeError
from pulumi_alicdn.tasks.adoption import Older
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.submit import Submitter, declare
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
