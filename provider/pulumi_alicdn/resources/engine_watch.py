"""The watch for the end of the engine that started this process: a killed engine leaves its providers running."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Final

CHECK_EVERY_S: Final = 2.0
"""Seconds between two checks. [chosen: an orphaned process ends before a user notices it; a check costs one
connection]"""

CONNECT_S: Final = 10.0
"""Timeout of a connection to the engine, in seconds. [chosen: the engine runs on the same machine]"""


def require_listener(address: str) -> None:
    """Connect to *address* (`host:port`) and close. Raises ConnectionRefusedError if no process listens there.

    Any other OSError proves nothing. A gRPC channel would notice 0.2 to 0.5 s later.
    """
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), CONNECT_S).close()


def end_with_engine(address: str) -> None:
    """Watch *address* from now on, and end this process at once when no process listens there any more.

    Calls in progress end as if they had been killed. Nothing is lost: no engine is left to receive their answers.
    """
    threading.Thread(target=_watch, args=(address,), name="engine watch", daemon=True).start()


def _watch(address: str) -> None:
    while True:
        try:
            require_listener(address)
        except ConnectionRefusedError:
            # sys.exit would keep the process alive until the waits in other threads end.
            os._exit(1)
        except OSError:
            pass  # for example no file descriptor left: the engine may still run
        time.sleep(CHECK_EVERY_S)
