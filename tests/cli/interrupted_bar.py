"""A program that a signal meets at each line at which a bar begins and ends, once in each of its forks.

It prints one line for each place that left something behind, then how many places there were.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING, Final, TypeAlias

from pulumi_alicdn.cli import interrupt
from pulumi_alicdn.cli.progress_bar import ProofProgress
from pulumi_alicdn.system.clock import SystemClock

if TYPE_CHECKING:
    from _typeshed import TraceFunction

Place: TypeAlias = tuple[str, int]
"""A file and a line of it."""

WATCHED: Final = ("rich/live.py", "rich/progress.py", "cli/progress_bar.py", "cli/interrupt.py", "threading.py")
"""The files whose lines are met: those of a bar."""

DEADLINE_S: Final = 10.0
"""Seconds after which a thread that still runs counts as left behind."""


def drawn() -> None:
    """Show a bar, and take it away."""
    with ProofProgress(SystemClock(), 1):
        pass


def traced(reached: dict[Place, None], target: Place | None) -> TraceFunction:
    """Return a trace function that notes each place, and raises SIGTERM at *target*, once."""

    def line(frame: FrameType, event: str, _value: object) -> TraceFunction:
        place = frame.f_code.co_filename, frame.f_lineno
        if event == "line" and place not in reached and place[0].endswith(WATCHED):
            reached[place] = None
            if place == target:
                signal.raise_signal(signal.SIGTERM)
        return line

    return line


def met(target: Place) -> int:
    """Show a bar that SIGTERM meets at *target*; return 0 where it was interrupted and left nothing behind."""
    interrupt.heed_signals()
    try:
        sys.settrace(traced({}, target))
        drawn()
    except KeyboardInterrupt:
        sys.settrace(None)
        interrupt.noticed()
        # What Python does when it ends.
        atexit._run_exitfuncs()
        end = time.monotonic() + DEADLINE_S
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))
        return int(threading.active_count() > 1)
    return 2


def main() -> None:
    """Find the places, and meet each of them in a fork."""
    places: dict[Place, None] = {}
    sys.settrace(traced(places, None))
    drawn()
    sys.settrace(None)
    for file, line in places:
        sys.stdout.flush()  # before it is copied
        child = os.fork()
        if not child:
            os._exit(met((file, line)))
        _, status = os.waitpid(child, 0)
        if status:
            sys.stdout.write(f"{file}:{line} ended with {os.waitstatus_to_exitcode(status)}\n")
    sys.stdout.write(f"{len(places)} places\n")


main()
