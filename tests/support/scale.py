"""How much is tried: quickly for every change, thoroughly at night."""

from __future__ import annotations

import os
from typing import Final

NIGHTLY: Final = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def runs(in_ci: int, nightly_times: int = 10) -> int:
    """*in_ci* repetitions for every change, *nightly_times* as many at night."""
    return in_ci * nightly_times if NIGHTLY else in_ci


def seeds(in_ci: int, nightly_times: int = 15) -> range:
    """The seeds of that many repetitions."""
    return range(1, 1 + runs(in_ci, nightly_times))
