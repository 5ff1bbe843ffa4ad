"""The question to the service which nodes serve a domain: at most a minute, and never a reason to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from pulumi_alicdn.api.nodes import LABEL_CALLS_PER_S, MAX_ADDRESSES_PER_CALL, Label
from pulumi_alicdn.errors import ApiError, DeniedError
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.network_api import NetworkApi
from pulumi_alicdn.releases.network.node_choice import Network, choose, from_dns, usable

T = TypeVar("T")

ASKED_S: Final = 60.0
"""Seconds for the nodes and their labels. [chosen: 5,000 addresses take 250 calls, which take 13 s at least]"""


class Read(Protocol):
    """Makes a read call, and retries it until the monotonic instant *until* after errors that may pass."""

    def __call__(self, call: Callable[[], T], until: float) -> T:
        """Return what *call* returns. Raises the ApiError of the last try."""


def network_of(api: NetworkApi, read: Read, clock: Clock, domain: str, *, ipv6: bool) -> Network:
    """Return the nodes of *domain*; without any, with the reason why its edges are those of DNS.

    *read*: makes each call, with its retries. *ipv6*: whether this machine reaches IPv6 addresses. No error of the
    service is raised.
    """
    until = clock.monotonic() + ASKED_S
    try:
        texts = read(lambda: api.addresses(domain), until)
    except ApiError as error:
        return Network(domain, (), (from_dns(domain, _why(error, "lists no nodes")),))
    return with_places(api, read, clock, domain, texts, until, ipv6=ipv6)


def with_places(
    api: NetworkApi,
    read: Read,
    clock: Clock,
    domain: str,
    texts: tuple[str, ...],
    until: float,
    *,
    ipv6: bool,
) -> Network:
    """Return the nodes of *domain* at *texts*, the addresses that the service lists; their places are asked for.

    *until*: the monotonic instant after which no call is made. The others as for :func:`network_of`.
    """
    if not texts:
        return Network(domain, (), (from_dns(domain, "the service lists no healthy node"),))
    labels, unlabelled = _labels(api, read, clock, usable(texts), until)
    return choose(domain, texts, labels, unlabelled, ipv6=ipv6)


def _labels(
    api: NetworkApi, read: Read, clock: Clock, addresses: tuple[str, ...], until: float
) -> tuple[dict[str, Label], str]:
    """Return what the service says of *addresses*, and why it does not say it of all of them."""
    found: dict[str, Label] = {}
    after = clock.monotonic()
    for at in range(0, len(addresses), MAX_ADDRESSES_PER_CALL):
        batch = addresses[at : at + MAX_ADDRESSES_PER_CALL]
        now = clock.monotonic()
        if now >= until:
            return found, f"the service had not named all of them after {ASKED_S:.0f} s"
        if now < after:
            clock.sleep(after - now)
        after = max(now, after) + 1.0 / LABEL_CALLS_PER_S
        try:
            labels = read(lambda batch=batch: api.labels(batch), until)  # type: ignore[misc]
        except ApiError as error:
            return found, _why(error, "does not name them")
        for text, label in labels.items():
            found.update(dict.fromkeys(usable([text]), label))
    return found, ""


def _why(error: ApiError, what: str) -> str:
    right = f"; allow these credentials {error.fault.action}" if isinstance(error, DeniedError) else ""
    return f"the service {what} ({error}){right}"
