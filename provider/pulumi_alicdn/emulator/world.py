"""The whole state of one emulator."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx2

from pulumi_alicdn.emulator.clock import VirtualClock
from pulumi_alicdn.emulator.faults import FaultPlan
from pulumi_alicdn.emulator.journal import Journal
from pulumi_alicdn.emulator.modes import Modes
from pulumi_alicdn.emulator.network.edge import Edge
from pulumi_alicdn.emulator.network.effects import Effects
from pulumi_alicdn.emulator.network.origin import Origin
from pulumi_alicdn.emulator.network.origin_client import OriginClient
from pulumi_alicdn.emulator.network.scheduler import Scheduler
from pulumi_alicdn.emulator.network.site_rules import NO_RULES, SiteRules
from pulumi_alicdn.emulator.network.url_auth import UrlAuth
from pulumi_alicdn.emulator.service.access import Access
from pulumi_alicdn.emulator.service.dialects import PRESENT
from pulumi_alicdn.emulator.service.domains import Domains
from pulumi_alicdn.emulator.service.media import MediaBook
from pulumi_alicdn.emulator.service.quirks import Quirks
from pulumi_alicdn.emulator.service.quota import DailyQuota, MinuteQuota, QueueLimits, RequestLimit
from pulumi_alicdn.emulator.service.statuses import StatusUpdates
from pulumi_alicdn.emulator.service.task_book import TaskBook
from pulumi_alicdn.emulator.settings import Settings


class World:
    """Account, tasks, edges, origin, clock and faults of one emulator."""

    def __init__(self, settings: Settings, client: httpx2.AsyncClient, origin: Origin | None, origin_url: str) -> None:
        """Create everything; *origin* is None if the origin is another server."""
        self.settings = settings
        self.origin = origin
        self.clock = VirtualClock(settings.start or datetime.now(UTC), time.monotonic, settings.speed)
        self.scheduler = Scheduler(self.clock)
        self.access = Access(settings.access_key_id, settings.access_key_secret)
        self.book = TaskBook()
        self.statuses = StatusUpdates()
        self.faults = FaultPlan()
        self.journal = Journal()
        self.media = MediaBook()
        origin_client = OriginClient(client, origin_url, settings.origin_timeout_s, self.clock)
        self.edges = [
            Edge(f"edge-{index}", self.clock, origin_client, settings.domains) for index in range(settings.edges)
        ]
        self.effects = Effects(self.scheduler, self.clock, self.edges)
        self._set_defaults()

    def reset(self) -> None:
        """Return to the state at the start. The clock, added origin files, used nonces and ids stay."""
        self.scheduler.clear()
        self.access.reset()
        self.book.clear()
        self.statuses.clear()
        self.faults.replace(())
        self.journal.clear()
        self.media.clear()
        self._set_defaults()
        for edge in self.edges:
            edge.cache.clear()
        if self.origin is not None:
            self.origin.reset()

    def set_modes(self, modes: Modes) -> None:
        """Behave in these modes from now on; copies in caches stay as they are."""
        self.modes = modes
        for edge in self.edges:
            edge.by_encoding = modes.copies_by_encoding
        if self.origin is not None:
            self.origin.compresses = modes.copies_by_encoding

    def set_url_auth(self, url_auth: Mapping[str, UrlAuth]) -> None:
        """Have the edges check signed URLs for these domains, lower case, and for no others."""
        self.url_auth = url_auth
        for edge in self.edges:
            edge.url_auth = url_auth

    def set_rules(self, rules: SiteRules) -> None:
        """Have edges and origin follow these rules from now on; copies in caches stay as they are."""
        self.rules = rules
        for edge in self.edges:
            edge.rules = rules
        if self.origin is not None:
            self.origin.site = rules

    def _set_defaults(self) -> None:
        self.quota = DailyQuota()
        self.minute_quota = MinuteQuota()
        self.queues = QueueLimits()
        self.request_limit = RequestLimit()
        self.domains = Domains(self.settings.domains)
        self.dialect = PRESENT
        self.quirks = Quirks()
        self.set_modes(self.settings.modes)
        self.set_url_auth({})
        self.set_rules(NO_RULES)
