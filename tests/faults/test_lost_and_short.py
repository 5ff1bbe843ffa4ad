"""A submit whose answer is lost, at a service whose list of tasks lacks rows: nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from faults.odd import HOST, OddCloud, program
from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.emulator.faults import Fault, PageFault
from pulumi_alicdn.emulator.service.quirks import Quirks
from pulumi_alicdn.errors import UnknownOutcomeError
from pulumi_alicdn.tasks.retry_policy import OUTAGE_PATIENCE_S
from support.virtual_clock import Listener

A, B = f"{HOST}/a.js", f"{HOST}/b.js"
BOTH = pytest.mark.parametrize("service", list(Service))
HOWS = pytest.mark.parametrize("how", ["empty", "short", "repeat"])


@pytest.fixture
def cloud() -> Iterator[OddCloud]:
    with asyncio.Runner() as runner:
        yield OddCloud(runner)


def lost_and_short(cloud: OddCloud, service: Service, how: PageFault, times: int) -> None:
    """The next answer to a submit is lost, and *times* pages lack rows from then on."""
    short = Fault("pages", DESCRIBE_ACTIONS[service], times=times, how=how, page=1)
    lost = Fault("reset-after", SUBMIT_ACTIONS[service, Kind.REFRESH])
    cloud.sending = lambda _: cloud.world.faults.replace([short, lost]) if not cloud.sent else None
    cloud.world.faults.replace([lost])


@BOTH
@HOWS
def test_a_list_that_lacks_rows_shows_nothing_of_a_lost_submit(
    cloud: OddCloud, service: Service, how: PageFault
) -> None:
    ours = program(A, B, service=service)
    lost_and_short(cloud, service, how, 40)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert [len(sent.rows) for sent in cloud.sent] == [2]


@BOTH
@pytest.mark.parametrize("how", ["empty", "short"])
def test_a_list_that_lacks_rows_for_ever_ends_with_the_doubt_and_the_next_run_adopts(
    cloud: OddCloud, service: Service, how: PageFault
) -> None:
    ours = program(A, B, service=service)
    lost_and_short(cloud, service, how, -1)
    began = cloud.time.monotonic()
    with pytest.raises(
        UnknownOutcomeError, match=r"may have been sent before, and the list .* is not whole: [01] of 2 "
    ):
        ours.up(cloud.process(), Listener())
    assert cloud.time.monotonic() - began <= OUTAGE_PATIENCE_S + 10
    with pytest.raises(UnknownOutcomeError):
        ours.up(cloud.process("run-2"), Listener())
    cloud.world.faults.replace([])
    ours.up(cloud.process("run-3"), Listener())
    assert ours.complete
    assert [len(sent.rows) for sent in cloud.sent] == [2]


@BOTH
def test_a_count_that_is_always_too_high_keeps_no_first_submit_back(cloud: OddCloud, service: Service) -> None:
    cloud.world.faults.replace([Fault("count", times=-1, off_by=1)])
    ours = program(A, B, service=service)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert len(cloud.sent) == 1


@BOTH
def test_more_tasks_than_a_page_in_the_minute_of_an_intent_hide_no_submit_whose_answer_is_lost(
    cloud: OddCloud, service: Service
) -> None:
    """Where creation times are cut to minutes, ours seems older than the intent: only a list from before tells."""
    cloud.world.quirks = Quirks(minute_times=True)
    crowd = tuple(f"{HOST}/crowd/{number}" for number in range(120))
    cloud.by_others(TaskSpec(service, Kind.REFRESH, ObjectType.FILE, crowd))
    cloud.world.faults.replace([Fault("reset-after", SUBMIT_ACTIONS[service, Kind.REFRESH])])
    ours = program(A, B, service=service)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert len(cloud.sent) == 1
