"""The exceptions behind an exception."""

from __future__ import annotations

from collections.abc import Iterator


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield *error* and every exception that led to it, nearest first, each once.

    Follows the chain of `raise ... from ...`, and the attributes in which requests and urllib3 keep their reasons.
    """
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
        # In urllib3, `reason` is an exception; in ssl, it is a text.
        parts = (getattr(current, "reason", None), *current.args)
        waiting += [part for part in parts if isinstance(part, BaseException)]
