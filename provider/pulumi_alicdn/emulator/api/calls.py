"""One call of the API as its handler sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.service.products import Service
from pulumi_alicdn.emulator.values import JsonObject, Params
from pulumi_alicdn.emulator.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call: its service, parameters, faults and virtual instant.

    ``temporary``: whether it is signed with a temporary key.
    """

    service: Service
    params: Params
    faults: Sequence[Fault]
    now: datetime
    temporary: bool = False


Handler: TypeAlias = Callable[[World, Call], JsonObject]
