"""The choice of nodes: those of the service's list that can be asked from here, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Final

from pulumi_alicdn.api.hosts import address
from pulumi_alicdn.api.nodes import Label, Node
from pulumi_alicdn.phrases import clipped, counted, listed, show

FROM_HERE: Final = "seen from this runner only"
"""What a proof says of itself whose edges are those of DNS: the addresses depend on the place of the asker."""

_NAMED: Final = 3
"""Addresses that a warning names. [chosen: a line of a terminal]"""

_MAX_ADDRESS: Final = 45
"""Characters of an address that a warning quotes. [chosen: the longest IPv6 address]"""


@dataclass(frozen=True, slots=True)
class Network:
    """The nodes of *domain* that a proof asks; without any, it asks those that DNS names. ``warnings``: sentences."""

    domain: str
    nodes: tuple[Node, ...] = ()
    warnings: tuple[str, ...] = ()


def usable(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the IP addresses among *texts* in their usual form, each once; others are no addresses of a node."""
    found = (address(text.strip().strip("[]")) for text in texts)
    return tuple(
        dict.fromkeys(str(one) for one in found if one is not None and not (one.is_unspecified or one.is_multicast))
    )


def choose(domain: str, texts: Sequence[str], labels: Mapping[str, Label], unlabelled: str, *, ipv6: bool) -> Network:
    """Choose the nodes of *domain* among *texts*, the addresses that the service lists.

    *labels*: what the service says of each, by the address in its usual form. *unlabelled*: why some have no label;
    empty if the service gave what it has. *ipv6*: whether this machine reaches IPv6 addresses. An address of which
    nothing is known counts as a node: the service lists it as one.
    """
    addresses = usable(texts)
    others = dict.fromkeys(one for one in addresses if one in labels and labels[one].is_node is False)
    far = [] if ipv6 else [one for one in addresses if one not in others and isinstance(address(one), IPv6Address)]
    left_out = {*others, *far}
    near = [one for one in addresses if one not in left_out]
    warnings: list[str] = []
    if odd := [text for text in texts if not usable([text])]:
        warnings.append(
            f"{counted(len(odd), 'address', 'addresses')} that the service lists for {domain} "
            f"cannot be read {_some(odd)}"
        )
    if others:
        what = "is no node of the network" if len(others) == 1 else "are no nodes of the network"
        warnings.append(
            f"{counted(len(others), 'address', 'addresses')} that the service lists for {domain} "
            f"{what}, and {_was(list(others))} left out {_some(list(others))}"
        )
    if far:
        warnings.append(
            f"{counted(len(far), 'node')} of {domain} with IPv6 {_was(far)} left out: this machine has no IPv6"
        )
    if not near:
        return Network(domain, (), (*warnings, from_dns(domain, "the service lists no node that can be asked")))
    if unlabelled:
        bare = sum(one not in labels for one in near)
        warnings.append(f"the places of {counted(bare, 'node')} of {domain} are not known: {unlabelled}")
    return Network(domain, tuple(_node(one, labels.get(one)) for one in near), tuple(warnings))


def _node(text: str, label: Label | None) -> Node:
    return Node(text) if label is None else replace(label.node, address=text)


def from_dns(domain: str, reason: str) -> str:
    """Return the sentence for edges that are those of DNS, and why."""
    return f"the edges of {domain} are those that DNS names, {FROM_HERE}: {reason}"


def _some(texts: Sequence[str]) -> str:
    named = [show(clipped(text, _MAX_ADDRESS)) for text in texts[:_NAMED]]
    more = [f"{len(texts) - _NAMED:,} more"] if len(texts) > _NAMED else []
    return f"({listed([*named, *more])})"


def _was(ones: Sequence[object]) -> str:
    return "was" if len(ones) == 1 else "were"
