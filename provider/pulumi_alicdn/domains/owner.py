"""The service to which a domain belongs: both are asked, one knows it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.errors import AlicdnError, ApiError, InputError

UNKNOWN_DOMAIN: Final = "InvalidDomain.NotFound"
"""The code for a domain that is none of this account (DescribeCdnDomainDetail, DescribeVodDomainDetail)."""

Answer = DomainFacts | AlicdnError


def owner(domain: str, answers: Mapping[Service, Answer]) -> Service:
    """Return the service that knows *domain*.

    Raises InputError if neither knows it, if one could not be asked and the other does not know it, or if both do.
    """
    known = [service for service, answer in answers.items() if isinstance(answer, DomainFacts)]
    if len(known) == 1:
        return known[0]
    if known:
        raise InputError(f"{domain} is a domain of vod and of cdn; choose one with service")
    silent = {service: answer for service, answer in answers.items() if not unknown(answer)}
    if not silent:
        raise InputError(f"{domain} is neither a domain of vod nor of cdn in this account; check its name")
    service, error = next(iter(silent.items()))
    raise InputError(f"the service of {domain} cannot be found: {service} does not say ({error}); choose with service")


def unknown(answer: Answer) -> bool:
    """Return whether *answer* says that the account has no such domain."""
    return isinstance(answer, ApiError) and answer.fault.code == UNKNOWN_DOMAIN
