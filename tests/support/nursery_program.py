"""The process that :mod:`support.nursery` forks: it has loaded our modules, and each child runs one of our programs.

Each request is a line of JSON and the three streams of the child. The answer is the child's id; the exit code goes
into the child's own pipe as soon as the child has ended. Nothing here has threads: a fork would lose them.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper
from types import TracebackType
from typing import Any, Final, TextIO, cast

import coverage

HEAD: Final = struct.Struct("!I")
"""The length of a request, the id of a child, or an exit code."""

PRELOADED: Final = {
    "alicdn": (
        *("pulumi_alicdn.cli.app", "aiohttp", "httpx2"),
        *(f"pulumi_alicdn.cloud.{name}" for name in ("bounds", "codec", "endpoints", "failures", "sessions", "trust")),
        *("requests", "pydantic", "darabonba.core", "apscheduler.schedulers.background", "aiofiles", "defusedxml"),
        *("cryptography.hazmat.primitives.serialization", "multiprocessing.pool", "Tea.model", "websocket"),
    ),
    "emulator": ("pulumi_alicdn.emulator.command", "pulumi_alicdn.emulator.server", "uvicorn.lifespan.off"),
}
"""What each program loads anyway, sooner or later."""

NOT_PRELOADED: Final = "alibabacloud_credentials"
"""This package reads the environment and the home folder as it is loaded: the child has its own."""


def alicdn() -> None:
    """Run the command `alicdn`, as its console script does."""
    sys.exit(importlib.import_module("pulumi_alicdn.cli.app").main())


def emulator() -> None:
    """Run `python -m pulumi_alicdn.emulator`."""
    importlib.import_module("pulumi_alicdn.emulator.command").command.main(prog_name="alicdn emulator")


PROGRAMS: Final[dict[str, Callable[[], None]]] = {"alicdn": alicdn, "emulator": emulator}


def serve(control: socket.socket) -> Callable[[], None] | None:
    """Fork for each request until *control* closes. Return twice: None here, and the program to run in a child."""
    ended: dict[int, int] = {}
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as waiting:
        waiting.register(control, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in waiting.select()}
            if woken in ready:
                os.read(woken, 4096)
                for child, code in _reaped(ended):
                    os.write(ended[child], HEAD.pack(code & 0xFFFFFFFF))
                    os.close(ended.pop(child))
            if control not in ready:
                continue
            head, streams, _, _ = socket.recv_fds(control, HEAD.size, 4)
            if not head:
                return None
            asked = json.loads(_exactly(control, HEAD.unpack(head)[0]))
            child = os.fork()
            if not child:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for held in (woken, wake, control.detach(), streams[3], *ended.values()):
                    os.close(held)
                return _become(asked, streams[:3])
            ended[child] = streams[3]
            for stream in streams[:3]:
                os.close(stream)
            control.sendall(HEAD.pack(child))


def _reaped(children: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the children that have ended, each with its exit code."""
    for child in list(children):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            yield child, os.waitstatus_to_exitcode(status)


def _exactly(control: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = control.recv(size - len(content))
        if not piece:
            raise EOFError
        content += piece
    return content


def _become(asked: Mapping[str, Any], streams: list[int]) -> Callable[[], None]:
    """Make this process what the child of a request is: its streams, environment, folder and arguments."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["env"])
    if asked["cwd"]:
        os.chdir(asked["cwd"])
    sys.argv = [asked["program"], *asked["arguments"]]
    sys.stdin, sys.stdout, sys.stderr = _stream(0), _stream(1), _stream(2)
    coverage.process_startup()  # does something only where the environment says so
    return PROGRAMS[asked["program"]]


def _stream(number: int) -> TextIO:
    """Open a stream as Python does at its start."""
    errors = "backslashreplace" if number > 1 else "strict"
    raw = os.fdopen(number, "wb" if number else "rb", closefd=False)
    if not number:
        return TextIOWrapper(raw, encoding="utf-8")
    at_once = number > 1 or raw.isatty()
    return TextIOWrapper(raw, encoding="utf-8", errors=errors, newline="\n", line_buffering=at_once)


def main() -> None:
    """Load the modules of one program, say so, and serve."""
    for name in PRELOADED[sys.argv[2]]:
        importlib.import_module(name)
    assert NOT_PRELOADED not in sys.modules
    with socket.socket(fileno=int(sys.argv[1])) as control:
        control.sendall(HEAD.pack(os.getpid()))
        # Without it, the first collection in each child would write to every page.
        gc.collect()
        gc.freeze()
        run = serve(control)
    if run is not None:
        _end(_code(run))


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
