"""Files that leave the folder, on the real engine: an origin that keeps them, late or for ever, blocks nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.loopback import serve_with
from support.site import BASE, Site
from support.stack import Stack

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]

UPLOADS = """
import hashlib
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class Uploads(ResourceProvider):
    def create(self, props):
        import shutil
        shutil.copyfile(props["source"], props["target"])
        return CreateResult(props["target"], props)

    def diff(self, id_, olds, news):
        return DiffResult(changes=olds["digest"] != news["digest"])

    def update(self, id_, olds, news):
        import shutil
        shutil.copyfile(news["source"], news["target"])
        return UpdateResult(news)

    def delete(self, id_, props):
        import os
        os.remove(props["target"])


class Upload(Resource):
    pass


uploads = []
for path in sorted(Path("dist").iterdir()):
    names = {"source": str(path.resolve()), "target": os.path.join(os.environ["ORIGIN"], path.name)}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    uploads.append(Upload(Uploads(), path.name, {**names, "digest": digest}))
options = json.loads(os.environ["OPTIONS"])
site = alicdn.AssetRelease("site", **options, opts=pulumi.ResourceOptions(depends_on=uploads))
pulumi.export("removed_pending", site.removed_pending)
"""
"""A program that uploads the folder itself: the engine deletes an upload only at the end of the update."""


@pytest.fixture
def site(emulators: Emulators, stacks: Stacks, origin: Path) -> Callable[..., Site]:
    """Make one site, whose refreshes take 0.2 s."""

    def make(**options: Any) -> Site:  # noqa: ANN401  as a user writes them
        cloud = emulators(origin=options.pop("at", origin), effect_s=0.2)
        ours = Site(stacks("", cloud), cloud, origin, **options)
        ours.export("removed_pending")
        return ours

    return make


def pending(ours: Site) -> list[str]:
    found: list[str] = ours.stack.outputs()["removed_pending"]
    return found


def statuses(ours: Site, path: str) -> list[int]:
    """The statuses with which all edges answer for *path*."""
    return [answer.status for answer in ours.cloud.get_everywhere(BASE + path)]


def test_with_uploads_in_the_same_program_a_deleted_file_settles_with_the_second_up(site: Callable[..., Site]) -> None:
    ours = site()
    ours.stack.environment |= {"ORIGIN": str(ours.origin), "OPTIONS": json.dumps(ours.options)}
    ours.stack.write(UPLOADS)
    ours.put(a="a", b="b", c="c", upload=False)
    ours.stack.up().expect_ok()
    assert len(ours.submitted()) == 1
    assert ours.served("b.txt") == {b"b"}  # every edge has a copy

    (ours.assets / "b.txt").unlink()
    ours.put(a="a2", upload=False)
    planned = ours.stack.preview().expect_ok().output
    assert "2 of 3 files changed (0 added, 1 changed, 1 removed): 1 RefreshObjectCaches call for 1 URL" in planned
    assert "1 removed file is still at the origin: b.txt; the next run after it has left refreshes it" in planned
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt"})]
    assert pending(ours) == ["b.txt"]
    assert not (ours.origin / "b.txt").exists()

    planned = ours.stack.preview().expect_ok().output
    assert "none of 2 files changed: 1 RefreshObjectCaches call for 1 URL" in planned
    assert "1 file removed earlier, to be gone from every edge now: b.txt" in planned
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}b.txt"})]
    assert (pending(ours), statuses(ours, "b.txt")) == ([], [404] * 3)

    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}
    assert ours.submitted() == []


def test_files_that_the_origin_keeps_for_ever_are_listed_and_submitted_never(
    site: Callable[..., Site], tmp_path: Path
) -> None:
    ours = site(report_file=str(tmp_path / "page.html"), summary_file=str(tmp_path / "summary.md"))
    ours.put(a="a", b="b", c="c")
    ours.stack.up().expect_ok()
    ours.submitted()
    (ours.assets / "c.txt").unlink()
    for text in ("2", "3"):
        ours.put(a=text, upload=False)
        (ours.origin / "a.txt").write_text(text)
        ours.stack.up().expect_ok()
        assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt"})]
        said = ours.stack.up().expect_ok()
        assert said.changes().keys() == {"unchanged"}
        assert "1 removed file is still at the origin: c.txt" in said.output
        assert (ours.submitted(), pending(ours)) == ([], ["c.txt"])
        assert "<code>c&#46;txt</code>" in (tmp_path / "summary.md").read_text()
        assert ">c.txt</span></li>" in (tmp_path / "page.html").read_text()

    # One that may not be there fails with the way out; one that globs leave out is none of this release.
    ours.configure(removed="require")
    said = ours.stack.up().expect_failure()
    assert 'Remove these files from the origin first, or set removed="settle"' in said.output
    ours.configure(removed="settle", exclude=["c.*"])
    ours.stack.up().expect_ok()
    assert (ours.submitted(), pending(ours)) == ([], [])
    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}


@pytest.fixture
def single_page(origin: Path) -> Iterator[str]:
    """An origin that answers 200 with its index for anything unknown, and refuses HEAD."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.send_error(403)

        def do_GET(self) -> None:
            file = origin / self.path.strip("/")
            body = (file if file.is_file() else origin / "index.html").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ExitStack() as running:
        yield f"http://{serve_with(running, Handler, None)}"


def test_a_single_page_site_goes_on_releasing_hashed_files(site: Callable[..., Site], single_page: str) -> None:
    ours = site(at=single_page)
    ours.configure(origin=single_page)
    ours.write({"index.html": "<html>1", "app.1111.js": "1", "app.1111.css": "1"})
    ours.stack.up().expect_ok()
    ours.submitted()
    assert ours.served("app.1111.js") == {b"1"}

    for path in ours.assets.glob("app.*"):
        path.unlink()
    ours.write({"index.html": "<html>2", "app.2222.js": "2", "app.2222.css": "2"})
    ours.stack.up().expect_ok()
    urls = {f"{BASE}{path}" for path in ("", "index.html", "app.1111.js", "app.1111.css")}
    assert ours.submitted() == [("RefreshObjectCaches", urls)]
    assert (ours.served("app.1111.js"), pending(ours)) == ({b"<html>2"}, [])
    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}
