"""What the methods of the plugin protocol ask of a managed resource and of a data source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import Problem


@dataclass(slots=True)
class Applied:
    """What a step leaves: the attributes, what is kept beside them, and what the user reads."""

    values: Values | None
    record: Record = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The attributes that a plan, a read or an import has found, and the warnings that the user reads.

    ``record``: what is kept beside them from now on; None leaves it as it is.
    """

    values: Values | None
    warnings: tuple[str, ...] = ()
    record: Record | None = None


class ManagedResource(Protocol):
    """A resource, which Terraform plans, applies and reads. Each method may raise AlicdnError, whose text is shown."""

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return all broken rules of the configuration; unknown values break none."""

    def plan(self, prior: Values | None, proposed: Values, record: Record) -> Found:
        """Return *proposed*, in which what an apply can change is unknown."""

    def read(self, state: Values, record: Record) -> Found:
        """Return what has become of *state*; without values, the resource is gone."""

    def apply(self, prior: Values | None, planned: Values, private: Record) -> Applied:
        """Create (without *prior*) or update."""

    def destroy(self, prior: Values, record: Record) -> None:
        """Forget the resource."""

    def imported(self, given_id: str) -> Found:
        """Return the resource of which the user gives the id."""


class DataSource(Protocol):
    """A data source, which Terraform reads with each plan. Each method may raise AlicdnError, whose text is shown."""

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return all broken rules of the configuration; unknown values break none."""

    def read(self, config: Values) -> Found:
        """Return *config* with what the cloud says."""
