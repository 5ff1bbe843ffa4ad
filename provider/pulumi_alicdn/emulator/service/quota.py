"""The limits of an account: daily counters, URLs per minute, queues, requests per second."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Final

from pulumi_alicdn.emulator.service.products import PRELOAD_QUEUE, SERVICES, Counter, Service
from pulumi_alicdn.emulator.service.refusals import (
    PRELOAD_QUEUE_FULL,
    QUOTA_PER_MINUTE,
    QUOTA_REFRESH,
    THROTTLING,
    Refusal,
)
from pulumi_alicdn.emulator.service.task_book import TaskBook
from pulumi_alicdn.emulator.values import ObjectType

QUOTA_ZONE: Final = timezone(timedelta(hours=8))
"""The time zone of the quota's day. The documents say "per day" without a zone. [chosen: the services bill by China
Standard Time]"""

URLS_PER_MINUTE: Final = 10_000
"""URLs per minute and domain (DCDN refresh documentation of 2025)."""

_MINUTE: Final = timedelta(minutes=1)


class DailyQuota:
    """Used and allowed objects per service, counter and day."""

    def __init__(self) -> None:
        """Start with the documented defaults and nothing used."""
        self._allowed = {(service.name, name): n for service in SERVICES for name, n in service.daily.items()}
        self._used: Tally[tuple[str, Counter]] = Tally()
        self._day: date | None = None

    def allowed(self, service: Service, counter: Counter) -> int:
        """Objects allowed per day."""
        return self._allowed[service.name, counter]

    def remaining(self, service: Service, counter: Counter, now: datetime) -> int:
        """Objects left today."""
        self._start_day(now)
        return self._allowed[service.name, counter] - self._used[service.name, counter]

    def check(self, service: Service, object_type: ObjectType, amount: int, now: datetime) -> None:
        """Refuse *amount* objects if fewer are left; count nothing."""
        if self.remaining(service, service.counters[object_type], now) < amount:
            raise Refusal(service.preload_quota if object_type is ObjectType.PRELOAD else QUOTA_REFRESH)

    def take(self, service: Service, object_type: ObjectType, amount: int, now: datetime) -> None:
        """Count *amount* objects as used."""
        self._start_day(now)
        self._used[service.name, service.counters[object_type]] += amount

    def set_allowed(self, service: Service, counter: Counter, amount: int) -> None:
        """Change the number of objects that a day allows."""
        self._allowed[service.name, counter] = amount

    def set_remaining(self, service: Service, counter: Counter, amount: int, now: datetime) -> None:
        """Leave exactly *amount* for today; raise the daily number if it is smaller."""
        self._start_day(now)
        key = (service.name, counter)
        self._allowed[key] = max(self._allowed[key], amount)
        self._used[key] = self._allowed[key] - amount

    def _start_day(self, now: datetime) -> None:
        today = now.astimezone(QUOTA_ZONE).date()
        if today != self._day:
            self._day = today
            self._used.clear()


class MinuteQuota:
    """URLs per domain within any sixty seconds."""

    def __init__(self, urls_per_minute: int = URLS_PER_MINUTE) -> None:
        """Allow *urls_per_minute* for each domain."""
        self.urls_per_minute = urls_per_minute
        self._taken: dict[tuple[str, str], deque[tuple[datetime, int]]] = defaultdict(deque)

    def check(self, service: Service, amounts: Mapping[str, int], now: datetime) -> None:
        """Refuse if any domain would exceed its minute; count nothing."""
        for domain, amount in amounts.items():
            taken = self._taken[service.name, domain]
            while taken and taken[0][0] <= now - _MINUTE:
                taken.popleft()
            if amount + sum(n for _, n in taken) > self.urls_per_minute:
                raise Refusal(QUOTA_PER_MINUTE)

    def take(self, service: Service, amounts: Mapping[str, int], now: datetime) -> None:
        """Count the URLs of each domain."""
        for domain, amount in amounts.items():
            self._taken[service.name, domain].append((now, amount))


class QueueLimits:
    """The most unfinished rows: prefetches of a service's account, and refreshes of a domain."""

    def __init__(self) -> None:
        """Start with the documented prefetch queue, and without a limit for refreshes: no document states one."""
        self.preload = PRELOAD_QUEUE
        self.refresh: int | None = None

    def check(self, service: Service, object_type: ObjectType, domains: Mapping[str, int], book: TaskBook) -> None:
        """Refuse a submission that overfills a queue; *domains* holds its number of objects per domain."""
        if object_type is ObjectType.PRELOAD:
            amount = sum(domains.values())
            # Counting walks through all rows, so first check whether the limit can be reached at all.
            crowded = len(book.rows()) + amount > self.preload
            if crowded and len(book.unfinished(service.name, preload=True)) + amount > self.preload:
                raise Refusal(PRELOAD_QUEUE_FULL)
        elif self.refresh is not None and service.refresh_queue_full is not None:
            unfinished = Tally(row.target.domain for row in book.unfinished(service.name, preload=False))
            if any(unfinished[domain] + amount > self.refresh for domain, amount in domains.items()):
                raise Refusal(service.refresh_queue_full)


class RequestLimit:
    """A token bucket per service over the virtual clock; off until it is set."""

    def __init__(self) -> None:
        """Start without a limit."""
        self._per_s: float | None = None
        self._burst = 1.0
        self._tokens: dict[str, tuple[datetime, float]] = {}

    def set(self, per_s: float | None, burst: float) -> None:
        """Allow *per_s* requests a virtual second after *burst* at once; None for no limit."""
        self._per_s, self._burst = per_s, burst
        self._tokens.clear()

    def check(self, service: str, now: datetime) -> None:
        """Take one token, or refuse the request as throttled."""
        if self._per_s is None:
            return
        since, tokens = self._tokens.get(service, (now, self._burst))
        tokens = min(self._burst, tokens + (now - since).total_seconds() * self._per_s)
        if tokens < 1:
            self._tokens[service] = (now, tokens)
            raise Refusal(THROTTLING)
        self._tokens[service] = (now, tokens - 1)


ACTIONS_PER_S: Final = {
    "DescribeUserVipsByDomain": 30.0,
    "DescribeL2VipsByDomain": 40.0,
    "BatchDescribeCdnIpInfo": 20.0,
    "DescribeIpInfo": 50.0,
    "DescribeCdnDomainDetail": 30.0,
    "DescribeCdnDomainConfigs": 100.0,
    "DescribeVodDomainDetail": 30.0,
}
"""Calls per second and account (the documents of these actions; those of the other two VOD actions name none)."""


class ActionLimits:
    """Calls per second of single actions: a token bucket each, which holds the calls of one second.

    It counts real seconds: clients have no other, and a clock that a test has stopped would never allow another call.
    """

    def __init__(self, per_s: Mapping[str, float], monotonic: Callable[[], float]) -> None:
        """Allow that many calls of these actions, and any number of others; *monotonic* is real seconds."""
        self._per_s = dict(per_s)
        self._monotonic = monotonic
        self._tokens: dict[str, tuple[float, float]] = {}

    def per_s(self) -> Mapping[str, float]:
        """The actions with a limit."""
        return self._per_s

    def change(self, per_s: Mapping[str, float | None]) -> None:
        """Change the limits of these actions; None for no limit."""
        for action, limit in per_s.items():
            self._tokens.pop(action, None)
            self._per_s.pop(action, None)
            if limit is not None:
                self._per_s[action] = limit

    def check(self, action: str) -> None:
        """Take one token, or refuse the call as throttled."""
        if action not in self._per_s:
            return
        per_s, now = self._per_s[action], self._monotonic()
        most = max(1.0, per_s)
        since, tokens = self._tokens.get(action, (now, most))
        tokens = min(most, tokens + (now - since) * per_s)
        self._tokens[action] = (now, tokens - (tokens >= 1))
        if tokens < 1:
            raise Refusal(THROTTLING)


def per_domain(domains: Iterable[str]) -> Mapping[str, int]:
    """Return how often each domain occurs."""
    return Tally(domains)
