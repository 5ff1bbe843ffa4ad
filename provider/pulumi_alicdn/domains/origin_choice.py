"""The origin that the service names for a domain, as a proof can ask it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.hosts import server_address
from pulumi_alicdn.domains.facts import DomainFacts, Source
from pulumi_alicdn.phrases import show_server

_HTTPS: Final = 443
"""The port of https (RFC 9110)."""


@dataclass(frozen=True, slots=True)
class NamedOrigin:
    """An origin: its URL, and the host that the nodes name in its requests."""

    url: str
    host: str


@dataclass(frozen=True, slots=True)
class NoOrigin:
    """Why no origin can be asked: a part of a sentence, such as "its bucket is private"."""

    reason: str


def named_origin(facts: DomainFacts, scheme: str) -> NamedOrigin | NoOrigin:
    """Return the main source of the domain; *scheme*: that of the visitors, which nodes follow unless a setting says.

    A private bucket answers the nodes alone, so that asking it proves nothing. Without a host that is set, nodes name
    the domain, and an OSS bucket by its own name ("Configure the default origin host", CDN).
    """
    if not facts.settings_known:
        return NoOrigin("the service does not state its settings, so that the host to ask for is unknown")
    if facts.is_on("l2_oss_key", "private_oss_auth"):
        return NoOrigin("its bucket is private and answers the nodes only")
    sources = sorted((one for one in facts.sources if one.enabled), key=lambda one: one.priority)
    if not sources:
        return NoOrigin("the service names no source")
    main = sources[0]
    try:
        server_address(main.content)
    except ValueError:
        return NoOrigin(f"the service names the source {show_server(main.content)}, which is no host")
    host = facts.settings.get("set_req_host_header", {}).get("domain_name", "")
    default = main.content if main.kind == "oss" else facts.name
    return NamedOrigin(_url(facts, main, scheme), host or default)


def _url(facts: DomainFacts, source: Source, scheme: str) -> str:
    forwarded = ""
    if facts.is_on("forward_scheme"):
        forwarded = facts.settings["forward_scheme"].get("scheme_origin", "").lower()
    if forwarded in ("http", "https"):
        chosen = forwarded
    elif forwarded == "follow":
        chosen = scheme
    else:
        chosen = "https" if source.port == _HTTPS else "http"
    usual = {"http": 80, "https": _HTTPS}[chosen]
    host = f"[{source.content}]" if ":" in source.content else source.content
    # With a scheme that follows the visitors, port 80 is asked for http and 443 for https.
    port = "" if source.port in (0, 80, _HTTPS, usual) else f":{source.port}"
    return f"{chosen}://{host}{port}"
