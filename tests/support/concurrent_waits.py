"""Several waits of one process, each in a thread of its own and all in one virtual time; and what they asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.tasks.options import WaitOptions
from pulumi_alicdn.tasks.retry_policy import Caller, SharedPace
from pulumi_alicdn.tasks.submit import Intent
from pulumi_alicdn.tasks.task_api import ProgressSink, TaskApi
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks, NextSteps, WaitResult
from pulumi_alicdn.tasks.waiting.loop import Waiter
from pulumi_alicdn.tasks.waiting.poll_group import PollGroup
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from support.shared_clock import SharedClock
from support.virtual_clock import Listener, seeded_chance

NEXT_STEPS = NextSteps("Fix it.", "Go on later.")


def url(number: int, host: str = "media") -> str:
    return f"https://{host}.example.com/{number}.m3u8"


def task(service: str, *urls: str, object_type: ObjectType = ObjectType.FILE) -> TaskSpec:
    kind = Kind.PREFETCH if object_type is ObjectType.PRELOAD else Kind.REFRESH
    return TaskSpec(Service(service), kind, object_type, urls)


def submit(api: TaskApi, spec: TaskSpec) -> AwaitedTasks:
    """Submit *spec* in one call, as if it had been declared in the same second."""
    done = api.submit(spec)
    at = done.server_time
    return AwaitedTasks(
        spec, list(done.task_ids), Intent(at, ""), [done.request_id], window=CreationWindow.of_submit(at, at)
    )


def asked(calls: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """How often was asked for what: `task`, `window`, or the status of rows; a count of rows ends in `#`."""
    found: Counter[str] = Counter()
    for call in calls:
        params = call["params"]
        if not str(call["action"]).startswith("Describe"):
            continue
        if "TaskId" in params:
            found["task"] += 1
        else:
            found[params.get("Status", "window") + ("#" if params.get("PageSize") == "1" else "")] += 1
    return found


@dataclass(slots=True)
class Ended:
    """How a wait ended: when, in virtual seconds, and with what."""

    at_s: float
    result: WaitResult | None = None
    error: Exception | None = None


@dataclass(slots=True)
class Process:
    """A provider process: its waits share polls for each service, and what is learnt of how busy that is."""

    clock: Clock
    shared_pace: SharedPace = field(default_factory=SharedPace)
    poll_groups: Mapping[Service, PollGroup] = field(
        default_factory=lambda: {service: PollGroup() for service in Service}
    )

    def wait(
        self,
        api: TaskApi,
        awaited: AwaitedTasks,
        timeout_s: float = 900.0,
        retry_failed: int = 0,
        sink: ProgressSink | None = None,
        *,
        retry_first: bool = False,
        durations_s: Sequence[float] = (),
    ) -> Ended:
        """Wait for *awaited*; return how that ended."""
        caller = Caller(self.clock, seeded_chance(), shared_pace=self.shared_pace)
        waiter = Waiter(api, caller, sink or Listener(), NEXT_STEPS, self.poll_groups[api.service])
        options = WaitOptions(True, timeout_s, "fail", retry_failed)
        try:
            result = waiter.run(awaited, options, retry_first=retry_first, durations_s=durations_s)
        except Exception as error:  # noqa: BLE001  the test asserts which
            return Ended(self.clock.monotonic(), error=error)
        return Ended(self.clock.monotonic(), result)

    @property
    def clean(self) -> bool:
        """Whether no wait is left, and none polls."""
        return all(poll_group.idle for poll_group in self.poll_groups.values())


@dataclass(slots=True)
class Crowd:
    """Waits of one process, each in a thread of its own."""

    cloud: Emulator
    clock: SharedClock
    apis: Mapping[str, AlibabaCloud]
    process: Process
    ended: dict[str, Ended] = field(default_factory=dict)
    _clients: list[Callable[[], None]] = field(default_factory=list)

    def add(
        self,
        name: str,
        awaited: AwaitedTasks,
        after_s: float = 0.0,
        timeout_s: float = 900.0,
        retry_failed: int = 0,
        sink: ProgressSink | None = None,
    ) -> None:
        """Have a wait begin after *after_s* seconds."""

        def client() -> None:
            self.clock.sleep(after_s)
            api = self.apis[str(awaited.spec.service)]
            self.ended[name] = self.process.wait(api, awaited, timeout_s, retry_failed, sink)

        self._clients.append(client)

    def at(self, seconds: float, happen: Callable[[], object]) -> None:
        """Have something happen at that instant."""

        def client() -> None:
            self.clock.sleep(seconds)
            happen()

        self._clients.append(client)

    def run(self) -> None:
        """Let all of it happen."""
        clients, self._clients = self._clients, []
        self.clock.run(clients)
