"""The process that :mod:`support.nursery` forks: it has loaded our modules, and each child runs one program.

Each request is a connection: it brings the three streams of a child, and what the child is to do, as JSON. The answer
is the child's id, and its exit code as soon as it has ended. A child ends when its connection closes. Nothing here has
threads: a fork would lose them.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, cast

import coverage

MEASURES: Final = "NURSERY_COVERAGE_CONFIG"
"""The variable with which the process measures what it loads: coverage's configuration, as its processes get it."""

HEAD: Final = struct.Struct("!I")
"""The length of a request, the id of a child, or an exit code."""

PULUMI_EXEC: Final = "pulumi-language-python-exec"
"""The script with which Pulumi's language host runs a program."""

MODULES: Final = ("pulumi.dynamic", "pip")
"""What Pulumi's engine runs of Python beside programs: servers of dynamic resources, and the list of packages."""

LOADED: Final = {
    "alicdn": ("pulumi_alicdn.cli.app", "aiohttp", "httpx2"),
    "emulator": ("pulumi_alicdn.emulator.command", "pulumi_alicdn.emulator.server", "uvicorn.lifespan.off"),
    "pulumi": (
        *("pulumi.dynamic", "pulumi_alicdn.resources.task", "pulumi_alicdn.resources.asset_release", "aiohttp"),
        *("pulumi_alicdn.resources.refresh_edges", "pulumi_alicdn.resources.functions"),
        "pip._internal.commands.list",
    ),
    "terraform": (
        *(f"pulumi_alicdn.terraform.{name}" for name in ("handshake", "methods", "plugin", "serving", "session")),
        *("aiohttp", "httpx2"),
    ),
}
"""What each program loads anyway, sooner or later."""

LOADED_BY_CALLS: Final = (
    *(f"pulumi_alicdn.cloud.{name}" for name in ("bounds", "codec", "endpoints", "failures", "sessions", "trust")),
    *("requests", "pydantic", "darabonba.core", "apscheduler.schedulers.background", "aiofiles", "defusedxml"),
    *("cryptography.hazmat.primitives.serialization", "multiprocessing.pool", "Tea.model", "websocket"),
)
"""What a program loads that calls the API, but for the SDK itself."""

NOT_LOADED: Final = "alibabacloud_credentials"
"""This package reads the environment and the home folder as it is loaded: the child has its own."""


def alicdn() -> None:
    """Run the command `alicdn`, as its console script does."""
    sys.exit(importlib.import_module("pulumi_alicdn.cli.app").main())


def emulator() -> None:
    """Run `python -m pulumi_alicdn.emulator`."""
    importlib.import_module("pulumi_alicdn.emulator.command").command.main(prog_name="alicdn emulator")


def pulumi() -> None:
    """Run what `python -m` with one of MODULES, or `python pulumi-language-python-exec` runs."""
    if sys.argv[0] in MODULES:
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, str(Path(sys.argv[0]).parent))
        runpy.run_path(sys.argv[0], run_name="__main__")


def terraform() -> None:
    """Run `terraform-provider-alicdn`, as its console script does."""
    sys.exit(importlib.import_module("pulumi_alicdn.terraform.plugin").main())


PROGRAMS: Final[dict[str, Callable[[], None]]] = {one.__name__: one for one in (alicdn, emulator, pulumi, terraform)}


class _Nursery:
    """What the parent of all children knows."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._children: dict[socket.socket, int] = {}
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)

    def serve(self) -> Mapping[str, Any] | None:
        """Fork for each request until standard input closes. Return what a child is to do in that child."""
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as waiting:
            for one in (0, self._woken, self._listening):
                waiting.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    if key.fileobj == 0:
                        return None
                    if key.fileobj == self._woken:
                        os.read(self._woken, 4096)
                        self._report(waiting)
                    elif key.fileobj is self._listening:
                        connection, _ = self._listening.accept()
                        asked = self._fork(connection)
                        if asked is not None:
                            return asked
                        if connection in self._children:
                            waiting.register(connection, selectors.EVENT_READ)
                    elif key.fileobj in self._children:
                        # Its program was killed, as the engine kills a plugin. The child is reported as it ends.
                        waiting.unregister(key.fileobj)
                        os.kill(self._children[key.fileobj], signal.SIGKILL)

    def _fork(self, connection: socket.socket) -> Mapping[str, Any] | None:
        head, streams, _, _ = socket.recv_fds(connection, HEAD.size, 3)
        try:
            asked: Mapping[str, Any] = json.loads(_exactly(connection, HEAD.unpack(head)[0]))
        except (EOFError, struct.error):
            connection.close()
            return None
        child = os.fork()
        if not child:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for held in (self._woken, self._wake):
                os.close(held)
            for other in (connection, self._listening, *self._children):
                other.close()
            _become(asked, streams)
            return asked
        self._children[connection] = child
        for stream in streams:
            os.close(stream)
        connection.sendall(HEAD.pack(child))
        return None

    def _report(self, waiting: selectors.BaseSelector) -> None:
        """Pass on the exit codes of children that have ended."""
        for connection, child in list(self._children.items()):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                with suppress(KeyError):
                    waiting.unregister(connection)
                with suppress(OSError):
                    connection.sendall(HEAD.pack(os.waitstatus_to_exitcode(status) & 0xFFFFFFFF))
                connection.close()
                del self._children[connection]


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = connection.recv(size - len(content))
        if not piece:
            raise EOFError
        content += piece
    return content


def _become(asked: Mapping[str, Any], streams: list[int]) -> None:
    """Make this process what the child of a request is: its streams, environment, folder and arguments."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv[:] = asked["argv"]
    here = str(Path(__file__).resolve().parents[1])
    sys.path[:] = [one for one in sys.path if one not in ("", here)]
    sys.stdin, sys.stdout, sys.stderr = (_stream(number, at_once=asked["unbuffered"]) for number in range(3))
    coverage.process_startup()  # does something only where the environment says so


def _stream(number: int, *, at_once: bool) -> TextIO:
    """Open a stream as Python does at its start."""
    if not number:
        return TextIOWrapper(os.fdopen(0, "rb", closefd=False), encoding="utf-8")
    raw = os.fdopen(number, "wb", 0 if at_once else -1, closefd=False)
    opened = TextIOWrapper(cast("Any", raw), "utf-8", "backslashreplace" if number > 1 else "strict", newline="\n")
    opened.reconfigure(line_buffering=number > 1 or raw.isatty(), write_through=at_once)
    return opened


def main() -> None:
    """Load the modules of one program, say so, and serve."""
    program = sys.argv[2]
    # What a module runs as it is loaded runs here alone: no child could measure it.
    config = os.environ.get(MEASURES)
    measured = coverage.Coverage(config_file=f":data:{config}") if config else None
    if measured:
        measured.start()
    for name in (*LOADED[program], *(() if program == "emulator" else LOADED_BY_CALLS)):
        importlib.import_module(name)
    if measured:
        measured.stop()
        measured.save()
    assert NOT_LOADED not in sys.modules
    # Without it, the first collection in each child would write to every page.
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        listening.listen(64)
        assert threading.active_count() == 1
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        asked = _Nursery(listening).serve()
    if asked is not None:
        _end(_code(PROGRAMS[program]))


def _code(run: Callable[[], None]) -> int:
    """Run a program; return the exit code that Python gives it."""
    try:
        run()
    except SystemExit as exiting:
        if isinstance(exiting.code, str):
            sys.stderr.write(f"{exiting.code}\n")
            return 1
        return exiting.code or 0
    except BaseException:  # noqa: BLE001  shown, as Python shows what nothing caught
        sys.excepthook(*cast("tuple[type[BaseException], BaseException, TracebackType]", sys.exc_info()))
        return 1
    return 0


def _end(code: int) -> None:
    """End as Python does, but for taking all modules apart, which copies each page of memory that a fork shares."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:
        code = 120  # what Python says where the last of the output cannot be written
    os._exit(code)


if __name__ == "__main__":
    main()
