"""What the state has of a release: its outputs as they were when this deployment began.

The engine tells a program's process what a stack's state holds (`readStackResourceOutputs`, which the Node SDK has as
`getStackResourceOutputs`); asked for the stack that is being deployed, it is what earlier deployments left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_alicdn.errors import AlicdnError

READABLE_S: Final = 10.0
"""Seconds within which the state can be read: while the engine writes it to a folder, it is not all there.
[chosen: a write takes a fraction of a second]"""

PAUSE_S: Final = 0.1
"""Seconds before the state is read again. [chosen: a program of a few seconds]"""

RECORD_TYPE = "pulumi-python:dynamic/alicdn:ReleaseRecord"
INTENT_TYPE = "pulumi-python:dynamic/alicdn:TaskIntent"


_read_already: WeakKeyDictionary[pulumi.Resource, Mapping[str, Any]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class ReleaseAddress:
    """A release by its type, its name, and the type of the component that it is a child of; empty without one."""

    type: str
    name: str
    parent_type: str = ""

    def holds(self, urn: str) -> bool:
        """Whether *urn* is of something within it.

        Its own URN is not known yet when the state is asked, so the types of components further up do not count.
        """
        types = urn.split("::")[2].split("$")
        if self.type not in types:
            return False
        above = types[: types.index(self.type)]
        return above[-1:] == [self.parent_type] if self.parent_type else not above


@dataclass(frozen=True, slots=True)
class PreviousRelease:
    """What there is of a release.

    ``record``: outputs of the last one that was proven, None before the first. ``intents``: those of its tasks, under
    way or done, by the name of their resource.
    """

    record: Mapping[str, Any] | None = None
    intents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_previous_release(place: ReleaseAddress, task_names: tuple[str, ...]) -> PreviousRelease:
    """What earlier deployments of this stack left of the release at *place*."""
    found = _outputs()
    record: Mapping[str, Any] | None = None
    intents: dict[str, Mapping[str, Any]] = {}
    for urn, one in found.items():
        if not place.holds(urn):
            continue
        own = urn.rpartition("::")[2]
        if one["type"] == RECORD_TYPE and own == place.name:
            record = one["outputs"]
        elif one["type"] == INTENT_TYPE and own in task_names:
            intents[own] = one["outputs"]
    return PreviousRelease(record, intents)


def _outputs() -> Mapping[str, Any]:
    """Everything that the state had when the first release of this program asked. Raises AlicdnError."""
    root = pulumi.runtime.get_root_resource()
    if root is None:
        return _read()
    if root not in _read_already:
        _read_already[root] = _read()
    return _read_already[root]


def _read() -> Mapping[str, Any]:
    from pulumi_alicdn.system.clock import SystemClock

    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    asked = {"name": stack, "stackName": stack}
    clock = SystemClock()
    until = clock.monotonic() + READABLE_S
    while True:
        try:
            answer = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", asked)
        except Exception as error:  # noqa: BLE001  the SDK raises this very class
            if clock.monotonic() > until:
                raise AlicdnError(f"what the state has of earlier releases cannot be read: {error}") from None
            clock.sleep(PAUSE_S)
        else:
            return (answer.value or {}).get("outputs") or {}
