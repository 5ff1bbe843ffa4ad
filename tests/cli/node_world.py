"""A local cloud with nodes of their own addresses: a module of tests starts it once, and begins anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start


@contextmanager
def world_of(nodes: int) -> Iterator[Emulator]:
    """Start it with one edge for DNS; skip the tests where the system has no addresses for nodes."""
    with start(edges=1, nodes=nodes, effect_s=3, speed=30) as running:
        if not running.node_port:
            pytest.skip("this system has no addresses for nodes")
        yield running


def anew(world: Emulator) -> Emulator:
    """Return it as new, its clock moving 30 times as fast."""
    world.admin("reset", {})
    world.admin("clock", {"frozen": False, "speed": 30})
    return world
