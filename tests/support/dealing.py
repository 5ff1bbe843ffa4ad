"""The order of all tests over the workers: each begins with tests that wait long, and ends with short ones.

pytest-xdist gives each worker an equal part of the list, in its order, and moves short rests from busy workers to idle
ones. A test of four minutes at the end of a part would keep one worker busy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

Test = TypeVar("Test")


def dealt(
    tests: Sequence[Test], workers: int, file_of: Callable[[Test], str], is_long: Callable[[Test], bool]
) -> list[Test]:
    """Return *tests* in the order in which *workers* take them: files with long tests first, in each worker's part.

    A file stays whole where it can, as its tests may share what they start.
    """
    files = [list(found) for _, found in groupby(tests, file_of)]
    long = sorted((one for one in files if any(map(is_long, one))), key=len, reverse=True)
    short = [test for one in files if not any(map(is_long, one)) for test in one]
    parts: list[list[Test]] = [[] for _ in range(workers)]
    for one in long:
        min(parts, key=len).extend(one)
    size = len(tests) // workers
    given = 0
    for part in parts:
        lacking = max(0, size - len(part))
        part.extend(short[given : given + lacking])
        given += lacking
    return [test for part in parts for test in part] + short[given:]
