"""Virtual time: one emulator for the whole folder, as new before each test."""

from __future__ import annotations

import pytest

from support.unraisable import forgive, garbage_collected  # noqa: F401  a fixture is there by its name
from support.virtual_cloud import _running, apis, caller, clock, cloud, listener  # noqa: F401  the same


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    forgive(items, __file__)
