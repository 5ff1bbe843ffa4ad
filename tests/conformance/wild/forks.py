"""Real commands, each in a process of its own that a prepared one forks: a start of Python for each would take long.

The vendor's SDK reads the environment when it is loaded. So the prepared process loads everything but it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE_S = 60
PRELOADED = (
    "aiofiles",
    "aiohttp",
    "apscheduler.schedulers.background",
    "cryptography.hazmat.primitives.serialization",
    "darabonba.core",
    "darabonba.websocket",
    "pulumi_alicdn.cli.app",
    "pulumi_alicdn.cloud.codec",
    "requests",
    "Tea.core",
)
"""What takes long to load and does not read the environment."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    def says(self, code: int, *words: str) -> None:
        """Check the exit code, and that standard error has these words."""
        assert self.code == code, f"exit code {self.code}: {self.out}{self.err}"
        missing = [word for word in words if word not in self.err]
        assert not missing, f"{missing} are not in: {self.err}"

    def json(self) -> list[dict[str, Any]]:
        """The objects of a command that must have succeeded."""
        assert self.code == 0, f"exit code {self.code}: {self.err}"
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


class Forks:
    """The prepared process."""

    def __init__(self, child: subprocess.Popen[str], home: Path) -> None:
        self._child = child
        self.home = home

    def run(self, *arguments: str, env: Mapping[str, str], stdin: bytes = b"") -> Finished:
        """Run `alicdn` with these arguments in this environment and no other, in an empty home folder."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", **env}
        request = {"arguments": arguments, "environment": environment, "stdin": stdin.hex()}
        self._child.stdin.write(json.dumps(request) + "\n")
        self._child.stdin.flush()
        return Finished(**json.loads(self._child.stdout.readline()))


@contextmanager
def prepared() -> Iterator[Forks]:
    """Start the prepared process; it ends with the context."""
    paths = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(
            [sys.executable, "-m", "conformance.wild.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        ) as child,
    ):
        yield Forks(child, Path(home))
        assert child.stdin is not None
        child.stdin.close()


def _main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    early = [name for name in sys.modules if name.startswith("alibabacloud")]
    assert not early, f"they would keep the environment of this process: {early}"
    for line in sys.stdin:
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            request = json.loads(line)
            asked.write(bytes.fromhex(request["stdin"]))
            asked.seek(0)
            child = os.fork()
            if child == 0:
                _command(request, (asked.fileno(), out.fileno(), err.fileno()))
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
        sys.stdout.write(json.dumps({"code": code, "out": texts[0], "err": texts[1]}) + "\n")
        sys.stdout.flush()


def _command(request: Mapping[str, Any], streams: tuple[int, int, int]) -> None:
    """Become the command; never return."""
    from pulumi_alicdn.cli.app import main  # noqa: PLC0415

    code = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  until the process ends
        os.environ.clear()
        os.environ.update(request["environment"])
        signal.alarm(DEADLINE_S)
        code = int(main(request["arguments"]))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _main()
