"""How long to wait before the next try of a failed call: full jitter below a doubling bound."""

from __future__ import annotations

from typing import Final

BASE_S: Final = 0.5
"""Bound of the first wait in seconds. [chosen: one call at the 5 calls a second of DescribeRefreshTasks, with room]"""

CAP_S: Final = 20.0
"""No bound grows beyond this, in seconds. [chosen: well under the shortest documented refresh, 5 minutes]"""


def backoff_s(failures: int, least_s: float, uniform: float) -> float:
    """Seconds to wait after *failures* (>= 1) failed tries, with *uniform* drawn from [0, 1).

    The draw is spread over the whole of [0, bound), at the cap too, so that clients that failed together do not come
    back together. What the service asks for (*least_s*) comes on top: it is a lower bound, not a replacement.
    """
    bound = min(CAP_S, BASE_S * 2.0 ** min(failures - 1, 16))
    return least_s + uniform * bound
