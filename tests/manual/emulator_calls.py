"""The calls that steer the emulator, as it lists them itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from pulumi_alicdn.emulator.running import start


def reference() -> str:
    """A row for each method of each call."""
    with start(edges=1) as cloud:
        calls = cast("dict[str, dict[str, Any]]", cloud.admin("")["calls"])
    return "\n".join(["| call | what it does | example of a body |", "| --- | --- | --- |", *_rows(calls)])


def _rows(calls: dict[str, dict[str, Any]]) -> Iterator[str]:
    for path, methods in calls.items():
        for method, entry in methods.items():
            example = f"`{json.dumps(entry['example'])}`" if entry.get("example") else ""
            yield f"| `{method} {path}` | {entry['does']} | {example} |"
