"""The check of the domains of a release, and their origin, before anything is submitted for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import Asking, Obstacle, obstacles
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin, named_origin, one_origin
from pulumi_alicdn.domains.owner import unknown
from pulumi_alicdn.errors import AlicdnError, ApiError
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
    if options["verify"] == "off":
        return
    sent = frozenset(name.lower() for name in options.get("request_headers") or ())
    for host, scheme in asked_domains(options).items():
        asking = Asking(scheme, signs=options.get("url_auth") is not None, headers=sent)
        yield from _problems(host, Service(options["service"]), asking, connect, warn)


def origin_of_release(options: Mapping[str, Any], connect: Connect) -> NamedOrigin | NoOrigin:
    """Return the origin that the service names for the domains of a release, which are asked for as in the check.

    There is at least one of :func:`asked_domains`. An error of the service is a reason why there is none.
    """
    service = Service(options["service"])
    return one_origin([_named(host, scheme, service, connect) for host, scheme in asked_domains(options).items()])


def names_no_origin(options: Mapping[str, Any]) -> bool:
    """Whether a release has its origin from the service: the user names none, and has edges asked that it lists."""
    return options["origin"] is None and options["verify"] != "off" and bool(asked_domains(options))


def asked_domains(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the domains of a release that the service is asked for, each with the scheme of its URLs.

    A user who names the edges of a domain has it set up by hand: the service is not asked for that one.
    """
    if options["edges"] and not isinstance(options["edges"], str):
        return {}
    named = {host.lower() for host in options["resolve"] or {}}
    schemes = {(urlsplit(url).hostname or "").lower(): urlsplit(url).scheme.lower() for url in options["base_urls"]}
    return {host: scheme for host, scheme in schemes.items() if host not in named}


def _named(host: str, scheme: str, service: Service, connect: Connect) -> NamedOrigin | NoOrigin:
    facts = _asked(lambda: connect(service).detail(host))
    full = facts if isinstance(facts, AlicdnError) else _asked(lambda: connect(service).with_settings(facts))
    if isinstance(full, AlicdnError):
        said = full.summary if isinstance(full, ApiError) else str(full)
        return NoOrigin(f"{service} does not say which one {foreign(host)} has ({said})")
    return named_origin(full, scheme)


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
