"""200 submits that took effect and whose answers were lost, over HTTP: 200 adopted, none sent again.

After 100 of them, something else answers the next polls with HTTP status 200: a login page, an empty body.

`make test ARGS=tests/faults/test_lost_answers.py`, at night with `HYPOTHESIS_PROFILE=nightly` before it.
"""

from __future__ import annotations

import random

import pytest
from pydantic import JsonValue

from faults.program import Program
from faults.remote import Remote
from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.state import IntentInputs
from pulumi_alicdn.tasks.submit import GRACE_S
from support.call_log import submits
from support.oddities import PAGES
from support.scale import runs
from support.virtual_clock import Listener

LOSSES = ("reset-after", "reset-after", "page")
LOST = runs(200, 20) // 4


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("service", list(Service))
def test_what_was_accepted_without_an_answer_is_adopted_and_not_sent_again(
    remote: Remote, service: Service, kind: Kind
) -> None:
    action, adopted, pages = SUBMIT_ACTIONS[service, kind], 0, 0
    for number in range(LOST):
        chance = random.Random(f"{service} {kind} {number}")  # noqa: S311  the same cases in every run
        names = [f"/{number}-{index}.ts" for index in range(chance.randint(1, 4))]
        paths = [f"https://{chance.choice('ab')}.example.com{name}" for name in names]
        task: IntentInputs = {"kind": str(kind), "service": str(service), "object_paths": paths}
        if kind is Kind.REFRESH:
            task["object_type"] = "file"
        program = Program(task, {"timeout": 60})
        remote.renew(names, chance.choice(["live", "asynchronous"]))
        polls: dict[str, JsonValue] = {"action": DESCRIBE_ACTIONS[service], "nth": 3}
        if number % 2:
            polls |= {"kind": "page", "times": chance.randint(1, 6), "body": chance.choice(PAGES)}
        else:
            polls |= {"kind": chance.choice(["shuffle", "throttle", "http-500"])}
        remote.misbehave(
            [
                {"kind": chance.choice(LOSSES), "action": action, "when": "after", "body": chance.choice(PAGES)},
                {"kind": "hide", "action": action, "seconds": chance.choice([0, 0.5, 3, GRACE_S - 0.1])},
                polls,
            ]
        )
        process = remote.process("run-1", number)
        assert [program.step(process, Listener()) for _ in range(2)] == ["intent", "submission"]
        assert program.submission is not None
        state = program.submission[1]
        rows = remote.rows_of(program)
        assert [len(found) for found in rows.values()] == [1] * len(paths), f"case {number}: {rows}"
        assert set(state["task_ids"]) == {row["TaskId"] for found in rows.values() for row in found}
        assert sorted(state["adopted"]) == sorted(paths)
        assert len(submits(remote.cloud)) == 1, f"case {number} was sent again"
        adopted += 1
        pages += any("page" in str(call.get("fault")) for call in remote.cloud.calls(DESCRIBE_ACTIONS[service]))

        program.up(process, Listener())
        assert program.complete
        assert len(submits(remote.cloud)) == 1
    assert adopted == LOST
    assert pages == LOST // 2
