"""Asks an origin whether it has the objects of a refresh, with one or two HEAD requests for each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import Server, parse_origin
from pulumi_alicdn.system.edges import EdgeFetcher
from pulumi_alicdn.tasks.origin_check import OriginAnswers

_MISSING: Final = (404, 410)
"""The statuses of an object that is not there (RFC 9110, sections 15.5.5 and 15.5.11)."""


def read_origin(origin: str, urls: Sequence[str], within_s: float) -> OriginAnswers:
    """Return which of *urls* the origin does not have; raise nothing.

    Some origins know the visitors' domain and others only their own name, and each answers 404 to the other: an object
    is missing if it is missing under both names in the Host header.
    """
    until = time.monotonic() + within_s
    server = parse_origin(origin)
    try:
        first = _answers(server, urls, within_s)
        missing = [url for url, served in first.items() if served.status in _MISSING]
        own = replace(server, host_header=str(server))
        second = _answers(own, missing, max(0.0, until - time.monotonic())) if missing else {}
    except OSError as error:
        return OriginAnswers(silent=error.strerror or type(error).__name__)
    if not any(served.status for served in first.values()):
        reasons = [served.error for served in first.values() if served.error]
        return OriginAnswers(silent=reasons[0] if reasons else "it did not answer in time")
    return OriginAnswers([url for url in missing if second[url].status in _MISSING])


def _answers(server: Server, urls: Sequence[str], within_s: float) -> dict[str, Served]:
    probes = [Probe(server, url, head=True) for url in urls]
    return {probe.url: served for probe, served in EdgeFetcher().read(probes, within_s)}
