"""The origin that the service names for a domain, as a proof can ask it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.hosts import Address, leads_here, not_public, server_address
from pulumi_alicdn.domains.facts import DomainFacts, Source
from pulumi_alicdn.phrases import foreign, show_server

_HTTPS: Final = 443
"""The port of https (RFC 9110)."""

_ASKABLE: Final = ("", "domain", "ipaddr", "oss")
"""The types of sources that answer this machine as they answer nodes (SourceModels of DescribeCdnDomainDetail). The
other one, `fc_domain`, is a function, which computes what it answers."""


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

    Of several main sources, the one with the largest weight that can be asked. A private bucket answers the nodes
    alone, so that asking it proves nothing. Without a host that is set, nodes name the domain, and an OSS bucket by its
    own name ("Configure the default origin host", CDN).
    """
    if not facts.settings_known:
        return NoOrigin("the service does not state its settings, so that the host to ask for is unknown")
    if facts.is_on("l2_oss_key", "private_oss_auth"):
        return NoOrigin("its bucket is private and answers the nodes only")
    online = [one for one in facts.sources if one.enabled]
    if not online:
        return NoOrigin("the service names no source")
    first = min(one.priority for one in online)
    # Sources of another priority only stand in: they may have other files.
    main = sorted((one for one in online if one.priority == first), key=lambda one: -one.weight)
    servers = [_askable(one, local=facts.local) for one in main]
    chosen = next(
        ((one, server) for one, server in zip(main, servers, strict=True) if isinstance(server, Address)), None
    )
    if chosen is None:
        return next(one for one in servers if isinstance(one, NoOrigin))
    source, server = chosen
    host = facts.settings.get("set_req_host_header", {}).get("domain_name", "")
    default = server.host if source.kind == "oss" else facts.name
    return NamedOrigin(_url(facts, source, server, scheme), host or default)


def one_origin(origins: list[NamedOrigin | NoOrigin]) -> NamedOrigin | NoOrigin:
    """Return the origin that all domains of a release have; there is at least one of *origins*."""
    for one in origins:
        if isinstance(one, NoOrigin):
            return one
    if len(set(origins)) > 1:
        return NoOrigin("the domains of this release have different origins")
    return origins[0]


def _askable(source: Source, *, local: bool) -> Address | NoOrigin:
    """Return the server of *source*, or why it cannot be asked.

    Its name is foreign text: an answer that is forged must not have this machine ask itself, its network, or the
    metadata service of its cloud, which gives credentials. *local*: whether the service is on this machine.
    """
    shown = show_server(source.content)
    if source.kind not in _ASKABLE:
        what = "a function" if source.kind.startswith("fc") else f"of the type {foreign(source.kind)}"
        return NoOrigin(f"its source {shown} is {what}, which cannot be asked")
    try:
        server = server_address(source.content)
    except ValueError:
        server = None
    if server is None or server.scheme:
        return NoOrigin(f"the service names the source {shown}, which is no host")
    here = leads_here(server.host)
    if (here or not_public(server.host)) and not (here and local):
        return NoOrigin(f"the service names the source {shown}, which cannot be asked: it is not of the internet")
    return server


def _url(facts: DomainFacts, source: Source, server: Address, scheme: str) -> str:
    forwarded = ""
    if facts.is_on("forward_scheme"):
        forwarded = facts.settings["forward_scheme"].get("scheme_origin", "").lower()
    stated = server.port or source.port
    if forwarded in ("http", "https"):
        chosen = forwarded
    elif forwarded == "follow":
        chosen = scheme
    else:
        chosen = "https" if stated == _HTTPS else "http"
    host = f"[{server.host}]" if ":" in server.host else server.host
    # With a scheme that follows the visitors, port 80 is asked for http and 443 for https.
    port = "" if stated in (0, 80, _HTTPS) else f":{stated}"
    return f"{chosen}://{host}{port}"
