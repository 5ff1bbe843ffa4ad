"""The command of an External profile: it ends in time, and little of what it prints is kept.

The vendor's SDK starts it with `subprocess.run`. That keeps any amount of output and, even after its timeout, waits for
every process that the command has started.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import IO, Final

from alibabacloud_credentials.provider import external

from pulumi_alicdn.time_limits import OverdueError, allowed_s, ended_within

MAX_OUTPUT: Final = 256 * 1024
"""The most bytes of each stream. [chosen: the output is one JSON object of 2 KB]"""


def run(command: str | Sequence[str], *, timeout: float, shell: bool, **_: object) -> subprocess.CompletedProcess[str]:
    """Run *command*, and return its exit status and what it printed; output beyond :data:`MAX_OUTPUT` ends it.

    *timeout*: in seconds; less if the caller allows less. Raises subprocess.TimeoutExpired, OSError for a command that
    cannot be started, and UnicodeDecodeError.
    """
    within_s = min(timeout, allowed_s())
    until = time.monotonic() + within_s
    # Its pipes are closed by the threads that read them: a process that the command has left behind may keep them open.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, shell=shell)  # noqa: S603
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(_head(process, process.stderr)), daemon=True)
    reader.start()
    try:
        output = ended_within(within_s, lambda: _head(process, process.stdout))
        status = process.wait(max(0.0, until - time.monotonic()))
    except OverdueError:
        raise subprocess.TimeoutExpired(command, within_s) from None
    finally:
        process.kill()
        process.wait()
    reader.join(max(0.0, until - time.monotonic()))
    said = errors[0] if errors else b""
    return subprocess.CompletedProcess(command, status, output.decode(), said.decode(errors="replace"))


def _head(process: subprocess.Popen[bytes], stream: IO[bytes] | None) -> bytes:
    """Read *stream* to its end, but end *process* once it has printed too much."""
    if stream is None:
        return b""
    with stream:
        head = stream.read(MAX_OUTPUT)
        if stream.read(1):
            process.kill()
        return head


def install() -> None:
    """Let the vendor's provider of External profiles start its command with :func:`run`."""
    external.subprocess = SimpleNamespace(run=run, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
