"""The real client. Import this module late: it loads the vendor's SDK, which takes most of a second."""

from __future__ import annotations

from datetime import UTC, datetime

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.bounds import API_LIMITS, RequestLimits
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings


def connect(settings: Settings, service: Service, limits: RequestLimits = API_LIMITS) -> AlibabaCloud:
    """Make a client of *service* over signed HTTP, with *limits* for each request; nothing is sent yet.

    Raises InputError for a region that the service does not have, or an address that is not allowed.
    """
    return AlibabaCloud(RpcClient(settings, service, limits), service, lambda: datetime.now(UTC))
