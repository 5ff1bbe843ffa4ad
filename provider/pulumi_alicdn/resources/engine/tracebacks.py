"""One sentence instead of a traceback: for the errors of our own steps, and only for these.

Pulumi's server of dynamic resources shows an exception as `traceback.format_exc()` returns it. This module exchanges
the name `traceback` of that server for a module that returns the sentence of an error marked here, and for any other
exception what the original returns. `sys.tracebacklimit` would hide the frames of every resource of the process.
"""

from __future__ import annotations

import sys
import traceback
from types import ModuleType
from typing import Final
from weakref import WeakSet

_sentences: Final[WeakSet[BaseException]] = WeakSet()


def show_sentence(error: BaseException) -> None:
    """Mark *error*: Pulumi shows its type and message, without frames and causes."""
    _sentences.add(error)


def _format_exc(limit: int | None = None, chain: bool = True) -> str:
    error = sys.exception()
    if error is not None and error in _sentences:
        return "".join(traceback.format_exception_only(error))
    return traceback.format_exc(limit, chain)


def format_marked_errors() -> None:
    """Have Pulumi's server format marked errors as their sentence. Nothing changes outside a provider process."""
    server = sys.modules["__main__"]
    if hasattr(server, "DynamicResourceProviderServicer") and getattr(server, "traceback", None) is traceback:
        formatter = ModuleType(traceback.__name__, traceback.__doc__)
        vars(formatter).update(vars(traceback), format_exc=_format_exc)
        vars(server)["traceback"] = formatter
