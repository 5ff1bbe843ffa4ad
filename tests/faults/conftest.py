"""One emulator for each worker, as new before each test, its clock moved by whoever sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.remote import Remote
from pulumi_alicdn.emulator.running import start
from support.unraisable import forgive, garbage_collected  # noqa: F401  a fixture is there by its name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    forgive(items, __file__)


@pytest.fixture(scope="session")
def remote() -> Iterator[Remote]:
    """A real emulator, and the real client that speaks to it."""
    with start(effect_s=6) as cloud:
        yield Remote(cloud)
