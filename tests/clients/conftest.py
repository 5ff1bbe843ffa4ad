"""One emulator for the whole folder, reset and frozen before each test, and every client that is to agree with it."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clients.callers import Account, Caller, Node, NodeCaller, PythonCore, PythonTyped, install_node_clients
from pulumi_alicdn.emulator.running import Emulator, start

if TYPE_CHECKING:
    from collections.abc import Iterator

# The registry of Node.js has a client of its own for CDN only; the generic ones speak for VOD.
CALLERS = {
    "python-typed": ("vod", "cdn"),
    "python-core": ("vod", "cdn"),
    "node-typed": ("cdn",),
    "node-generic": ("vod", "cdn"),
    "node-pop": ("vod", "cdn"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that takes a session every client with every service, or with the one service that it names."""
    if "session" in metafunc.fixturenames:
        only = getattr(metafunc.function, "only_service", None)
        pairs = [(name, service) for name, services in CALLERS.items() for service in services]
        metafunc.parametrize(
            ("caller", "service"), [pair for pair in pairs if only in {None, pair[1]}], indirect=["caller"]
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive the clients that they leave sockets to the garbage collector, which complains about them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="module", autouse=True)
def _garbage_collected() -> Iterator[None]:
    """Have the collector complain here, where it is forgiven, and not in the tests of somebody else."""
    yield
    gc.collect()


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
    """Return the emulator as new, its clock moving by hand only; its origin serves an old a.js."""
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
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on PATH, and the Node.js clients need it")
    process = Node(install_node_clients())
    yield process
    process.close()


@pytest.fixture
def caller(request: pytest.FixtureRequest) -> Caller:
    """Return the client of that name."""
    name = request.param
    if name == "python-typed":
        return PythonTyped()
    if name == "python-core":
        return PythonCore()
    return NodeCaller(request.getfixturevalue("node"), name.removeprefix("node-"))
