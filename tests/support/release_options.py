"""Options of a release as its steps take them, for tests of decisions that need no engine and no edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OPTIONS: Final[Mapping[str, Any]] = {
    "edges": None,
    "resolve": None,
    "origin": "https://origin.example.com",
    "origin_host": "",
    "verify": "all",
    "heal": 1,
    "proof": "require",
    "proof_timeout": 300.0,
    "proof_patience": 10.0,
    "summary_file": None,
    "report_file": None,
}
