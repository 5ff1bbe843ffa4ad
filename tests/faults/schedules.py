"""Random schedules of faults, each made from a seed alone, and the memory of those that once failed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, get_args

from faults.local import row_words
from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, DESCRIBE_BY_ID, QUOTA_ACTIONS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Kind, ObjectType, Service
from pulumi_alicdn.emulator.faults import PageFault
from pulumi_alicdn.emulator.values import wire_time
from pulumi_alicdn.state import IntentInputs, WaitOptions
from support.oddities import DECORATIONS, MAX_AHEAD_S, ODD_COUNTS, PAGES, row_of_others
from support.scale import NIGHTLY

REGRESSIONS: Final = Path(__file__).with_name("regressions.json")
SEED: Final = int(os.environ.get("FAULTS_SEED") or (random.SystemRandom().randrange(2**31) if NIGHTLY else 1))
"""The first seed of this run: at night another each time, which the same variable repeats."""

ERRORS: Final = (
    ("ServiceBusy", 403),
    ("TooMany.Refresh", 400),
    ("PreloadQueueFull", 403),
    ("QuotaPerMinuteExceeded.Refresh", 400),
    ("Throttling.User", 503),
    ("ServiceUnavailable", 503),
    ("InternalError", 500),
    ("QuotaExceeded.Refresh", 400),
    ("Forbidden.RAM", 403),
    ("InvalidDomain.NotFound", 404),
    ("Never.HeardOf", 418),
)
LOST: Final = frozenset({"ServiceUnavailable", "InternalError"})
FOR_GOOD: Final = frozenset({"QuotaExceeded.Refresh", "Forbidden.RAM", "InvalidDomain.NotFound", "Never.HeardOf"})
KINDS: Final = (
    *("throttle", "http-500", "reset-before", "reset-after", "delay", "hide", "shuffle", "fail", "error"),
    *("page", "page", "row", "foreign", "date", "pages", "count", "count"),
)

CREATED: Final = "<when it is deployed>"
"""Stands for a CreationTime shortly after the deployment began, which no seed knows."""


@dataclass(frozen=True)
class Schedule:
    """What is deployed, for how long it may take, and what goes wrong meanwhile."""

    seed: int
    service: str
    kind: str
    object_type: str
    objects: int
    timeout: int
    on_timeout: str
    retry_failed: int
    faults: list[dict[str, Any]]
    status: str = "live"

    @property
    def names(self) -> list[str]:
        end = {ObjectType.DIRECTORY: "/", ObjectType.REGEX: ".*"}.get(ObjectType(self.object_type), "")
        return [f"/{self.seed}-{number}{end}" for number in range(self.objects)]

    @property
    def task(self) -> IntentInputs:
        hosts = 11 if self.objects > 11 else 2
        paths = [f"https://h{number % hosts}.example.com{name}" for number, name in enumerate(self.names)]
        task: IntentInputs = {"kind": self.kind, "service": self.service, "object_paths": paths}
        if self.kind == Kind.REFRESH:
            task["object_type"] = self.object_type
        return task

    @property
    def options(self) -> WaitOptions:
        return {"timeout": self.timeout, "on_timeout": self.on_timeout, "retry_failed": self.retry_failed}

    def faults_at(self, now: datetime) -> list[dict[str, Any]]:
        """The faults of a deployment that begins at *now*."""
        created = wire_time(now + timedelta(seconds=5))
        found: list[dict[str, Any]] = json.loads(json.dumps(self.faults).replace(CREATED, created))
        return found

    def has(self, *kinds: str) -> bool:
        """Whether a fault of one of these kinds, or with one of these codes, is part of it."""
        return any(fault["kind"] in kinds or fault.get("code") in kinds for fault in self.faults)


def made(seed: int) -> Schedule:
    """The schedule of a seed."""
    chance = random.Random(seed)  # noqa: S311  nothing secret; the same for the same seed
    service = chance.choice(list(Service))
    object_type = chance.choice([*ObjectType, ObjectType.FILE, ObjectType.PRELOAD])
    kind = Kind.PREFETCH if object_type is ObjectType.PRELOAD else Kind.REFRESH
    objects = chance.choice([1, 1, 2, 3, 5])
    if chance.random() < 0.03 and object_type is not ObjectType.REGEX:
        objects = {ObjectType.DIRECTORY: 120, ObjectType.PRELOAD: 120}.get(object_type, 150)
    schedule = Schedule(
        seed,
        str(service),
        str(kind),
        str(object_type),
        objects,
        timeout=chance.choice([2, 5, 12, 40, 40]),
        on_timeout=chance.choice(["fail", "fail", "continue"]),
        retry_failed=chance.choice([0, 0, 1, 2]),
        faults=[],
        status=chance.choice(["live", "live", "asynchronous"]),
    )
    faults = [_fault(chance, schedule) for _ in range(chance.randint(1, 6))]
    return replace(schedule, faults=_true_somewhere(_within_the_grace(faults)))


def _true_somewhere(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """*faults* without false counts if pages lack rows: nothing would show that."""
    cut = any(fault["kind"] == "pages" for fault in faults)
    return [fault for fault in faults if not (cut and fault["kind"] == "count")]


def _within_the_grace(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """*faults* with one of those that hide tasks at most: together they would hide one for longer than any grace."""
    hiding = [fault for fault in faults if fault["kind"] == "hide"]
    return [fault for fault in faults if fault not in hiding] + hiding[:1]


def _fault(chance: random.Random, schedule: Schedule) -> dict[str, Any]:
    service = Service(schedule.service)
    submit, polls = (
        SUBMIT_ACTIONS[service, Kind(schedule.kind)],
        [DESCRIBE_ACTIONS[service], *([DESCRIBE_BY_ID] if service is Service.CDN else [])],
    )
    fault: dict[str, Any] = {
        "kind": chance.choice(KINDS),
        "action": chance.choice([submit, submit, *polls, *polls, QUOTA_ACTIONS[service], "*"]),
        "nth": chance.choice([1, 1, 2, 3, 6]),
        "times": chance.choice([1, 1, 2, 4, 12, -1]),
    }
    if fault["kind"] in ("hide", "fail"):
        fault["action"] = submit
    if fault["kind"] == "hide":
        fault |= {"seconds": chance.choice([0.4, 2, 8, 14.5]), "times": -1}
    elif fault["kind"] == "delay":
        fault |= {"seconds": 0.002, "times": min(2, abs(fault["times"]))}
    elif fault["kind"] == "throttle":
        fault["retry_after_s"] = chance.choice([None, None, 2, 15])
    elif fault["kind"] == "fail":
        fault |= {"description": "Origin Timeout", "times": chance.choice([1, 1, 2, -1])}
    elif fault["kind"] == "error":
        fault["code"], fault["http_status"] = chance.choice(ERRORS)
    else:
        fault |= _oddity(chance, schedule, fault["kind"], chance.choice(polls))
    return fault


def _oddity(chance: random.Random, schedule: Schedule, kind: str, poll: str) -> dict[str, Any]:
    """What makes a fault of *kind* odd; nothing for the kinds that are no oddity."""
    if kind in ("pages", "count"):
        return {"action": poll, **_listing(chance, kind)}
    if kind == "page":
        return {"when": chance.choice(["before", "after"]), "body": chance.choice(PAGES)}
    if kind == "date":
        return {"shift_s": chance.choice([None, 2.0, MAX_AHEAD_S])}
    if kind == "row":
        return {"action": poll, "set": chance.choice(DECORATIONS)}
    if kind != "foreign":
        return {}
    words = row_words([ObjectType(schedule.object_type)])
    paths = schedule.task["object_paths"]
    rows = [
        row_of_others(chance.randrange, chance.choice(paths), words, CREATED) for _ in range(chance.choice([1, 2, 5]))
    ]
    return {"action": poll, "rows": rows, "own_id": chance.random() < 0.5}


def _listing(chance: random.Random, kind: str) -> dict[str, Any]:
    """How a listing lacks, repeats or mixes rows, or counts them in an odd way."""
    if kind == "pages":
        return {"how": chance.choice(get_args(PageFault)), "page": chance.choice([1, 2])}
    return {"set": chance.choice([{}, *ODD_COUNTS]), "off_by": chance.choice([0, 1, -1])}


def known() -> list[Schedule]:
    """Schedules that failed once."""
    return [Schedule(**entry) for entry in json.loads(REGRESSIONS.read_text())]


@contextmanager
def kept(schedule: Schedule) -> Iterator[None]:
    """Keep *schedule* for all later runs if what is done with it fails, and say how to repeat it."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"FAULTS_SEED={schedule.seed} repeats it; kept in {REGRESSIONS.name}: {schedule}")
        entries = json.loads(REGRESSIONS.read_text())
        if asdict(schedule) not in entries:
            fresh = REGRESSIONS.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps([*entries, asdict(schedule)], indent=1) + "\n")
            fresh.replace(REGRESSIONS)
        raise
