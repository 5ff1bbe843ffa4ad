"""The check of the domains of a release or of a verified refresh, before anything is submitted for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import ANY_HEADER, Asking, obstacles
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin, named_origin, one_origin
from pulumi_alicdn.domains.owner import unknown
from pulumi_alicdn.errors import AlicdnError, ApiError, UnknownOutcomeError, UnreachableError
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.time_limits import allowing
from pulumi_alicdn.validation import UNKNOWN, Problem, Subject

ASKED_S: Final = 10.0
"""Seconds for each question. [chosen: an answer takes a second, and no preview should wait for one that fails]"""

Connect = Callable[[Service], DomainApi]


def check_domains(options: Mapping[str, Any], connect: Connect, warn: Callable[[Problem], None]) -> Iterator[Problem]:
    """Yield a problem for each domain for which no proof can succeed, and *warn* of what may get in the way of one.

    *connect*: leads to a service. A service that does not answer, or that these credentials may not ask, says nothing:
    a release needs none of these rights. A domain whose edges are named is not asked for.
    """
    if options["verify"] != "off":
        yield from _checked(asked_domains(options).items(), options, "base_urls", connect, warn)


def check_refresh(options: Mapping[str, Any], connect: Connect, warn: Callable[[Problem], None]) -> Iterator[Problem]:
    """Do the same for a refresh that is verified: *options* are those of its task, which have passed the rules."""
    given = options.get("object_paths")
    urls = [urlsplit(one) for one in (given if isinstance(given, list) else ()) if isinstance(one, str)]
    domains = dict.fromkeys(((url.hostname or "").lower(), url.scheme.lower()) for url in urls if url.hostname)
    yield from _checked(domains, options, "object_paths", connect, warn)


def _checked(
    domains: Iterable[tuple[str, str]],
    options: Mapping[str, Any],
    option: str,
    connect: Connect,
    warn: Callable[[Problem], None],
) -> Iterator[Problem]:
    headers = options.get("request_headers")
    # A preview does not know yet which headers they are: any of them may be the one that is needed.
    sent = ANY_HEADER if headers is UNKNOWN else frozenset(name.lower() for name in headers or ())
    signs, service = options.get("url_auth") is not None, Service(options["service"])
    for host, scheme in domains:
        facts = _detail(service, host, connect)
        if isinstance(facts, UnreachableError | UnknownOutcomeError):
            return  # Many domains must not wait for the same silence.
        yield from _problems(host, facts, service, Asking(scheme, signs, sent, option), connect, warn)


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
    facts = _detail(service, host, connect)
    full = facts if isinstance(facts, AlicdnError) else _asked(lambda: connect(service).with_settings(facts))
    if isinstance(full, AlicdnError):
        said = full.summary if isinstance(full, ApiError) else str(full)
        return NoOrigin(f"{service} does not say which one {foreign(host)} has ({said})")
    return named_origin(full, scheme)


def _detail(service: Service, host: str, connect: Connect) -> DomainFacts | AlicdnError:
    return _asked(lambda: connect(service).detail(host))


def _problems(
    host: str,
    facts: DomainFacts | AlicdnError,
    service: Service,
    asking: Asking,
    connect: Connect,
    warn: Callable[[Problem], None],
) -> Iterator[Problem]:
    if isinstance(facts, AlicdnError):
        other = next(one for one in Service if one is not service)
        if unknown(facts) and isinstance(_detail(other, host, connect), DomainFacts):
            says = f"{foreign(host)} is a domain of {other} and not of {service}: set "
            yield Problem("service", (says, Subject("service"), f" to {other}"))
        return
    full = _asked(lambda: connect(service).with_settings(facts))
    for one in obstacles(full if isinstance(full, DomainFacts) else facts, asking):
        problem = Problem(asking.option, (f"{one.said}: ", *one.ways_out))
        if one.hopeless:
            yield problem
        else:
            warn(problem)


def _asked(call: Callable[[], DomainFacts]) -> DomainFacts | AlicdnError:
    try:
        with allowing(ASKED_S):
            return call()
    except AlicdnError as error:
        return error
