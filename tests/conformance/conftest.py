"""One harness for the whole folder; each check resets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.harness import Harness, opened
from support.unraisable import forgive, garbage_collected  # noqa: F401  a fixture is there by its name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    forgive(items, __file__)


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    with opened() as both:
        yield both
