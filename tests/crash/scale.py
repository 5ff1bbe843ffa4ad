"""How much is tried: one place decides for the whole folder."""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def runs(in_ci: int, nightly_times: int = 10) -> int:
    """*in_ci* repetitions, or *nightly_times* as many where HYPOTHESIS_PROFILE is `nightly`."""
    return in_ci * nightly_times if NIGHTLY else in_ci
