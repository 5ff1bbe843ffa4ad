"""The settings of the cloud, from the stack's configuration and the environment: region, endpoint, credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.endpoints import Endpoint, parse_endpoint, regional_host
from pulumi_alicdn.errors import InputError

CONFIG_KEYS: Final = ("alicdn:region", "alicdn:endpoint", "alicdn:profile", "alicloud:region", "alicloud:profile")
"""Keys of the stack's configuration that are read; `alicloud:` is the namespace of pulumi-alicloud."""

SECRET_CONFIG_KEYS: Final = ("alicloud:accessKey", "alicloud:secretKey", "alicloud:securityToken")
"""Further keys that are read; their values must never be shown."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the cloud; None stands for the default.

    ``region``: a region id, such as `cn-shanghai`
    ``endpoint``: a host or URL that replaces the region's endpoint
    ``profile``: a profile of the aliyun command line, for credentials
    ``access_key_id``, ``access_key_secret``, ``security_token``: credentials, never in the repr; None: the profile, or
    the vendor's default chain
    """

    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    access_key_secret: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)

    def endpoint_for(self, service: Service) -> Endpoint:
        """Return the endpoint of *service*.

        Raises InputError for a region that the service does not have, or an address that is not allowed.
        """
        if self.endpoint:
            return parse_endpoint(self.endpoint)
        return Endpoint("https", regional_host(service, self.region))


def resolve(config: Callable[[str], object], environment: Mapping[str, str]) -> Settings:
    """Read settings from the stack's configuration (*config* looks a key up) and *environment*.

    Keys of `alicdn:` have priority, then those of `alicloud:`, which pulumi-alicloud uses, then the environment. Raises
    InputError for half of a key pair.
    """

    def first(*keys: str) -> str | None:
        return next((str(value) for key in keys if (value := config(key))), None)

    key, secret = first("alicloud:accessKey"), first("alicloud:secretKey")
    if bool(key) != bool(secret):
        missing = "alicloud:secretKey" if key else "alicloud:accessKey"
        raise InputError(f"{missing} is not set, but alicloud:accessKey and alicloud:secretKey go together")
    if first("alicloud:securityToken") and not key:
        raise InputError("alicloud:accessKey is not set, but alicloud:securityToken goes together with a key pair")
    return Settings(
        region=first("alicdn:region", "alicloud:region") or environment.get("ALIBABA_CLOUD_REGION_ID") or None,
        endpoint=first("alicdn:endpoint") or environment.get("ALICDN_ENDPOINT") or None,
        profile=first("alicdn:profile", "alicloud:profile"),
        access_key_id=key,
        access_key_secret=secret,
        security_token=first("alicloud:securityToken"),
    )
