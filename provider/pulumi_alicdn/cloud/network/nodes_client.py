"""The service's actions for nodes as a NetworkApi: the nodes of a domain of VOD or CDN, and labels from CDN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_alicdn.api.actions import NODE_ACTIONS, NODE_LABELS
from pulumi_alicdn.api.nodes import MAX_ADDRESSES_PER_CALL, Label
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.echoes import decoded
from pulumi_alicdn.cloud.network.node_codec import decode_addresses, decode_labels
from pulumi_alicdn.cloud.transport import Transport
from pulumi_alicdn.errors import InputError


class NodesClient:
    """The nodes of one service, over any transport."""

    def __init__(self, transport: Transport, service: Service, cdn: Transport) -> None:
        """List nodes of *service* through *transport*; *cdn* leads to CDN, which alone has an action for labels."""
        self._service = service
        self._transport = transport
        self._cdn = cdn

    def addresses(self, domain: str) -> tuple[str, ...]:
        """Return the addresses of the healthy nodes of *domain*, each once, as the service writes them."""
        action = NODE_ACTIONS[self._service]
        answer = self._transport.call(action, {"DomainName": domain, "Available": "on"}, {})
        return decoded(answer, lambda: decode_addresses(action, answer.body, answer.headers))

    def labels(self, addresses: Sequence[str]) -> Mapping[str, Label]:
        """Return what the service says of up to 20 *addresses*. Raises InputError for more."""
        if not 1 <= len(addresses) <= MAX_ADDRESSES_PER_CALL:
            raise InputError(f"{NODE_LABELS} takes 1 to {MAX_ADDRESSES_PER_CALL} addresses, not {len(addresses)}")
        query = {"IpAddrList": ",".join(addresses), "Language": "en"}
        answer = self._cdn.call(NODE_LABELS, query, {})
        return decoded(answer, lambda: decode_labels(NODE_LABELS, answer.body, answer.headers))
