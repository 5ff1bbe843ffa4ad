"""Ctrl-C and SIGTERM: they end the command but no task, and the last line explains how to continue."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from pulumi_alicdn.cli import console


class TerminatedError(KeyboardInterrupt):
    """SIGTERM, raised as Ctrl-C is."""


def heed_sigterm() -> None:
    """Make SIGTERM end the process as Ctrl-C does: with a last line, and with the terminal restored."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TerminatedError


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
        # On a terminal, begin a new line after the ^C that Ctrl-C prints.
        head = "\nalicdn: interrupted" if sys.stderr.isatty() else "alicdn: interrupted"
        if task_ids := known_ids():
            console.say(f"{head}; the tasks go on in the cloud: {how.format(ids=','.join(task_ids))}")
        else:
            console.say(f"{head} before a task id was known; `alicdn tasks` lists what was submitted")
        raise click.exceptions.Exit(code(error)) from None
