"""The examination of a domain: asks all that the checklist needs, each question once, and lets no error end it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol, TypeVar

from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, DOMAIN_CONFIGS, DOMAIN_DETAILS, NODE_ACTIONS, QUOTA_ACTIONS
from pulumi_alicdn.api.hosts import is_loopback
from pulumi_alicdn.api.nodes import Node
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.examined import Examined, KeysSeen, NamesSeen, Owner, Reply
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import Asking
from pulumi_alicdn.domains.origin_choice import NamedOrigin, named_origin
from pulumi_alicdn.errors import AlicdnError, DeniedError

T = TypeVar("T")

FIRST_NODES: Final = 3
"""Nodes that are asked for a first answer. [chosen: enough to tell one silent node from a silent network]"""


class Machine(Protocol):
    """What this machine can ask beside the service."""

    def names(self, domain: str) -> NamesSeen:
        """Ask DNS for *domain*."""

    def certificate(self, domain: str) -> str:
        """Return what is wrong with the certificate that *domain* shows; empty if nothing is."""

    def nodes(self, nodes: Sequence[Node], url: str) -> Sequence[Reply]:
        """Ask each of *nodes* for *url*."""

    def origin(self, origin: NamedOrigin, url: str) -> Reply:
        """Ask *origin* for *url*."""

    def now(self) -> datetime:
        """Return the time of this machine, aware UTC."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one service can be asked; each call is one request.

    ``listed``: reads the newest row, and returns the service's time. ``nodes``: the nodes of a domain with their
    places, and sentences on what the list lacks.
    """

    domains: DomainApi
    quota: Callable[[], Mapping[str, Allowance]]
    listed: Callable[[], datetime]
    nodes: Callable[[str], tuple[Sequence[Node], Sequence[str]]]


def examine(
    domain: str,
    url: str,
    asking: Asking,
    keys: Callable[[], KeysSeen],
    owner: Callable[[], Owner],
    services: Mapping[Service, Asked],
    machine: Machine,
) -> Examined:
    """Ask all about *domain* that can be asked; *url*: what nodes and the origin are asked for.

    *keys* reads the credentials, and *owner* asks whose they are. Without credentials, only DNS and the certificate are
    asked. No error of a question is raised.
    """
    try:
        seen: KeysSeen | AlicdnError = keys()
    except AlicdnError as error:
        seen = error
    examined = Examined(domain=domain, asking=asking, keys=seen, names=machine.names(domain))
    if asking.scheme == "https" and not (examined.names is not None and examined.names.error):
        examined = replace(examined, certificate=machine.certificate(domain))
    if isinstance(seen, AlicdnError):
        return examined
    try:
        examined = replace(examined, owner=owner())
    except AlicdnError as error:
        examined = replace(examined, owner=error)
    answers = {service: _detail(asked.domains, domain) for service, asked in services.items()}
    examined = replace(examined, answers=answers)
    facts = examined.facts
    if facts is None:
        denied = [one for one in answers.values() if isinstance(one, DeniedError)]
        return replace(examined, rights={one.fault.action: one for one in denied})
    return _of_service(examined, facts, services[facts.service], machine, url)


def _detail(api: DomainApi, domain: str) -> DomainFacts | AlicdnError:
    try:
        return api.detail(domain)
    except AlicdnError as error:
        return error


def _of_service(examined: Examined, facts: DomainFacts, asked: Asked, machine: Machine, url: str) -> Examined:
    """Add what the service of the domain says, and what its nodes and its origin answer."""
    service = facts.service
    rights: dict[str, AlicdnError | None] = {DOMAIN_DETAILS[service]: None}

    def tried(action: str, call: Callable[[], T]) -> T | None:
        try:
            found = call()
        except AlicdnError as error:
            rights[action] = error
            return None
        rights[action] = None
        return found

    full = tried(DOMAIN_CONFIGS[service], lambda: asked.domains.with_settings(facts))
    if full is not None:
        examined = replace(examined, answers={**examined.answers, service: full})
    server_time = tried(DESCRIBE_ACTIONS[service], asked.listed)
    if server_time is not None:
        examined = replace(examined, clock_off_s=(machine.now() - server_time).total_seconds())
    examined = replace(examined, quota=tried(QUOTA_ACTIONS[service], asked.quota))
    found = tried(NODE_ACTIONS[service], lambda: asked.nodes(facts.name))
    if found is not None:
        nodes, noted = found
        first = _spread(nodes)
        examined = replace(
            examined,
            places=[(node.country, node.provider) for node in nodes],
            places_noted=noted,
            nearby=bool(nodes) and all(is_loopback(node.address) for node in nodes),
            replies=machine.nodes(first, url) if first else (),
        )
    origin = named_origin(full or facts, examined.asking.scheme)
    reply = machine.origin(origin, url) if isinstance(origin, NamedOrigin) else None
    return replace(examined, origin=origin, origin_reply=reply, rights=rights)


def _spread(nodes: Sequence[Node]) -> Sequence[Node]:
    """Return some nodes, each of another place if there are as many."""
    by_place = {node.place: node for node in nodes}
    first = list(by_place.values())
    return [*first, *(node for node in nodes if node not in first)][:FIRST_NODES]
