"""What all tests share: real clouds, each in a process of its own, and the real engine."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pulumi_alicdn.emulator.running import Emulator
from support.dealing import dealt
from support.emulators import start
from support.measuring import measuring
from support.python_shim import shim_folder
from support.stack import Stack

ROOT = Path(__file__).resolve().parents[1]
UNMEASURED = {
    *("storm", "bench", "crash"),
    *("faults/test_machine.py", "faults/test_schedules.py", "releases/test_release_model.py"),
    "terraform/test_same_release.py",
}
"""Folders and files whose tests run the same lines thousands of times, or count calls and time. Measuring them would
take two to three times as long."""
MEASURED_PROCESSES = {
    "cli",
    "emulator",
    "recorded",
    "terraform/test_install.py",
    *(f"pulumi_engine/test_{name}.py" for name in ("functions", "heal", "main_job", "other_resources", "release")),
    *(f"pulumi_engine/test_{name}.py" for name in ("release_access", "release_outputs", "release_service")),
    *(f"pulumi_engine/test_{name}.py" for name in ("removed_files", "secret_options", "trouble")),
    *(
        f"pulumi_engine/test_{name}.py"
        for name in ("accounts", "pulumi_options", "refresh_verified", "release_network")
    ),
}
"""Folders and files whose processes measure their coverage, too: a third is added to the time of each process. Those
of other tests run the same lines."""

AS_USERS_START = {
    *("crash", "examples", "bench", "manual", "toolchain"),
    *(f"pulumi_engine/test_{name}.py" for name in ("main_job", "terminal", "engine_files", "many", "hostile_servers")),
}
"""Folders and files in which the engine starts Python as it does for users. In all others what it starts has Pulumi's
modules loaded (:mod:`support.python_shim`): two thirds of what an update computes."""

LASTS_S = {
    "crash": 50,
    "examples": 17,
    "pulumi_engine": 40,
    "recorded": 32,
    "terraform": 10,
    "type_checkers": 13,
    "cli": 2,
    "manual": 2,
    "storm": 2,
    "toolchain": 1,
    "manual/test_tutorial.py": 220,
    "faults/test_machine.py": 72,
    "faults/test_schedules.py": 17,
    "releases/test_release_model.py": 40,
}
"""About how many seconds a test of a folder or file lasts, where that is long: most of it is waiting."""

USE_SDK = {"clients", "cloud", "conformance", "emulator", "faults", "releases", "tasks"}
"""Folders whose tests use the vendor's SDK, which leaves sockets to the garbage collector."""

asyncio.set_event_loop(None)  # as later Pythons have it: none is made for a test that asks for one where none runs

settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def emulators() -> Iterator[Callable[..., Emulator]]:
    """Start emulators; all of them end with the test."""
    with ExitStack() as open_ones:
        yield lambda **options: open_ones.enter_context(start(**options))


@pytest.fixture(scope="session")
def engine_path() -> str:
    """The folder of the real Pulumi engine; `make test` has put it on PATH, otherwise it is found or built."""
    command = [sys.executable, str(ROOT / "provider" / "toolchain" / "engine.py")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()[-1]


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture
def stacks(
    tmp_path: Path, engine_path: str, pulumi_home: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Stack]]:
    """Make stacks of programs, each in a folder of its own; what a test leaves running is killed."""
    made: list[Stack] = []
    # The engine gives a provider a second to end. A forked one would need longer, to write down what it measured.
    real = _within(request.node, AS_USERS_START) or (measuring() and _within(request.node, MEASURED_PROCESSES))
    python = [] if real else [shim_folder()]

    def make(program: str, cloud: Emulator | None = None, **environment: str) -> Stack:
        folder = tmp_path / f"stack-{len(made)}"
        folder.mkdir()
        base = {
            "PATH": os.pathsep.join([*python, engine_path, str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": os.environ.get("HOME", str(tmp_path)),
            "PULUMI_HOME": str(pulumi_home),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            **measuring(),
        }
        stack = Stack(folder, {**base, **(cloud.environment() if cloud else {}), **environment}, program)
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A folder that an origin serves."""
    folder = tmp_path / "origin"
    folder.mkdir()
    return folder


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Mark what runs the real engine, what repeats much and what counts nothing for coverage. Forgive the SDK.

    Where several workers share the tests, those that wait long come first.
    """
    for item in items:
        if "stacks" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)
        # A line that only random input reaches has no test that shows what it does. To measure these tests would double
        # their time, too: they run the same lines thousands of times.
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or _within(item, UNMEASURED):
            item.add_marker(pytest.mark.no_cover)
        if _within(item, UNMEASURED):
            item.add_marker(pytest.mark.thorough)
        if _folder(item) in USE_SDK:
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = dealt(items, workers, lambda item: str(item.path), _lasts_s)


@pytest.fixture(scope="module", autouse=True)
def garbage_collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the collector complain of the SDK here, where it is forgiven, and not in the tests of another folder."""
    yield
    if _folder(request.node) in USE_SDK:
        gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hide from a test's processes that coverage is measured, but in MEASURED_PROCESSES."""
    hidden = {} if _within(item, MEASURED_PROCESSES) else measuring()
    for name in hidden:
        del os.environ[name]
    try:
        return (yield)
    finally:
        os.environ.update(hidden)


def _lasts_s(item: pytest.Item) -> float:
    return LASTS_S.get(item.path.relative_to(ROOT / "tests").as_posix(), LASTS_S.get(_folder(item), 0))


def _folder(item: pytest.Item | pytest.Module) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]


def _within(item: pytest.Item, places: Collection[str]) -> bool:
    """Whether a test is in one of *places*, which are folders and files."""
    return _folder(item) in places or item.path.relative_to(ROOT / "tests").as_posix() in places


def pytest_sessionstart() -> None:
    """The suite must not see this machine's own account. Its processes keep what Python compiles.

    Where `PYTHONDONTWRITEBYTECODE` is set, each of the thousand processes compiles the same modules for half a second.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in [name for name in os.environ if name.startswith(("ALIBABA_CLOUD_", "ALICLOUD_", "ALICDN_END"))]:
        del os.environ[name]
