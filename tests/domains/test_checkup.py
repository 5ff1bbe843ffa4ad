"""The checklist: each way in which a domain can be broken has a first line of its own, which names the cure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.foreign import unexpected
from pulumi_alicdn.domains.checkup import checklist, headline, worst
from pulumi_alicdn.domains.examined import Examined, KeysSeen, NamesSeen, Owner, Reply
from pulumi_alicdn.domains.facts import DomainFacts, Source
from pulumi_alicdn.domains.obstacles import Asking
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin
from pulumi_alicdn.errors import AlicdnError, ApiFault, DeniedError, UnreachableError

DOMAIN: Final = "media.example.com"
FACTS: Final = DomainFacts(
    name=DOMAIN,
    service=Service.CDN,
    https=True,
    cname="media.example.com.w.kunlunsl.com",
    sources=(Source(content="origin.example.com", port=80),),
)
FINE: Final = Examined(
    domain=DOMAIN,
    asking=Asking("https"),
    keys=KeysSeen("env", "ab12", temporary=False),
    answers={Service.CDN: FACTS},
    rights={"DescribeCdnDomainDetail": None, "DescribeUserVipsByDomain": None},
    clock_off_s=0.4,
    quota={"Url": Allowance(10_000, 9_000), "Dir": Allowance(100, 100)},
    names=NamesSeen(("203.0.113.7",), FACTS.cname),
    certificate="",
    origin=NamedOrigin("http://origin.example.com", DOMAIN),
    origin_reply=Reply("origin.example.com", 200),
    places=[("China", "China Telecom"), ("China", "China Unicom"), ("Germany", "")],
    replies=[Reply("203.0.113.7", 200), Reply("203.0.113.8", 200)],
)


ENDS: Final = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def refused(code: str, action: str = "DescribeCdnDomainDetail") -> AlicdnError:
    return to_error(ApiFault(action, code, "said by the service", "0A1B", 400))


def with_facts(**changes: object) -> Examined:
    return replace(FINE, answers={Service.CDN: replace(FACTS, **changes)})  # type: ignore[arg-type]


def answered(error: AlicdnError) -> Examined:
    return replace(FINE, answers={Service.CDN: error, Service.VOD: error}, quota=None, places=None, replies=())


BROKEN: Final[dict[str, tuple[Examined, str]]] = {
    "no credentials": (
        replace(FINE, keys=DeniedError("no Alibaba Cloud credentials: set some", ApiFault("a")), answers={}),
        "set some",
    ),
    "key id": (answered(refused("InvalidAccessKeyId.NotFound")), "name an access key that exists"),
    "key disabled": (answered(refused("InvalidAccessKeyId.Inactive")), "enable the access key"),
    "secret": (answered(refused("SignatureDoesNotMatch")), "the secret that belongs"),
    "token ended": (
        replace(FINE, keys=KeysSeen("env", "ab12", temporary=True, ends=ENDS, left_s=-60.0)),
        "get a new token, or use a source that renews its own",
    ),
    "token ends soon": (
        replace(FINE, keys=KeysSeen("oidc", "ab12", temporary=True, ends=ENDS, left_s=599.0)),
        "ends in 9 minutes, and a release can take longer",
    ),
    "token": (answered(refused("InvalidSecurityToken.Expired")), "a new STS token"),
    "clock refused": (answered(refused("InvalidTimeStamp.Expired")), "set the clock"),
    "clock off": (replace(FINE, clock_off_s=-400.0), "with NTP"),
    "unreachable": (answered(UnreachableError("no connection", ApiFault("a"))), "check the network"),
    "a login page": (
        replace(answered(unexpected("a", "<p>Log in</p>", {})), names=NamesSeen(error="has no address in DNS")),
        "look for a login page",
    ),
    "suspended": (answered(refused("OperationDenied.Suspended")), "overdue payment"),
    "not activated": (answered(refused("CdnServiceNotFound")), "activate the service"),
    "unknown domain": (answered(refused("InvalidDomain.NotFound")), "check its spelling"),
    "two services": (
        replace(FINE, answers={Service.CDN: FACTS, Service.VOD: replace(FACTS, service=Service.VOD)}),
        "--service",
    ),
    "rights": (
        replace(FINE, rights={"DescribeUserVipsByDomain": refused("Forbidden.RAM", "DescribeUserVipsByDomain")}),
        "allow it in the RAM policy",
    ),
    "offline": (with_facts(status="offline"), "StartCdnDomain"),
    "configuring": (with_facts(status="configuring"), "wait until its state is online"),
    "review": (with_facts(status="check_failed"), "read the reason in the console"),
    "no certificate": (with_facts(https=False), "add a certificate"),
    "redirect": (
        replace(with_facts(settings={"https_force": {"enable": "on"}}), asking=Asking("http")),
        "write base_urls with https://",
    ),
    "authentication": (with_facts(settings={"aliauth": {"auth_type": "type_a"}}), "url_auth"),
    "referer": (with_facts(settings={"referer_white_list_set": {}}), "request_headers"),
    "optimised": (with_facts(settings={"tesla": {"enable": "on"}}), "exclude"),
    "quota": (replace(FINE, quota={"Url": Allowance(10, 0)}), "midnight in China"),
    "no DNS": (replace(FINE, names=NamesSeen(error="has no address in DNS")), "add a CNAME record"),
    "no answer from DNS": (
        replace(FINE, names=NamesSeen(error="has no answer from DNS", unknown=True)),
        "check this machine's DNS and network",
    ),
    "no CNAME": (replace(FINE, names=NamesSeen(("198.51.100.1",), DOMAIN)), "replace them by a CNAME record"),
    "certificate": (replace(FINE, certificate="certificate has expired"), "renew or replace"),
    "private bucket": (replace(FINE, origin=NoOrigin("its bucket is private"), origin_reply=None), "private"),
    "origin down": (replace(FINE, origin_reply=Reply("o", error="no connection")), "otherwise start it"),
    "origin fails": (replace(FINE, origin_reply=Reply("o", 502)), "correct the origin first"),
    "not uploaded": (replace(FINE, origin_reply=Reply("o", 404)), "upload it there"),
    "no nodes": (replace(FINE, places=[]), "list the nodes again later"),
    "silent nodes": (replace(FINE, replies=[Reply("203.0.113.7", error="no connection")]), "ports 80 and 443"),
    "a silent node": (
        replace(FINE, replies=[Reply("203.0.113.7", 200), Reply("203.0.113.8", error="silent for 10 s")]),
        "one to report",
    ),
    "failing nodes": (replace(FINE, replies=[Reply("203.0.113.7", 503)]), "origin answers its nodes"),
}


def test_a_domain_that_is_well_is_ready() -> None:
    checks = checklist(FINE)
    assert headline(DOMAIN, checks) == "media.example.com: ready; nothing stands in the way of a release"
    assert worst(checks) == "ok"
    assert [check.name for check in checks] == [
        *("credentials", "clock", "domain", "rights", "quota", "DNS", "certificate", "settings", "origin", "nodes"),
        "answers",
    ]
    assert "3 nodes: China 2, Germany 1; China Telecom 1, China Unicom 1, unknown 1" in checks[-2].said


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_set_up_names_its_cure_in_the_first_line(name: str) -> None:
    examined, cure = BROKEN[name]
    first = headline(DOMAIN, checklist(examined))
    assert cure in first, first
    assert first.startswith("media.example.com: ")
    assert worst(checklist(examined)) != "ok"


def test_all_first_lines_differ() -> None:
    lines = [headline(DOMAIN, checklist(examined)) for examined, _ in BROKEN.values()]
    assert len(set(lines)) == len(lines)


def test_a_right_that_is_missing_at_both_services_is_the_problem_and_the_state_is_unknown() -> None:
    actions = ("DescribeVodDomainDetail", "DescribeCdnDomainDetail")
    errors = {action: refused("Forbidden.RAM", action) for action in actions}
    examined = replace(
        FINE, answers=dict(zip((Service.VOD, Service.CDN), errors.values(), strict=True)), rights=dict(errors)
    )
    first = headline(DOMAIN, checklist(examined))
    assert "may not call DescribeVodDomainDetail and DescribeCdnDomainDetail: allow them" in first


def credentials_said(**changes: object) -> str:
    return checklist(replace(FINE, **changes))[0].said  # type: ignore[arg-type]


def test_whose_the_credentials_are_is_said_or_why_not() -> None:
    assert credentials_said(owner=Owner("1968", "RAM user", "deploy")).endswith(
        "of the RAM user deploy of the account 1968"
    )
    assert credentials_said(owner=Owner("1968", "account")).endswith("from env, of the account 1968")
    denied = credentials_said(owner=refused("Forbidden.RAM", "GetCallerIdentity"))
    assert "access key …ab12 from env (STS does not say whose: " in denied
    down = replace(FINE, owner=UnreachableError("no connection", ApiFault("GetCallerIdentity")))
    assert headline(DOMAIN, checklist(down)).endswith("nothing stands in the way of a release")


def test_the_end_of_temporary_credentials_is_said() -> None:
    lasting = KeysSeen("oidc", "ab12", temporary=True, ends=ENDS, left_s=3600.0)
    assert credentials_said(keys=lasting).endswith("; temporary, until 2026-01-02 03:04 UTC")
    unknown_end = KeysSeen("env", "ab12", temporary=True)
    assert credentials_said(keys=unknown_end).endswith("; temporary, for how long, its source does not say")
