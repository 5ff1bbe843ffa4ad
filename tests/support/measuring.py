"""The coverage of processes whose environment a test makes from nothing."""

from __future__ import annotations

import os


def measuring() -> dict[str, str]:
    """Return the variables that have a Python process measure itself; none where nothing is measured."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS_")}
