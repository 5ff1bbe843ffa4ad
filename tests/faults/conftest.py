"""One emulator for each worker, as new before each test, its clock moved by whoever sleeps."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.remote import Remote
from pulumi_alicdn.emulator.running import start


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
def remote() -> Iterator[Remote]:
    """A real emulator, and the real client that speaks to it."""
    with start(effect_s=6) as cloud:
        yield Remote(cloud)
