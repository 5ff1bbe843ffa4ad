"""One harness for the whole folder; each check resets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.harness import Harness, opened


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    with opened() as both:
        yield both
