"""What more URLs and more tasks cost: calls, time, CPU and memory of the provider's side, over HTTP, in virtual time.

Each line is a process of its own, so that its memory is its own; the emulator is another one. A refresh takes 330 s of
virtual time. Polling calls are the polls of a wait before the end, the final listing are those after it. Polls before
and during the submit are counted apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.goals import Verdict
from pulumi_alicdn.emulator.running import Emulator, start

EFFECT_S = 330.0
URLS = {"cdn": (1, 10, 100, 1000, 10_000), "vod": (1, 10, 100, 1000)}
TASKS = (1, 10, 100)
PATIENCE_S = 600.0
_TESTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took. ``calls``: by action, from the emulator's own log."""

    service: str
    tasks: int
    urls: int
    complete: int
    calls: dict[str, int]
    earlier_calls: int
    polling_calls: int
    final_calls: int
    lag_s: float
    wall_s: float
    cpu_s: float
    steps_cpu_s: float
    rss_mib: float


def measure(cloud: Emulator, service: str, tasks: int, urls: int) -> Cost:
    """Run *tasks* tasks of *urls* URLs each in a new process, on a cloud as new."""
    cloud.admin("reset", {})
    asked = {
        "endpoint": cloud.endpoint,
        "access_key_id": cloud.access_key_id,
        "access_key_secret": cloud.access_key_secret,
        "effect_s": EFFECT_S,
        "service": service,
        "tasks": tasks,
        "urls": urls,
    }
    path = os.pathsep.join([str(_TESTS), str(_TESTS.parent / "provider")])
    done = subprocess.run(
        [sys.executable, "-m", "bench.task"],
        input=json.dumps(asked),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{tasks} tasks of {urls} URLs on {service}: {done.stderr}")
    calls = dict(Counter(str(call["action"]) for call in cloud.calls()))
    found = Cost(service=service, tasks=tasks, urls=urls, calls=calls, **json.loads(done.stdout))
    if found.complete != tasks * urls:
        raise RuntimeError(f"{found.complete} of {tasks * urls} URLs are Complete")
    return found


def run() -> Iterator[Cost]:
    """Measure everything, one after the other."""
    with start(effect_s=EFFECT_S) as cloud:
        for service, amounts in URLS.items():
            for urls in amounts:
                yield measure(cloud, service, 1, urls)
        for service in URLS:
            for tasks in TASKS[1:]:
                yield measure(cloud, service, tasks, 1)


def verdicts(costs: list[Cost]) -> list[Verdict]:
    """Neither calls nor memory grow as URLs and tasks do."""
    by: Mapping[tuple[str, int, int], Cost] = {(cost.service, cost.tasks, cost.urls): cost for cost in costs}
    most, ten, one = (by["cdn", 1, urls] for urls in (10_000, 10, 1))
    crowds = [
        Verdict(
            f"{service}: polling calls, 100 tasks / 1",
            by[service, 100, 1].polling_calls / by[service, 1, 1].polling_calls,
            3.0,
        )
        for service in URLS
    ]
    return [
        Verdict("cdn: polling calls, 10,000 URLs / 10", most.polling_calls / ten.polling_calls, 1.5),
        Verdict(
            "vod: polling calls, 1,000 URLs / 10",
            by["vod", 1, 1000].polling_calls / by["vod", 1, 10].polling_calls,
            1.5,
        ),
        *crowds,
        Verdict("cdn: peak memory, 10,000 URLs / 1", most.rss_mib / one.rss_mib, 1.5),
        Verdict("cdn: CPU per URL at 10,000", 1000 * most.cpu_s / most.urls, 1.0, "ms"),
    ]


def plain(costs: list[Cost]) -> dict[str, Any]:
    """As JSON takes it."""
    return {"effect_s": EFFECT_S, "runs": [asdict(cost) for cost in costs]}
