"""Programs as child processes that load nothing: a process that has loaded their modules forks them.

To load the modules of the command line, of the emulator or of Pulumi takes half a second of computing, and the suite
starts some thousand of them. What such a child does is real: a process of its own, with its own streams, environment
and signals. How a program starts, and how it ends with its parents, is the subject of other tests, which start it as
users do.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, Literal

from support.measuring import OF_SESSION
from support.nursery_program import HEAD, MEASURES

Program = Literal["alicdn", "emulator", "pulumi", "terraform"]

START_S: Final = 120.0
"""Seconds until a nursery has loaded its modules, on a busy machine."""


class Child:
    """A forked child, with what this suite uses of :class:`subprocess.Popen`."""

    def __init__(self, connection: socket.socket, pipes: Sequence[int | None], *, text: bool) -> None:
        (self.pid,) = HEAD.unpack(connection.recv(HEAD.size, socket.MSG_WAITALL))
        self.returncode: int | None = None
        self._connection = connection
        mode = "" if text else "b"
        opened: list[IO[Any] | None] = [
            None if pipe is None else os.fdopen(pipe, ("w" if not number else "r") + mode)
            for number, pipe in enumerate(pipes)
        ]
        self.stdin, self.stdout, self.stderr = opened

    def poll(self) -> int | None:
        """Return the exit code, or None while the child runs."""
        return self._code(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, as soon as there is one. Raises subprocess.TimeoutExpired."""
        code = self._code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[Any, Any]:
        """Read both streams to their ends, and wait."""
        if self.stdin is not None:
            self.stdin.close()
        read: dict[int, Any] = {}
        streams = [stream for stream in (self.stdout, self.stderr) if stream is not None]
        readers = [
            threading.Thread(target=lambda one=one: read.update({id(one): one.read()}), daemon=True) for one in streams
        ]
        until = None if timeout is None else time.monotonic() + timeout
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(None if until is None else max(until - time.monotonic(), 0))
        self.wait(None if until is None else max(until - time.monotonic(), 0))
        for reader in readers:
            reader.join()
        for one in streams:
            one.close()
        return read.get(id(self.stdout)), read.get(id(self.stderr))

    def send_signal(self, number: int) -> None:
        """Send a signal to a child that still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has just ended; its code is on the way
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _code(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], timeout)[0]:
            said = self._connection.recv(HEAD.size, socket.MSG_WAITALL)
            self._connection.close()
            # Without a word: the nursery itself has ended, and its children with it.
            (code,) = HEAD.unpack(said) if said else (signal.SIGKILL,)
            self.returncode = code - (1 << 32) if code >> 31 else code
        return self.returncode


class Nursery:
    """A process that has loaded the modules of one program, and forks it."""

    def __init__(self, program: Program) -> None:
        tests = str(Path(__file__).resolve().parents[1])
        unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS_")}
        config = OF_SESSION.get("COVERAGE_PROCESS_CONFIG")
        measures = {MEASURES: config} if config else {}
        self._folder = tempfile.mkdtemp(prefix="nursery-")
        self.address = str(Path(self._folder) / "asked")
        """The path of the socket to which each request is a connection."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.nursery_program", self.address, program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**unmeasured, **measures, "PYTHONPATH": tests},
        )
        assert self._process.stdout is not None
        assert select.select([self._process.stdout], [], [], START_S)[0]
        assert self._process.stdout.readline() == b"ready\n"

    def begin(
        self,
        *arguments: str,
        env: Mapping[str, str],
        cwd: Path | str | None = None,
        text: bool = False,
        stdin: int | None = subprocess.DEVNULL,
        stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
    ) -> Child:
        """Start the program; the streams are as those of Popen: a file's number, PIPE, DEVNULL, STDOUT or None."""
        ours: list[int | None] = []
        theirs: list[int] = []
        for number, asked in enumerate((stdin, stdout, stderr)):
            mine, given = _stream(number, asked, theirs)
            ours.append(mine)
            theirs.append(given)
        wanted = {"argv": ["alicdn", *arguments], "env": dict(env), "cwd": str(cwd or Path.cwd()), "unbuffered": False}
        content = json.dumps(wanted).encode()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address)
        socket.send_fds(connection, [HEAD.pack(len(content))], theirs)
        connection.sendall(content)
        for given in theirs:
            os.close(given)
        return Child(connection, ours, text=text)

    def run(
        self, *arguments: str, env: Mapping[str, str], timeout: float, cwd: Path | str | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program to its end, as subprocess.run does with captured streams; bytes, as they were written."""
        child = self.begin(*arguments, env=env, cwd=cwd)
        try:
            out, err = child.communicate(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            raise
        return subprocess.CompletedProcess(arguments, child.wait(), out, err)

    def close(self) -> None:
        """End the nursery."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(START_S)
        shutil.rmtree(self._folder)


@cache
def nursery(program: Program) -> Nursery:
    """Return this process's nursery of a program."""
    made = Nursery(program)
    atexit.register(made.close)
    return made


def _stream(number: int, asked: int | None, before: Sequence[int]) -> tuple[int | None, int]:
    """Return our end of a pipe, if one was asked for, and what the child gets."""
    if asked == subprocess.PIPE:
        reads, writes = os.pipe()
        return (writes, reads) if not number else (reads, writes)
    if asked == subprocess.DEVNULL:
        return None, os.open(os.devnull, os.O_RDWR)
    if asked == subprocess.STDOUT:
        return None, os.dup(before[1])
    return None, os.dup(number if asked is None else asked)
