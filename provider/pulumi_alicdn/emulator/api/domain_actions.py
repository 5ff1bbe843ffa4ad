"""The actions about domains: their sources and state, and their configuration."""

from __future__ import annotations

from pulumi_alicdn.emulator.api.calls import Call
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.domain_settings import FUNCTIONS, configs_answer
from pulumi_alicdn.emulator.service.products import CDN
from pulumi_alicdn.emulator.service.refusals import naming
from pulumi_alicdn.emulator.values import Json, JsonObject, wire_time
from pulumi_alicdn.emulator.world import World


def detail(world: World, call: Call) -> JsonObject:
    """DescribeCdnDomainDetail and DescribeVodDomainDetail: the same values under other names."""
    domain = _domain(world, call)
    settings = world.domains.settings(domain)
    created = wire_time(world.created)
    cname = world.cname(domain)
    certificate = "on" if settings.https else "off"
    sources: Json = [source.answer() for source in world.sources(domain)]
    shared = {
        "DomainName": domain,
        "Cname": cname,
        "DomainStatus": world.domains.state(domain).word,
        "Scope": settings.scope,
        "Description": settings.description,
        "GmtCreated": created,
        "GmtModified": created,
    }
    if call.service is not CDN:
        # A certificate's name and public key are there only if there is a certificate.
        https = {"CertName": f"cert-{domain}", "SSLPub": "public key"} if settings.https else {}
        return {
            "DomainDetail": {
                **shared,
                **https,
                "SSLProtocol": certificate,
                "Weight": "1",
                "Sources": {"Source": sources},
            }
        }
    return {
        "GetDomainDetailModel": {
            **shared,
            "CdnType": settings.cdn_type,
            "HttpsCname": cname if settings.https else "",
            "ResourceGroupId": "rg-emulator",
            "ServerCertificateStatus": certificate,
            "SourceModels": {"SourceModel": sources},
        }
    }


def configs(world: World, call: Call) -> JsonObject:
    """DescribeCdnDomainConfigs and DescribeVodDomainConfigs; only VOD requires the names of functions."""
    domain = _domain(world, call)
    text = call.params.get("FunctionNames", "")
    if not text and call.service is not CDN:
        raise naming(refusals.EMPTY_PARAMETER, "FunctionNames")
    functions = [name.strip() for name in text.split(",")] if text else []
    for name in functions:
        if name not in FUNCTIONS:
            raise naming(refusals.FUNCTION_UNSUPPORTED, name)
    config_id = call.params.get("ConfigId", "") if call.service is CDN else ""
    return configs_answer(world.configs(domain), functions, config_id)


def _domain(world: World, call: Call) -> str:
    """The domain of a call, lower case, in whatever state it is."""
    domain = call.params.get("DomainName", "").lower()
    if not domain:
        raise naming(refusals.EMPTY_PARAMETER, "DomainName")
    if call.service is CDN:
        world.access.check_policy([domain])
    if not world.domains.known(domain, call.service.name):
        raise naming(refusals.DOMAIN_NOT_FOUND, domain)
    return domain
