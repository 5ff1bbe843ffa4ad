"""One stack of one program on the real Pulumi engine, in a folder and with a state of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND_S = 240.0

PREAMBLE = """\
import json, os
import pulumi
import pulumi_alicdn as alicdn

config = pulumi.Config()

"""


@dataclass(frozen=True)
class Ended:
    """A command that ended, and all it printed."""

    code: int
    output: str

    @property
    def ok(self) -> bool:
        return self.code == 0


class Stack:
    """Runs pulumi commands. Only processes that it started are ever killed."""

    def __init__(self, folder: Path, environment: Mapping[str, str], program: str) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self._running: list[subprocess.Popen[str]] = []
        (folder / "Pulumi.yaml").write_text("name: tested\nruntime: python\n")
        self.write(program)
        self.run("stack", "init", "dev").expect_ok()

    def write(self, program: str) -> None:
        """Replace the program; the usual imports come with it."""
        (self.folder / "__main__.py").write_text(PREAMBLE + program)

    def configure(self, **values: str) -> None:
        """Set configuration of the stack; `alicdn__region` is `alicdn:region`."""
        self._configure("--plaintext", values)

    def configure_secret(self, **values: str) -> None:
        """The same, encrypted in the stack's file."""
        self._configure("--secret", values)

    def _configure(self, flag: str, values: Mapping[str, str]) -> None:
        pairs = [part for name, value in values.items() for part in (flag, f"{name.replace('__', ':')}={value}")]
        self.run("config", "set-all", *pairs).expect_ok()

    def run(self, *arguments: str, timeout_s: float = COMMAND_S) -> _Checked:
        child = self.popen(*arguments)
        try:
            output, _ = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.kill(child)
            raise
        return _Checked(child.returncode, output)

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        stack = () if arguments[:2] == ("stack", "init") else ("--stack", "dev")
        child = subprocess.Popen(
            ["pulumi", *arguments, *stack, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running.append(child)
        return child

    def up(self, *arguments: str) -> _Checked:
        return self.run("up", "--yes", "--skip-preview", *arguments)

    def preview(self, *arguments: str) -> _Checked:
        return self.run("preview", *arguments)

    def refresh(self) -> _Checked:
        return self.run("refresh", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        shown = self.run("stack", "output", "--json").expect_ok()
        found: dict[str, Any] = json.loads(shown.output)
        return found

    def state(self) -> str:
        """The whole state as text."""
        return self.run("stack", "export").expect_ok().output

    def resources(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.state())["deployment"].get("resources", [])
        return found

    def completion(self) -> dict[str, Any]:
        """What the state holds of the last step of its only task."""
        (found,) = [entry for entry in self.resources() if entry["type"].endswith((":Completion", ":Attachment"))]
        outputs: dict[str, Any] = found["outputs"]
        return outputs

    def kill(self, child: subprocess.Popen[str]) -> None:
        """SIGKILL the command and all that it started, which share its process group."""
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(timeout=30)

    def close(self) -> None:
        for child in self._running:
            if child.poll() is None:
                self.kill(child)
            if child.stdout is not None:
                child.stdout.close()


class _Checked(Ended):
    def expect_ok(self) -> _Checked:
        assert self.ok, self.output
        return self

    def expect_failure(self) -> _Checked:
        assert not self.ok, self.output
        assert "Traceback" not in self.output, self.output
        return self

    def changes(self) -> dict[str, int]:
        """The summary of an update: `{"created": 3, "unchanged": 1}`."""
        words = "created|updated|unchanged|replaced|deleted|errored"
        # Changes of several kinds are added up beside what is unchanged: `3 changes. 3 unchanged`.
        found = re.findall(rf"^\s+\S*?\s*(?:\d+ changes\. )?(\d+) ({words})$", self.output, re.MULTILINE)
        return {word: int(count) for count, word in found}


def eventually(condition: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Poll until *condition* holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.05)
