"""What the Pulumi state holds of each step, written down once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

State = dict[str, Any]


Inputs = Mapping[str, Any]


WAIT_OPTIONS: Final = ("wait", "timeout", "on_timeout", "retry_failed")


PASSED_ON: Final = (
    "task_ids",
    "job_ids",
    "superseded",
    "request_ids",
    "submitted_at",
    "submitted_until",
    "gap_s",
    "run",
)
"""What a submission found out and a completion takes."""
