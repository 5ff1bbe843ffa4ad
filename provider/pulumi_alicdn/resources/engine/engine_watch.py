"""The watch for the end of the engine that started this process: a killed engine leaves its providers running.

It starts with the process: Pulumi starts the process of the waits long before its first request, and without a watch
that process would outlive an engine that is killed meanwhile. `provider/pulumi_alicdn.pth` therefore calls
:func:`watch_provider_process` when Python starts.
"""

from __future__ import annotations

import _thread
import os
import re
import socket
import sys
import threading
import time
from types import FrameType
from typing import Final

CHECK_EVERY_S: Final = 2.0
"""Seconds between two checks. [chosen: an orphaned process ends before a user notices it; a check costs one
connection]"""

CONNECT_S: Final = 10.0
"""Timeout of a connection to the engine, in seconds. [chosen: the engine runs on the same machine]"""

FOREIGN_WORK_S: Final = 0.2
"""Seconds between two checks whether the program's other resources are still at work. [chosen: they end by themselves,
and a check takes microseconds]"""

ENGINE_GONE: Final = threading.Event()
"""Set once the engine has exited: nobody is left to receive an answer."""

_ADDRESS: Final = re.compile(r"[\w.-]+:\d{1,5}")
_PACKAGE: Final = __name__.partition(".")[0]
_starting: Final = threading.Lock()
_watched: Final[set[str]] = set()


def engine_address() -> str:
    """Return the address at which the engine of this run listens; empty outside a provider process.

    It is the last argument with the form of an address. The engine puts its own flags before it.
    """
    return next((argument for argument in reversed(sys.argv[1:]) if _ADDRESS.fullmatch(argument)), "")


def require_listener(address: str) -> None:
    """Connect to *address* (`host:port`) and close. Raises ConnectionRefusedError if no process listens there.

    Any other OSError proves nothing. A gRPC channel would notice 0.2 to 0.5 s later.
    """
    host, _, port = address.rpartition(":")
    # socket.create_connection would import a codec in this thread. A tool that takes back what Python imports while it
    # starts (Coverage does) then ends the watch with a KeyError, and an orphaned process lives on.
    with socket.socket() as connection:
        connection.settimeout(CONNECT_S)
        connection.connect((host, int(port)))


def watch_provider_process() -> None:
    """Watch the engine of this process, if it has one, from the first call on.

    When the engine has exited, our own steps end. The process ends at once, or as soon as the last resource that is
    not ours has ended: its create may be halfway through something that no other run would finish.
    """
    address = engine_address()
    with _starting:
        if not address or address in _watched:
            return
        _watched.add(address)
    # threading.Thread would hand this thread to a measuring tool. Coverage 7.17 then takes back what the main thread
    # imports at this instant, and the process ends with a KeyError.
    _thread.start_new_thread(_watch, (address,))


def _watch(address: str) -> None:
    while not ENGINE_GONE.is_set():
        try:
            require_listener(address)
        except ConnectionRefusedError:
            ENGINE_GONE.set()
        except OSError:
            pass  # for example no file descriptor left: the engine may still run
        else:
            time.sleep(CHECK_EVERY_S)
    while _foreign_work():
        time.sleep(FOREIGN_WORK_S)
    # sys.exit would keep the process alive until the requests of our own steps end.
    os._exit(1)


def _foreign_work() -> bool:
    server = getattr(sys.modules.get("__main__"), "__file__", None)
    main = threading.main_thread().ident
    threads = sys._current_frames().items()  # noqa: SLF001  documented; nothing else shows what a thread does
    return any(_serves_others(frame, server) for thread, frame in threads if thread != main)


def _serves_others(frame: FrameType | None, server: str | None) -> bool:
    """Return whether a thread is within Pulumi's module *server*, and that has called something else than us."""
    called = None
    while frame is not None and frame.f_code.co_filename != server:
        called, frame = frame, frame.f_back
    if frame is None:
        return False
    return called is None or str(called.f_globals.get("__name__")).partition(".")[0] != _PACKAGE
