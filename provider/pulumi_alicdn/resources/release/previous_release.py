"""The outputs of a release in the state, as they were when this deployment began.

The engine lets a program read the state of a stack (`readStackResourceOutputs`, in the Node SDK
`getStackResourceOutputs`). For the stack that is being deployed, it returns what earlier deployments left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import pulumi

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.releases.decision import PreviousRelease
from pulumi_alicdn.releases.heals.pending import FIRST_PLACE, MAX_PLACES, Healing, Place
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.resources.compact import expanded
from pulumi_alicdn.resources.component.step_types import with_present_types
from pulumi_alicdn.resources.program import current_program
from pulumi_alicdn.resources.release_steps import HealProof, ReleaseProof, ReleaseRecord
from pulumi_alicdn.resources.task_steps import Intent
from pulumi_alicdn.state import HealProofState, IntentState, ReleaseRecordState

READABLE_S: Final = 10.0
"""Seconds for which a half-written state is read again. [chosen: a write takes a fraction of a second]"""

PAUSE_S: Final = 0.1
"""Seconds between two reads of the state. [chosen: short for a program that runs a few seconds]"""

_HALF_WRITTEN: Final = "failed to load checkpoint"
"""Part of the engine's error while its state file is being written: `failed to load checkpoint: …: unexpected end of
JSON input`, for a truncated or empty file. [measured with Pulumi 3.250.0]"""


@dataclass(frozen=True, slots=True)
class ReleaseAddress:
    """The address of a release: its type, its name, and the type of its parent component; empty without a parent."""

    type: str
    name: str
    parent_type: str = ""

    def holds(self, urn: str) -> bool:
        """Whether *urn* is a resource within the release.

        The release's own URN is not known yet when the state is read, so only the direct parent is compared.
        """
        types = urn.split("::")[2].split("$")
        if self.type not in types:
            return False
        above = types[: types.index(self.type)]
        return above[-1:] == [self.parent_type] if self.parent_type else not above


def address_of(type_token: str, name: str, opts: pulumi.ResourceOptions | None) -> ReleaseAddress:
    """Return the address of the component of this type and name, whose options are *opts*."""
    parent = opts.parent if opts is not None else None
    nested = parent is not None and parent is not pulumi.runtime.get_root_resource()
    return ReleaseAddress(type_token, name, parent.pulumi_resource_type if parent is not None and nested else "")


@dataclass(frozen=True, slots=True)
class StoredRelease(PreviousRelease):
    """The same in a stack. ``ended``: whether the state has the last step, which earlier versions do not have."""

    ended: bool = False


def heal_name(name: str, place: int) -> str:
    """Return the name of the steps of the heal at *place* of the release *name*."""
    return f"{name}-heal" if place == FIRST_PLACE else f"{name}-heal-{place}"


def read_previous_release(address: ReleaseAddress, task_names: Mapping[Kind, str]) -> StoredRelease:
    """Read what earlier deployments of this stack left of the release at *address*, whose tasks have *task_names*."""
    found = stored_outputs()
    kinds = {name: kind for kind, name in task_names.items()}
    heals = {heal_name(address.name, place): place for place in range(FIRST_PLACE, FIRST_PLACE + MAX_PLACES)}
    record: ReleaseRecordState | None = None
    started: dict[Kind, StartedTask] = {}
    begun: dict[int, StartedTask] = {}
    proofs: dict[int, HealProofState] = {}
    ended = False
    for urn, one in found.items():
        if not address.holds(urn):
            continue
        own = urn.rpartition("::")[2]
        if one["type"] == ReleaseRecord.type_token and own == address.name:
            record = one["outputs"]
        elif one["type"] == Intent.type_token and own in kinds:
            task = StartedTask.read(cast("IntentState", expanded(one["outputs"])))
            if task is not None:
                started[kinds[own]] = task
        elif one["type"] == Intent.type_token and own in heals:
            task = StartedTask.read(cast("IntentState", expanded(one["outputs"])))
            if task is not None:
                begun[heals[own]] = task
        elif one["type"] == HealProof.type_token and own in heals:
            proofs[heals[own]] = one["outputs"]
        elif one["type"] == ReleaseProof.type_token and own == address.name:
            ended = True
    places = {place: Place(begun.get(place), proofs.get(place)) for place in sorted({*begun, *proofs})}
    return StoredRelease(record, started, Healing(places), ended)


def stored_outputs() -> Mapping[str, Any]:
    """Return all outputs of the state by URN, as this program read them first. Raises AlicdnError."""
    program = current_program()
    return _read() if program is None else program.earlier_state(_read)


def _read() -> Mapping[str, Any]:
    from pulumi_alicdn.system.clock import SystemClock

    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    asked = {"name": stack, "stackName": stack}
    clock = SystemClock()
    until = clock.monotonic() + READABLE_S
    while True:
        try:
            answer = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", asked)
        except Exception as error:  # noqa: BLE001  the SDK raises a bare Exception
            if not half_written(error) or clock.monotonic() > until:
                raise AlicdnError(f"the state of earlier releases cannot be read: {error}") from None
            clock.sleep(PAUSE_S)
        else:
            return with_present_types((answer.value or {}).get("outputs") or {})


def half_written(error: Exception) -> bool:
    """Whether *error* is the one of a state that is being written; a second read cannot help with any other."""
    return _HALF_WRITTEN in str(error)
