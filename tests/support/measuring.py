"""The coverage of processes whose environment a test makes from nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final


def measuring() -> dict[str, str]:
    """Return the variables that have a Python process measure itself; none where nothing is measured."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS_")}


OF_SESSION: Final[Mapping[str, str]] = measuring()
"""These variables as the session began, before any test hides them."""
