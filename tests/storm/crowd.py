"""A crowd of clients of one account: each refreshes one URL and waits until that is effective."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.modes import DEFAULT_MODES, Modes
from pulumi_alicdn.errors import TaskTimeoutError
from pulumi_alicdn.ports import Chance
from pulumi_alicdn.state import IntentInputs
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle import after_intent, after_submission
from pulumi_alicdn.tasks.options import WaitOptions
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.submit import Submitter, declare
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks, NextSteps
from pulumi_alicdn.tasks.waiting.loop import Waiter
from storm.service import Asked, Cloud, Outcome, cloud_for
from storm.turns import Turns
from support.virtual_clock import Listener, seeded_chance

EFFECT_S = 330.0
RESET = Fault("reset-before", times=-1)
LOGIN = Fault("page", times=-1)
UNAVAILABLE = Fault("error", times=-1, http_status=503, code="ServiceUnavailable", message="down")


def url_of(number: int) -> str:
    """The URL of a client."""
    return f"https://h{number}.example.com/index.m3u8"


@dataclass
class Life:
    """The instants in one client's life, in virtual seconds; None: it did not get there."""

    submitted_s: float | None = None
    effective_s: float | None = None
    gave_up_s: float | None = None


Story = Callable[[AlibabaCloud, Turns, Chance, str, float, Life], None]


def by_hand(api: AlibabaCloud, turns: Turns, chance: Chance, url: str, timeout_s: float, life: Life) -> None:
    """Intent, poll, submit and wait as the command line does them: one caller for all."""
    caller = Caller(turns, chance)
    spec = TaskSpec(api.service, Kind.REFRESH, ObjectType.FILE, (url,))
    intent = declare(api, caller, spec)
    declared = turns.monotonic()
    submitter = Submitter(api, caller)
    done = submitter.run(spec, intent, attempted_before=False, declared_s_ago=turns.monotonic() - declared)
    life.submitted_s = turns.monotonic()
    waiter = Waiter(api, caller, Listener(), NextSteps("", ""))
    awaited = AwaitedTasks(spec, done.task_ids, intent, done.request_ids)
    try:
        waiter.run(awaited, WaitOptions(True, timeout_s, "fail", 0), retry_first=False)
        life.effective_s = turns.monotonic()
    except TaskTimeoutError:
        life.gave_up_s = turns.monotonic()


def by_pulumi(api: AlibabaCloud, turns: Turns, chance: Chance, url: str, timeout_s: float, life: Life) -> None:
    """The same in three steps on plain data, the wait in a process of its own that knows nothing of the other."""
    submits, waits = (Context(lambda _: api, turns, chance, "run", lambda: None) for _ in range(2))
    task: IntentInputs = {
        "service": str(api.service),
        "kind": "refresh",
        "object_type": "file",
        "object_paths": [url],
    }
    intent_id, intent = lifecycle.create_intent(submits, task)
    known = after_intent(task, intent_id, intent)
    submission_id, submission = lifecycle.create_submission(submits, known, 0.0, Listener())
    life.submitted_s = turns.monotonic()
    waited = after_submission(known, submission_id, submission, {"timeout": timeout_s})
    lifecycle.create_completion(waits, waited, Listener())
    life.effective_s = turns.monotonic()


@dataclass(frozen=True, slots=True)
class Outage:
    """From one instant to another nothing gets through."""

    from_s: float
    to_s: float
    fault: Fault = RESET


@dataclass
class Storm:
    """What became of a crowd: each client's life, and every request in the order of arrival."""

    lives: list[Life]
    asked: list[Asked]
    submitted: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: Outcome, since_s: float = 0.0) -> int:
        return sum(one.outcome is outcome for one in self.asked if one.at_s >= since_s)

    @property
    def requests_per_useful(self) -> float:
        return len(self.asked) / self.count(Outcome.USEFUL)

    def throttled_share(self, from_s: float, to_s: float = float("inf")) -> float:
        """Of the requests in that time, those that were refused as too many."""
        during = [one.outcome for one in self.asked if from_s <= one.at_s < to_s]
        return during.count(Outcome.THROTTLED) / max(1, len(during))

    def first_since(self, instant_s: float) -> Sequence[float]:
        """For each client how many seconds after that instant it asked for the first time, ascending."""
        later = sorted((one.client, one.at_s) for one in self.asked if one.at_s >= instant_s)
        return sorted(next(group)[1] - instant_s for _, group in groupby(later, key=lambda one: one[0]))


def storm(
    seed: int,
    *,
    clients: int = 100,
    service: Service = Service.VOD,
    outage: Outage | None = None,
    limit: tuple[float, float] | None = (10.0, 10.0),
    timeout_s: float = 900.0,
    story: Story = by_hand,
    modes: Modes = DEFAULT_MODES,
    odd: Sequence[Fault] = (),
) -> Storm:
    """Have a crowd begin at the same instant and live until all have ended; *odd* faults last all the time."""
    turns = Turns()
    lives = [Life() for _ in range(clients)]
    with cloud_for(turns, EFFECT_S, modes) as cloud:
        cloud.break_calls(*odd)
        if limit is not None:
            cloud.limit(*limit)
        if outage is not None:
            turns.at(outage.from_s, lambda: cloud.break_calls(*odd, outage.fault))
            turns.at(outage.to_s, lambda: cloud.break_calls(*odd))
        for number, life in enumerate(lives):
            turns.client(_client(cloud, turns, story, seed, number, service, timeout_s, life))
        turns.run()
        return Storm(lives, cloud.asked, Counter(row.target.verbatim for row in cloud.rows))


def _client(
    cloud: Cloud,
    turns: Turns,
    story: Story,
    seed: int,
    number: int,
    service: Service,
    timeout_s: float,
    life: Life,
) -> Callable[[], None]:
    api = cloud.api(number, service)
    chance = seeded_chance(1000 * seed + number)
    url = url_of(number)
    return lambda: story(api, turns, chance, url, timeout_s, life)
