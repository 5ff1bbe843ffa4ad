"""`python -m bench.task`: the real lifecycle of one or many tasks, in a process that does nothing else.

It reads what to run from standard input and writes the figures to standard output, both JSON. The emulator runs
elsewhere and is not measured. This process moves the emulator's clock; that is measured, and costs a millisecond for
each wait.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pulumi_alicdn.api.actions import QUOTA_ACTIONS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.cloud.transport import RawAnswer, Transport
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.state import CompletionState, IntentInputs
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle import after_intent, after_submission
from support.shared_clock import SharedClock
from support.virtual_clock import Listener, seeded_chance


@dataclass(slots=True)
class Watched:
    """The way to the service, with a note of each poll: whether it was one of a wait, and when, in virtual seconds."""

    transport: Transport
    clock: SharedClock
    polls: list[tuple[bool, float]] = field(default_factory=list)
    submitted_s: float = 0.0
    before_wait: threading.local = field(default_factory=threading.local)
    """Set in threads that are not waiting yet; what polls for others does so for waits."""

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        """See Transport."""
        if action in SUBMIT_ACTIONS.values():
            self.submitted_s = max(self.submitted_s, self.clock.monotonic())
        elif action not in QUOTA_ACTIONS.values():
            self.polls.append((not getattr(self.before_wait, "set", False), self.clock.monotonic()))
        return self.transport.call(action, query, form)


def live(world: Context, wire: Watched, task: IntentInputs) -> CompletionState:
    """Intent, submission and completion, as a front end runs them one after the other."""
    wire.before_wait.set = True
    declared = world.clock.monotonic()
    intent_id, intent = lifecycle.create_intent(world, task)
    inputs = after_intent(task, intent_id, intent)
    submission_id, submission = lifecycle.create_submission(
        world, inputs, world.clock.monotonic() - declared, Listener()
    )
    wire.before_wait.set = False
    waited = after_submission(inputs, submission_id, submission, {})
    return lifecycle.create_completion(world, waited, Listener())[1]


def measure(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Run *tasks* tasks of *urls* URLs each, all at once."""
    cloud = Emulator(asked["endpoint"], (), "", asked["access_key_id"], asked["access_key_secret"], 0)
    clock = SharedClock(cloud)
    service = Service(asked["service"])
    settings = Settings(
        endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
    )
    wire = Watched(RpcClient(settings, service), clock)
    api = AlibabaCloud(wire, service, lambda: datetime.now(UTC))
    world = Context(lambda _: api, clock, seeded_chance(), "bench", lambda: None)
    # A domain for each task: the service gives an id of their own to tasks of another domain.
    tasks: list[IntentInputs] = [
        {
            "kind": "refresh",
            "service": str(service),
            "object_type": "file",
            "object_paths": [f"https://site-{number}.example.com/{url}.m3u8" for url in range(asked["urls"])],
        }
        for number in range(asked["tasks"])
    ]
    ended: list[CompletionState] = []

    def client(task: IntentInputs) -> None:
        ended.append(live(world, wire, task))

    begun, cpu = time.monotonic(), time.process_time()
    clock.run([partial(client, task) for task in tasks])
    complete = sum(one["status"] == "Complete" for state in ended for one in state["objects"])
    end_s = wire.submitted_s + asked["effect_s"]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "complete": complete,
        "earlier_calls": sum(not waits for waits, _ in wire.polls),
        "polling_calls": sum(waits and at < end_s for waits, at in wire.polls),
        "final_calls": sum(waits and at >= end_s for waits, at in wire.polls),
        "lag_s": clock.monotonic() - end_s,
        "wall_s": time.monotonic() - begun,
        "steps_cpu_s": time.process_time() - cpu,
        "cpu_s": used.ru_utime + used.ru_stime,
        "rss_mib": used.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    sys.stdout.write(json.dumps(measure(json.load(sys.stdin))))
