"""A stale edge on the real engine: it is refreshed again within the run, by the next one, or after `pulumi refresh`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import submits
from support.site import BASE, Site
from support.stack import Stack, eventually

Made = Callable[..., Site]
A, B = f"{BASE}a.txt", f"{BASE}b.txt"
OLD: JsonObject = {"Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT"}
ONE_CALL = "RefreshObjectCaches call for 1 URL"


@pytest.fixture
def site(emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path) -> Made:
    """Make one site, whose refreshes take 0.1 s."""

    def make(**options: Any) -> Site:  # noqa: ANN401  as a user writes them
        cloud = emulators(origin=origin, effect_s=0.1)
        ours = Site(stacks("", cloud), cloud, origin, **options)
        ours.export("status", "unproven", "healed", "evidence", "evidence_summary")
        return ours

    return make


def make_stale(ours: Site, url: str = A, outlives: int = 0) -> None:
    """Have the second edge hold an old copy of *url*, which so many refreshes do not reach."""
    copy: JsonObject = {"edge": "edge-1", "url": url, "body": "old", "headers": OLD, "age_s": 812, "outlives": outlives}
    ours.cloud.admin("edges", {"copies": [copy]})


def test_an_edge_that_a_refresh_does_not_reach_heals_in_the_same_up(site: Made, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    ours = site(summary_file=str(summary))
    ours.put(a="new", b="b")
    make_stale(ours, outlives=1)

    shown = ours.stack.up().expect_ok().output

    rows = [line.split(":")[-1] for line in shown.splitlines() if " creating (" in line and " proven " in line]
    assert any(row.startswith("Proof site ") and row.endswith(" · not yet at 1 edge") for row in rows), shown
    assert any(row.startswith("Healed site-heal ") and row.endswith(" 100% · proven 1 of 1 URL") for row in rows), shown
    assert ours.submitted() == [("RefreshObjectCaches", {A, B}), ("RefreshObjectCaches", {A})]
    assert "'Force': 'true'" in str(ours.cloud.calls("RefreshObjectCaches")[-1])
    assert ours.served("a.txt") == {b"new"}
    outputs = ours.stack.outputs()
    assert (outputs["status"], outputs["unproven"], outputs["healed"]) == ("live", [], [A])
    assert [(one["fresh"], one["other"]) for one in outputs["evidence_summary"]] == [(2, 0)] * 3
    assert summary.read_text().count("Release is live: <code>site</code>") == 1
    assert "1 URL had to be refreshed again" in summary.read_text()

    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}
    ours.put(b="b2")
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {B})]
    assert ours.stack.outputs()["healed"] == []


def test_an_edge_that_stays_stale_fails_and_the_next_up_refreshes_that_url_once_more(site: Made) -> None:
    ours = site()
    ours.put(a="new", b="b")
    make_stale(ours, outlives=3)

    said = ours.stack.up().expect_failure().output
    assert ours.submitted() == [("RefreshObjectCaches", {A, B}), ("RefreshObjectCaches", {A})]
    assert "the release is not proven: 1 of 1 URL at 1 of 3 edges:" in said
    assert f"{ours.cloud.edges[1].removeprefix('http://')}: {A}: serves cba06b57" in said
    assert f"`alicdn refresh --service cdn --force {A}`" in said
    assert "report the edge and the URL to Alibaba Cloud" in said
    assert r"\n" not in said

    planned = ours.stack.preview().expect_ok().output
    assert f"1 URL is refreshed again, with force: it was stale at 1 edge: 1 {ONE_CALL}" in planned
    ours.stack.up().expect_failure()
    assert ours.submitted() == [("RefreshObjectCaches", {A})]

    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {A})]
    outputs = ours.stack.outputs()
    assert (outputs["status"], outputs["healed"]) == ("live", [A])
    assert [(one["fresh"], one["other"]) for one in outputs["evidence_summary"]] == [(2, 0)] * 3
    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}
    assert ours.submitted() == []


def test_what_a_heal_proved_stays_proven_after_a_later_run_that_heals_another_url(site: Made) -> None:
    ours = site()
    ours.put(a="new", b="b")
    make_stale(ours, outlives=2)
    make_stale(ours, B, outlives=1)

    ours.stack.up().expect_failure()
    ours.stack.up().expect_ok()
    assert ours.submitted() == [*[("RefreshObjectCaches", {A, B})] * 2, ("RefreshObjectCaches", {A})]
    for _ in range(2):
        outputs = ours.stack.outputs()
        assert (outputs["status"], set(outputs["healed"])) == ("live", {A, B})
        assert {(one["url"], one["finding"]) for one in outputs["evidence"]} == {(A, "fresh"), (B, "fresh")}
        assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}


def test_killed_while_a_heal_is_submitted_the_next_up_submits_nothing_twice(site: Made) -> None:
    ours = site()
    ours.put(a="new", b="b")
    make_stale(ours, outlives=1)
    ours.cloud.admin(
        "faults", {"faults": [{"kind": "delay", "action": "RefreshObjectCaches", "nth": 2, "seconds": 20}]}
    )
    child = ours.stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(submits(ours.cloud)) == 2, "a heal under way")
    ours.stack.kill(child)
    ours.stack.cancel()
    ours.cloud.admin("faults", {"faults": []})

    ours.stack.up().expect_ok()

    assert ours.submitted() == [("RefreshObjectCaches", {A, B}), ("RefreshObjectCaches", {A})]
    assert ours.stack.outputs()["healed"] == [A]


def test_a_warning_keeps_the_deployment_green_and_the_next_up_tries_again(site: Made) -> None:
    ours = site(proof="warn")
    ours.put(a="new", b="b")
    make_stale(ours, outlives=1)
    ours.cloud.admin("faults", {"faults": [{"kind": "fail", "action": "RefreshObjectCaches", "nth": 2}]})

    said = ours.stack.up().expect_ok().output
    # The task of the heal failed, which is no more than a warning either.
    assert "warning: refresh of 1 of 1 URLs failed on cdn:" in said
    assert "warning: the release is not proven: 1 of 1 URL at 1 of 3 edges:" in said
    assert r"\n" not in said
    outputs = ours.stack.outputs()
    assert (outputs["status"], outputs["unproven"], outputs["healed"]) == ("unproven", [A], [])
    ours.submitted()

    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {A})]
    outputs = ours.stack.outputs()
    assert (outputs["status"], outputs["unproven"], outputs["healed"]) == ("live", [], [A])


def test_what_pulumi_refresh_finds_stale_is_in_the_next_plan_and_heals(site: Made) -> None:
    ours = site()
    ours.put(a="new", b="b")
    ours.stack.up().expect_ok()
    make_stale(ours)
    ours.submitted()

    said = ours.stack.refresh().expect_ok()
    assert said.changes().get("updated") == 1
    assert ours.submitted() == []
    planned = ours.stack.preview().expect_ok().output
    assert f"1 URL is refreshed again, with force: it was stale at 1 edge: 1 {ONE_CALL}" in planned

    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {A})]
    assert ours.stack.outputs()["healed"] == [A]
    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}

    make_stale(ours)
    ours.stack.refresh().expect_ok()
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {A})]
    assert ours.served("a.txt") == {b"new"}


def test_pulumi_refresh_neither_fails_nor_changes_anything_while_no_edge_answers(site: Made) -> None:
    ours = site(edges=["127.0.0.1:9"], verify="off")
    ours.put(a="new")
    ours.stack.up().expect_ok()
    assert ours.stack.refresh().expect_ok().changes().keys() == {"unchanged"}
