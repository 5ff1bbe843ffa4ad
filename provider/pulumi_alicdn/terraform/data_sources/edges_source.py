"""The data source `alicdn_edges`: the nodes of a domain, as the service lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_alicdn.api.paths.path_checks import domain_problem
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.terraform.data_sources.source_schemas import NODE
from pulumi_alicdn.terraform.resource import Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN, Problem, one_of


class EdgesSource:
    """The nodes of a domain."""

    def __init__(self, session: Session) -> None:
        """Ask with the configuration of *session*."""
        self._session = session

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return the broken rules of the service and the domain."""
        found = [*one_of("service", config.get("service"), Service, required=True)]
        domain = config.get("domain_name")
        if domain is not UNKNOWN and (wrong := domain_problem(domain)):
            found.append(Problem("domain_name", wrong))
        return found

    def read(self, config: Values) -> Found:
        """Ask for the nodes and their places; without any node, a warning says why."""
        from pulumi_alicdn.cloud.connection import connect_network  # noqa: PLC0415  the SDK takes a second to load
        from pulumi_alicdn.releases.network.listing import network_of  # noqa: PLC0415  the schema needs none of it
        from pulumi_alicdn.system.ipv6 import has_ipv6  # noqa: PLC0415  sockets are only for asking

        context = self._session.context
        api = connect_network(self._session.settings(), Service(str(config["service"])))
        network = network_of(api, context.caller().read, context.clock, str(config["domain_name"]), ipv6=has_ipv6())
        nodes = sorted(network.nodes, key=lambda node: (node.place, node.city, node.address))
        edges = [{name: getattr(node, name) for name in NODE} for node in nodes]
        return Found({**config, "edges": edges}, network.warnings)
