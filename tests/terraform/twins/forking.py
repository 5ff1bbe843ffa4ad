"""A process that is forked for each request, so that each begins as new.

A request is a line of JSON; its child answers on standard output with another line, and ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pulumi_alicdn.emulator.running import Emulator
from support.virtual_clock import VirtualClock

TESTS: Final = Path(__file__).resolve().parents[2]


class Forking:
    """The process, and its answers."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    def asked(self, request: Mapping[str, Any]) -> str:
        """The first line that a new process answers with."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(request) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        assert line, "the process ended without an answer"
        return line


@contextmanager
def forking(side: str, cloud: Emulator, folder: Path) -> Iterator[Forking]:
    """Run the program *side* in *folder*; its requests concern *cloud*."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        **cloud.environment(),
        "PYTHONPATH": str(TESTS),
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-m", f"terraform.twins.{side}"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        yield Forking(child)
        assert child.stdin is not None
        child.stdin.close()


def virtual_clock() -> VirtualClock:
    """The clock of the cloud that this process asks."""
    environment = os.environ
    keys = environment["ALIBABA_CLOUD_ACCESS_KEY_ID"], environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
    return VirtualClock(Emulator(environment["ALICDN_ENDPOINT"], (), "", *keys, pid=0))


def answer_all(answer: Callable[[Any], object]) -> None:
    """Answer each request in a child, which ends before the next one begins; what *answer* returns lives as long."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 1
            try:
                _kept = answer(json.loads(line))
                sys.stdout.flush()
                code = 0
            except BaseException:  # noqa: BLE001  the parent's own code must not run in the child
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, ended = os.waitpid(child, 0)
        if ended:
            sys.exit(f"a request ended with {ended}")
