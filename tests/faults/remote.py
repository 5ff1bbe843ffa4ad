"""A real emulator over HTTP, in virtual time, and what its own book says about a program's objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from faults.local import row_kind
from faults.program import Process, Program
from pulumi_alicdn.api.rows import instant
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from support.oddities import MAX_AHEAD_S
from support.virtual_clock import VirtualClock, break_calls, seeded_chance

Row = Mapping[str, Any]
QUOTAS = ("Url", "Dir", "Regex", "IgnoreParams", "Preload")


class Remote:
    """The service of one emulator, and the process of ours that uses it."""

    def __init__(self, cloud: Emulator) -> None:
        self.cloud = cloud
        settings = Settings(
            endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
        )
        self._apis = {service: connect(settings, service) for service in Service}
        self.clock = VirtualClock(cloud)

    def renew(self, files: Sequence[str] = (), status: str = "live") -> None:
        """An emulator as new, whose origin serves *files*; *status* is the mode of that name."""
        self.cloud.admin("reset", {})
        self.cloud.admin("modes", {"strict": True, "status": status})
        self.clock = VirtualClock(self.cloud)
        self.cloud.admin("quota", {f"{name}Quota": 100_000 for name in QUOTAS})
        if files:
            self.cloud.admin("origin", {"files": dict.fromkeys(files, "new")})

    def api(self, service: Service) -> AlibabaCloud:
        return self._apis[service]

    @property
    def now(self) -> datetime:
        """The server's time."""
        return instant(str(self.cloud.admin("clock")["now"]))

    def process(self, run: str, seed: int = 7) -> Process:
        return Process(run, self.api, self.clock, seeded_chance(seed))

    def misbehave(self, faults: Sequence[Mapping[str, Any]]) -> None:
        break_calls(self.cloud, *faults)

    def rows_of(self, program: Program) -> dict[str, list[Row]]:
        """Rows since the intent, by the objects of *program*; the emulator answers its paths verbatim."""
        spec, since = program.spec, program.not_before
        # The Date header that the intent comes from may have been ahead.
        since = since and since - timedelta(seconds=MAX_AHEAD_S)
        found: dict[str, list[Row]] = {path: [] for path in spec.object_paths}
        kind = str(row_kind(spec.service, spec.object_type))
        for row in self.cloud.tasks():
            wanted = row["service"] == str(spec.service) and row["ObjectType"] == kind
            if wanted and since is not None and created(row) >= since:
                found.setdefault(str(row["ObjectPath"]), []).append(row)
        return found


def created(row: Row) -> datetime:
    return instant(row["CreationTime"])
