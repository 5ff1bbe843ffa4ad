"""The text of a release in state and journal: its steps, and the place through which each unfinished task was begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.releases.packed import pack, unpack
from pulumi_alicdn.state import ReleaseFileState, ReleaseTaskState
from pulumi_alicdn.tasks.verdict import Outcome

_PLACES: Final = "places"
"""The key of the text for the places; a text without unfinished tasks has none."""

_TASKS: Final = ("refresh", "prefetch", "heal")


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """``steps``: those that are done. ``places``: endpoint and profile of each unfinished task, by its intent."""

    steps: ReleaseFileState = field(default_factory=lambda: cast("ReleaseFileState", {}))
    places: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None, place: Callable[[Service], str]) -> StoredRelease:
        """Read a text; *place* is that of tasks for which it names none, as those of earlier versions do."""
        found: dict[str, Any] = dict(unpack(text)) if text else {}
        places = found.pop(_PLACES, {})
        return cls(places=places).after(cast("ReleaseFileState", found), place)

    def after(self, steps: ReleaseFileState, place: Callable[[Service], str]) -> StoredRelease:
        """Return the release after *steps*: a task that is new among them was begun through *place*."""
        return StoredRelease(
            steps,
            {
                one["intent_id"]: self.places.get(one["intent_id"]) or place(service_of_task(one))
                for one in _unfinished(steps)
            },
        )

    def moved(self, left: ReleaseTaskState, place: str) -> StoredRelease:
        """Return the release whose unfinished task *left* goes on through *place*."""
        return StoredRelease(self.steps, {**self.places, left["intent_id"]: place})

    def packed(self) -> str:
        """Return the text."""
        return pack({**self.steps, _PLACES: self.places} if self.places else self.steps)


def service_of_task(left: ReleaseTaskState) -> Service:
    """Return the service that the task is submitted to."""
    return Service(left["intent"]["service"])


def _unfinished(steps: ReleaseFileState) -> Iterator[ReleaseTaskState]:
    """Give the tasks that the service may still have to be asked for."""
    for name in _TASKS:
        left = cast("ReleaseTaskState | None", steps.get(name))
        if left is None:
            continue
        done = left.get("completion")
        if done is None or done["intent_id"] != left["intent_id"] or done["status"] != Outcome.COMPLETE:
            yield left
