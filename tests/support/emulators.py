"""Emulators for tests: processes of their own, as every emulator, forked from one that has loaded the modules."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pulumi_alicdn.emulator.running import start as start_anew
from support.nursery import Child, nursery


def _forked(arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
    return nursery("emulator").begin(*arguments, env=environment, stdin=subprocess.PIPE, stderr=None)


start: Final = partial(start_anew, spawn=_forked)
"""As :func:`pulumi_alicdn.emulator.running.start`, without the half second in which a process loads the modules."""
