"""SIGKILL of all of Terraform at an exact moment of its calls."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from crash.wire import Moment, Wire
from terraform.conftest import DEADLINE_S, Workspace


def killed_at(made: Workspace, wire: Wire, moment: Moment, *more: str) -> None:
    """Kill Terraform and what it started at *moment* of an apply through *wire*."""
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    child = made.begin("apply", "-auto-approve", *more)

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)

    wire.at(moment, kill)
    said, _ = child.communicate(timeout=DEADLINE_S)
    assert child.returncode == -signal.SIGKILL, said
