"""Hide the frames of our own errors, and only of these.

An exception of a dynamic provider reaches the user as a formatted traceback. Only `sys.tracebacklimit` reduces it to
one sentence. That is a setting of the whole process, which other dynamic resources of the program share. So set it when
one of our errors leaves, and reset it once the error has been formatted.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Final

HIDDEN_S: Final = 0.5
"""Seconds for which frames stay hidden. [chosen: the server formats an exception within a millisecond]"""

_lock = threading.Lock()
_hidden_until = 0.0


def hide_frames() -> None:
    """For :data:`HIDDEN_S`, have exceptions formatted without frames."""
    global _hidden_until  # noqa: PLW0603  the limit itself is global
    with _lock:
        _hidden_until = time.monotonic() + HIDDEN_S
        sys.tracebacklimit = 0
    timer = threading.Timer(HIDDEN_S, _show_frames)
    timer.daemon = True
    timer.start()


def _show_frames() -> None:
    with _lock:
        # A later error extends the time, and has a timer of its own.
        if time.monotonic() >= _hidden_until and hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit
