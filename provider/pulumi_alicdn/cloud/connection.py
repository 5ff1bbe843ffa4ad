"""The real client. Import this module late: it loads the vendor's SDK, which takes most of a second."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.bounds import API_LIMITS, RequestLimits
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.identity import caller_identity
from pulumi_alicdn.cloud.network.domain_client import DomainClient
from pulumi_alicdn.cloud.network.nodes_client import NodesClient
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.domains.examined import Owner


def connect(settings: Settings, service: Service, limits: RequestLimits = API_LIMITS) -> AlibabaCloud:
    """Make a client of *service* over signed HTTP, with *limits* for each request; nothing is sent yet.

    Raises InputError for a region that the service does not have, or an address that is not allowed.
    """
    return AlibabaCloud(RpcClient(settings, service, limits), service, lambda: datetime.now(UTC))


def connect_network(settings: Settings, service: Service, limits: RequestLimits = API_LIMITS) -> NodesClient:
    """Make a client for the nodes of domains of *service*; nothing is sent yet. Raises as :func:`connect` does.

    Labels come from CDN, whose regions are not those of VOD: they are asked for at its default.
    """
    own = RpcClient(settings, service, limits)
    cdn = own if service is Service.CDN else RpcClient(replace(settings, region=None), Service.CDN, limits)
    return NodesClient(own, service, cdn)


def connect_domains(settings: Settings, service: Service, limits: RequestLimits = API_LIMITS) -> DomainClient:
    """Make a client for the domains of *service*; nothing is sent yet. Raises as :func:`connect` does."""
    local = settings.endpoint_for(service).local
    return DomainClient(RpcClient(settings, service, limits), service, local=local)


def ask_owner(settings: Settings, limits: RequestLimits = API_LIMITS) -> Owner:
    """Ask STS whose credentials *settings* give. Raises ApiError, and InputError as :func:`connect` does."""
    return caller_identity(RpcClient(settings, None, limits))
