"""The check of the domains of a release, before anything is submitted for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import Asking, Obstacle, obstacles
from pulumi_alicdn.domains.owner import unknown
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.time_limits import allowing
from pulumi_alicdn.validation import Problem, Subject

ASKED_S: Final = 10.0
"""Seconds for each question. [chosen: an answer takes a second, and no preview should wait for one that fails]"""

Connect = Callable[[Service], DomainApi]


def check_domains(options: Mapping[str, Any], connect: Connect, warn: Callable[[Problem], None]) -> Iterator[Problem]:
    """Yield a problem for each domain for which no proof can succeed, and *warn* of what may get in the way of one.

    *connect*: leads to a service. A service that does not answer, or that these credentials may not ask, says nothing:
    a release needs none of these rights. A domain whose edges are named is not asked for.
    """
    if not isinstance(options["edges"], str | None) or options["verify"] == "off":
        return
    named = {host.lower() for host in options["resolve"] or {}}
    sent = frozenset(name.lower() for name in options.get("request_headers") or ())
    schemes = {(urlsplit(url).hostname or "").lower(): urlsplit(url).scheme.lower() for url in options["base_urls"]}
    for host in schemes.keys() - named:
        asking = Asking(schemes[host], signs=options.get("url_auth") is not None, headers=sent)
        yield from _problems(host, Service(options["service"]), asking, connect, warn)


def _problems(
    host: str, service: Service, asking: Asking, connect: Connect, warn: Callable[[Problem], None]
) -> Iterator[Problem]:
    facts = _asked(lambda: connect(service).detail(host))
    if isinstance(facts, AlicdnError):
        other = next(one for one in Service if one is not service)
        if unknown(facts) and isinstance(_asked(lambda: connect(other).detail(host)), DomainFacts):
            says = f"{foreign(host)} is a domain of {other} and not of {service}: set "
            yield Problem("service", (says, Subject("service"), f" to {other}"))
        return
    full = _asked(lambda: connect(service).with_settings(facts))
    for one in obstacles(full if isinstance(full, DomainFacts) else facts, asking):
        if one.hopeless:
            yield _problem(one)
        else:
            warn(_problem(one))


def _problem(one: Obstacle) -> Problem:
    return Problem("base_urls", (f"{one.said}: ", *one.ways_out))


def _asked(call: Callable[[], DomainFacts]) -> DomainFacts | AlicdnError:
    try:
        with allowing(ASKED_S):
            return call()
    except AlicdnError as error:
        return error
