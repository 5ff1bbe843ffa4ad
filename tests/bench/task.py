"""`python -m bench.task`: the real lifecycle of one or many tasks, in a process that does nothing else.

Told on standard input, tells on standard output, both JSON. The emulator runs elsewhere and is not measured; that this
process moves its clock is, and costs a call of a millisecond for each wait.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt
from pulumi_alicdn.api.spec import Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.state import PASSED_ON, State
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.task_api import TaskApi
from support.shared_clock import SharedClock
from support.virtual_clock import Listener, SeededRandom

T = TypeVar("T")


@dataclass(slots=True)
class Watched:
    """The service, with a note of each look: whether it was one of a wait, and when, in virtual seconds."""

    api: TaskApi
    clock: SharedClock
    looks: list[tuple[bool, float]] = field(default_factory=list)
    submitted_s: float = 0.0
    before_wait: threading.local = field(default_factory=threading.local)
    """Set in threads that are not waiting yet; who looks for others does so for waits."""

    @property
    def service(self) -> Service:
        """The product that is spoken to."""
        return self.api.service

    def _call(self, call: Callable[[], T]) -> T:
        self.clock.called(1)
        try:
            return call()
        finally:
            self.clock.called(-1)

    def _look(self, call: Callable[[], T]) -> T:
        self.looks.append((not getattr(self.before_wait, "set", False), self.clock.monotonic()))
        return self._call(call)

    def submit(self, spec: TaskSpec) -> Receipt:
        """See TaskApi."""
        self.submitted_s = max(self.submitted_s, self.clock.monotonic())
        return self._call(lambda: self.api.submit(spec))

    def describe(self, query: Query) -> Page:
        """See TaskApi."""
        return self._look(lambda: self.api.describe(query))

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        """See TaskApi."""
        return self._look(lambda: self.api.describe_by_ids(task_ids))

    def job(self, job_id: str) -> Job:
        """See TaskApi."""
        return self._look(lambda: self.api.job(job_id))

    def quota(self) -> Mapping[str, Allowance]:
        """See TaskApi."""
        return self._call(self.api.quota)


def live(world: Context, api: Watched, task: State) -> State:
    """Intent, submission and completion, as a front end runs them one after the other."""
    api.before_wait.set = True
    declared = world.clock.monotonic()
    intent_id, intent = lifecycle.create_intent(world, task)
    inputs = {**task, "not_before": intent["not_before"], "intent_id": intent_id}
    submission_id, submission = lifecycle.create_submission(world, inputs, world.clock.monotonic() - declared)
    inputs |= {name: submission[name] for name in PASSED_ON} | {"submission_id": submission_id}
    api.before_wait.set = False
    return lifecycle.create_completion(world, inputs, Listener())[1]


def measure(told: Mapping[str, Any]) -> dict[str, Any]:
    """Run *tasks* tasks of *urls* URLs each, all at once."""
    cloud = Emulator(told["endpoint"], (), "", told["access_key_id"], told["access_key_secret"], 0)
    clock = SharedClock(cloud)
    service = Service(told["service"])
    settings = Settings(
        endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
    )
    api = Watched(AlibabaCloud(settings, service), clock)
    world = Context(lambda _: api, clock, SeededRandom(), "bench", lambda: None)
    # A domain for each task: the service gives an id of their own to tasks of another domain.
    tasks: list[State] = [
        {
            "kind": "refresh",
            "service": str(service),
            "object_type": "file",
            "object_paths": [f"https://site-{number}.example.com/{url}.m3u8" for url in range(told["urls"])],
        }
        for number in range(told["tasks"])
    ]
    ended: list[State] = []

    def client(task: State) -> None:
        ended.append(live(world, api, task))

    begun, cpu = time.monotonic(), time.process_time()
    clock.run([partial(client, task) for task in tasks])
    complete = sum(one["status"] == "Complete" for state in ended for one in state["objects"])
    end_s = api.submitted_s + told["effect_s"]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "complete": complete,
        "earlier_calls": sum(not waits for waits, _ in api.looks),
        "polling_calls": sum(waits and at < end_s for waits, at in api.looks),
        "final_calls": sum(waits and at >= end_s for waits, at in api.looks),
        "lag_s": clock.monotonic() - end_s,
        "wall_s": time.monotonic() - begun,
        "steps_cpu_s": time.process_time() - cpu,
        "cpu_s": used.ru_utime + used.ru_stime,
        "rss_mib": used.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    sys.stdout.write(json.dumps(measure(json.load(sys.stdin))))
