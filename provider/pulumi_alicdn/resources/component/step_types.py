"""The types of the steps: what the state and the display call each of them, and what earlier versions called it.

In a terminal, Pulumi shows progress to the right of the longest type of all rows, and cuts it at the edge. At 80
columns, a step that is wider than Pulumi's own row of `pulumi:providers:pulumi-python` would leave no room for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

WORDS: Final[Mapping[str, str]] = {
    "Intent": "Intent",
    "Submission": "Submit",
    "Completion": "Wait",
    "Attachment": "Attach",
    "EdgeProof": "Verify",
    "OriginCheck": "Origin",
    "ReleaseRecord": "Proof",
    "HealProof": "Healed",
    "ReleaseProof": "Result",
}
"""The last part of the type of each step, by the name of its class."""

_FORMER: Final = re.compile(rf"\bpulumi-python:alicdn:({'|'.join(WORDS)})(?=::|$)")


def step_type(name: str) -> str:
    """Return the type of the step whose class has this *name*."""
    return f"pulumi-python:cdn:{WORDS[name]}"


def former_type(name: str) -> str:
    """Return the type that earlier versions gave it."""
    return f"pulumi-python:alicdn:{name}"


def with_present_types(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return *outputs* of a state by URN, with each step as if this version had stored it."""
    return {_present(urn): {**one, "type": _present(one["type"])} for urn, one in outputs.items()}


def _present(text: str) -> str:
    """Return a type or a URN with the present type of a step."""
    return _FORMER.sub(lambda found: step_type(found[1]), text)
