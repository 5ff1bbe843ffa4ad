"""What the state has of a release: its outputs as they were when this deployment began.

The engine tells a program's process what a stack's state holds (`readStackResourceOutputs`, which the Node SDK has as
`getStackResourceOutputs`); asked for the stack that is being deployed, it is what earlier deployments left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

RECORD_TYPE = "pulumi-python:dynamic/alicdn:ReleaseRecord"
INTENT_TYPE = "pulumi-python:dynamic/alicdn:TaskIntent"


@dataclass(frozen=True, slots=True)
class Former:
    """What there is of a release.

    ``record``: outputs of the last one that was proven, None before the first. ``intents``: those of its tasks, under
    way or done, by the name of their resource.
    """

    record: Mapping[str, Any] | None = None
    intents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def former(component_type: str, name: str, task_names: tuple[str, ...]) -> Former:
    """What earlier deployments of this stack left of the release *name*."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    answer = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"name": stack, "stackName": stack})
    found = (answer.value or {}).get("outputs") or {}
    record: Mapping[str, Any] | None = None
    intents: dict[str, Mapping[str, Any]] = {}
    for urn, one in found.items():
        path, _, own = urn.removeprefix("urn:pulumi:").rpartition("::")
        if component_type not in path:
            continue
        if one["type"] == RECORD_TYPE and own == name:
            record = one["outputs"]
        elif one["type"] == INTENT_TYPE and own in task_names:
            intents[own] = one["outputs"]
    return Former(record, intents)
