"""How long a call may take: its caller states it, and everything that the call leads to keeps to it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Final, TypeVar

T = TypeVar("T")

_allowed_s: Final = ContextVar("allowed_s", default=math.inf)


class OverdueError(TimeoutError):
    """The time of a call was up before it ended."""


def allowed_s() -> float:
    """Return the seconds that the current call may take from its start; infinite if nobody has stated them."""
    return _allowed_s.get()


@contextmanager
def allowing(seconds: float) -> Iterator[None]:
    """Allow the calls inside *seconds* seconds each."""
    before = _allowed_s.set(max(0.0, seconds))
    try:
        yield
    finally:
        _allowed_s.reset(before)


def ended_within(seconds: float, call: Callable[[], T]) -> T:
    """Return the result of *call*, or raise its exception; raise OverdueError if it has not ended after *seconds*.

    For calls that nothing can interrupt, such as a question to DNS. *call* runs in a thread of its own, which does not
    keep the process alive.
    """
    result: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            result.set_result(context.run(call))
        except BaseException as error:  # noqa: BLE001  it is raised in the caller's thread
            result.set_exception(error)

    thread = threading.Thread(target=run, name="alicdn-within", daemon=True)
    thread.start()
    thread.join(min(seconds, threading.TIMEOUT_MAX))
    if not result.done():
        raise OverdueError(f"not ended after {seconds:g} s")
    return result.result()
