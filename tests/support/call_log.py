"""Reading an emulator's log of calls."""

from __future__ import annotations

from typing import Any

from pulumi_alicdn.emulator.running import Emulator

SUBMITS = (
    "RefreshVodObjectCaches",
    "PreloadVodObjectCaches",
    "RefreshMediaPlayUrls",
    "RefreshObjectCaches",
    "PushObjectCache",
    "RefreshObjectCacheByCacheTag",
)
"""The actions that submit something."""


def submits(cloud: Emulator) -> list[dict[str, Any]]:
    """The logged calls that submitted, or tried to submit, something."""
    return [dict(call) for call in cloud.calls() if call["action"] in SUBMITS]


def paths(call: dict[str, Any]) -> list[str]:
    """The object paths of one submit; none of one that names media or cache tags."""
    return str(call["params"].get("ObjectPath", "")).splitlines()


def polled(cloud: Emulator, since: int = 0) -> bool:
    """Whether a wait is under way: the service was asked about tasks after the last submit.

    *since*: how many calls at the start of the log do not count.
    """
    actions = [str(call["action"]) for call in cloud.calls()[since:]]
    last = max((place for place, action in enumerate(actions) if action in SUBMITS), default=len(actions))
    later = actions[last + 1 :]
    return any(action.startswith(("Describe", "GetMedia")) and "Quota" not in action for action in later)


class NewSubmits:
    """The submits to one cloud, each returned once."""

    def __init__(self, cloud: Emulator) -> None:
        """Begin with the first call of the log."""
        self._cloud = cloud
        self._seen = 0

    def take(self) -> list[tuple[str, list[str]]]:
        """The action and the object paths of each submit since the last time."""
        new = submits(self._cloud)[self._seen :]
        self._seen += len(new)
        return [(call["action"], paths(call)) for call in new]
