"""The whole state of one emulator."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx2

from pulumi_alicdn.emulator.clock import VirtualClock
from pulumi_alicdn.emulator.faults import FaultPlan
from pulumi_alicdn.emulator.journal import Journal
from pulumi_alicdn.emulator.modes import Modes
from pulumi_alicdn.emulator.network.edge import Edge, Traffic, fill
from pulumi_alicdn.emulator.network.effects import Effects
from pulumi_alicdn.emulator.network.gates import Gates
from pulumi_alicdn.emulator.network.nodes import ALL_WELL, NetworkState, Nodes, loopback_nodes
from pulumi_alicdn.emulator.network.origin import Origin
from pulumi_alicdn.emulator.network.origin_client import OriginClient
from pulumi_alicdn.emulator.network.resolver import Found
from pulumi_alicdn.emulator.network.scheduler import Scheduler
from pulumi_alicdn.emulator.network.site_rules import NO_RULES, SiteRules
from pulumi_alicdn.emulator.network.url_auth import UrlAuth
from pulumi_alicdn.emulator.service.access import Access
from pulumi_alicdn.emulator.service.dialects import PRESENT
from pulumi_alicdn.emulator.service.domain_settings import CNAME_SUFFIX, Config, Source
from pulumi_alicdn.emulator.service.domains import Domains
from pulumi_alicdn.emulator.service.media import MediaBook
from pulumi_alicdn.emulator.service.products import SERVICES
from pulumi_alicdn.emulator.service.quirks import Quirks
from pulumi_alicdn.emulator.service.quota import (
    ACTIONS_PER_S,
    ActionLimits,
    DailyQuota,
    MinuteQuota,
    QueueLimits,
    RequestLimit,
)
from pulumi_alicdn.emulator.service.statuses import StatusUpdates
from pulumi_alicdn.emulator.service.task_book import TaskBook
from pulumi_alicdn.emulator.settings import Settings


def edge_name(index: int) -> str:
    """The name of an edge by its number from 0."""
    return f"edge-{index}"


class World:
    """Account, domains, tasks, edges, nodes, origin, clock and faults of one emulator."""

    def __init__(
        self,
        settings: Settings,
        client: httpx2.AsyncClient,
        origin: Origin | None,
        origin_url: str,
        gates: Gates,
        network: NetworkState = ALL_WELL,
    ) -> None:
        """Create everything; *origin* is None if the origin is another server.

        *network* is the state at the start and after a reset.
        """
        self._usual = network
        self.settings = settings
        self.origin = origin
        self._origin_url = origin_url
        self.gates = gates
        self.clock = VirtualClock(settings.start or datetime.now(UTC), time.monotonic, settings.speed)
        self.created = self.clock.now()
        self.scheduler = Scheduler(self.clock)
        self.access = Access(settings.access_key_id, settings.access_key_secret)
        self.book = TaskBook()
        self.statuses = StatusUpdates()
        self.faults = FaultPlan()
        self.journal = Journal()
        self.media = MediaBook()
        origin_client = OriginClient(client, origin_url, settings.origin_timeout_s, self.clock)
        nodes = loopback_nodes(settings.node_count)
        self.edges = [
            Edge(edge_name(index), self.clock, origin_client, settings.domains) for index in range(len(nodes))
        ]
        self.nodes = Nodes(nodes, self.edges)
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
        self.forget_traffic()
        if self.origin is not None:
            self.origin.reset()

    def resolve(self, name: str) -> Found | None:
        """What DNS knows of *name*, lower case: accelerated domains, their CNAMEs, and nothing else."""
        domain = name.removesuffix(CNAME_SUFFIX)
        cname = self.nodes.state.cnames.get(domain, self.cname(domain))
        if not any(self.domains.known(domain, service.name) for service in SERVICES) or name not in {domain, cname}:
            return None
        addresses = self.nodes.dns()
        return Found(cname if name == domain else "", addresses) if cname else None

    def cname(self, domain: str) -> str:
        """The name that a domain, lower case, stands for in DNS; empty if its owner has not set it up."""
        given = self.domains.settings(domain).cname
        return f"{domain}{CNAME_SUFFIX}" if given is None else given

    async def fill(self, url: str) -> bool:
        """Give all edges the origin's present copy of a URL, fetched once; return whether the origin has it."""
        return await fill(self.edges, url)

    def forget_traffic(self) -> None:
        """Count the requests and connections of visitors anew."""
        self.gates.forget_most()
        for edge in self.edges:
            edge.traffic = Traffic()

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

    def set_network(self, state: NetworkState) -> None:
        """Have the network be in this state from now on; what is scheduled already stays as it is."""
        self.nodes.set_state(state)
        self.gates.keep_closed(self.nodes.refusing())

    def sources(self, domain: str) -> Sequence[Source]:
        """The sources of a domain, lower case: by default the emulator's origin."""
        given = self.domains.settings(domain).sources
        if given is not None:
            return given
        parts = urlsplit(self._origin_url)
        host = parts.hostname or ""
        port = parts.port or {"https": 443}.get(parts.scheme, 80)
        return [Source(content=host, type="ipaddr" if host.replace(".", "").isdigit() else "domain", port=port)]

    def configs(self, domain: str) -> Sequence[Config]:
        """The configuration of a domain, lower case: what was set, and what the edges do anyway by other calls."""
        given = self.domains.settings(domain).configs
        auth = self.url_auth.get(domain)
        applied = (*self.rules.configs(), *([] if auth is None else [auth.config()]))
        named = {config.function for config in given}
        return (*given, *(config for config in applied if config.function not in named))

    def _set_defaults(self) -> None:
        self.quota = DailyQuota()
        self.minute_quota = MinuteQuota()
        self.queues = QueueLimits()
        self.request_limit = RequestLimit()
        self.action_limits = ActionLimits(ACTIONS_PER_S, time.monotonic)
        self.domains = Domains(self.settings.domains)
        self.dialect = PRESENT
        self.quirks = Quirks()
        self.set_modes(self.settings.modes)
        self.set_url_auth({})
        self.set_rules(NO_RULES)
        self.set_network(self._usual)
