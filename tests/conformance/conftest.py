"""One bench for the whole folder; each check resets it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.bench import Bench, opened


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
def bench() -> Iterator[Bench]:
    with opened() as both:
        yield both
