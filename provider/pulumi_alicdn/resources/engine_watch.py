"""Whether the engine that started this provider process still runs; a killed engine leaves its providers behind."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Final

CHECK_EVERY_S: Final = 2.0
"""Seconds between two checks. [chosen: an orphan is gone before a user looks for it; a check costs one connection]"""

CONNECT_S: Final = 10.0
"""Seconds within which the engine accepts a connection. [chosen: it is on the same machine]"""


def require_listener(address: str) -> None:
    """Connect to *address* (`host:port`) and hang up. Raises ConnectionRefusedError where nobody listens there.

    Any other OSError leaves it open whether somebody listens. A gRPC channel would find out 0.2 to 0.5 s later.
    """
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), CONNECT_S).close()


def end_with_engine(address: str) -> None:
    """From now on, end this process at once when nobody listens at *address* any more.

    What is under way ends as if it had been killed, which loses nothing; nobody is left to receive its answer.
    """
    threading.Thread(target=_watch, args=(address,), name="engine watch", daemon=True).start()


def _watch(address: str) -> None:
    while True:
        try:
            require_listener(address)
        except ConnectionRefusedError:
            # Not sys.exit: waits in other threads would hold the process until they end by themselves.
            os._exit(1)
        except OSError:
            pass  # such as no descriptor left: the engine may well be there
        time.sleep(CHECK_EVERY_S)
