"""The processes that a command started, found by the session that they share."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Started:
    """A running process and its arguments, joined by blanks."""

    pid: int
    arguments: str

    @property
    def is_provider(self) -> bool:
        """Whether it is a dynamic provider itself, not the script around it."""
        return "-m pulumi.dynamic" in self.arguments


def of_session(leader: int) -> list[Started]:
    """All living processes of the session that process *leader* opened, whether it lives or not."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):  # it ended meanwhile
            # man 5 proc: after the name in parentheses come state, parent, group and session.
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            arguments = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            if int(session) == leader and state != "Z":
                found.append(Started(int(folder.name), arguments))
    return found


def providers(leader: int) -> list[Started]:
    """The dynamic providers of a session."""
    return [one for one in of_session(leader) if one.is_provider]


def kill_providers(leader: int) -> int:
    """SIGKILL the dynamic providers of a session that a test opened; return how many there were."""
    found = providers(leader)
    for one in found:
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    return len(found)
