"""AssetRelease at edges that check signed URLs: it is proven there, and no key, header or signature is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.site import BASE, Site
from support.stack import Stack

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]

KEY, NEXT_KEY = "canaryKey1a2b3c4d5e6f", "canaryNext9f8e7d6c5b4a"
TOKEN = "canary-token-0f1e2d3c"
DOMAIN = "www.example.com"

PROGRAM = """
site = alicdn.AssetRelease(
    "site", service="cdn", directory="dist", base_url={base}, edges={edges}, origin={origin!r},
    proof_patience=0, summary_file="summary.md", report_file="report.html", {options}
)
pulumi.export("evidence", site.evidence)
pulumi.export("status", site.status)
"""
AUTH = 'url_auth={"type": config.require("type"), "key": config.require_secret("key")}'
HEADERS = 'request_headers={"X-Token": config.require_secret("token")}'


@pytest.fixture
def site(emulators: Emulators, stacks: Stacks, origin: Path) -> Iterator[Callable[..., Site]]:
    """Make one site whose program has these options; nothing that it leaves or prints holds a key or a header."""
    made: list[Site] = []

    def make(*options: str, base: str = repr(BASE), edges: str = "") -> Site:
        cloud = emulators(origin=origin, effect_s=0.3, edges=2)
        ours = Site(stacks("", cloud, ALICDN_DEBUG="1"), cloud, origin)
        named = [edge.removeprefix("http://") for edge in cloud.edges]
        given = {"base": base, "edges": edges or repr(named), "origin": cloud.origin}
        ours.stack.write(PROGRAM.format(**given, options=", ".join(options)))
        ours.stack.configure_secret(key=KEY, token=TOKEN)
        made.append(ours)
        return ours

    yield make
    for ours in made:
        clean(ours.stack, ours.stack.run("stack", "output").expect_ok().output)
        clean(ours.stack, ours.stack.state())


def clean(stack: Stack, output: str) -> None:
    """Neither *output* nor a file holds a key, a header, or a signature."""
    for secret in (KEY, NEXT_KEY, TOKEN, "auth_key="):
        assert secret not in output, output
        for path in stack.folder.rglob("*"):
            if path.is_file() and "__main__" not in path.name:
                assert secret.encode() not in path.read_bytes(), path


def protect(cloud: Emulator, type_: str, key: str = KEY, domain: str = DOMAIN) -> None:
    cloud.admin("url-auth", {"url_auth": {domain: {"type": type_, "key": key}}})


def up(site: Site) -> Any:  # noqa: ANN401  how the command ended
    ended = site.stack.up("--diff")
    clean(site.stack, ended.output)
    return ended


@pytest.mark.parametrize("type_", ["A", "B", "C"])
def test_signed_requests_prove_a_release_at_protected_edges(site: Callable[..., Site], type_: str) -> None:
    ours = site(AUTH)
    ours.stack.configure(type=type_)
    ours.write({"video/中 文.m3u8": "1", "a b.txt": "1"})
    protect(ours.cloud, type_)
    up(ours).expect_ok()
    assert ours.stack.outputs()["status"] == "live"
    assert {one["url"] for one in ours.stack.outputs()["evidence"]} == {
        f"{BASE}a%20b.txt",
        f"{BASE}video/%E4%B8%AD%20%E6%96%87.m3u8",
    }
    assert (ours.stack.folder / "report.html").exists()
    assert up(ours).expect_ok().changes() == {"unchanged": 10}


def test_without_a_signature_and_with_a_wrong_one_the_edges_refuse(site: Callable[..., Site]) -> None:
    ours = site(AUTH)
    ours.stack.configure(type="A")
    ours.write({"a.txt": "1"})
    protect(ours.cloud, "A", NEXT_KEY)
    said = up(ours).expect_failure().output
    assert "answers 403" in said
    ours.stack.configure_secret(key=NEXT_KEY)
    up(ours).expect_ok()
    submitted = len(ours.cloud.tasks())

    # Another key changes nothing that was proven: it is stored, and nothing is submitted or asked for.
    protect(ours.cloud, "A", KEY)
    ours.stack.configure_secret(key=KEY)
    assert up(ours).expect_ok().changes() == {"updated": 1, "unchanged": 9}
    assert up(ours).expect_ok().changes() == {"unchanged": 10}
    assert len(ours.cloud.tasks()) == submitted
    ours.write({"a.txt": "2"})
    up(ours).expect_ok()


def test_a_heal_at_protected_edges_shows_neither_key_nor_signature_nor_secret_address(
    site: Callable[..., Site],
) -> None:
    host = "canary-7d2f.example.com"
    ours = site(AUTH, base='config.require_secret("url")', edges='config.require_secret_object("edges")')
    addresses = [edge.removeprefix("http://") for edge in ours.cloud.edges]
    ours.stack.configure(type="A")
    ours.stack.configure_secret(url=f"https://{host}/", edges=json.dumps(addresses))
    ours.write({"a.txt": "new", "b.txt": "b"})
    protect(ours.cloud, "A", domain=host)
    old: JsonObject = {"Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT"}
    copy: JsonObject = {"edge": "edge-1", "url": f"https://{host}/a.txt", "body": "old", "headers": old, "outlives": 2}
    ours.cloud.admin("edges", {"copies": [copy]})

    said = up(ours).expect_failure().output
    assert "the release is not proven: 1 of 1 URL at 1 of 2 edges:" in said
    shown = said
    report = (ours.stack.folder / "report.html").read_text()
    assert "✗ edge is stale" in report
    assert "(secret)/a.txt" in report
    assert "edges[1] (secret)" in report
    shown += up(ours).expect_ok().output
    assert ours.stack.outputs()["status"] == "live"
    assert [paths for _, paths in ours.submitted()][1:] == [{f"https://{host}/a.txt"}] * 2
    # The second run healed only: its report names stack and project, too.
    assert "stack <bdi>dev</bdi> of project <bdi>tested</bdi>" in (ours.stack.folder / "report.html").read_text()
    shown += ours.stack.state() + ours.stack.run("stack", "output").expect_ok().output
    shown += "".join((ours.stack.folder / name).read_text() for name in ("report.html", "summary.md"))
    assert not [secret for secret in (host, *addresses) if secret in shown]


def test_a_refusal_does_not_prove_that_a_removed_file_is_gone(site: Callable[..., Site]) -> None:
    ours = site(AUTH)
    ours.stack.configure(type="A")
    ours.write({"a.txt": "1", "b.txt": "1"})
    protect(ours.cloud, "A")
    up(ours).expect_ok()
    protect(ours.cloud, "A", NEXT_KEY)
    (ours.assets / "b.txt").unlink()
    ours.upload()
    assert "URL authentication refuses requests without a valid signature" in up(ours).expect_failure().output
    ours.stack.configure_secret(key=NEXT_KEY)
    up(ours).expect_ok()


def test_another_value_of_a_header_is_stored_without_a_new_proof(site: Callable[..., Site]) -> None:
    ours = site(HEADERS)
    ours.write({"a.txt": "1"})
    up(ours).expect_ok()
    assert ours.stack.outputs()["status"] == "live"
    ours.stack.configure_secret(token="canary-token-0f1e2d3c-2")
    assert up(ours).expect_ok().changes() == {"updated": 1, "unchanged": 9}


def test_what_would_break_the_proof_is_refused_by_name(site: Callable[..., Site]) -> None:
    ours = site(
        f'url_auth={{"type": "D", "key": "{TOKEN}"}}',
        f'request_headers={{"Cache-Control": "{TOKEN}", "Range": "{TOKEN}"}}',
    )
    ours.write({"a.txt": "1"})
    said = ours.stack.preview().expect_failure().output
    assert "url_auth['type'] is 'D', but must be one of: A, B, C" in said
    assert "url_auth['key'] is text of another form" in said
    assert "request_headers may not name 'Cache-Control': an edge may fetch the file again" in said
    assert "request_headers may not name 'Range': the proof needs the whole file" in said
    clean(ours.stack, said)
