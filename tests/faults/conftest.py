"""One emulator for each worker, as new before each test, its clock moved by each sleep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.remote import Remote
from support.emulators import start


@pytest.fixture(scope="session")
def remote() -> Iterator[Remote]:
    """A real emulator, and the real client that speaks to it."""
    with start(effect_s=6) as cloud:
        yield Remote(cloud)
