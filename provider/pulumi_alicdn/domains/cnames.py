"""The CNAME record that a domain needs, as the service names it: for a command whose domain DNS does not know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.owner import unknown
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.time_limits import allowing

ASKED_S: Final = 3.0
"""Seconds for each question. [chosen: an answer takes a second, and the command has its result already]"""

MAX_DOMAINS: Final = 5
"""Domains that are asked for. [chosen: the first ones show what is missing]"""


def cnames(domains: Collection[str], connect: Callable[[Service], DomainApi]) -> Iterator[str]:
    """Yield a sentence for each of *domains* of which a service names the CNAME; no error of a service is raised.

    *connect*: leads to a service. Once it cannot be asked, such as without credentials, it is not asked again.
    """
    silent: set[Service] = set()
    for domain in islice(domains, MAX_DOMAINS):
        for service in Service:
            if service in silent:
                continue
            try:
                with allowing(ASKED_S):
                    cname = connect(service).detail(domain).cname
            except AlicdnError as error:
                if not unknown(error):
                    silent.add(service)
                continue
            if cname:
                yield f"{foreign(domain)} needs a CNAME record to {foreign(cname)}, as {service} says"
                break
