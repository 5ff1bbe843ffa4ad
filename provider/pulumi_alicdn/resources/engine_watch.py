"""Whether the engine that started this provider process is still there; a killed engine leaves its providers behind."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Final

LOOK_EVERY_S: Final = 2.0
"""Seconds between two looks. [chosen: an orphan is gone before anybody looks for it; a look costs one connect]"""

CONNECT_S: Final = 10.0
"""Seconds within which the engine accepts a connection. [chosen: it is on the same machine]"""


def can_connect(address: str) -> None:
    """Connect to *address* (`host:port`) and hang up. Raises ConnectionRefusedError where nobody listens there.

    Any other OSError says that it could not be found out. A gRPC channel would tell the same 0.2 to 0.5 s later.
    """
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), CONNECT_S).close()


def end_with_engine(address: str) -> None:
    """From now on, end this process at once when nobody listens at *address* any more.

    Whatever is under way ends as if it had been killed, which loses nothing; its answer could reach nobody.
    """
    threading.Thread(target=_watch, args=(address,), name="engine watch", daemon=True).start()


def _watch(address: str) -> None:
    while True:
        try:
            can_connect(address)
        except ConnectionRefusedError:
            # Not sys.exit: waits in other threads would hold the process until they end by themselves.
            os._exit(1)
        except OSError:
            pass  # as when descriptors run out: no reason to end
        time.sleep(LOOK_EVERY_S)
