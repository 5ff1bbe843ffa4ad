"""The order of all tests over the workers: each begins with tests that last long, and ends with short ones.

pytest-xdist gives each worker an equal number of tests, in their order, and moves short rests from busy workers to idle
ones. Long tests at the end of a part would keep one worker busy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

Test = TypeVar("Test")


def dealt(
    tests: Sequence[Test], workers: int, file_of: Callable[[Test], str], lasts_s: Callable[[Test], float]
) -> list[Test]:
    """Return *tests* in the order in which *workers* take them: long files first, in parts that last equally long.

    *lasts_s*: about how many seconds a long test lasts; 0 for a short one. A file stays whole where it can, as its
    tests may share what they start.
    """
    files = [list(found) for _, found in groupby(tests, file_of)]
    weighed = [(sum(map(lasts_s, one)), one) for one in files]
    short = [test for weight, one in weighed if not weight for test in one]
    parts: list[list[Test]] = [[] for _ in range(workers)]
    weights = [0.0] * workers
    for weight, one in sorted(weighed, key=lambda found: found[0], reverse=True):
        if weight:
            at = weights.index(min(weights))
            parts[at].extend(one)
            weights[at] += weight
    size = len(tests) // workers
    given = 0
    for part in parts:
        lacking = max(0, size - len(part))
        part.extend(short[given : given + lacking])
        given += lacking
    return [test for part in parts for test in part] + short[given:]
