"""The decoding of answers about nodes: their addresses, and what the service says of each address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_alicdn.api.nodes import Label, Node
from pulumi_alicdn.cloud.codec import accepted, named_lower, short_word
from pulumi_alicdn.cloud.foreign import unexpected

_VIPS: Final = frozenset({"vips"})
_LABELS: Final = frozenset({"ipinfolist"})
_TRUE: Final = ("true", "yes", "1")
_FALSE: Final = ("false", "no", "0")
"""Values of CdnIp in lower case (BatchDescribeCdnIpInfo has `true`, DescribeIpInfo `True`)."""


def decode_addresses(action: str, body: str | bytes, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Decode the addresses of nodes, each once: `{"Vips": {"Vip": [...]}}`, a flat list, one text, or none.

    Raises UnexpectedAnswerError without Vips: an answer without nodes has an empty list.
    """
    found = accepted(action, body, headers, _VIPS)["vips"]
    if isinstance(found, Mapping):
        found = named_lower(found).get("vip")
    entries = _entries(found)
    if entries is None:
        raise unexpected(action, body, headers)
    return tuple(dict.fromkeys(text for text in map(short_word, entries) if text))


def decode_labels(action: str, body: str | bytes, headers: Mapping[str, str]) -> dict[str, Label]:
    """Decode what the service says of addresses, by the address as it repeats it; rows without one are left out.

    `{"IpInfoList": {"IpInfoItem": [...]}}`, a flat list, one row, or none. Raises UnexpectedAnswerError without
    IpInfoList.
    """
    found = accepted(action, body, headers, _LABELS)["ipinfolist"]
    if isinstance(found, Mapping) and "ipaddress" not in (named := named_lower(found)):
        found = named.get("ipinfoitem", named.get("ipinfo"))
    entries = _entries(found)
    if entries is None:
        raise unexpected(action, body, headers)
    labels = (_label(named_lower(entry)) for entry in entries if isinstance(entry, Mapping))
    return {label.node.address: label for label in labels if label.node.address}


def _entries(found: object) -> list[object] | None:
    """Read a list, one value, or nothing; None for what is none of these."""
    if found is None or found == "":
        return []
    if isinstance(found, list):
        return found
    return [found] if isinstance(found, str | Mapping) and found else None


def _label(named: Mapping[str, object]) -> Label:
    kind = short_word(named.get("cdnip")).lower()
    node = Node(
        short_word(named.get("ipaddress")),
        short_word(named.get("country")),
        short_word(named.get("province")),
        short_word(named.get("city")),
        short_word(named.get("ispname", named.get("isp"))),
    )
    return Label(node, True if kind in _TRUE else False if kind in _FALSE else None)
