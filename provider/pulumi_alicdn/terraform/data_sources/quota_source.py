"""The data source `alicdn_refresh_quota`: today's quota and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_alicdn.api.dialects import DIALECTS
from pulumi_alicdn.api.query_rules import dialect_named
from pulumi_alicdn.terraform.resource import Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import Problem, one_of


class QuotaSource:
    """Today's quota of a service."""

    def __init__(self, session: Session) -> None:
        """Ask with the configuration of *session*."""
        self._session = session

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return the broken rule of the service."""
        return [*one_of("service", config.get("service"), DIALECTS, required=True)]

    def read(self, config: Values) -> Found:
        """Ask once."""
        context = self._session.context
        found = context.caller().read(context.api(dialect_named(config.get("service")).service).quota)
        quota = {name: {"total": one.total, "remaining": one.remaining} for name, one in found.items()}
        return Found({**config, "quota": quota})
