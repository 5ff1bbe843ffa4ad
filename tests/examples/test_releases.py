"""Every example of a release on the real engine: what is submitted, and what the edges serve then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.projects import Project, fresh
from support.stack import Stack

SITE = "https://www.example.com/"

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]


def test_static_site(emulators: Emulators, stacks: Stacks, origin: Path) -> None:
    (origin / "index.html").write_text("old")
    cloud = emulators(origin=origin, effect_s=0.5)
    cloud.get_everywhere(SITE)
    cloud.get_everywhere(f"{SITE}index.html")
    project = Project(stacks("", cloud), cloud, origin, "static-site")
    project.configure("domain=www.example.com", f"origin={cloud.origin}", *project.edges())
    project.upload()

    project.stack.up().expect_ok()

    files = {"app.js", "docs/index.html", "index.html", "style.css"}
    warmed = {f"{SITE}app.js", f"{SITE}style.css"}
    assert project.submitted() == [
        ("RefreshObjectCaches", {SITE + path for path in ({"", "docs/"} | files)}),
        ("PushObjectCache", warmed),
    ]
    outputs = project.stack.outputs()
    assert (outputs["status"], set(outputs["changed"])) == ("live", files)
    assert list(fresh(outputs["edges"]).values()) == [6, 6, 6]
    index = (project.assets / "index.html").read_bytes()
    project.expect_everywhere({SITE: index, f"{SITE}index.html": index})
    assert "</html>" in (project.stack.folder / "release.html").read_text()

    project.up_without_a_call()

    style = project.assets / "style.css"
    style.write_text("body { color: seagreen; }\n")
    project.upload()
    project.stack.up().expect_ok()
    assert project.submitted() == [
        ("RefreshObjectCaches", {f"{SITE}style.css"}),
        ("PushObjectCache", {f"{SITE}style.css"}),
    ]
    assert project.stack.outputs()["changed"] == ["style.css"]
    answers = cloud.get_everywhere(f"{SITE}style.css")
    assert [(answer.body, answer.cache) for answer in answers] == [(style.read_bytes(), "HIT")] * 3


def test_vod_library(emulators: Emulators, stacks: Stacks, origin: Path) -> None:
    cloud = emulators(origin=origin, effect_s=0.5)
    stack = stacks("", cloud)
    (origin / "library").mkdir()
    project = Project(stack, cloud, origin / "library", "vod-library", assets="library")
    project.configure("domain=media.example.com", f"origin={cloud.origin}", *project.edges())
    project.upload()
    base = "https://media.example.com/library/"

    stack.up().expect_ok()

    segments = {f"{base}talk/{number}.ts" for number in range(3)} | {f"{base}demo/{number}.ts" for number in range(2)}
    assert project.submitted() == [("PreloadVodObjectCaches", segments)]

    project.up_without_a_call()

    playlist, segment = project.assets / "talk" / "index.m3u8", project.assets / "talk" / "3.ts"
    playlist.write_text(playlist.read_text() + "#EXTINF:6.0,\n3.ts\n")
    segment.write_bytes(b"\x47\x1f\xff\x10" + b"talk" * 46)
    project.upload()
    stack.up().expect_ok()

    assert project.submitted() == [
        ("RefreshVodObjectCaches", {f"{base}talk/index.m3u8"}),
        ("PreloadVodObjectCaches", {f"{base}talk/3.ts"}),
    ]
    outputs = stack.outputs()
    assert (outputs["playlists"], outputs["segments"]) == ([f"{base}talk/index.m3u8"], [f"{base}talk/3.ts"])
    project.expect_everywhere(
        {f"{base}talk/index.m3u8": playlist.read_bytes(), f"{base}talk/3.ts": segment.read_bytes()}
    )


def test_two_domains(emulators: Emulators, stacks: Stacks, origin: Path) -> None:
    cloud = emulators(origin=origin, effect_s=0.5)
    sites = ["https://www.example.com/", "https://www.example.cn/"]
    project = Project(stacks("", cloud), cloud, origin, "two-domains")
    first, second, third = cloud.edges
    project.configure(
        "domains[0]=www.example.com",
        "domains[1]=www.example.cn",
        f'resolve["www.example.com"][0]={first}',
        f'resolve["www.example.cn"][0]={second}',
        f'resolve["www.example.cn"][1]={third}',
        f"origin={cloud.origin}",
    )
    project.upload()

    project.stack.up().expect_ok()

    everything = {site + path for site in sites for path in ("", "index.html", "style.css")}
    assert project.submitted() == [("RefreshObjectCaches", everything)]
    looks = fresh(project.stack.outputs()["edges"])
    assert looks == {edge.removeprefix("http://"): 3 for edge in cloud.edges}

    project.up_without_a_call()

    (project.assets / "style.css").unlink()
    project.upload()
    project.stack.up().expect_ok()
    assert project.submitted() == [("RefreshObjectCaches", {f"{site}style.css" for site in sites})]
    for site in sites:
        assert [answer.status for answer in cloud.get_everywhere(f"{site}style.css")] == [404] * 3
