"""One emulator for the whole folder, reset before each test, and the real command.

What runs to its end is forked (:mod:`support.nursery`); what a test talks to, signals or kills is started as users do.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import COMMAND, DEADLINE_S, DOMAIN, Begin, Ended, Run, Submit
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from support.measuring import measuring
from support.nursery import nursery


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    origin = tmp_path_factory.mktemp("origin")
    for name in ("a.js", "b.js"):
        (origin / name).write_text(name)
    with start(origin=origin, effect_s=9, edges=3, speed=1) as running:
        yield running


@pytest.fixture
def emulator(_running: Emulator) -> Emulator:
    """The emulator as new, its clock moving by hand only."""
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": True, "speed": 1})
    return _running


@pytest.fixture
def environment(emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    """Nothing of this machine's own credentials, and everything that the emulator needs."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    alone = {"HOME": str(tmp_path), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    # The domains of the emulator are those of both products, so that tests of anything else name one.
    return {**kept, **alone, **measuring(), **emulator.environment(), "ALICDN_SERVICE": "vod"}


@pytest.fixture
def run(environment: dict[str, str], emulator: Emulator) -> Run:
    """Run a command to its end; the emulator's secret is in neither stream."""

    def once(*arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        done = nursery("alicdn").run(*arguments, env={**environment, **(env or {})}, timeout=DEADLINE_S)
        # Decoded here, so that the ends of lines stay as they are.
        out, err = done.stdout.decode(), done.stderr.decode()
        assert emulator.access_key_secret not in out + err
        assert "Traceback" not in err
        return Ended(done.returncode, out, err)

    return once


@pytest.fixture
def begin(environment: dict[str, str]) -> Iterator[Begin]:
    """Start a command whose streams are pipes; whatever still runs at the end of the test is ended."""
    children: list[subprocess.Popen[str]] = []

    def once(*arguments: str, **more: Any) -> subprocess.Popen[str]:  # noqa: ANN401  what Popen takes
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        child = subprocess.Popen([*COMMAND, *arguments], env=environment, text=True, **streams)
        children.append(child)
        return child

    yield once
    for child in children:
        if child.poll() is None:
            child.kill()
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def submitted(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Submit:
    """Submit as somebody else would; return the ids, joined by commas."""
    from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec  # noqa: PLC0415
    from pulumi_alicdn.cloud.connection import connect  # noqa: PLC0415  the SDK is slow to load
    from pulumi_alicdn.cloud.settings import Settings  # noqa: PLC0415

    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    settings = Settings(
        endpoint=emulator.endpoint,
        access_key_id=emulator.access_key_id,
        access_key_secret=emulator.access_key_secret,
    )

    def submit(*paths: str, service: str = "vod", object_type: str = "file") -> str:
        kind = Kind.PREFETCH if object_type == "preload" else Kind.REFRESH
        urls = tuple(DOMAIN + path for path in paths)
        spec = TaskSpec(Service(service), kind, ObjectType(object_type), urls)
        return ",".join(connect(settings, Service(service)).submit(spec).task_ids)

    return submit
