"""The product of a command that names none: the one whose domain it is about, which the service says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli import console
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.owner import AnswersDifferError, service_of
from pulumi_alicdn.errors import AlicdnError, ApiError
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.time_limits import allowing

USUAL: Final = Service.VOD
"""The product that counts where none is named and none can be found."""

ASKED_S: Final = 3.0
"""Seconds for each question. [chosen: an answer takes a second, and a product that is silent is asked once]"""

MAX_DOMAINS: Final = 10
"""Domains that are asked for. [chosen: a task has at most as many (RefreshObjectCaches)]"""


def service_for(connect: Callable[[Service], DomainApi], given: Service | None, names: Iterable[str]) -> Service:
    """Return *given*, which costs no call, or the product to which the domains belong; *names*: domains or URLs.

    *connect*: leads to the domains of a product. Where that cannot be found, it is VOD, and a sentence says so. Raises
    InputError for domains of both products.
    """
    if given is not None:
        return given
    hosts = sorted(
        {(urlsplit(name).hostname or "").lower() if "://" in name else name.lower() for name in names} - {""}
    )
    try:
        with allowing(ASKED_S):
            return service_of(hosts[:MAX_DOMAINS], connect) if hosts else USUAL
    except AnswersDifferError:
        raise
    except AlicdnError as error:
        said = error.summary if isinstance(error, ApiError) else str(error)
        domains = foreign(hosts[0]) + (" and others" if len(hosts) > 1 else "")
        console.say(
            f"alicdn: it is not known to which product {domains} belongs ({said}). {USUAL} is asked; --service chooses"
        )
        return USUAL


def say_usual(given: object) -> None:
    """Say which product is asked by a command that is about no domain, if the user names none."""
    if given is None:
        others = " or ".join(str(one) for one in Service if one is not USUAL)
        console.say(f"alicdn: this is about {USUAL}; --service {others} shows the same of the other product")
