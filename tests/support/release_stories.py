"""Releases for the tests of their reports: of any size, live, failed or only submitted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.releases.manifest import Difference
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.report.story import Effect, ReleaseOutcome, Story

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
EDGES = ("edge-1.example.net:8081", "edge-2.example.net:8082", "edge-3.example.net:8083")


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def seen(url: str, edge: str, finding: Finding = Finding.FRESH) -> Evidence:
    new, old = digest(url), digest(f"{url} before")
    common: dict[str, Any] = {
        "age": "2",
        "x_cache": "MISS",
        "last_modified": "Sun, 01 Mar 2026 09:28:40 GMT",
        "note": "",
    }
    answers: dict[Finding, dict[str, Any]] = {
        Finding.FRESH: common,
        Finding.STALE_EDGE: {
            "age": "3127",
            "x_cache": "HIT TCP_MEM_HIT",
            "last_modified": "Mon, 23 Feb 2026 16:02:11 GMT",
            "note": "the origin serves the release, this edge still serves something else",
        },
        Finding.UNREACHABLE: {"age": "", "x_cache": "", "last_modified": "", "note": "connection refused"},
    }
    served = answers[finding]
    return Evidence(
        edge=edge,
        url=url,
        finding=finding,
        method="GET",
        expected=new,
        served={Finding.FRESH: new, Finding.UNREACHABLE: ""}.get(finding, old),
        status=0 if finding is Finding.UNREACHABLE else 200,
        size=0 if finding is Finding.UNREACHABLE else 20480,
        at=after(50),
        **served,
    )


def urls(count: int) -> tuple[str, ...]:
    """Playlists and segments of a site, as many as asked."""
    return tuple(
        f"https://media.example.com/course-{number // 50:03d}/"
        + ("index.m3u8" if number % 50 == 0 else f"1080p/segment-{number:05d}.ts")
        for number in range(count)
    )


def live(names: Sequence[str], edges: Sequence[str] = EDGES) -> Story:
    """A live release of *names*: all refreshed, every other one prefetched, all probed on all *edges*."""
    count = max(1, len(names))
    refreshed = tuple(
        Effect(name, Kind.REFRESH, after(3), after(6 + 20 * (place / count) ** 0.5), RowStatus.COMPLETE)
        for place, name in enumerate(names)
    )
    warmed = tuple(
        Effect(name, Kind.PREFETCH, after(28), after(30 + 14 * place / count), RowStatus.COMPLETE)
        for place, name in enumerate(names[::2])
    )
    some = bool(names)
    return Story(
        name="courses",
        service="vod",
        base_urls=("https://media.example.com/",),
        outcome=ReleaseOutcome.LIVE,
        failure="",
        files=9000,
        plan=Plan(
            Difference(added=(), changed=tuple(names), removed=(), unchanged=9000 - len(names)),
            first=False,
            refresh=tuple(names),
            refresh_type=ObjectType.FILE,
            prefetch=tuple(names[::2]),
            reason=f"{len(names)} of 9000 files changed: each is refreshed as a file." if some else "No file changed.",
        ),
        task_ids=("18912345678", "18912345679") if some else (),
        request_ids=("0A1B2C3D-1111-4222-8333-444455556666",) if some else (),
        uploaded_at=after(-85),
        began_at=AT,
        submitted_at=after(3) if some else None,
        prefetch_submitted_at=after(28) if some else None,
        effects=refreshed + warmed,
        proof_began_at=after(46) if some else None,
        proof_ended_at=after(58) if some else None,
        evidence=tuple(seen(name, edge) for name in names for edge in edges),
    )


def failed(names: Sequence[str], wrong: Sequence[int], edges: Sequence[str] = EDGES) -> Story:
    """The same, but the last edge is stale for the names at the places *wrong*; the first of them does not answer."""
    good = live(names, edges)
    bad = {names[place]: Finding.STALE_EDGE for place in wrong}
    if wrong:
        bad[names[wrong[0]]] = Finding.UNREACHABLE
    evidence = [
        seen(probe.url, probe.edge, bad[probe.url]) if probe.edge == edges[-1] and probe.url in bad else probe
        for probe in good.evidence
    ]
    sentence = f"the release is not proven: {len(bad)} of {len(names)} URLs at 1 of {len(edges)} edges:\n" + "\n".join(
        f"  {edges[-1]}: {url}: {finding}" for url, finding in list(bad.items())[:3]
    )
    return replace(good, outcome=ReleaseOutcome.FAILED, failure=sentence, evidence=tuple(evidence))


CHINA = ("China Mobile", "China Telecom", "China Unicom")
ABROAD = {
    "Singapore": "Singtel",
    "Germany": "Deutsche Telekom",
    "United States": "Lumen",
    "Japan": "NTT",
    "Malaysia": "Telekom Malaysia",
    "United Kingdom": "BT",
    "Brazil": "Vivo",
    "Indonesia": "Telkom Indonesia",
    "India": "Airtel",
    "France": "Orange",
    "Australia": "Telstra",
    "United Arab Emirates": "Etisalat",
}
# fmt: off
PROVINCES = (
    "Anhui", "Beijing", "Chongqing", "Fujian", "Gansu", "Guangdong", "Guangxi", "Guizhou", "Hainan", "Hebei",
    "Heilongjiang", "Henan", "Hubei", "Hunan", "Inner Mongolia", "Jiangsu", "Jiangxi", "Jilin", "Liaoning",
    "Ningxia", "Qinghai", "Shaanxi", "Shandong", "Shanghai", "Shanxi", "Sichuan", "Tianjin", "Tibet", "Xinjiang",
    "Yunnan", "Zhejiang",
)
# fmt: on


def nodes(count: int) -> list[tuple[str, str, str]]:
    """That many nodes: their address, place and provider; 43 places at most."""
    provinces = [(f"China, {name}", provider) for provider in CHINA for name in PROVINCES]
    everywhere = [*provinces[: count // 2], *ABROAD.items(), *provinces[count // 2 :]]
    return [
        (f"203.0.{number // 250}.{number % 250 + 1}:443", *everywhere[number % len(everywhere)])
        for number in range(count)
    ]


def in_the_network(names: Sequence[str], at: Sequence[tuple[str, str, str]], **wrong: Finding) -> Story:
    """The live release of *names* at nodes with places; those of a province named in *wrong* have that finding."""
    good = live(names)
    evidence = tuple(
        replace(seen(name, edge, wrong.get(place.rpartition(" ")[2], Finding.FRESH)), place=place, provider=provider)
        for name in names
        for edge, place, provider in at
    )
    bad = [one for one in evidence if not one.ok]
    said = f"the release is not proven: {len(bad)} of {len(evidence)} checks differ" if bad else ""
    outcome = ReleaseOutcome.FAILED if bad else ReleaseOutcome.LIVE
    return replace(good, outcome=outcome, failure=said, evidence=evidence)
