"""SIGKILL at each named point of a task, over the real gRPC server; the next run goes on from what was stored."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from crash.engine_side import Engine, Provider, ProviderGoneError, Stack, environment, refresh
from crash.wire import Moment, Wire
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.scale import runs

AT_ONCE = 4
TOGETHER = 5
"""How many interrupted tasks one new process goes on with."""

POLL = "Describe"
SUBMIT = "Refresh"

POINTS: dict[str, tuple[Moment | str, ...]] = {
    "before the intent": (Moment(POLL, 1, "asked"), Moment(POLL, 1, "held")),
    "after the intent": ("intent", Moment(POLL, 1, "answered")),
    "before sending": (Moment(POLL, 2, "answered"), Moment(SUBMIT, 1, "asked"), Moment(POLL, 2, "held")),
    "after sending": (Moment(SUBMIT, 1, "held"),),
    "after the answer": (Moment(SUBMIT, 1, "answered"),),
    "after the id is stored": ("submission",),
    "while polling": (
        Moment(POLL, 3, "asked"),
        Moment(POLL, 3, "answered", 0.1),
        Moment(POLL, 4, "held"),
        Moment(POLL, 4, "answered", 0.5),
    ),
    "at the end": (Moment(POLL, 1, "answered", containing=b'"Complete"'), "completion"),
}
"""Each is a moment on the wire, or the step whose answer the engine has stored just before the kill."""


def kill_at(point: Moment | str, stack: Stack, provider: Provider, wire: Wire) -> None:
    """Run until the provider is killed at *point*."""
    if isinstance(point, Moment):
        wire.at(point, provider.kill)

    def stored(step: str) -> None:
        if step == point:
            provider.kill()

    with suppress(ProviderGoneError):
        stack.up(provider, stored)
    # The last answer may be stored just before the kill.
    assert provider.ended() or (isinstance(point, Moment) and wire.happened()), f"never killed: {point}"


@pytest.mark.timeout(runs(600))
@pytest.mark.parametrize("name", POINTS)
def test_killed_at_any_point_nothing_is_lost_and_nothing_is_sent_twice(
    name: str, emulators: Callable[..., Emulator], engine: Engine, next_engine: Engine, tmp_path: Path
) -> None:
    # A wait is to be seen under way, so its task takes seconds; elsewhere time runs faster, so that graces are short.
    cloud = emulators(effect_s=2.5, edges=1) if name == "while polling" else emulators(effect_s=6, speed=30, edges=1)
    seed = random.randrange(1 << 32)  # noqa: S311  jitter
    jitter = random.Random(seed)  # noqa: S311  jitter
    print(f"seed {seed}")  # noqa: T201  pytest shows it with a failure
    made = []
    for number in range(runs(25)):
        service = ("vod", "cdn")[number % 2]
        point = POINTS[name][number // 2 % len(POINTS[name])]
        if isinstance(point, Moment) and point.phase == "answered" and not point.later_s:
            point = Moment(point.action, point.nth, point.phase, jitter.uniform(0, 0.005), point.containing)
        made.append((point, refresh(f"https://media.example.com/{number}.m3u8", service)))
    variables = environment(tmp_path, cloud)

    def interrupted(point: Moment | str, stack: Stack) -> None:
        with Wire(cloud) as wire, Provider(engine, variables, {"alicdn:endpoint": wire.endpoint}) as provider:
            kill_at(point, stack, provider, wire)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda arguments: interrupted(*arguments), made))
        for first in range(0, len(made), TOGETHER):
            with Provider(next_engine, variables, {"alicdn:endpoint": cloud.endpoint}) as provider:
                list(pool.map(lambda one: one[1].up(provider), made[first : first + TOGETHER]))

    sent = [path for call in submits(cloud) for path in paths(call)]
    assert sorted(sent) == sorted(stack.url for _, stack in made)
    ids = {str(row["ObjectPath"]): row["TaskId"] for row in cloud.tasks()}
    for _, stack in made:
        assert stack.status() == "Complete"
        assert stack.stored["completion"][1]["task_ids"] == [ids[stack.url]]
