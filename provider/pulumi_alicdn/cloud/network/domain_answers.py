"""The decoding of what the service states of a domain: strict about its presence, tolerant of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.codec import accepted, named_lower, short_word
from pulumi_alicdn.cloud.foreign import unexpected
from pulumi_alicdn.domains.facts import DomainFacts, Source

_DETAIL: Final = {Service.CDN: "getdomaindetailmodel", Service.VOD: "domaindetail"}
"""The member with the detail (DescribeCdnDomainDetail, DescribeVodDomainDetail), in lower case."""

_CONFIGS: Final = "domainconfigs"

_ALWAYS: Final = ("", "-1", "0", "none", "null")
"""Values of ParentId, in lower case, of a setting that concerns every request (DescribeCdnDomainConfigs); any other is
the id of a condition."""

_IN_EFFECT: Final = ("", "success")
"""Values of Status, in lower case, of a setting that is in effect (DescribeCdnDomainConfigs)."""


def decode_detail(
    action: str, service: Service, name: str, body: str | bytes, headers: Mapping[str, str]
) -> DomainFacts:
    """Decode the detail of the domain *name*. Raises UnexpectedAnswerError if the answer has none."""
    named = accepted(action, body, headers, frozenset({_DETAIL[service]}))
    detail = named[_DETAIL[service]]
    if not isinstance(detail, Mapping):
        raise unexpected(action, body, headers)
    said = named_lower(detail)
    certificate = short_word(said.get("servercertificatestatus", said.get("sslprotocol"))).lower()
    return DomainFacts(
        name=name,
        service=service,
        status=short_word(said.get("domainstatus")).lower(),
        cname=short_word(said.get("cname")),
        https={"on": True, "off": False}.get(certificate),
        scope=short_word(said.get("scope")),
        sources=tuple(_source(one) for one in _entries(said.get("sourcemodels", said.get("sources")), "source")),
        settings_known=False,
    )


def decode_settings(facts: DomainFacts, action: str, body: str | bytes, headers: Mapping[str, str]) -> DomainFacts:
    """Add the settings that an answer holds to *facts*. Raises UnexpectedAnswerError if it holds none.

    One that has a condition concerns some requests only, and one that failed or is still tested may concern none: what
    would be said of every request because of it could be false, so that it is left out.
    """
    named = accepted(action, body, headers, frozenset({_CONFIGS}))
    settings: dict[str, dict[str, str]] = {}
    for entry in _entries(named[_CONFIGS], "domainconfig"):
        if short_word(entry.get("parentid")).lower() not in _ALWAYS:
            continue
        if short_word(entry.get("status")).lower() not in _IN_EFFECT:
            continue
        arguments = _entries(entry.get("functionargs"), "functionarg")
        values = {short_word(one.get("argname")).lower(): short_word(one.get("argvalue")) for one in arguments}
        settings[short_word(entry.get("functionname")).lower()] = values
    return replace(facts, settings=settings, settings_known=True)


def _source(said: Mapping[str, Any]) -> Source:
    return Source(
        content=short_word(said.get("content")),
        kind=short_word(said.get("type")).lower(),
        port=_whole(said.get("port"), 0),
        priority=_whole(said.get("priority"), 20),
        weight=_whole(said.get("weight"), 10),
        enabled=short_word(said.get("enabled")).lower() not in ("offline", "off", "false"),
    )


def _entries(value: object, name: str) -> list[dict[str, Any]]:
    """Read `{"Source": [...]}`, `{"SourceModel": [...]}`, a list, or one entry as an object; the rest is nothing."""
    if isinstance(value, Mapping):
        inner = next((part for key, part in named_lower(value).items() if key.startswith(name)), None)
        value = [inner] if isinstance(inner, Mapping) else inner
    if not isinstance(value, list):
        return []
    return [named_lower(one) for one in value if isinstance(one, Mapping)]


def _whole(value: object, default: int) -> int:
    text = short_word(value)
    return int(text) if text.isascii() and text.isdigit() else default
