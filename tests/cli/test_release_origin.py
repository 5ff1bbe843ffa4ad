"""`alicdn release` without `--origin`: the service names the origin of the domain, and what cannot be asked is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import Ended, Run
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from support.call_log import NewSubmits
from support.emulators import start

DOMAIN = "cdn.example.com"
DETAILS = ("DescribeCdnDomainDetail", "DescribeCdnDomainConfigs")


@pytest.fixture(scope="module")
def _running() -> Iterator[Emulator]:
    with start(edges=1, nodes=3, effect_s=1, speed=30) as running:
        if not running.node_port:
            pytest.skip("this system has no addresses for nodes")
        yield running


@pytest.fixture
def emulator(_running: Emulator) -> Emulator:
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": False, "speed": 30})
    _running.admin("domain-settings", {"settings": {DOMAIN: {"service": "cdn"}}})
    return _running


Release = Callable[..., Ended]


@pytest.fixture
def release(run: Run, tmp_path: Path) -> Release:
    """Release these files; nothing but the folder and the site is named."""
    (tmp_path / "dist").mkdir()

    def once(files: dict[str, str], *more: str) -> Ended:
        for name, text in files.items():
            (tmp_path / "dist" / name).write_text(text)
        where = ["--manifest", str(tmp_path / "site.json"), "--directory", str(tmp_path / "dist")]
        site = ["--service", "cdn", "--base-url", f"http://{DOMAIN}"]
        return run("release", *where, *site, "--proof-patience", "1", "--heal", "0", *more)

    return once


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "site.json").read_text())["steps"]["record"]
    return found


def upload(emulator: Emulator, files: dict[str, str]) -> None:
    emulator.admin("origin", {"files": {f"/{name}": text for name, text in files.items()}})


def test_the_origin_that_the_service_names_is_asked_first_and_an_upload_that_is_missing_submits_nothing(
    emulator: Emulator, release: Release, tmp_path: Path
) -> None:
    files = {"app.js": "one", "b.js": "b"}
    upload(emulator, files)
    done = release(files)
    assert done.code == 0, done.err
    assert f"the origin is {emulator.origin}, which cdn names" in done.err
    asked = [call["action"] for call in emulator.calls() if call["action"] in DETAILS]
    assert asked == list(DETAILS)
    known = {name: record(tmp_path).get(name) for name in ("origin", "origin_host", "origin_from")}
    assert known == {"origin": emulator.origin, "origin_host": "", "origin_from": "service"}

    submitted = NewSubmits(emulator).take
    submitted()
    before = len(emulator.calls())
    assert release({}).code == 0
    assert len(emulator.calls()) == before

    forgotten = release({"app.js": "two"})
    assert forgotten.code == 1
    assert f"the origin {emulator.origin}, which the service names, does not have the release: 1 of 1 URL" in (
        forgotten.err
    )
    assert "name that one with --origin" in forgotten.err
    assert submitted() == []


def test_an_origin_that_cannot_be_asked_is_said_and_the_release_goes_on(
    emulator: Emulator, release: Release, tmp_path: Path
) -> None:
    private: Json = [{"function": "l2_oss_key", "args": {"private_oss_auth": "on"}}]
    emulator.admin("domain-settings", {"settings": {DOMAIN: {"service": "cdn", "configs": private}}})
    upload(emulator, {"app.js": "one"})
    done = release({"app.js": "one"})
    assert done.code == 0, done.err
    assert "the origin is not asked: its bucket is private and answers the nodes only; --origin names" in done.err
    assert record(tmp_path).get("origin") is None


def test_a_removed_file_waits_for_the_origin_that_the_service_names(
    emulator: Emulator, release: Release, tmp_path: Path
) -> None:
    files = {"app.js": "one", "b.js": "b"}
    upload(emulator, files)
    assert release(files).code == 0
    (tmp_path / "dist" / "b.js").unlink()
    still = release({}, "--plan")
    assert "1 removed file is still at the origin: b.js" in still.out


def test_verify_at_the_network_asks_that_origin_too_and_says_which_one_is_stale(run: Run, emulator: Emulator) -> None:
    upload(emulator, {"app.js": "one", "b.js": "b"})
    emulator.admin("world", {"fill": [f"http://{DOMAIN}/app.js", f"http://{DOMAIN}/b.js"]})
    upload(emulator, {"app.js": "two"})
    digest = hashlib.sha256(b"two").hexdigest()
    done = run("verify", f"http://{DOMAIN}/app.js", "--sha256", digest, "--edges", "network", "--patience", "0")
    assert f"alicdn: the origin is {emulator.origin}, which cdn names" in done.err
    assert (done.code, "stale-edge" in done.out) == (1, True), done.out


def test_a_stale_edge_differs_from_a_stale_origin_and_the_failure_names_the_origin(
    emulator: Emulator, release: Release
) -> None:
    upload(emulator, {"app.js": "new"})
    stale = str(emulator.nodes[0]["address"])
    url = f"http://{DOMAIN}/app.js"
    emulator.admin("edges", {"copies": [{"edge": stale, "url": url, "body": "old", "outlives": 9}]})
    done = release({"app.js": "new"})
    assert done.code == 1, done.err
    assert "the origin serves the release" in done.err
    assert f"The origin that was asked is {emulator.origin}, as the service names it." in done.err
