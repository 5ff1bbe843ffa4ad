"""What can go wrong with an AssetRelease: reported in a sentence, at preview where possible; the next `up` goes on."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.resources.release.previous_release import half_written
from support.call_log import submits
from support.loopback import silent_edge
from support.site import BASE, Site
from support.stack import Stack, eventually

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]
Made = Callable[..., Site]


@pytest.fixture
def site(emulators: Emulators, stacks: Stacks, origin: Path) -> Made:
    """Make one site, whose refreshes take 0.3 s."""

    def make(**options: Any) -> Site:  # noqa: ANN401  as a user writes them
        cloud = emulators(origin=origin, effect_s=options.pop("effect_s", 0.3))
        return Site(stacks("", cloud), cloud, origin, **options)

    return make


def killed(ours: Site, when: Callable[[], bool], what: str) -> None:
    """Deploy, and kill the deployment with all its processes at that point."""
    child = ours.stack.popen("up", "--yes", "--skip-preview")
    eventually(when, what)
    ours.stack.kill(child)
    ours.stack.cancel()


def killed_in_its_proof(ours: Site) -> None:
    """Deploy, and kill the deployment once its tasks have taken effect and it asks the edges."""
    edges = ours.options["edges"]
    with silent_edge() as (edge, asked):
        ours.configure(edges=[edge])
        killed(ours, asked, "a proof under way")
    ours.configure(edges=edges)


def everything_fresh(ours: Site) -> set[str]:
    """The URLs for which all three edges gave evidence, and good one."""
    evidence = ours.stack.outputs()["evidence"]
    assert {one["finding"] for one in evidence} == {"fresh"}
    urls = {one["url"] for one in evidence}
    assert len({(one["edge"], one["url"]) for one in evidence}) == 3 * len(urls)
    return urls


def test_killed_while_waiting_the_next_up_submits_nothing_though_no_quota_is_left(site: Made) -> None:
    ours = site(first_release="nothing", effect_s=600)
    ours.put(a="a", b="b", c="c")
    ours.stack.up().expect_ok()
    ours.put(a="a2", b="b2", c="c2")
    ours.cloud.admin("quota", {"service": "cdn", "UrlRemain": 3})
    killed(ours, ours.waits, "a wait under way")
    ours.cloud.advance(600)

    ours.stack.preview().expect_ok()
    ours.stack.up().expect_ok()

    names = {f"{BASE}{name}.txt" for name in "abc"}
    assert ours.submitted() == [("RefreshObjectCaches", names)]
    assert everything_fresh(ours) == names
    assert len(ours.cloud.tasks()) == 3
    ours.stack.up().expect_ok()
    assert ours.submitted() == []


def test_killed_between_refresh_and_proof_the_next_up_proves_only(site: Made) -> None:
    ours = site(first_release="nothing")
    ours.put(a="a", b="b")
    ours.stack.up().expect_ok()
    ours.put(a="a2")
    killed_in_its_proof(ours)
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt"})]

    ours.stack.up().expect_ok()
    assert ours.submitted() == []
    assert everything_fresh(ours) == {f"{BASE}a.txt"}
    assert ours.stack.outputs()["changed"] == ["a.txt"]


def test_what_an_interrupted_release_touched_is_refreshed_by_the_next_one_too(site: Made) -> None:
    ours = site(first_release="nothing", prefetch=["new*"])
    ours.put(a="a", b="b", c="c")
    ours.stack.up().expect_ok()

    # Edges get the second b and the first new.txt: this release takes effect, and is then killed before its proof.
    ours.put(b="b2", new="1")
    killed_in_its_proof(ours)
    ours.submitted()
    assert [ours.served("b.txt"), ours.served("new.txt")] == [{b"b2"}, {b"1"}]

    # The next one changes something else, has the first b again and another new.txt. It is killed as well, and goes on.
    ours.put(b="b", c="c3", new="3")
    killed_in_its_proof(ours)
    names = {f"{BASE}{name}.txt" for name in ("b", "c", "new")}
    assert ours.submitted() == [("RefreshObjectCaches", names), ("PushObjectCache", {f"{BASE}new.txt"})]
    ours.stack.up().expect_ok()
    assert ours.submitted() == []
    assert everything_fresh(ours) == names
    assert [ours.served("b.txt"), ours.served("new.txt")] == [{b"b"}, {b"3"}]
    ours.stack.up().expect_ok()
    assert ours.submitted() == []


def test_files_as_they_were_before_an_interrupted_release_are_refreshed_again(site: Made) -> None:
    ours = site(first_release="nothing")
    ours.put(a="a", b="b")
    ours.stack.up().expect_ok()
    ours.put(b="b2")
    killed_in_its_proof(ours)
    assert ours.served("b.txt") == {b"b2"}
    ours.submitted()

    ours.put(b="b")
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}b.txt"})]
    assert everything_fresh(ours) == {f"{BASE}b.txt"}
    ours.stack.up().expect_ok()
    assert ours.submitted() == []


def test_without_heals_a_stale_edge_fails_the_release_and_once_it_is_well_nothing_is_submitted(
    site: Made, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    ours = site(report_file="release.html", summary_file=str(summary), heal=0)
    ours.put(a="new", b="b")
    bad = ours.cloud.edges[1]
    stale: JsonObject = {
        "edge": "edge-1",
        "url": f"{BASE}a.txt",
        "body": "old",
        "headers": {"Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT", "Cache-Control": "max-age=86400"},
        "age_s": 812,
    }
    # The refresh has taken effect, the proof is about to begin: now the edge gets its old copy back.
    killed_in_its_proof(ours)
    ours.submitted()
    ours.cloud.admin("edges", {"copies": [stale]})

    said = ours.stack.up().expect_failure().output

    assert ours.submitted() == []
    place = bad.removeprefix("http://")
    assert "the release is not proven: 1 of 2 URLs at 1 of 3 edges:" in said
    served = r"serves cba06b57… \(3 bytes, Age 8\d\d, X-Cache HIT, Last-Modified Mon, 05 Jan 2026"
    assert re.search(f"{place}: {BASE}a.txt: {served}", said)
    assert "the origin serves the release: this edge is stale" in said
    page = (ours.stack.folder / "release.html").read_text()
    assert place in page
    assert "this edge is stale" in page
    assert "Release failed: <code>site</code>" in summary.read_text()

    ours.cloud.admin("edges", {"copies": [{**stale, "body": "new", "age_s": 0}]})
    ours.stack.up().expect_ok()
    assert ours.submitted() == []
    assert everything_fresh(ours) == {f"{BASE}a.txt", f"{BASE}b.txt"}
    assert "Release is live: <code>site</code>" in summary.read_text()


def test_an_origin_without_the_release_fails_before_anything_is_submitted(site: Made) -> None:
    ours = site(first_release="nothing")
    ours.put(a="a")
    ours.stack.up().expect_ok()
    ours.put(a="a2", upload=False)

    said = ours.stack.up().expect_failure().output
    assert "the origin does not have the release: 1 of 1 URL; nothing was submitted:" in said
    assert f"{BASE}a.txt: serves ca978112… (1 bytes" in said
    assert ours.submitted() == []

    # Without the check it is submitted; the proof finds the origin all the same, where it is named.
    ours.configure(check_origin=False)
    assert "the origin serves the same: it does not have the release yet" in ours.stack.up().expect_failure().output
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt"})]
    ours.configure(origin=None)
    assert "the origin was not asked" in ours.stack.up().expect_failure().output
    ours.configure(verify="off")
    ours.stack.up().expect_ok()
    assert ours.submitted() == []
    assert ours.stack.outputs()["evidence"] == []


HALF_WRITTEN = """
import pathlib, threading
state = pathlib.Path(".pulumi/stacks/tested/dev.json")
whole = state.read_bytes()
state.write_bytes(whole[:len(whole) // 2])
threading.Timer(1.0, state.write_bytes, [whole]).start()
"""


def test_a_state_that_is_half_written_is_read_again(site: Made) -> None:
    ours = site(first_release="nothing")
    ours.put(a="a")
    ours.stack.up().expect_ok()
    ours.put(a="a2")
    ours.configure(prologue=HALF_WRITTEN)
    assert "1 of 1 file changed" in ours.stack.preview().expect_ok().output


def test_a_state_that_cannot_be_read_is_an_error(site: Made) -> None:
    ours = site(first_release="nothing")
    ours.put(a="a")
    ours.stack.up().expect_ok()
    state = ours.stack.folder / ".pulumi/stacks/tested/dev.json"
    whole = state.read_bytes()
    ours.configure(prologue='import pathlib; pathlib.Path(".pulumi/stacks/tested/dev.json").unlink()')
    failed = ours.stack.preview().expect_failure().output
    state.write_bytes(whole)
    assert "site: the state of earlier releases cannot be read: invoke of" in failed
    assert 'unknown stack "organization/tested/dev"' in failed


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("failed to load checkpoint: place 1: unexpected end of JSON input", True),
        ('unknown stack "organization/tested/dev"', False),
        ("incorrect passphrase", False),
    ],
)
def test_only_what_a_write_in_progress_causes_is_waited_for(reason: str, passes: bool) -> None:
    error = Exception(f"invoke of pulumi:pulumi:readStackResourceOutputs failed: {reason}")
    assert half_written(error) is passes


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    (
        {
            "service": "s3",
            "first_release": "all",
            "strategy": "all",
            "verify": "some",
            "base_url": "www.example.com",
            "max_files": -1,
            "include": ["/a//b"],
            "proof_timeout": 0,
            "edges": ["http://203.0.113.7"],
            "origin": "origin.example.com",
            "report_file": "",
        },
        [
            "service is 's3', but must be one of: vod, cdn",
            "first_release is 'all', but must be one of: refresh, prefetch, nothing",
            "strategy is 'all', but must be one of: files, directory, auto",
            "verify is 'some', but must be one of: all, sample, off",
            "base_urls[0] is 'www.example.com', but must begin with http:// or https://",
            "max_files is -1, but must be a whole number from 0",
            "include[0] is '/a//b', but",
            "proof_timeout is 0, but must be a number of seconds above 0 and up to 86400 (24 hours)",
            "edges[0] is 'http://203.0.113.7', but plain http:// is for this machine only",
            "origin is 'origin.example.com', but must begin with https:// or http://",
            "report_file is '', but must be the path of a file",
        ],
    ),
    ({"base_urls": [BASE]}, ["takes either base_url or base_urls"]),
    ({"directory": "absent"}, ["directory is 'absent', which cannot be read: No such file or directory"]),
    ({"directory": "Pulumi.yaml"}, ["directory is 'Pulumi.yaml', which is not a folder"]),
    ({}, ["link"]),
    ({"timeout": -1, "exclude": ["dangling"]}, ["timeout is -1.0, but must be a number of seconds above 0"]),
]


def test_every_wrong_option_is_reported_at_preview(site: Made) -> None:
    ours = site()
    ours.put(a="a")
    (ours.assets / "dangling").symlink_to("nowhere")
    sound = dict(ours.options)
    for options, sentences in WRONG:
        ours.options = dict(sound)
        ours.configure(**options)
        said = ours.stack.preview().expect_failure().output
        for sentence in sentences:
            assert sentence in said
        assert 'File "' not in said
    assert ours.cloud.calls("RefreshObjectCaches") == []
    assert submits(ours.cloud) == []


def test_a_preview_without_the_service_shows_the_plan_and_says_what_was_not_checked(site: Made) -> None:
    ours = site(first_release="nothing")
    ours.put(a="a", b="b")
    ours.stack.up().expect_ok()
    ours.put(a="a2")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # connections are refused, since nothing listens
        ours.stack.configure(alicdn__endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        said = ours.stack.preview().expect_ok().output
        assert "1 of 2 files changed (0 added, 1 changed, 0 removed): 1 RefreshObjectCaches call for 1 URL" in said
        assert "warning: today's quota could not be checked: DescribeRefreshQuota: " in said
        assert "today's quota after that" not in said
        ours.stack.configure(alicdn__strictPreview="true")
        assert "DescribeRefreshQuota" in ours.stack.preview().expect_failure().output
        ours.stack.configure(alicdn__strictPreview="false")
        ours.stack.up().expect_failure()
    assert ours.cloud.calls("RefreshObjectCaches") == []


def test_a_preview_without_credentials_shows_the_plan(site: Made) -> None:
    ours = site()
    without = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "", "HOME": "/nowhere"}
    ours.stack.environment |= without
    ours.put(a="a")
    said = ours.stack.preview().expect_ok().output
    assert "first release of 1 file: 1 RefreshObjectCaches call for 1 URL" in said
    assert "warning: neither the credentials nor today's quota could be checked: no Alibaba Cloud credentials" in said
    assert "no Alibaba Cloud credentials" in ours.stack.up().expect_failure().output
    assert ours.cloud.calls() == []
