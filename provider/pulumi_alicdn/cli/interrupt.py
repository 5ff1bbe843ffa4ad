"""Ctrl-C and SIGTERM: they end the command but no task, and the last line explains how to continue."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn

import click

from pulumi_alicdn.causes import causes
from pulumi_alicdn.cli import console

AGAIN_S: Final = 0.5
"""Seconds after which an interruption that nothing has noticed is raised again. [chosen: a user does not wonder yet;
unwinding the stack takes less]"""

GIVE_UP_S: Final = 5.0
"""Seconds after an interruption at which the command ends, whatever still runs: an exception that arrives while a lock
is taken can leave a thread that never ends. [chosen: a cleanup writes a few small files]"""

_SHOW_CURSOR: Final = b"\x1b[?25h\n"
"""The escape that undoes what a progress bar does to a terminal."""

_LAST_WORDS: Final = b"alicdn: interrupted; the tasks go on in the cloud: `alicdn tasks` lists them\n"
"""The next step where nothing more is known."""


class TerminatedError(KeyboardInterrupt):
    """SIGTERM, raised as Ctrl-C is."""


@dataclass(slots=True)
class _Interruption:
    """The interruption that has arrived: its exception, when, whether the command has noticed it, and is held back."""

    kind: type[KeyboardInterrupt] | None = None
    at: float = 0.0
    noticed: bool = False
    held: bool = False


_interruption: Final = _Interruption()
"""The one interruption of the process; only the main thread runs signal handlers."""


def heed_signals() -> None:
    """Make Ctrl-C and SIGTERM raise an exception in the main thread, so that the last line of the command is written.

    An exception in a destructor, in a callback of the garbage collector or in a library's `except BaseException` is
    lost. It is therefore raised again every :data:`AGAIN_S` seconds until :func:`noticed`, where the system has timers;
    after :data:`GIVE_UP_S` the process ends.
    """
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _again)
        # Python gives every signal back its default action while it ends, and the timer's would end the process with
        # an exit code of its own. One that is ignored stays so.
        atexit.register(signal.signal, signal.SIGALRM, signal.SIG_IGN)


@contextmanager
def held() -> Iterator[None]:
    """Raise an interruption that arrives within the block after it: for what must not stop halfway.

    What takes longer than :data:`GIVE_UP_S` ends the process, as after any interruption.
    """
    earlier = _interruption.kind
    _interruption.held = True
    try:
        yield
    finally:
        _interruption.held = False
    if earlier is None and _interruption.kind is not None:
        raise _interruption.kind


def noticed() -> None:
    """Raise the interruption no more: the command is about to end. What holds it up longer is ended."""
    _interruption.noticed = True
    if _interruption.kind is not None and hasattr(signal, "setitimer"):
        left_s = GIVE_UP_S - (time.monotonic() - _interruption.at)
        signal.setitimer(signal.ITIMER_REAL, max(AGAIN_S, left_s), AGAIN_S)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    now = time.monotonic()
    if _interruption.kind is None:
        _interruption.kind = TerminatedError if number == signal.SIGTERM else KeyboardInterrupt
        _interruption.at = now
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
        if _interruption.held:
            return
        raise _interruption.kind
    # A program that started this one may pass on the Ctrl-C that the terminal has delivered already.
    if now - _interruption.at >= AGAIN_S:
        _end_at_once(number)


def _again(_number: int, _frame: FrameType | None) -> None:
    """Raise the interruption again, unless the stack is being unwound: a cleanup must not break off."""
    kind = _interruption.kind
    if kind is None:
        return
    if time.monotonic() - _interruption.at >= GIVE_UP_S:
        _give_up(kind())
    unwinding = any(isinstance(one, KeyboardInterrupt) for one in causes(sys.exception()))
    if not (_interruption.noticed or _interruption.held or unwinding):
        raise kind


def _give_up(interruption: KeyboardInterrupt) -> NoReturn:
    """End the process without waiting for its threads; a terminal that nobody reads must not hold it up."""
    with suppress(OSError):
        os.set_blocking(sys.stderr.fileno(), False)
        os.write(sys.stderr.fileno(), (_SHOW_CURSOR if sys.stderr.isatty() else b"") + _LAST_WORDS)
    os._exit(code(interruption))


def _end_at_once(number: int) -> None:
    """End the process by signal *number*: the user has asked twice."""
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), _SHOW_CURSOR)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def code(error: BaseException | None) -> int:
    """Return the exit code after *error*: 143 after SIGTERM, else 130."""
    return 128 + (signal.SIGTERM if isinstance(error, TerminatedError) else signal.SIGINT)


@contextmanager
def explain_interruption(known_ids: Callable[[], Sequence[str]], how: str) -> Iterator[None]:
    """If the block is interrupted, print that the tasks go on, and *how* to follow them.

    *known_ids* returns the ids of all tasks known so far; they replace ``{ids}`` in *how*.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        noticed()
        # On a terminal, begin a new line after the ^C that Ctrl-C prints.
        head = "\nalicdn: interrupted" if sys.stderr.isatty() else "alicdn: interrupted"
        if task_ids := known_ids():
            console.say(f"{head}; the tasks go on in the cloud: {how.format(ids=','.join(task_ids))}")
        else:
            console.say(f"{head} before a task id was known; `alicdn tasks` lists what was submitted")
        raise click.exceptions.Exit(code(error)) from None
