"""One account for many clients at once, in their time, with a note of what became of each request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.modes import DEFAULT_MODES, Modes
from pulumi_alicdn.emulator.service.task_book import Row
from pulumi_alicdn.errors import ApiError, ThrottledError
from storm.turns import Turns
from support.in_process_cloud import InProcessCloud

TRAVEL_S = 0.05
"""How long a request is under way, there and back."""


class Outcome(StrEnum):
    """What became of a request: answered with success, refused for now, or not answered by the service."""

    USEFUL = "useful"
    THROTTLED = "throttled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived at the service."""

    at_s: float
    client: int
    action: str
    outcome: Outcome


class Cloud(InProcessCloud):
    """One account whose time is that of its clients."""

    def __init__(self, runner: asyncio.Runner, turns: Turns, effect_s: float, modes: Modes) -> None:
        super().__init__(runner, effect_s=effect_s, modes=modes)
        self.turns = turns
        self.asked: list[Asked] = []
        self._shown_s = 0.0

    def limit(self, per_s: float, burst: float) -> None:
        """Admit no more requests than that; what is beyond is refused as throttled."""
        self.world.request_limit.set(per_s, burst)

    def break_calls(self, *faults: Fault) -> None:
        """Set these faults, and no others."""
        self.world.faults.replace(faults)

    @property
    def rows(self) -> Sequence[Row]:
        return self.world.book.rows()

    def api(self, client: int, service: Service) -> AlibabaCloud:
        """The service as one client has it."""
        return AlibabaCloud(_Connection(self, client), service, self.world.clock.now)

    def catch_up(self) -> None:
        """Bring the server's time to that of the clients: what is due by then has happened."""
        passed_s = self.turns.monotonic() - self._shown_s
        if passed_s > 0:
            self._shown_s += passed_s
            self.jump(passed_s)


@dataclass(frozen=True, slots=True)
class _Connection:
    """A client's way to the service."""

    cloud: Cloud
    client: int

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        cloud, outcome = self.cloud, Outcome.USEFUL
        cloud.turns.sleep(TRAVEL_S / 2)
        cloud.catch_up()
        try:
            answer = cloud.call(action, query, form)
            outcome = Outcome.USEFUL if "RequestId" in answer.body else Outcome.BROKEN
        except ApiError as error:
            outcome = Outcome.THROTTLED if isinstance(error, ThrottledError) else Outcome.BROKEN
            raise
        else:
            return answer
        finally:
            cloud.asked.append(Asked(cloud.turns.monotonic(), self.client, action, outcome))
            cloud.turns.sleep(TRAVEL_S / 2)


@contextmanager
def cloud_for(turns: Turns, effect_s: float, modes: Modes = DEFAULT_MODES) -> Iterator[Cloud]:
    """A cloud, and an event loop for as long as it lives."""
    with asyncio.Runner() as runner:
        yield Cloud(runner, turns, effect_s, modes)
