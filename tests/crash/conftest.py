"""What the tests of interruptions share."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from crash.engine_side import Engine
from crash.processes import of_session
from support.stack import Stack


@pytest.fixture
def engine() -> Iterator[Engine]:
    """The engine of the run that is interrupted."""
    with Engine() as running:
        yield running


@pytest.fixture
def next_engine() -> Iterator[Engine]:
    """The engine of the run after that."""
    with Engine() as running:
        yield running


@pytest.fixture
def stacks(stacks: Callable[..., Stack]) -> Iterator[Callable[..., Stack]]:
    """Stacks as everywhere; what a killed command left behind in its session ends with the test."""
    made: list[Stack] = []

    def make(*arguments: object, **environment: str) -> Stack:
        made.append(stacks(*arguments, **environment))
        return made[-1]

    yield make
    for stack in made:
        for child in stack._running:
            for left in of_session(child.pid):
                with suppress(ProcessLookupError):
                    os.kill(left.pid, signal.SIGKILL)
