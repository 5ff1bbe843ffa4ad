"""The requests to edges for URLs of which no hash is known: before a refresh, and after it where there is no origin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from pulumi_alicdn.freshness.contents import contents_of
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.covering import Wanted, covering
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.asked import Asked
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.judge import Expected, Served, probe_for
from pulumi_alicdn.releases.proof.servers import Server

BEFORE_S: Final = 60.0
"""Seconds that the edges may be asked before a submit. [chosen: short beside the minutes of a refresh; what has not
answered by then counts as unknown]"""

_NO_BYTES: Final = bytes(32)
"""A hash that no file has: whatever an edge serves may be named by its ETag at the others."""


def ask_before(
    reader: EdgeReader, clock: Clock, urls: Sequence[str], budget: Budget | None, seed: str, user_agent: str
) -> dict[str, dict[str, str]]:
    """Return the content of each of *urls* at each edge, before anything is submitted; nothing is raised.

    What a budget does not allow, and what does not answer in time, is missing.
    """
    pairs = choice(reader, urls, budget, seed)
    return contents_of(served(reader, clock, pairs, budget, BEFORE_S, user_agent))


def choice(reader: EdgeReader, urls: Sequence[str], budget: Budget | None, seed: str) -> list[tuple[Server, str]]:
    """Return the edges at which each of *urls* is asked for: all of them, or what *budget* allows."""
    pairs = [(server, url) for url in urls for server in reader.edges(url)]
    if budget is None or len(pairs) + budget.kept_back <= budget.requests:
        return pairs
    by_servers: dict[tuple[Server, ...], list[str]] = defaultdict(list)
    for url in urls:
        by_servers[tuple(reader.edges(url))].append(url)
    found: list[tuple[Server, str]] = []
    for servers, ones in by_servers.items():
        share = (budget.requests - budget.kept_back) * len(servers) * len(ones) // len(pairs)
        places = {server: (server.place, server.provider) for server in servers}
        chosen = covering([Wanted(url) for url in ones], places, share, budget.bytes, seed).probes
        found += [(server, url) for url, server in chosen]
    return found


def served(
    reader: EdgeReader,
    clock: Clock,
    pairs: Sequence[tuple[Server, str]],
    budget: Budget | None,
    within_s: float,
    user_agent: str,
) -> Iterator[tuple[Server, str, Served]]:
    """Yield the answer of each edge of *pairs* for its URL; one edge sends the bytes, others may name them."""
    now = clock.monotonic()
    wanted = {url: Expected(url, None, old=_NO_BYTES) for _, url in pairs}
    meter = None if budget is None else Meter(budget, now)
    asked = Asked(reader, clock, wanted, now + within_s, meter)
    probes = [probe_for(wanted[url], server, user_agent=user_agent) for server, url in dict.fromkeys(pairs)]
    with closing(asked.answers(probes, copies=False)) as answers:
        for probe, _, answer in answers:
            yield probe.server, probe.url, answer
