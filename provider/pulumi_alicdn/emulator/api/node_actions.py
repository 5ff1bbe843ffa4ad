"""The actions about nodes: which addresses serve a domain, and where an address is."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final

from pulumi_alicdn.emulator.api.calls import Call
from pulumi_alicdn.emulator.api.tampering import page_of
from pulumi_alicdn.emulator.network.nodes import L2_VIPS
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.domains import DomainState
from pulumi_alicdn.emulator.service.products import CDN
from pulumi_alicdn.emulator.service.refusals import Refusal, naming
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.emulator.world import World

MAX_ADDRESSES: Final = 20
"""Addresses of one call (CDN 2018-05-10 BatchDescribeCdnIpInfo documentation)."""

LANGUAGES: Final = frozenset({"zh", "en"})
"""Values of Language (the same document)."""

_NOWHERE: Final = {"Country": "", "Province": "", "City": "", "IspName": ""}


def user_vips(world: World, call: Call) -> JsonObject:
    """DescribeUserVipsByDomain and DescribeVodUserVipsByDomain.

    No document names the value of Available that a call without it has: nothing is left out. [chosen: what is not asked
    for does not filter]
    """
    available = call.params.get("Available") or "off"
    domain = _serving_domain(world, call)
    if available not in {"on", "off"}:
        raise Refusal(refusals.INVALID_PARAMETER, "Available is either on or off.")
    scope = world.domains.settings(domain).scope
    return _vips(domain, page_of(world.nodes.listed(scope, healthy_only=available == "on"), 1, None, call.faults))


def l2_vips(world: World, call: Call) -> JsonObject:
    """DescribeL2VipsByDomain: ranges of addresses, as in the document's sample. Visitors have no use for them."""
    if "," in call.params.get("DomainName", ""):
        raise Refusal(refusals.SINGLE_OVER_LIMIT, "A maximum of 1 DomainName is supported for each request.")
    return _vips(_serving_domain(world, call), L2_VIPS)


def ip_info_list(world: World, call: Call) -> JsonObject:
    """BatchDescribeCdnIpInfo: the list has no container."""
    text, language = call.params.get("IpAddrList", ""), call.params.get("Language") or "zh"
    if not text:
        raise naming(refusals.EMPTY_PARAMETER, "IpAddrList")
    asked = text.split(",")
    if len(asked) > MAX_ADDRESSES:
        raise Refusal(refusals.BATCH_TOO_LONG)
    if language not in LANGUAGES or not all(map(_is_address, asked)):
        raise Refusal(refusals.INVALID_BATCH)
    found = [_info(world, address, language) for address in asked if not world.nodes.omitted(_canonical(address))]
    items = page_of(found, 1, None, call.faults)
    return {"IpInfoList": {"IpInfoItem": items} if world.nodes.state.nested_items else items}


def ip_info(world: World, call: Call) -> JsonObject:
    """DescribeIpInfo: one address."""
    asked = call.params.get("IP", "")
    if not asked:
        raise naming(refusals.EMPTY_PARAMETER, "IP")
    if not _is_address(asked):
        raise Refusal(refusals.INVALID_IP)
    address = _canonical(asked)
    place = world.nodes.place(address)
    shown = {"CdnIp": str(place is not None), "ISP": "", "IspEname": "", "Region": "", "RegionEname": ""}
    if place is None or not world.nodes.labelled(address):
        return shown
    return shown | {
        "ISP": place.provider.name.zh,
        "IspEname": place.provider.word,
        "Region": "-".join(dict.fromkeys((place.country.zh, place.province.zh, place.city.zh))),
        # The document's sample writes the city small: China-Guizhou-guiyang.
        "RegionEname": "-".join(dict.fromkeys((place.country.en, place.province.en, place.city.en.lower()))),
    }


def _serving_domain(world: World, call: Call) -> str:
    """The domain of a call, lower case. It is refused unless its edges serve it."""
    domain = call.params.get("DomainName", "").lower()
    if not domain:
        raise naming(refusals.EMPTY_PARAMETER, "DomainName")
    if call.service is CDN:
        world.access.check_policy([domain])
    state = world.domains.state(domain)
    if state is DomainState.ILLEGAL:
        raise Refusal(refusals.VIPS_ILLEGAL)
    if not world.domains.known(domain, call.service.name) or state not in {DomainState.ONLINE, DomainState.CONFIGURING}:
        raise Refusal(refusals.VIPS_NOT_FOUND)
    return domain


def _vips(domain: str, addresses: Sequence[str]) -> JsonObject:
    return {"DomainName": domain, "Vips": {"Vip": addresses}}


def _info(world: World, asked: str, language: str) -> Mapping[str, str]:
    address = _canonical(asked)
    place = world.nodes.place(address)
    shown = {"IpAddress": asked, "CdnIp": "false" if place is None else "true"}
    if place is None or not world.nodes.labelled(address):
        return {**shown, **_NOWHERE}
    named = {
        "Country": place.country,
        "Province": place.province,
        "City": place.city,
        "IspName": place.provider.name,
    }
    end = "\n" if world.nodes.state.padded_names else ""
    return shown | {name: (value.en if language == "en" else value.zh) + end for name, value in named.items()}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _canonical(text: str) -> str:
    return str(ipaddress.ip_address(text))
