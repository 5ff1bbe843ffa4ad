"""For folders whose tests use the vendor's SDK, which leaves sockets to the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

__all__ = ["forgive", "garbage_collected"]


def forgive(items: Sequence[pytest.Item], conftest: str) -> None:
    """Forgive the SDK, in all tests of the folder of *conftest*, that the collector complains."""
    for item in items:
        if item.path.is_relative_to(Path(conftest).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="module", autouse=True)
def garbage_collected() -> Iterator[None]:
    """Have the collector complain here, where it is forgiven, and not in the tests of somebody else."""
    yield
    gc.collect()
