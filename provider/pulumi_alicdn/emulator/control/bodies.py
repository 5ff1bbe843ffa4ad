"""The bodies of the admin calls, which pydantic checks."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.fields import MAX_SECONDS, Count, HeaderName, HeaderValue, Seconds, Speed, Text, UrlPath
from pulumi_alicdn.emulator.network.encodings import Encoding
from pulumi_alicdn.emulator.network.nodes import NetworkState
from pulumi_alicdn.emulator.network.origin import OriginRule
from pulumi_alicdn.emulator.network.url_auth import AuthType, UrlAuth
from pulumi_alicdn.emulator.service.access import AccountState
from pulumi_alicdn.emulator.service.dialects import DialectName
from pulumi_alicdn.emulator.service.domain_settings import DomainSettings
from pulumi_alicdn.emulator.service.domains import DomainState
from pulumi_alicdn.emulator.service.media import Medium
from pulumi_alicdn.emulator.service.targets import is_domain


def _domain(text: str) -> str:
    if not is_domain(text):
        raise ValueError("that is not a domain")
    return text


class Body(BaseModel):
    """A body with these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultsBody(Body):
    """All faults; they replace the earlier ones."""

    faults: tuple[Fault, ...]


class ClockBody(Body):
    """How to move the clock: virtual seconds, and virtual seconds per real second."""

    advance_s: Seconds = 0.0
    speed: Speed | None = None
    frozen: bool | None = None


class QuotaBody(Body):
    """New numbers, by the names of the quota answers; a missing number stays as it is."""

    model_config = ConfigDict(populate_by_name=True)

    service: Literal["vod", "cdn"] | None = None
    UrlQuota: Count | None = None
    UrlRemain: Count | None = None
    DirQuota: Count | None = None
    DirRemain: Count | None = None
    RegexQuota: Count | None = None
    RegexRemain: Count | None = None
    IgnoreParamsQuota: Count | None = None
    IgnoreParamsRemain: Count | None = None
    PreloadQuota: Count | None = None
    PreloadRemain: Count | None = None
    PreloadEdgeQuota: Count | None = None
    PreloadEdgeRemain: Count | None = None
    BlockQuota: Count | None = None
    BlockRemain: Annotated[Count | None, Field(alias="blockRemain")] = None


class TemporaryKeyBody(Body):
    """A temporary key, valid for virtual seconds."""

    access_key_id: Text
    access_key_secret: Text
    security_token: Text
    expires_in_s: Annotated[float, Field(ge=-MAX_SECONDS, le=MAX_SECONDS)] = 3600.0


class AccountBody(Body):
    """A new state of the account, a temporary key, what the RAM policy allows, or several of these.

    ``denied_actions``: all actions that the policy does not allow, such as DescribeVodUserVipsByDomain; they replace
    the earlier ones. ``policy_domain``: the only domain that it allows, null for any. That concerns CDN's submissions,
    DescribeRefreshTasks and the actions about nodes and domains; no document says how a policy for one domain limits
    the other calls, or those of VOD.
    """

    state: AccountState | None = None
    sts: TemporaryKeyBody | None = None
    policy_domain: Annotated[str, AfterValidator(_domain)] | None = None
    denied_actions: frozenset[Text] | None = None

    @model_validator(mode="after")
    def _is_not_empty(self) -> AccountBody:
        if not self.model_fields_set:
            raise ValueError("give state, sts, policy_domain or denied_actions")
        return self


class LimitsBody(Body):
    """Requests per second and service, URLs per minute and domain, and the lengths of the queues.

    ``actions_per_s``: calls per real second of single actions, null for no limit; other actions keep theirs.
    ``preload_queue`` counts the prefetches of a service, ``refresh_queue`` the refreshes of a CDN domain. ``per_s`` and
    ``refresh_queue`` are None for no limit.
    """

    per_s: Annotated[float, Field(gt=0, le=1e6)] | None = None
    actions_per_s: dict[Text, Annotated[float, Field(gt=0, le=1e6)] | None] | None = None
    burst: Annotated[float, Field(ge=1, le=1e6)] | None = None
    urls_per_minute: Count | None = None
    preload_queue: Count | None = None
    refresh_queue: Count | None = None


class OriginBody(Body):
    """All rules, texts to serve under paths, the additional headers of all paths, or several of these."""

    rules: tuple[OriginRule, ...] | None = None
    files: dict[UrlPath, str] | None = None
    headers: dict[UrlPath, dict[HeaderName, HeaderValue]] | None = None


class MediaBody(Body):
    """Media to add; they replace those with the same ids."""

    media: tuple[Medium, ...]


class DomainsBody(Body):
    """New states of these domains; other domains are unchanged."""

    domains: dict[Annotated[str, AfterValidator(_domain)], DomainState]


_AuthKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{6,32}$")]


class UrlAuthBody(Body):
    """The URL authentication of a domain: its keys, and the seconds for which a URL is valid after its timestamp.

    ``sign_param`` and ``time_param`` are the parameters that may hold hash and timestamp of type C.
    """

    type: AuthType
    key: _AuthKey
    secondary_key: _AuthKey | None = None
    validity_s: Seconds = 1800.0
    sign_param: Text = "KEY1"
    time_param: Text = "KEY2"

    def read(self) -> UrlAuth:
        """The value that edges check with."""
        keys = (self.key, *filter(None, [self.secondary_key]))
        return UrlAuth(self.type, keys, self.validity_s, self.sign_param, self.time_param)


class UrlAuthsBody(Body):
    """The domains with URL authentication; they replace the earlier ones."""

    url_auth: dict[Annotated[str, AfterValidator(_domain)], UrlAuthBody]


_COPY_URL: Final = r"^https?://[A-Za-z0-9_.-]+/[^#\s]*$"


class CopyBody(Body):
    """A copy for an edge's cache, as if the edge had fetched it ``age_s`` virtual seconds ago.

    ``edge``: the name of the edge, or its address as a node. ``body`` is the text before its encoding. ``outlives``:
    how many refreshes do not reach the copy, although their tasks are Complete.
    """

    edge: Text
    url: Annotated[str, Field(pattern=_COPY_URL)]
    body: str
    headers: dict[HeaderName, HeaderValue] = {}
    age_s: Seconds = 0.0
    encoding: Encoding = Encoding.IDENTITY
    outlives: Count = 0


class EdgesBody(Body):
    """Copies to put into the caches of edges without a task; they replace existing copies."""

    copies: tuple[CopyBody, ...]


class DialectBody(Body):
    """The dialect of DescribeRefreshTasks; see :mod:`pulumi_alicdn.emulator.service.dialects`."""

    describe: DialectName


class DomainSettingsBody(Body):
    """New settings of these domains; other domains are unchanged."""

    settings: dict[Annotated[str, AfterValidator(_domain)], DomainSettings]


class WorldBody(NetworkState):
    """Some parts of the network's state, and URLs that all nodes get a copy of, as if visitors had asked for them."""

    fill: tuple[Annotated[str, Field(pattern=_COPY_URL)], ...] = ()


class EmptyBody(Body):
    """No fields."""
