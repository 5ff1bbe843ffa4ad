"""One emulator for the whole folder, reset and frozen before each test, and every client that must agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.callers import NODE_FILES, Account, Caller, Node, NodeCaller, PythonCore, PythonTyped
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from support.node_packages import install, missing_program

CALLERS = {
    "python-typed": ("vod", "cdn"),
    "python-core": ("vod", "cdn"),
    "node-typed": ("cdn",),
    "node-generic": ("vod", "cdn"),
    "node-pop": ("vod", "cdn"),
}
"""The services that each client can call. npm has no typed client of VOD: the generic ones call it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that takes a session every client with every service, or with the one service that it names."""
    if "session" in metafunc.fixturenames:
        only = getattr(metafunc.function, "only_service", None)
        pairs = [(name, service) for name, services in CALLERS.items() for service in services]
        metafunc.parametrize(
            ("caller", "service"), [pair for pair in pairs if only in {None, pair[1]}], indirect=["caller"]
        )


@pytest.fixture(scope="session")
def _origin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origin")
    (folder / "a.js").write_text("old")
    return folder


@pytest.fixture(scope="session")
def _running(_origin_folder: Path) -> Iterator[Emulator]:
    with start(origin=_origin_folder, effect_s=6, edges=2) as running:
        yield running


@pytest.fixture
def emulator(_running: Emulator, _origin_folder: Path) -> Emulator:
    """The emulator, reset, with a clock that only the test moves; its origin serves an old a.js."""
    (_origin_folder / "a.js").write_text("old")
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": True})
    return _running


@pytest.fixture
def origin(_origin_folder: Path) -> Path:
    return _origin_folder


@pytest.fixture
def account(emulator: Emulator) -> Account:
    return Account(emulator.endpoint, emulator.access_key_id, emulator.access_key_secret)


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    missing = missing_program()
    if missing is not None:
        pytest.skip(f"{missing} is not on PATH, and the Node.js clients need it")
    process = Node(install(NODE_FILES, "node-clients"))
    yield process
    process.close()


@pytest.fixture
def caller(request: pytest.FixtureRequest) -> Caller:
    """The client of that name."""
    name = request.param
    if name == "python-typed":
        return PythonTyped()
    if name == "python-core":
        return PythonCore()
    return NodeCaller(request.getfixturevalue("node"), name.removeprefix("node-"))
