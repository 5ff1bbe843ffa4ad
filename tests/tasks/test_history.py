"""What a run learns for later ones: how long tasks took, and how busy the service is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Unpack

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import TaskFailedError
from pulumi_alicdn.state import CompletionInputs, CompletionState, IntentInputs, WaitOptions
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle import after_intent, after_submission
from pulumi_alicdn.tasks.lifecycle.completion import MAX_DURATIONS
from support.call_log import paths, submits
from support.virtual_clock import Listener, VirtualClock, break_calls, seeded_chance

LENGTH_S = 20.0
SUBMIT = "RefreshVodObjectCaches"
URLS = ["https://media.example.com/0.m3u8", "https://media.example.com/1.m3u8"]
TASK: IntentInputs = {
    "kind": "refresh",
    "service": "vod",
    "object_type": "file",
    "object_paths": URLS,
}


class Resource:
    """One task of a program, run after run; each run has two processes, as the engine has."""

    def __init__(self, cloud: Emulator) -> None:
        self.cloud = cloud
        self.clock = VirtualClock(cloud)
        self.state: CompletionState | None = None
        self.polls: list[float] = []
        """When the last wait polled, in whole seconds since it began."""
        settings = Settings(
            endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
        )
        self._apis = {service: connect(settings, service) for service in Service}

    def context(self, run: str) -> Context:
        return Context(lambda service: self._apis[service], self.clock, seeded_chance(), run, lambda: None)

    def submitted(self, run: str, **options: Unpack[WaitOptions]) -> CompletionInputs:
        context = self.context(run)
        inputs = after_intent(TASK, *lifecycle.create_intent(context, TASK))
        return after_submission(inputs, *lifecycle.create_submission(context, inputs, 0.0, Listener()), options)

    def wait(self, inputs: CompletionInputs, run: str) -> CompletionState:
        """Wait in a process of its own; the state is kept only if that goes well."""
        self.cloud.admin("calls", method="DELETE")
        began = datetime.fromisoformat(str(self.cloud.admin("clock")["now"]))
        context = self.context(run)
        if self.state:
            self.state = lifecycle.update_completion(context, self.state, inputs, Listener())
        else:
            _, self.state = lifecycle.create_completion(context, inputs, Listener())
        calls = self.cloud.calls()
        self.polls = [(datetime.fromisoformat(str(call["at"])) - began).total_seconds() for call in calls]
        return self.state

    def up(self, run: str, **options: Unpack[WaitOptions]) -> CompletionState:
        return self.wait(self.submitted(run, **options), run)


@pytest.fixture
def resource(emulators: Callable[..., Emulator]) -> Resource:
    return Resource(emulators(effect_s=LENGTH_S))


def test_the_state_keeps_the_lengths_of_the_last_five_tasks(resource: Resource) -> None:
    kept = [list(resource.up(f"run-{run}")["durations_s"]) for run in range(7)]
    assert [len(lengths) for lengths in kept] == [1, 2, 3, 4, 5, 5, 5]
    assert MAX_DURATIONS == 5
    assert kept[6][:4] == kept[5][1:], "the oldest goes"
    # The first is known as well as the polls of the first wait were close to one another.
    assert all(length == pytest.approx(LENGTH_S, rel=0.25) for length in kept[6])


def test_after_three_tasks_of_20_s_a_wait_polls_at_about_20_s(resource: Resource) -> None:
    resource.up("run-0")
    first = len(resource.polls)
    for run in range(1, 3):
        resource.up(f"run-{run}")
    resource.up("run-3")
    assert [poll for poll in resource.polls if 0.9 * LENGTH_S <= poll <= 1.1 * LENGTH_S]
    assert LENGTH_S <= resource.polls[-1] <= LENGTH_S * 1.1
    assert len(resource.polls) <= first


def test_a_length_that_nobody_saw_is_not_kept(resource: Resource) -> None:
    late = resource.submitted("run-0")
    resource.clock.sleep(100)
    assert resource.wait(late, "run-1")["durations_s"] == []
    assert resource.up("run-2", wait=False)["durations_s"] == []
    resource.state = None
    superseded = resource.submitted("run-3", timeout=5, on_timeout="continue")
    state = resource.wait(superseded, "run-3")
    assert (state["status"], state["durations_s"]) == ("Refreshing", [])


def test_lengths_outlive_a_wait_that_saw_none(resource: Resource) -> None:
    (length,) = resource.up("run-0")["durations_s"]
    state = resource.up("run-1", wait=False)
    assert state["durations_s"] == [length]
    resource.clock.sleep(100)
    waiting: CompletionState = {**state, "wait": None}
    assert resource.wait(waiting, "run-2")["durations_s"] == [length]


def test_a_wait_that_another_run_goes_on_with_knows_how_old_its_task_is(resource: Resource) -> None:
    inputs = resource.submitted("run-0", timeout=5, on_timeout="continue")
    resource.wait(inputs, "run-0")
    state = resource.wait({**inputs, "timeout": 900}, "run-1")
    (length,) = state["durations_s"]
    assert length == pytest.approx(LENGTH_S, rel=0.25)


def test_the_length_of_what_was_submitted_again_is_that_of_the_last_task(resource: Resource) -> None:
    break_calls(resource.cloud, {"kind": "fail", "action": SUBMIT, "paths": URLS[:1]})
    (length,) = resource.up("run-0", retry_failed=1)["durations_s"]
    assert length == pytest.approx(LENGTH_S, rel=0.25)


def test_a_failed_wait_leaves_the_state_as_it_was(resource: Resource) -> None:
    before = resource.up("run-0")
    break_calls(resource.cloud, {"kind": "fail", "action": SUBMIT})
    inputs = resource.submitted("run-1")
    with pytest.raises(TaskFailedError):
        resource.wait(inputs, "run-1")
    assert resource.state == before
    after = resource.wait(inputs, "run-2")
    assert len(after["durations_s"]) == 2
    (again,) = submits(resource.cloud)
    assert sorted(paths(again)) == URLS


def throttled(resource: Resource) -> tuple[CompletionInputs, float]:
    """What a submission that was throttled leaves, and the gap among it."""
    break_calls(resource.cloud, {"kind": "throttle", "action": SUBMIT, "times": 2})
    inputs = resource.submitted("run-0", wait=False)
    assert 0 < inputs["gap_s"] <= 12
    return inputs, float(inputs["gap_s"])


def test_a_gap_is_taken_over_within_the_run(resource: Resource) -> None:
    inputs, gap_s = throttled(resource)
    context, before = resource.context("run-0"), resource.clock.monotonic()
    lifecycle.create_completion(context, inputs, Listener())
    assert resource.clock.monotonic() - before >= gap_s / 2
    assert context.shared_pace.pace.gap_s == pytest.approx(0.9 * gap_s)


def test_a_gap_is_not_taken_over_by_another_run(resource: Resource) -> None:
    inputs, _ = throttled(resource)
    context, before = resource.context("run-1"), resource.clock.monotonic()
    lifecycle.create_completion(context, inputs, Listener())
    assert resource.clock.monotonic() == before
    assert context.shared_pace.pace.gap_s == 0
