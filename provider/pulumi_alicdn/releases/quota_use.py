"""The quota that a release uses, and the time at which the quota renews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from pulumi_alicdn.api.limits import quota_name
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.phrases import counted

_CHINA: Final = timezone(timedelta(hours=8))


def objects(object_type: ObjectType, count: int) -> str:
    """Return the number of objects in words, with the noun of their type."""
    return counted(count, "directory", "directories") if object_type is ObjectType.DIRECTORY else counted(count, "URL")


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """The use of one quota. ``name`` is the one from api.limits.quota_name; ``allowance`` is None if not known."""

    name: str
    object_type: ObjectType
    needed: int
    allowance: Allowance | None

    @property
    def suffices(self) -> bool:
        """Whether enough is left. True if the allowance is not known: the service itself refuses what exceeds it."""
        return self.allowance is None or self.needed <= self.allowance.remaining

    @property
    def objects(self) -> str:
        """The needed objects, in words."""
        return objects(self.object_type, self.needed)

    @property
    def left(self) -> str:
        """The allowance before this use, in words."""
        never = self.allowance is not None and self.needed > self.allowance.total
        return _left(self.allowance, 0) + ("; no day's quota is enough" if never else "")

    @property
    def after(self) -> str:
        """The allowance after this use, in words."""
        return _left(self.allowance, self.needed) if self.suffices else "too few left"


def _left(allowance: Allowance | None, taken: int) -> str:
    if allowance is None:
        return "an unknown number left"
    return f"{max(0, allowance.remaining - taken):,} of {allowance.total:,} left"


def quota_use(service: Service, object_type: ObjectType, needed: int, allowances: Mapping[str, Allowance]) -> QuotaUse:
    """Return the quota that *needed* objects use; *allowances* holds the known ones, by name."""
    name = quota_name(service, object_type)
    return QuotaUse(name, object_type, needed, allowances.get(name))


def renews_at(now: datetime) -> datetime:
    """Return the instant at which the quota renews next, aware UTC; *now* is aware.

    "Daily (replenished at 00:00:00 UTC+8)": CDN documentation, "Manage quotas". VOD's documents only say "per day"; its
    day is assumed to be the same.
    """
    midnight = now.astimezone(_CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).astimezone(UTC)


def renewal(now: datetime) -> str:
    """Return a sentence on the next renewal of the quota: the time in China, in UTC, and how long until then."""
    then = renews_at(now)
    hours, minutes = divmod(-(-(then - now) // timedelta(minutes=1)), 60)
    china, utc = (f"{then.astimezone(zone):%Y-%m-%d %H:%M}" for zone in (_CHINA, UTC))
    return f"the quota renews at {china} UTC+8 ({utc} UTC), in {hours} h {minutes} min"
