"""One emulator for the whole folder, reset before each test."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulumi_alicdn.cloud.api import AlibabaCloud
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.core.tasks import Service
from pulumi_alicdn.emulator.running import Emulator, start

KEY, SECRET, TOKEN = "LTAIcanarykey", "canary-secret-1f", "canary-token-2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive the vendor's SDK that it leaves sockets to the garbage collector, which complains about them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="module", autouse=True)
def _garbage_collected() -> Iterator[None]:
    """Have the collector complain here, where it is forgiven, and not in the tests of somebody else."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def _running() -> Iterator[Emulator]:
    with start(effect_s=30, access_key_id=KEY, access_key_secret=SECRET) as running:
        yield running


@pytest.fixture
def cloud(_running: Emulator) -> Emulator:
    """The emulator as new, its clock moving by hand only."""
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": True})
    return _running


@pytest.fixture
def api(cloud: Emulator) -> Callable[[str], AlibabaCloud]:
    """Make the client of one service, with the right key."""
    settings = Settings(endpoint=cloud.endpoint, access_key_id=KEY, access_key_secret=SECRET)
    return lambda service: AlibabaCloud(settings, Service(service))
