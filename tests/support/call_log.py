"""Reading an emulator's log of calls."""

from __future__ import annotations

from typing import Any

from pulumi_alicdn.emulator.running import Emulator

SUBMITS = ("RefreshVodObjectCaches", "PreloadVodObjectCaches", "RefreshObjectCaches", "PushObjectCache")


def submits(cloud: Emulator) -> list[dict[str, Any]]:
    """The logged calls that submitted, or tried to submit, something."""
    return [dict(call) for call in cloud.calls() if call["action"] in SUBMITS]


def paths(call: dict[str, Any]) -> list[str]:
    """The object paths of one submit."""
    return str(call["params"]["ObjectPath"]).splitlines()
