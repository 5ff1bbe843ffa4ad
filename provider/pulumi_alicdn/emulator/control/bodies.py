"""The bodies of admin requests, checked by pydantic."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pulumi_alicdn.emulator.faults import FaultKind
from pulumi_alicdn.emulator.service.access import AccountState
from pulumi_alicdn.emulator.service.dialects import DialectName
from pulumi_alicdn.emulator.service.domains import DomainState
from pulumi_alicdn.emulator.service.targets import is_domain

_Count = Annotated[int, Field(ge=0)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Path = Annotated[str, Field(pattern=r"^/")]
_Status = Annotated[int, Field(ge=200, le=599)]
# What parameters join by commas can hold none.
_Word = Annotated[str, Field(pattern=r"^[^,\s]+$")]
_Url = Annotated[str, Field(pattern=r"^https?://[^,\s]+$")]
_HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
_HeaderValue = Annotated[str, Field(pattern=r"^[ -~]*$")]


def _domain(text: str) -> str:
    if not is_domain(text):
        message = "that is not a domain"
        raise ValueError(message)
    return text


class Body(BaseModel):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultBody(Body):
    """One fault; see :class:`pulumi_alicdn.emulator.faults.Fault`."""

    kind: FaultKind
    action: str = "*"
    nth: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=-1)] = 1
    seconds: _Seconds = 0.0
    retry_after_s: _Seconds | None = None
    description: Annotated[str, Field(min_length=1)] = "Internal Error"
    paths: frozenset[str] | None = None
    http_status: _Status = 400
    code: Annotated[str, Field(min_length=1)] = "InternalError"
    message: str = ""


class FaultsBody(Body):
    """The whole list of faults."""

    faults: tuple[FaultBody, ...]


class ClockBody(Body):
    """How to move the clock; virtual seconds, and virtual seconds per real second."""

    advance_s: _Seconds = 0.0
    speed: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    frozen: bool | None = None


class QuotaBody(Body):
    """New numbers, by the names of the quota answers; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    service: Literal["vod", "cdn"] | None = None
    UrlQuota: _Count | None = None
    UrlRemain: _Count | None = None
    DirQuota: _Count | None = None
    DirRemain: _Count | None = None
    RegexQuota: _Count | None = None
    RegexRemain: _Count | None = None
    IgnoreParamsQuota: _Count | None = None
    IgnoreParamsRemain: _Count | None = None
    PreloadQuota: _Count | None = None
    PreloadRemain: _Count | None = None
    PreloadEdgeQuota: _Count | None = None
    PreloadEdgeRemain: _Count | None = None
    BlockQuota: _Count | None = None
    BlockRemain: Annotated[_Count | None, Field(alias="blockRemain")] = None


class TemporaryKeyBody(Body):
    """A temporary key; it ends after virtual seconds."""

    access_key_id: Annotated[str, Field(min_length=1)]
    access_key_secret: Annotated[str, Field(min_length=1)]
    security_token: Annotated[str, Field(min_length=1)]
    expires_in_s: float = 3600.0


class AccountBody(Body):
    """A new state of the account, a temporary key, or both."""

    state: AccountState | None = None
    sts: TemporaryKeyBody | None = None

    @model_validator(mode="after")
    def _says_something(self) -> AccountBody:
        if self.state is None and self.sts is None:
            message = "give state, sts or both"
            raise ValueError(message)
        return self


class LimitsBody(Body):
    """Request rate per service (None for no limit), URLs per minute and domain, and how much may be under way.

    ``preload_queue`` counts prefetches of a service, ``refresh_queue`` those of a CDN domain (None for no limit).
    """

    per_s: Annotated[float, Field(gt=0)] | None = None
    burst: Annotated[float, Field(ge=1)] | None = None
    urls_per_minute: _Count | None = None
    preload_queue: _Count | None = None
    refresh_queue: _Count | None = None


class OriginRuleBody(Body):
    """How the origin treats one path."""

    path: _Path
    status: _Status | None = None
    delay_s: _Seconds = 0.0
    reset: bool = False


class OriginBody(Body):
    """The whole list of rules, texts to serve under paths, all the headers that go with paths, or several of them."""

    rules: tuple[OriginRuleBody, ...] | None = None
    files: dict[_Path, str] | None = None
    headers: dict[_Path, dict[_HeaderName, _HeaderValue]] | None = None


class PlayUrlBody(Body):
    """One stream of a medium; see :class:`pulumi_alicdn.emulator.service.media.PlayUrl`."""

    url: _Url
    format: Literal["mp4", "m3u8", "mp3", "flv", "webm", "ts"]
    definition: _Word
    stream_type: Literal["video", "audio"] = "video"
    slices: tuple[_Url, ...] = ()


class MediumBody(Body):
    """A medium; see :class:`pulumi_alicdn.emulator.service.media.Medium`."""

    media_id: _Word
    urls: tuple[PlayUrlBody, ...]
    forbidden: bool = False


class MediaBody(Body):
    """Media to add, or to put in the place of those with the same ids."""

    media: tuple[MediumBody, ...]


class DomainsBody(Body):
    """New states of these domains; the others stay as they are."""

    domains: dict[Annotated[str, AfterValidator(_domain)], DomainState]


class CopyBody(Body):
    """A copy that an edge is to hold, as if it had fetched it ``age_s`` virtual seconds ago."""

    edge: Annotated[str, Field(min_length=1)]
    url: Annotated[str, Field(pattern=r"^https?://[^/?#@:\s]+/[^#\s]*$")]
    body: str
    headers: dict[_HeaderName, _HeaderValue] = {}
    age_s: _Seconds = 0.0


class EdgesBody(Body):
    """Copies to put into the caches of edges behind the service's back, in the place of what they hold."""

    copies: tuple[CopyBody, ...]


class DialectBody(Body):
    """How DescribeRefreshTasks answers; see :mod:`pulumi_alicdn.emulator.service.dialects`."""

    describe: DialectName


class QuirksBody(Body):
    """All the oddities of answers, as in `service/quirks.py`; what is left out is off."""

    odd_casing: bool = False
    spaced_times: bool = False
    single_as_object: bool = False
    total_count_off_by: int = 0
    description_beside_complete: str = ""
    process_without_percent: bool = False
    extra_fields: bool = False
    unknown_status: str = ""
    keeps_unmodified: bool = False


class EmptyBody(Body):
    """Nothing."""
