"""The steps of a task on plain data: what each leaves in the state, and what the next one makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Unpack, cast

import pytest

from pulumi_alicdn.api.rows import TaskEntry, entry, row_of
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import (
    DeniedError,
    InputError,
    InterruptedWaitError,
    TaskFailedError,
    TaskTimeoutError,
    UnknownTaskError,
)
from pulumi_alicdn.state import (
    AttachmentInputs,
    CompletionInputs,
    CompletionState,
    IntentInputs,
    SubmissionInputs,
    WaitOptions,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle import after_intent, after_submission
from pulumi_alicdn.validation import UNKNOWN
from support.call_log import paths, submits
from support.virtual_clock import Listener, VirtualClock, break_calls, seeded_chance

URLS = ["https://media.example.com/0.m3u8", "https://media.example.com/1.m3u8"]
ORIGIN = "https://bucket.example.com"
DAY_S = 24 * 3600.0
SUBMIT = "RefreshVodObjectCaches"
TASK: IntentInputs = {
    "kind": "refresh",
    "service": "vod",
    "object_type": "file",
    "object_paths": URLS,
    "triggers": ["v1", {"size": 2}],
}


class Bench:
    """One program's task, step by step, as a front end would store it."""

    def __init__(self, cloud: Emulator, clock: VirtualClock, listener: Listener, apis: dict[str, AlibabaCloud]) -> None:
        self.cloud, self.clock, self.listener, self._apis = cloud, clock, listener, apis

    def context(self, run: str = "run-1", wanted: Callable[[], None] = lambda: None) -> Context:
        return Context(lambda service: self._apis[str(service)], self.clock, seeded_chance(), run, wanted)

    def intent(self, inputs: IntentInputs) -> SubmissionInputs:
        id_, state = lifecycle.create_intent(self.context(), inputs)
        assert id_ == f"intent-{state['request_id']}"
        return after_intent(inputs, id_, state)

    def submission(
        self,
        inputs: SubmissionInputs,
        options: WaitOptions | None = None,
        run: str = "run-1",
        declared_s_ago: float | None = 0.0,
    ) -> CompletionInputs:
        id_, state = lifecycle.create_submission(self.context(run), inputs, declared_s_ago, self.listener)
        return after_submission(inputs, id_, state, options or {})

    def submitted(
        self, service: str = "vod", object_paths: list[str] = URLS, **options: Unpack[WaitOptions]
    ) -> CompletionInputs:
        return self.submission(self.intent({**TASK, "service": service, "object_paths": object_paths}), options)

    def complete(self, inputs: CompletionInputs, run: str = "run-1") -> CompletionState:
        return lifecycle.create_completion(self.context(run), inputs, self.listener)[1]


@pytest.fixture
def bench(cloud: Emulator, clock: VirtualClock, listener: Listener, apis: dict[str, AlibabaCloud]) -> Bench:
    return Bench(cloud, clock, listener, apis)


def is_json(state: Mapping[str, object]) -> None:
    assert json.loads(json.dumps(state, allow_nan=False)) == state


def test_every_step_leaves_its_inputs_and_what_it_found_out_as_json(bench: Bench) -> None:
    context = bench.context()
    intent_id, intent = lifecycle.create_intent(context, TASK)
    (asked,) = bench.cloud.calls()
    is_json(intent)
    assert intent.items() >= TASK.items()
    assert set(intent) - set(TASK) == {"fingerprint", "not_before", "listed_before", "request_id"}
    assert intent["request_id"] == asked["request_id"]
    assert len(intent["fingerprint"]) == 64

    inputs = after_intent(TASK, intent_id, intent)
    submission_id, submission = lifecycle.create_submission(context, inputs, 0.0, bench.listener)
    is_json(submission)
    (row, _) = bench.cloud.tasks()
    assert submission_id == row["TaskId"]
    assert submission["task_ids"] == [row["TaskId"]]
    assert (submission["submitted_at"], submission["run"], submission["adopted"]) == (row["CreationTime"], "run-1", [])

    waited = after_submission(inputs, submission_id, submission, {"timeout": 900})
    completion_id, completion = lifecycle.create_completion(context, waited, bench.listener)
    is_json(completion)
    assert completion_id == submission_id
    assert completion.items() >= waited.items()
    assert completion["status"] == "Complete"
    assert completion["effective_at"] == bench.cloud.admin("clock")["now"]
    assert completion["objects"] == [
        {
            "object_path": url,
            "object_type": "file",
            "status": "Complete",
            "process": "100%",
            "description": "",
            "creation_time": row["CreationTime"],
            "task_id": row["TaskId"],
        }
        for url in URLS
    ]


def test_several_tasks_are_one_submission_whose_id_joins_theirs(bench: Bench) -> None:
    urls = [f"https://{host}.example.com/x" for host in "abc"]
    inputs = bench.submitted(service="cdn", object_paths=urls)
    assert inputs["submission_id"] == ",".join(inputs["task_ids"])
    assert len(inputs["task_ids"]) == 3


def test_an_attempt_after_one_that_may_have_sent_something_sends_nothing_twice(bench: Bench) -> None:
    intent = bench.intent(TASK)
    break_calls(bench.cloud, {"kind": "hide", "seconds": 10, "action": SUBMIT})
    lost = bench.submission(intent)
    found = bench.submission(intent, run="run-2", declared_s_ago=None)
    assert found["task_ids"] == lost["task_ids"]
    assert found["submitted_at"] == lost["submitted_at"]
    assert found["request_ids"] == []
    assert len(submits(bench.cloud)) == 1


def test_without_waiting_the_state_is_what_one_poll_shows(bench: Bench) -> None:
    inputs = bench.submitted(wait=False)
    before = bench.clock.monotonic()
    state = bench.complete(inputs)
    is_json(state)
    assert (state["status"], state["effective_at"]) == ("Pending", None)
    assert bench.clock.monotonic() == before

    bench.clock.sleep(400)
    late = lifecycle.update_completion(bench.context("run-2"), state, inputs, bench.listener)
    assert late["status"] == "Complete"
    assert late["effective_at"] is not None
    assert bench.clock.monotonic() == before + 400


def test_a_wait_that_was_given_up_goes_on_and_submits_nothing(bench: Bench) -> None:
    inputs = bench.submitted(timeout=20)
    with pytest.raises(TaskTimeoutError, match="run `pulumi up` again to go on waiting"):
        bench.complete(inputs)
    state = bench.complete({**inputs, "timeout": None}, run="run-2")
    assert state["status"] == "Complete"
    assert len(submits(bench.cloud)) == 1


def test_a_failure_is_submitted_again_by_the_next_run_and_not_by_this_one(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT, "paths": [URLS[1]]})
    inputs = bench.submitted()
    for _ in range(2):
        with pytest.raises(TaskFailedError, match="it submits only what failed"):
            bench.complete(inputs)
    assert len(submits(bench.cloud)) == 1

    state = bench.complete(inputs, run="run-2")
    _, again = submits(bench.cloud)
    assert paths(again) == [URLS[1]]
    assert state["status"] == "Complete"
    assert state["task_ids"] == [*inputs["task_ids"], state["objects"][1]["task_id"]]
    assert state["request_ids"] == [*inputs["request_ids"], again["request_id"]]
    assert inputs["task_ids"] == state["task_ids"][:1], "inputs stay as they were given"


def test_a_timeout_that_is_taken_for_an_answer_goes_on_in_an_update(bench: Bench) -> None:
    inputs = bench.submitted(timeout=20, on_timeout="continue")
    state = bench.complete(inputs)
    assert (state["status"], state["effective_at"]) == ("Refreshing", None)
    assert lifecycle.completion_changed(state, inputs)
    done = lifecycle.update_completion(bench.context("run-2"), state, {**inputs, "timeout": 900}, bench.listener)
    assert (done["status"], done["timeout"]) == ("Complete", 900)
    assert len(submits(bench.cloud)) == 1


def test_other_waiting_options_of_what_is_complete_ask_nothing(bench: Bench) -> None:
    inputs = bench.submitted()
    state = bench.complete(inputs)
    bench.cloud.admin("calls", method="DELETE")
    options: WaitOptions = {"timeout": 5, "wait": False, "retry_failed": 3, "on_timeout": "continue", "origin": ORIGIN}
    others: CompletionInputs = {**inputs, **options}
    updated = lifecycle.update_completion(bench.context("run-2"), state, others, bench.listener)
    assert updated == {**state, **options}
    assert bench.cloud.calls() == []


DONE: Mapping[str, object] = {"intent_id": "7", "status": "Complete", "timeout": 60, "wait": None}


@pytest.mark.parametrize(
    ("state", "inputs", "expected"),
    [
        (DONE, {"intent_id": "7", "timeout": 60}, False),
        (DONE, {"intent_id": "8", "timeout": 60}, True),
        (DONE, {"intent_id": UNKNOWN, "timeout": 60}, True),
        (DONE, {"intent_id": "7", "timeout": 61}, True),
        (DONE, {"intent_id": "7", "timeout": 60, "wait": False}, True),
        (DONE, {"intent_id": "7", "timeout": 60, "on_timeout": "continue"}, True),
        (DONE, {"intent_id": "7", "timeout": 60, "retry_failed": 1}, True),
        (DONE, {"intent_id": "7", "timeout": 60, "origin": ORIGIN}, True),
        ({**DONE, "status": "Refreshing"}, {"intent_id": "7", "timeout": 60}, True),
        ({**DONE, "status": "Failed"}, {"intent_id": "7", "timeout": 60}, True),
        (
            {**DONE, "status": "Pending", "wait": False},
            {"intent_id": "7", "timeout": 60, "wait": False},
            False,
        ),
    ],
)
def test_what_a_change_of_a_completion_means(
    state: Mapping[str, object], inputs: Mapping[str, object], expected: bool
) -> None:
    assert lifecycle.completion_changed(state, inputs) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"object_paths": URLS[::-1]}, False),
        ({"triggers": ["v1", {"size": 2.0}]}, False),
        ({"force": False}, False),
        ({"timeout": 5, "wait": False, "retry_failed": 2, "on_timeout": "continue"}, False),
        ({"triggers": ["v2", {"size": 2}]}, True),
        ({"triggers": None}, True),
        ({"object_paths": URLS[:1]}, True),
        ({"object_type": "ignore-params"}, True),
        ({"force": True}, True),
        ({"service": "cdn"}, True),
        ({"triggers": UNKNOWN}, True),
        ({"triggers": ["v1", {"size": UNKNOWN}]}, True),
        ({"object_paths": [URLS[0], UNKNOWN]}, True),
        ({"service": UNKNOWN}, True),
        ({"timeout": UNKNOWN}, False),
    ],
)
def test_what_makes_a_new_intent(bench: Bench, change: Mapping[str, object], expected: bool) -> None:
    _, state = lifecycle.create_intent(bench.context(), TASK)
    assert lifecycle.intent_changed(state, {**TASK, **change}) is expected


def test_a_run_may_go_on_with_a_warning_after_a_task_that_was_refused_or_failed(bench: Bench) -> None:
    task: IntentInputs = {**TASK, "goes_on": True}
    declared = bench.intent(task)
    bench.cloud.admin("account", {"state": "suspended"})
    with pytest.raises(DeniedError):
        bench.submission({**declared, "goes_on": False})
    refused = bench.complete(bench.submission(declared))
    assert (refused["status"], refused["task_ids"], refused["objects"]) == ("Failed", [], [])
    assert "suspended" in bench.listener.warnings[-1]
    bench.cloud.admin("account", {"state": "active"})

    bench.cloud.admin("faults", {"faults": [{"kind": "fail", "action": SUBMIT, "paths": URLS[:1]}]})
    inputs = bench.submission(bench.intent({**task, "triggers": ["v2"]}))
    failed = bench.complete(inputs)
    assert (failed["status"], failed["objects"][0]["status"], failed["effective_at"]) == ("Failed", "Failed", None)
    assert "refresh of 1 of 2 URLs failed" in bench.listener.warnings[-1]
    # It is over: another task has to be asked for.
    assert not lifecycle.completion_changed(failed, inputs)


@pytest.mark.parametrize("run", ["run-1", "run-2"])
def test_a_wait_that_a_later_run_goes_on_with_at_another_account_names_that_and_what_helps(
    bench: Bench, run: str
) -> None:
    """No list of another account, region or endpoint has the tasks: another run of the same would wait in vain."""
    another = "If the account (profile or keys), the region or the endpoint has changed since"
    helps = "go back to the former one until they are Complete, or change `triggers` to submit again with this one"
    break_calls(bench.cloud, {"kind": "hide", "seconds": 10 * DAY_S, "action": SUBMIT, "times": -1})
    inputs = bench.submitted(timeout=300)
    with pytest.raises(TaskTimeoutError, match="run `pulumi up` again to go on waiting") as caught:
        bench.complete(inputs, run=run)
    later = run == "run-2"
    assert (another in str(caught.value), helps in str(caught.value)) == (later, later)
    # The wait does not end early, for a list can lag. It says at once what may be the matter.
    assert [one.startswith("vod has listed none of the tasks") for one in bench.listener.warnings] == [True] * later
    assert bench.cloud.tasks()[0]["Status"] == "Refreshing"


def test_a_wait_that_saw_a_row_says_nothing_of_another_account(bench: Bench) -> None:
    inputs = bench.submitted(timeout=100)
    with pytest.raises(TaskTimeoutError) as caught:
        bench.complete(inputs, run="run-2")
    assert "account" not in str(caught.value)
    assert bench.listener.warnings == []


def test_without_a_state_there_is_a_new_intent() -> None:
    assert lifecycle.intent_changed({}, TASK)


def test_without_a_state_there_is_a_new_intent_although_something_is_unknown() -> None:
    assert lifecycle.intent_changed({}, {**TASK, "triggers": UNKNOWN})


def test_a_reconciling_poll_brings_the_state_up_to_date_without_waiting(bench: Bench) -> None:
    state = bench.complete(bench.submitted(wait=False))
    bench.clock.sleep(200)
    before = bench.clock.monotonic()
    half = lifecycle.reconcile(bench.context(), state, bench.listener)
    is_json(half)
    assert (half["status"], half["effective_at"]) == ("Refreshing", None)
    assert [entry["process"] for entry in half["objects"]] == ["60%", "60%"]
    assert bench.clock.monotonic() == before

    bench.clock.sleep(200)
    done = lifecycle.reconcile(bench.context(), half, bench.listener)
    assert (done["status"], done["effective_at"]) == ("Complete", bench.cloud.admin("clock")["now"])
    assert lifecycle.reconcile(bench.context(), done, bench.listener) == done
    assert len(submits(bench.cloud)) == 1


@pytest.mark.parametrize("complete", [True, False])
def test_what_the_service_has_forgotten_after_three_days_keeps_its_last_state(bench: Bench, complete: bool) -> None:
    state = bench.complete(bench.submitted(wait=complete))
    bench.clock.sleep(3 * DAY_S + 60)
    assert lifecycle.reconcile(bench.context(), state, bench.listener) == state
    assert len(submits(bench.cloud)) == 1


@pytest.mark.parametrize("service", ["vod", "cdn"])
def test_attaching_waits_for_all_rows_of_tasks_that_somebody_else_submitted(bench: Bench, service: str) -> None:
    urls = ["https://media.example.com/x", "https://other.example.com/y"]
    ids = bench.submitted(service=service, object_paths=urls)["task_ids"]
    bench.clock.sleep(100)
    inputs: AttachmentInputs = {"kind": "refresh", "service": service}

    seen = lifecycle.attach(bench.context(), ",".join(ids), {**inputs, "preview": True}, bench.listener)
    assert (seen["status"], seen["effective_at"], bench.listener.seen) == ("Refreshing", None, [])

    state = lifecycle.attach(bench.context(), f" {ids[0]} , {ids[1]},", inputs, bench.listener)
    is_json(state)
    assert (state["status"], state["task_ids"]) == ("Complete", ids)
    assert {entry["object_path"] for entry in state["objects"]} == set(urls)
    assert state["submitted_at"] == bench.cloud.tasks()[0]["CreationTime"]
    assert len(submits(bench.cloud)) == 1
    assert lifecycle.reconcile(bench.context(), state, bench.listener) == state


def test_attaching_to_a_failed_task_fails(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT})
    (task_id,) = bench.submitted()["task_ids"]
    with pytest.raises(TaskFailedError, match="this resource submits nothing: submit these again"):
        lifecycle.attach(
            bench.context(), task_id, {"kind": "refresh", "service": "vod", "retry_failed": 3}, bench.listener
        )
    assert len(submits(bench.cloud)) == 1


def test_attaching_to_two_urls_in_one_element_is_refused_before_anything_is_asked(bench: Bench) -> None:
    inputs: AttachmentInputs = {"kind": "refresh", "service": "vod", "object_paths": [",".join(URLS)]}
    with pytest.raises(InputError, match="which holds 2 URLs; write them separately: "):
        lifecycle.attach(bench.context(), "99", inputs, bench.listener)
    assert bench.cloud.calls() == []


def test_attaching_to_an_unknown_task_is_reported_and_in_a_preview_is_pending(bench: Bench) -> None:
    inputs: AttachmentInputs = {"kind": "refresh", "service": "vod"}
    assert lifecycle.attach(bench.context(), "99", {**inputs, "preview": True}, bench.listener)["status"] == "Pending"
    with pytest.raises(UnknownTaskError):
        lifecycle.attach(bench.context(), "99", inputs, bench.listener)


def test_attaching_to_one_known_and_one_unknown_task_is_no_success(bench: Bench) -> None:
    (known,) = bench.submitted()["task_ids"]
    bench.clock.sleep(400)
    with pytest.raises(UnknownTaskError, match="lists no task 99:"):
        lifecycle.attach(bench.context(), f"{known},99", {"kind": "refresh", "service": "vod"}, bench.listener)


@pytest.mark.parametrize(
    ("task_id", "inputs", "said"),
    [
        (" , ", {"service": "vod"}, "task_id is ' , ', but must be an id of the service"),
        ("7", {"service": "oss"}, "service is 'oss', but must be one of: vod, cdn"),
        ("7", {"service": "vod", "timeout": -1}, "timeout is -1, but must be"),
    ],
)
def test_wrong_options_of_an_attachment_are_reported(
    bench: Bench, task_id: str, inputs: dict[str, Any], said: str
) -> None:
    attachment = cast("AttachmentInputs", {"kind": "refresh", **inputs})
    with pytest.raises(InputError, match=said):
        lifecycle.attach(bench.context(), task_id, attachment, bench.listener)
    assert bench.cloud.calls() == []


def test_for_nobody_nothing_is_submitted(bench: Bench) -> None:
    def gone() -> None:
        raise InterruptedWaitError("the engine is gone")

    intent = bench.intent(TASK)
    with pytest.raises(InterruptedWaitError):
        lifecycle.create_submission(bench.context(wanted=gone), intent, 0.0, bench.listener)
    assert submits(bench.cloud) == []


def test_wrong_inputs_are_reported_before_anything_is_sent(bench: Bench) -> None:
    with pytest.raises(InputError, match="object_paths is empty"):
        lifecycle.create_intent(bench.context(), {**TASK, "object_paths": []})
    assert bench.cloud.calls() == []


DAYS_4 = 4 * 24 * 3600.0


def test_an_entry_of_a_state_is_read_back_as_its_row_without_what_the_engine_drops(bench: Bench) -> None:
    state = bench.complete(bench.submitted())
    (first, _) = state["objects"]
    row = row_of(first)
    assert row is not None
    assert entry(first["object_path"], row) == first
    dropped = cast(
        "TaskEntry", {name: value for name, value in first.items() if name not in ("task_id", "object_type")}
    )
    assert row_of(dropped) is None


def test_what_was_complete_is_not_submitted_again_when_the_rest_is_forgotten(bench: Bench) -> None:
    break_calls(bench.cloud, {"kind": "fail", "action": SUBMIT, "paths": [URLS[1]]})
    inputs = bench.submitted(wait=False)
    bench.clock.sleep(400)
    state = bench.complete(inputs)
    assert [one["status"] for one in state["objects"]] == ["Complete", "Failed"]
    break_calls(bench.cloud)
    bench.clock.sleep(DAYS_4)
    waiting: CompletionInputs = {**inputs, "wait": True}
    state = lifecycle.update_completion(bench.context("run-2"), state, waiting, bench.listener)
    assert state["status"] == "Complete"
    assert [paths(call) for call in submits(bench.cloud)] == [URLS, [URLS[1]]]


@pytest.mark.parametrize(
    "objects",
    [
        {"service": "vod", "media_ids": ["m1"]},
        {"service": "cdn", "cache_tags": ["news"], "domain_name": "cdn.example.com"},
    ],
)
def test_forgotten_tasks_of_media_or_tags_are_reported_at_once_with_the_way_out(
    bench: Bench, objects: dict[str, Any]
) -> None:
    stream = {"url": URLS[0], "format": "mp4", "definition": "HD"}
    bench.cloud.admin("media", {"media": [{"media_id": "m1", "urls": [stream]}]})
    inputs = bench.submission(bench.intent(cast("IntentInputs", {"kind": "refresh", **objects})), {"wait": False})
    state = bench.complete(inputs)
    bench.clock.sleep(DAYS_4)
    began = bench.clock.monotonic()
    with pytest.raises(UnknownTaskError, match=r"has forgotten the tasks of this refresh .*Change `triggers`"):
        lifecycle.update_completion(bench.context("run-2"), state, {**inputs, "wait": True}, bench.listener)
    assert bench.clock.monotonic() - began < 5


def test_a_refresh_of_a_forgotten_task_keeps_its_state(bench: Bench) -> None:
    state = bench.complete(bench.submitted(wait=False))
    bench.clock.sleep(DAYS_4)
    assert lifecycle.reconcile(bench.context("run-2"), state, bench.listener) == state
