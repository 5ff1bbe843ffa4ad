"""Hiding the frames of our own errors, and of nobody else's.

An exception of a dynamic provider reaches the user as a formatted traceback, and only `sys.tracebacklimit` makes a
sentence of it. That is a setting of the whole process, which other dynamic resources of the program share: it is made
when an error of ours is on its way out, and taken back once it has been formatted.
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
    """Have exceptions formatted without frames for a moment."""
    global _hidden_until  # noqa: PLW0603  the limit itself is global
    with _lock:
        _hidden_until = time.monotonic() + HIDDEN_S
        sys.tracebacklimit = 0
    timer = threading.Timer(HIDDEN_S, _show_frames)
    timer.daemon = True
    timer.start()


def _show_frames() -> None:
    with _lock:
        # A later error has its own moment, and its own timer.
        if time.monotonic() >= _hidden_until and hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit
