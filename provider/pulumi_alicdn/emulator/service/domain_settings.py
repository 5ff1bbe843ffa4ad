"""How an accelerated domain is configured: its service, sources, scope and functions; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_alicdn.emulator.fields import Text
from pulumi_alicdn.emulator.values import JsonObject

CNAME_SUFFIX: Final = ".w.kunlunaq.com"
"""What the CNAME of a domain ends with (answers that users published)."""

FIRST_CONFIG_ID: Final = 5_068_995
"""The id of a domain's first configuration (sample of DescribeDcdnDomainConfigs, of DCDN 2018-01-15)."""

# fmt: off
FUNCTIONS: Final = frozenset({
    "aliauth", "alilive", "ali_location", "ali_remove_args", "ali_ua", "ali_video_preview", "ali_video_split",
    "alivod", "brotli", "cc_defense", "cdn_waf", "condition", "default_ttl_code", "dynamic", "edge_function",
    "error_page", "filetype_based_ttl_set", "filetype_force_ttl_code", "follow_source_host", "forward_scheme",
    "forward_timeout", "gzip", "green_manager", "hashkey_args", "hashkey_header", "host_redirect", "HSTS", "http2",
    "http_force", "https_force", "https_option", "https_origin_sni", "https_tls_version", "ip_allow_list_set",
    "ip_black_list_set", "ip_white_list_set", "ipv6", "l2_oss_key", "l2_req_header_back", "oss_auth",
    "origin_certificate_verification", "origin_dns_host", "origin_request_header", "origin_response_header",
    "path_based_ttl_set", "path_force_ttl_code", "quic", "range", "referer_black_list_set", "referer_white_list_set",
    "request_uri_rewrite", "range_seek", "set_hashkey_args", "set_l2_req_header", "set_req_header",
    "set_req_host_header", "set_resp_header", "signed_exchange", "tesla", "tmd_signature", "video_seek", "waf_group",
})
# fmt: on
"""Names of functions (the pages "Feature settings for domain names" and DescribeCdnDomainConfigs)."""


class Source(BaseModel):
    """A server that edges fetch from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: Text
    type: Literal["ipaddr", "domain", "oss", "fc_domain"] = "domain"
    port: Annotated[int, Field(ge=1, le=65535)] = 80
    priority: Text = "20"
    weight: Text = "10"
    enabled: Literal["online", "offline"] = "online"

    def answer(self) -> JsonObject:
        """The source as both services show it: all but the port is text."""
        return {
            "Content": self.content,
            "Type": self.type,
            "Port": self.port,
            "Priority": self.priority,
            "Weight": self.weight,
            "Enabled": self.enabled,
        }


class Config(BaseModel):
    """A function of the domain with its arguments, within a condition if there is a ``parent_id``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: Text
    args: Mapping[Text, str] = {}
    status: Literal["success", "testing", "failed", "configuring"] = "success"
    parent_id: str = ""

    def answer(self, config_id: int) -> JsonObject:
        """The function as both services show it."""
        shown: dict[str, JsonObject | str] = {
            "FunctionName": self.function,
            "ConfigId": str(config_id),
            "Status": self.status,
            "FunctionArgs": {
                "FunctionArg": [{"ArgName": name, "ArgValue": value} for name, value in self.args.items()]
            },
        }
        return {**shown, "ParentId": self.parent_id} if self.parent_id else shown


class DomainSettings(BaseModel):
    """The settings of one domain.

    ``service``: the only service that knows the domain; None for both. ``sources``: None for the emulator's origin.
    ``cname``: None for the usual one. ``https``: whether there is a certificate.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: Literal["vod", "cdn"] | None = None
    sources: tuple[Source, ...] | None = None
    scope: Literal["domestic", "overseas", "global"] = "global"
    cname: str | None = None
    https: bool = False
    cdn_type: Literal["web", "download", "video"] = "web"
    description: str = ""
    configs: tuple[Config, ...] = ()


DEFAULT_SETTINGS: Final = DomainSettings()
"""The settings of a domain of which nothing else was said."""


def configs_answer(configs: Sequence[Config], functions: Sequence[str], config_id: str) -> JsonObject:
    """The answer with these configurations: those of the named *functions*, and with that id; empty for all."""
    numbered = [(FIRST_CONFIG_ID + index, config) for index, config in enumerate(configs)]
    return {
        "DomainConfigs": {
            "DomainConfig": [
                config.answer(number)
                for number, config in numbered
                if (not functions or config.function in functions) and config_id in {"", str(number)}
            ]
        }
    }
