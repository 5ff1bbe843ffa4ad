"""Hide the traceback of our own errors, and only of these.

Pulumi shows an exception of a dynamic provider as a formatted traceback. Only `sys.tracebacklimit` reduces it to one
sentence. That setting applies to the whole process, which other dynamic resources of the program share. So set it when
one of our errors leaves, and reset it once the error has been formatted.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Final

HIDDEN_S: Final = 0.5
"""Seconds for which tracebacks stay hidden. [chosen: the server formats an exception within a millisecond]"""

_lock = threading.Lock()
_hidden_until = 0.0


def hide_frames() -> None:
    """Hide the frames of all exceptions that are formatted within :data:`HIDDEN_S`."""
    global _hidden_until  # noqa: PLW0603  the limit itself is global
    with _lock:
        _hidden_until = time.monotonic() + HIDDEN_S
        sys.tracebacklimit = 0
    timer = threading.Timer(HIDDEN_S, _show_frames)
    timer.daemon = True
    timer.start()


def _show_frames() -> None:
    with _lock:
        # A later error has extended the time; its own timer will reset the limit.
        if time.monotonic() >= _hidden_until and hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit
