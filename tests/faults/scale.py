"""How often things are tried: quickly for every change, thoroughly at night."""

from __future__ import annotations

import os
from typing import Final

NIGHTLY: Final = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def often(ci: int, factor: int = 20) -> int:
    """*ci* in a run for every change, *factor* times that at night."""
    return ci * factor if NIGHTLY else ci
