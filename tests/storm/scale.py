"""How much is tried: one place decides for the whole folder."""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def seeds(in_ci: int, nightly_times: int = 15) -> range:
    """As many seeds as a run for every change takes, or *nightly_times* as many at night."""
    return range(1, 1 + (in_ci * nightly_times if NIGHTLY else in_ci))
