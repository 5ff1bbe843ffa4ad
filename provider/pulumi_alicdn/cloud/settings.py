"""The settings of the cloud, from the stack's configuration and the environment: region, endpoint, credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_alicdn.api.actions import STS_HOST
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.endpoints import Endpoint, parse_endpoint, regional_host
from pulumi_alicdn.cloud.keys.access_keys import flaw
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show, show_server

STRICT_PREVIEW: Final = "alicdn:strictPreview"
"""The key that makes a preview fail for what it cannot check."""

CONFIG_KEYS: Final = (
    *("alicdn:region", "alicdn:endpoint", "alicdn:profile", "alicloud:region", "alicloud:profile"),
    STRICT_PREVIEW,
)
"""Keys of the stack's configuration that are read; `alicloud:` is the namespace of pulumi-alicloud."""

SECRET_CONFIG_KEYS: Final = ("alicloud:accessKey", "alicloud:secretKey", "alicloud:securityToken")
"""Further keys that are read; their values must never be shown."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the cloud; None stands for the default.

    ``region``: a region id, such as `cn-shanghai`
    ``endpoint``: a host or URL that replaces the region's endpoint
    ``profile``: a profile of the aliyun command line, for credentials
    ``region_key``, ``profile_key``: where the region and the name of the profile come from
    ``key_name``, ``secret_name``, ``token_name``: what users call the access key id, its secret and the token
    ``access_key_id``, ``access_key_secret``, ``security_token``: credentials, never in the repr; None: the profile, or
    the vendor's default chain
    """

    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    access_key_secret: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    profile_key: str = field(default="alicdn:profile", repr=False, compare=False)
    region_key: str = field(default="alicdn:region", repr=False, compare=False)
    key_name: str = field(default=SECRET_CONFIG_KEYS[0], repr=False, compare=False)
    secret_name: str = field(default=SECRET_CONFIG_KEYS[1], repr=False, compare=False)
    token_name: str = field(default=SECRET_CONFIG_KEYS[2], repr=False, compare=False)

    def endpoint_for(self, service: Service) -> Endpoint:
        """Return the endpoint of *service*.

        Raises InputError for a region that the service does not have, or an address that is not allowed.
        """
        if self.endpoint:
            return parse_endpoint(self.endpoint)
        return Endpoint("https", regional_host(service, self.region, self.region_key))

    def sts_endpoint(self) -> Endpoint:
        """Return the endpoint of STS: that of the services only on this machine, where one server stands for all.

        Raises InputError for an address that is not allowed.
        """
        named = parse_endpoint(self.endpoint) if self.endpoint else None
        return named if named is not None and named.local else Endpoint("https", STS_HOST)


def strict_preview(config: Callable[[str], object]) -> bool:
    """Return whether a preview fails without credentials or the service; *config* looks a key up. Raises InputError."""
    value = config(STRICT_PREVIEW)
    if value in (None, "", "false", "true", False, True):
        return value in ("true", True)
    raise InputError(f"{STRICT_PREVIEW} is {show(value)}, but must be true or false")


def resolve(
    config: Callable[[str], object], environment: Mapping[str, str], names: Mapping[str, str] | None = None
) -> Settings:
    """Read settings from the stack's configuration (*config* looks a key up) and *environment*.

    Keys of `alicdn:` have priority, then those of `alicloud:`, which pulumi-alicloud uses, then the environment.
    *names*: what users call a key, if not by its own name. Raises InputError for half of a key pair, an address that is
    not allowed, and white space around a region or address.
    """

    def called(key: str) -> str:
        return (names or {}).get(key, key)

    def first(*keys: str) -> tuple[str, str]:
        """Return the first value that is set, of a key or a variable, and its name."""
        for key in keys:
            if value := config(key) if ":" in key else environment.get(key):
                return str(value), called(key)
        return "", ""

    key, secret, token = (first(name)[0] for name in SECRET_CONFIG_KEYS)
    key_name, secret_name, token_name = map(called, SECRET_CONFIG_KEYS)
    if bool(key) != bool(secret):
        missing = secret_name if key else key_name
        raise InputError(f"{missing} is not set, but {key_name} and {secret_name} go together")
    if token and not key:
        raise InputError(f"{key_name} is not set, but {token_name} goes together with a key pair")
    region, region_name = first("alicdn:region", "alicloud:region", "ALIBABA_CLOUD_REGION_ID")
    endpoint, endpoint_name = first("alicdn:endpoint", "ALICDN_ENDPOINT")
    profile, profile_name = first("alicdn:profile", "alicloud:profile")
    for name, value, shown in ((region_name, region, show), (endpoint_name, endpoint, show_server)):
        if predicate := flaw(value):
            raise InputError(f"{name} is {shown(value)}, which {predicate}")
    if endpoint:
        parse_endpoint(endpoint, endpoint_name)
    return Settings(
        region=region or None,
        endpoint=endpoint or None,
        profile=profile or None,
        access_key_id=key or None,
        access_key_secret=secret or None,
        security_token=token or None,
        profile_key=profile_name or called("alicdn:profile"),
        region_key=region_name or called("alicdn:region"),
        key_name=key_name,
        secret_name=secret_name,
        token_name=token_name,
    )
