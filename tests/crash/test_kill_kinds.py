"""SIGKILL at calls of each kind of submission, over the real gRPC server: nothing is sent twice, or it is in doubt."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from crash.engine_side import Engine, Provider, ProviderGoneError, RefusedError, Stack, environment
from crash.wire import Moment, Phase, Wire
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from support.scale import runs

AT_ONCE = 4
FILMS = 21
"""Media of a task; one call takes 20."""

SUBMITS = ("Refresh", "Preload", "Push")


def refresh(service: str, object_type: str, *paths: str) -> Mapping[str, Any]:
    return {"kind": "refresh", "service": service, "object_type": object_type, "object_paths": [*paths]}


def task(kind: str, number: int) -> Mapping[str, Any]:
    """The inputs of a task of this kind whose objects no other task has."""
    site = f"https://media.example.com/{number}"
    kinds: dict[str, Mapping[str, Any]] = {
        "files": refresh("vod", "file", f"{site}/a", f"{site}/b"),
        "files of 11 domains": refresh("cdn", "file", *(f"https://h{at}.example.com/{number}" for at in range(11))),
        "directories": refresh("cdn", "directory", *(f"{site}/{at}/" for at in range(101))),
        "forced directory": {**refresh("vod", "directory", f"{site}/"), "force": True},
        "patterns": refresh("cdn", "regex", f"{site}/a.*", f"{site}/b.*"),
        "prefetch": {"kind": "prefetch", "service": "vod", "object_paths": [f"{site}/a"]},
        "prefetch at 11 domains": {
            "kind": "prefetch",
            "service": "cdn",
            "object_paths": [f"https://h{at}.example.com/{number}/a" for at in range(11)],
        },
        "media": {"kind": "refresh", "service": "vod", "media_ids": [f"film{number}x0"]},
        "many media": {"kind": "refresh", "service": "vod", "media_ids": [f"film{number}x{at}" for at in range(FILMS)]},
        "tags": {"kind": "refresh", "service": "cdn", "cache_tags": [f"t{number}"], "domain_name": "cdn.example.com"},
    }
    return kinds[kind]


KINDS = (
    *("files", "files of 11 domains", "directories", "forced directory", "patterns"),
    *("prefetch", "prefetch at 11 domains", "media", "many media", "tags"),
)
IN_DOUBT = ("media", "many media", "tags")
"""Kinds whose objects the service does not list by path."""


@pytest.mark.timeout(runs(600))
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_call_sends_nothing_twice_and_loses_nothing(
    kind: str, emulators: Callable[..., Emulator], engine: Engine, next_engine: Engine, tmp_path: Path, origin: Path
) -> None:
    count = runs(25)
    cloud = emulators(effect_s=6, speed=30, edges=1, origin=origin)
    variables = environment(tmp_path, cloud)
    seed = random.randrange(1 << 32)  # noqa: S311  jitter
    chance = random.Random(seed)  # noqa: S311  jitter
    print(f"seed {seed}")  # noqa: T201  pytest shows it with a failure
    stacks = [Stack({**task(kind, number), "triggers": [1]}, {"timeout": 600}) for number in range(count)]  # type: ignore[typeddict-item]
    prepare(cloud, origin, stacks)
    phases: tuple[Phase, ...] = get_args(Phase)
    moments = [
        Moment(chance.choice(("", "", *SUBMITS)), chance.randint(1, 1 + len(stack.steps)), chance.choice(phases))
        for stack in stacks
    ]

    def interrupted(stack: Stack, moment: Moment) -> None:
        with Wire(cloud) as wire, Provider(engine, variables, {"alicdn:endpoint": wire.endpoint}) as provider:
            wire.at(moment, provider.kill)
            with suppress(ProviderGoneError):
                stack.up(provider)

    def go_on(stack: Stack) -> str:
        """The doubt that the next run states; empty without one."""
        with Provider(next_engine, variables, {"alicdn:endpoint": cloud.endpoint}) as provider:
            try:
                stack.up(provider)
            except RefusedError as error:
                return str(error)
        return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(interrupted, stacks, moments))
        doubts = list(pool.map(go_on, stacks))
        sent = Counter(str(row["ObjectPath"]) for row in cloud.tasks())
        assert set(sent.values()) <= {1}, "sent twice"
        assert kind in IN_DOUBT or not any(doubts), doubts
        # Other tasks of this account have rows, too: for media, all that were interrupted are in doubt.
        assert all("Set `resubmit=True` to send it again" in doubt for doubt in doubts if doubt)
        assert all(doubt or stack.status() == "Complete" for stack, doubt in zip(stacks, doubts, strict=True))
        doubted = [stack for stack, doubt in zip(stacks, doubts, strict=True) if doubt]
        for stack in doubted:
            stack.submitting["resubmit"] = True
        assert not any(pool.map(go_on, doubted))
    assert [stack.status() for stack in stacks] == ["Complete"] * count


def prepare(cloud: Emulator, origin: Path, stacks: list[Stack]) -> None:
    """Put the media into the account, and the files that are prefetched onto the origin; quotas suffice."""
    cloud.admin("quota", {"UrlRemain": 100_000, "DirRemain": 100_000, "RegexRemain": 10_000, "PreloadRemain": 100_000})
    media: list[Json] = []
    for stack in stacks:
        for one in stack.task.get("media_ids") or ():
            stream = {"url": f"https://media.example.com/{one}.mp4", "format": "mp4", "definition": "HD"}
            media.append({"media_id": one, "urls": [stream]})
        for path in stack.task.get("object_paths") or () if stack.task["kind"] == "prefetch" else ():
            file = origin / urlsplit(path).path.lstrip("/")
            file.parent.mkdir(exist_ok=True)
            file.write_text("new")
    if media:
        cloud.admin("media", {"media": media})
