"""Both front ends that store something: a Pulumi stack, and `alicdn release` with its manifest file."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cli.command_line import COMMAND, DEADLINE_S
from pulumi_alicdn.emulator.running import Emulator
from recorded.runs import Recording, Run
from support.nursery import nursery
from support.stack import Stack, eventually


class StackRun(Run):
    """A stack, whose state is recorded."""

    def __init__(self, cloud: Emulator, origin: Path, stack: Stack) -> None:
        super().__init__(cloud, stack.folder, origin)
        self.stack = stack

    def program(self, text: str) -> None:
        self.stack.write(f"EDGES, ORIGIN = {self.edges()!r}, {self.cloud.origin!r}\n{text}")

    def deploy(self) -> str:
        self.stack.up().expect_ok()
        return str(self.stack.outputs()["status"])

    def fail(self) -> None:
        self.stack.up().expect_failure()

    def has_begun(self, step: str) -> bool:
        """Whether the state on disk names a resource of the type *step*: it does so before the step is taken."""
        return any(f":{step}::" in file.read_text() for file in self.folder.glob(".pulumi/stacks/**/dev.json"))

    def kill_once(self, condition: Callable[[], bool], what: str) -> None:
        child = self.stack.popen("up", "--yes", "--skip-preview")
        eventually(condition, what)
        self.stack.kill(child)
        self.stack.cancel()

    def stored(self) -> str:
        return self.stack.state()

    def restore(self, stored: Recording) -> None:
        file = self.folder / "recorded.json"
        file.write_text(self.here(json.dumps(stored)))
        self.stack.run("stack", "import", "--file", str(file)).expect_ok()


class CommandRun(Run):
    """`alicdn release`, whose manifest file is recorded. The program is what it is given besides files and servers."""

    def __init__(self, cloud: Emulator, origin: Path, folder: Path) -> None:
        super().__init__(cloud, folder, origin)
        self._environment = _environment(folder, cloud.environment())
        self._arguments: Sequence[str] = ()
        self._manifest = folder / "site.json"

    def program(self, text: str) -> None:
        edges = [part for edge in self.edges() for part in ("--edge", edge)]
        files = ("--manifest", self._manifest.name, "--directory", "dist")
        self._arguments = ("release", *files, "--origin", self.cloud.origin, *edges, "--output", "json", *text.split())

    def deploy(self) -> str:
        out, err, code = self._ended()
        assert code == 0, err
        return str(json.loads(out)["status"])

    def fail(self) -> None:
        _, err, code = self._ended()
        assert code == 1, err

    def kill_once(self, condition: Callable[[], bool], what: str) -> None:
        child = self._begin()
        eventually(condition, what)
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate(timeout=DEADLINE_S)
        assert child.returncode == -signal.SIGKILL

    def stored(self) -> str:
        return self._manifest.read_text()

    def restore(self, stored: Recording) -> None:
        steps = json.loads(self.here(json.dumps(stored["steps"])))
        # The steps name the addresses of this cloud. That changes their SHA-256, which the first form of the file has.
        assert stored["form"] == "alicdn-release-1"
        compact = json.dumps(steps, separators=(",", ":"), sort_keys=True)
        digest = hashlib.sha256(compact.encode()).hexdigest()
        self._manifest.write_text(json.dumps({**stored, "sha256": digest, "steps": steps}))

    def _begin(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *self._arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _ended(self) -> tuple[str, str, int]:
        done = nursery("alicdn").run(*self._arguments, env=self._environment, timeout=DEADLINE_S, cwd=self.folder)
        return done.stdout.decode(), done.stderr.decode(), done.returncode


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Nothing of this machine's own account."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", **more}
