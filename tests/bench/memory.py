"""The peak memory of the Python processes that Pulumi starts, the program and the providers, as Linux counts it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EVERY_S = 0.05
"""A process whose peak comes in its last moments is seen too low by what it allocates within that time."""

PROC = Path("/proc")
ROLES = {"pulumi-language-python-exec": "program", "pulumi.dynamic": "provider"}


@contextmanager
def peaks() -> Iterator[dict[str, float]]:
    """Yield what holds, in the end, the highest peak in MB of the processes of each role below this one."""
    found: dict[str, float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_S):
            note(found)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def note(found: dict[str, float]) -> None:
    """Note in *found* how much memory the processes below this one have had so far."""
    for process in _below(os.getpid()):
        # It may have ended by now, and one that is ending has no memory any more.
        with suppress(OSError, IndexError):
            command = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            role = next((role for part, role in ROLES.items() if any(one.endswith(part) for one in command)), None)
            if role is not None:
                kib = int((process / "status").read_text().partition("VmHWM:")[2].split()[0])
                found[role] = max(found.get(role, 0.0), kib * 1024 / 1e6)


def _below(top: int) -> list[Path]:
    children: dict[int, list[int]] = {}
    for one in PROC.iterdir() if PROC.is_dir() else ():
        with suppress(OSError, ValueError, IndexError):
            parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(one.name))
    found, left = list[Path](), [top]
    while left:
        below = children.get(left.pop(), [])
        left += below
        found += [PROC / str(process) for process in below]
    return found
