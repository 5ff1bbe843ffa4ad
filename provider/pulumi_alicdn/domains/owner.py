"""The service to which a domain belongs: both are asked, and one knows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.errors import AlicdnError, ApiError, InputError, UnreachableError
from pulumi_alicdn.phrases import listed

UNKNOWN_DOMAIN: Final = "InvalidDomain.NotFound"
"""The code for a domain that is none of this account (DescribeCdnDomainDetail, DescribeVodDomainDetail)."""

Answer = DomainFacts | AlicdnError


class AnswersDifferError(InputError):
    """The domains of one call belong to several services."""


class OfBothError(InputError):
    """A domain belongs to both services, of which users have to choose one."""

    def __init__(self, domain: str, choice: str = "choose one of them as the service") -> None:
        """Say that of *domain*. *choice*: how a front end has users choose."""
        super().__init__(f"{domain} is a domain of vod and of cdn: {choice}")
        self.domain: Final = domain


def owner(domain: str, answers: Mapping[Service, Answer]) -> Service:
    """Return the service that knows *domain*.

    Raises InputError if neither knows it, and OfBothError if both do; the error of a service that does not say it, if
    the other one does not know the domain.
    """
    known = [service for service, answer in answers.items() if isinstance(answer, DomainFacts)]
    if len(known) == 1:
        return known[0]
    if known:
        raise OfBothError(domain)
    silent = [answer for answer in answers.values() if isinstance(answer, AlicdnError) and not unknown(answer)]
    if silent:
        raise silent[0]
    raise InputError(f"{domain} is neither a domain of vod nor of cdn in this account; check its name")


def service_of(domains: Collection[str], connect: Callable[[Service], DomainApi]) -> Service:
    """Return the service of all *domains*, of which there is at least one. Raises as :func:`owner` does."""
    silent: dict[Service, UnreachableError] = {}

    def answer(service: Service, domain: str) -> Answer:
        try:
            # Many domains must not wait for the same silence.
            return silent[service] if service in silent else connect(service).detail(domain)
        except UnreachableError as error:
            silent[service] = error
            return error
        except AlicdnError as error:
            return error

    found = {domain: owner(domain, {one: answer(one, domain) for one in Service}) for domain in domains}
    if len(set(found.values())) > 1:
        named = listed([f"{domain} ({service})" for domain, service in found.items()])
        raise AnswersDifferError(f"the domains are not all of one service: {named}; name those of each service apart")
    return next(iter(found.values()))


def unknown(answer: Answer) -> bool:
    """Return whether *answer* says that the account has no such domain."""
    return isinstance(answer, ApiError) and answer.fault.code == UNKNOWN_DOMAIN
