"""Every example of a release on the real engine: what is submitted, and what the edges serve then."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.projects import EXAMPLES, Project, fresh
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


class _Webhook(ThreadingHTTPServer):
    """What the release is announced to; on each announcement it requests the site itself, as its readers would."""

    def __init__(self, visit: Callable[[], list[bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Announced)
        self.visit = visit
        self.heard: list[tuple[str, list[bytes]]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Announced(BaseHTTPRequestHandler):
    server: _Webhook

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        self.server.heard.append((text, self.server.visit()))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:  # it would write each request to standard error
        pass


@contextmanager
def webhook(visit: Callable[[], list[bytes]]) -> Iterator[_Webhook]:
    with _Webhook(visit) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_gate_another_resource(emulators: Emulators, stacks: Stacks, origin: Path) -> None:
    (origin / "index.html").write_text("old")
    cloud, forgotten = emulators(origin=origin, effect_s=0.5), emulators(origin=origin, edges=1)
    for edge in (cloud, forgotten):  # the second is an edge that no refresh of this account reaches
        edge.get_everywhere(SITE)
        edge.get_everywhere(f"{SITE}index.html")
    project = Project(stacks("", cloud), cloud, origin, "gate-another-resource")
    index = project.assets / "index.html"
    first = index.read_bytes()
    project.upload()

    def look() -> list[bytes]:
        return [one.body for edge in (cloud, forgotten) for one in edge.get_everywhere(SITE)]

    with webhook(look) as said:
        project.configure("domain=www.example.com", f"origin={cloud.origin}", "version=1", *project.edges())
        project.configure(f"edges[3]={forgotten.edges[0]}")
        project.stack.configure_secret(webhook=said.url)

        failed = project.stack.up().expect_failure()

        stale = forgotten.edges[0].removeprefix("http://")
        assert re.search(rf"^.*{stale}.*stale", failed.output, re.MULTILINE), failed.output
        assert said.heard == []
        both = ("RefreshObjectCaches", {SITE, f"{SITE}index.html"})
        assert project.submitted() == [both, both]  # the second is the heal, which does not reach that edge either

        forgotten.admin("reset", {})
        project.stack.up().expect_ok()
        assert said.heard == [("Release 1 is live.", [first] * 4)]
        assert project.submitted() == [both]

        project.up_without_a_call()

        index.write_text("new")
        project.upload()
        forgotten.admin("reset", {})
        project.configure("version=2")
        project.stack.up().expect_ok()

        assert said.heard[1:] == [("Release 2 is live.", [b"new"] * 4)]
        assert project.submitted() == [("RefreshObjectCaches", {SITE, f"{SITE}index.html"})]
    assert said.url not in project.stack.state()


def test_attach_to_what_the_command_line_submitted(emulators: Emulators, stacks: Stacks, origin: Path) -> None:
    (origin / "index.m3u8").write_text("old")
    cloud = emulators(origin=origin, effect_s=0.5)
    url = "https://media.example.com/index.m3u8"
    cloud.get_everywhere(url)
    cloud.admin("clock", {"frozen": True})
    (origin / "index.m3u8").write_text("new")
    project = Project(stacks("", cloud), cloud, origin, "attach")
    typed = re.findall(r"^\$ (.*)$", (EXAMPLES / "attach" / "README.md").read_text(), re.MULTILINE)
    assert [command.split()[0] for command in typed] == ["alicdn", "pulumi", "pulumi"]

    for command in typed:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project.stack.folder,
            env=project.stack.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if command.startswith("alicdn"):
            project.expect_everywhere({url: b"old"})
            cloud.admin("clock", {"frozen": False})

    assert project.stack.outputs() == {"status": "Complete", "objects": {url: "Complete"}}
    project.expect_everywhere({url: b"new"})
    assert project.submitted() == [("RefreshVodObjectCaches", {url})]
    project.stack.up().expect_ok()
    assert project.submitted() == []
