"""`alicdn release` and `alicdn verify` at edges that check signed URLs: where keys and headers come from, and stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import DOMAIN, Ended, Run
from pulumi_alicdn.cli.flags.access_flags import read_access
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.errors import InputError

KEY, TOKEN = "canaryKey1a2b3c4d5e6f", "canary-token-0f1e2d3c"
HOST = DOMAIN.removeprefix("https://")


@pytest.fixture
def dist(emulator: Emulator, tmp_path: Path) -> Path:
    """A folder that the origin serves, behind edges that check signed URLs."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "a.txt").write_text("1")
    emulator.admin("origin", {"files": {"/a.txt": "1"}})
    # The command signs in real time, which the emulator's clock may have left long ago.
    auth: Json = {"type": "C", "key": KEY, "sign_param": "s", "time_param": "t", "validity_s": 1e8}
    emulator.admin("url-auth", {"url_auth": {HOST: auth}})
    emulator.admin("clock", {"frozen": False, "speed": 1})
    return folder


@pytest.fixture
def edges(emulator: Emulator) -> list[str]:
    return [part for edge in emulator.edges for part in ("--edge", edge.removeprefix("http://"))]


def clean(ended: Ended, folder: Path) -> Ended:
    """Neither output nor any file but the one with the secret holds it."""
    for secret in (KEY, TOKEN):
        assert secret not in ended.out + ended.err
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".secret":
                assert secret.encode() not in path.read_bytes(), path
    return ended


def test_the_key_comes_from_a_variable_or_a_file(run: Run, dist: Path, edges: list[str], tmp_path: Path) -> None:
    what = ["verify", "--directory", str(dist), "--base-url", DOMAIN, "--patience", "0", "--output", "json", *edges]
    assert run(*what).code == 1
    for auth in ("C", "C,sign_param=s,time_param=t", "C,ttl=60"):
        ended = clean(run(*what, "--url-auth", auth, env={"ALICDN_URL_AUTH_KEY": KEY}), tmp_path)
        assert ended.code == 0, ended.err
        assert {one["url"] for one in ended.objects} == {f"{DOMAIN}/a.txt"}
    (tmp_path / "key.secret").write_text(f"{KEY}\n")
    assert clean(run(*what, "--url-auth", "C", "--url-auth-key-file", str(tmp_path / "key.secret")), tmp_path).code == 0
    assert run(*what, "--url-auth", "A", env={"ALICDN_URL_AUTH_KEY": KEY}).code == 1


def test_a_release_keeps_neither_key_nor_headers(run: Run, emulator: Emulator, dist: Path, edges: list[str]) -> None:
    folder = dist.parent
    (folder / "headers.secret").write_text(f"X-Token: {TOKEN}\n\nX-Other: 1\n")
    what = ["release", "--manifest", str(folder / "site.json"), "--service", "cdn", "--directory", str(dist)]
    more = ["--base-url", DOMAIN, "--origin", emulator.origin, "--proof-patience", "0", *edges]
    reports = ["--summary-file", str(folder / "summary.md"), "--report-file", str(folder / "page.html")]
    access = ["--url-auth", "C", "--request-headers", str(folder / "headers.secret")]
    env = {"ALICDN_URL_AUTH_KEY": KEY}
    emulator.admin("clock", {"speed": 30})
    emulator.admin("url-auth", {"url_auth": {HOST: {"type": "C", "key": KEY, "validity_s": 1e8}}})

    ended = clean(run(*what, *more, *reports, *access, env=env), folder)
    assert ended.code == 0, ended.err
    stored = (folder / "site.json").read_text()
    assert '"X-Token": ""' in stored
    assert '"type": "C"' in stored

    # Another key and other values are no reason to ask the edges again; another way to sign is.
    (folder / "headers.secret").write_text(f"X-Token: {TOKEN}2\nX-Other: 2\n")
    again = clean(run(*what, *more, *access, env={"ALICDN_URL_AUTH_KEY": f"{KEY}2"}), folder)
    assert (again.code, "the edges were not asked now" in again.err) == (0, True)
    others = clean(run(*what, *more, *access[2:], env=env), folder)
    assert (others.code, "the edges are asked again" in others.err) == (1, True)
    assert len(emulator.calls("RefreshObjectCaches")) == 1


def read(environment: Mapping[str, str] | None = None, **given: Any) -> dict[str, Any]:  # noqa: ANN401  as click has it
    flags = dict.fromkeys(("url_auth", "url_auth_key_file", "request_headers"))
    return read_access({**flags, **given}, environment or {})


def test_what_the_flags_mean() -> None:
    assert read() == {"url_auth": None, "request_headers": None}
    key = {"ALICDN_URL_AUTH_KEY": KEY}
    assert read(key, url_auth="A, ttl=60 ,rand=1,uid=2")["url_auth"] == {
        "type": "A",
        "ttl": 60.0,
        "rand": "1",
        "uid": "2",
        "key": KEY,
    }
    lines = {"ALICDN_REQUEST_HEADERS": f"X-Token: {TOKEN}\nReferer:https://a.example/\n"}
    assert read(lines)["request_headers"] == {"X-Token": TOKEN, "Referer": "https://a.example/"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"url_auth": "A"}, "--url-auth needs a key, but there is none: put it in ALICDN_URL_AUTH_KEY"),
        ({"url_auth": f"A,key={KEY}"}, "--url-auth takes no key, since others can see arguments"),
        ({"url_auth": "A,validity=1"}, "--url-auth has the part 'validity', but takes a type and then ttl, rand"),
        ({"url_auth_key_file": "/nowhere"}, "--url-auth-key-file only applies to --url-auth"),
        ({"url_auth": "A", "url_auth_key_file": "/nowhere"}, "--url-auth-key-file /nowhere cannot be read"),
        ({"url_auth": "A", "url_auth_key_file": "/dev/null"}, "the file of --url-auth-key-file, '/dev/null', is empty"),
        ({"request_headers": "/nowhere"}, "--request-headers /nowhere cannot be read"),
    ],
)
def test_flags_that_cannot_be_read_say_why_and_show_no_key(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        read(**given)
    assert sentence in str(refused.value)
    assert KEY not in str(refused.value)


def test_lines_that_are_no_headers_are_counted_and_not_quoted() -> None:
    with pytest.raises(InputError) as refused:
        read({"ALICDN_REQUEST_HEADERS": f"X-A: 1\n\n{TOKEN}"})
    assert str(refused.value) == ("line 3 of ALICDN_REQUEST_HEADERS is no header: write lines such as 'X-Token: value'")


def test_wrong_values_are_named_by_their_flags(run: Run, dist: Path) -> None:
    env = {"ALICDN_URL_AUTH_KEY": "canary-of-a-bad-key", "ALICDN_REQUEST_HEADERS": f"Host: {TOKEN}"}
    ended = clean(run("verify", "--directory", str(dist), "--base-url", DOMAIN, "--url-auth", "Z", env=env), dist)
    assert ended.code == 2
    assert "--url-auth 'type' is 'Z', but must be one of: A, B, C" in ended.err
    assert "--request-headers may not name 'Host': it decides which site answers" in ended.err
    assert "canary" not in ended.err
