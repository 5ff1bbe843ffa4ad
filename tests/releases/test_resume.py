"""What an interrupted release left: which files edges may hold in any form."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.releases.manifest import ENVELOPE, Asset, difference, digest, pack
from pulumi_alicdn.releases.plan import plan
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.releases.urls import file_url
from pulumi_alicdn.state import IntentState
from pulumi_alicdn.validation import UNKNOWN

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE = "https://www.example.com/"
POLICY = Policy(service=Service.CDN, base_urls=(SITE, "https://media.example.com/a"))

Tree = dict[str, str]
names = st.sampled_from(["index.html", "docs/index.html", "a.ts", "video/b.ts", "video/50%25 é#.txt"])
some_trees = st.dictionaries(names, st.sampled_from("123"))


def manifest(tree: Tree) -> dict[str, Asset]:
    return {path: Asset(path, len(text), hashlib.sha256(text.encode()).digest()) for path, text in tree.items()}


def begun(object_paths: tuple[str, ...], object_type: str = "file", *triggers: object) -> StartedTask:
    return StartedTask(object_type, object_paths, triggers or ("d",), "2026-11-23T04:20:00Z")


@given(some_trees, some_trees, st.sampled_from([Strategy.FILES, Strategy.DIRECTORY]))
def test_the_files_of_a_task_are_found_again_from_its_urls(old: Tree, new: Tree, strategy: Strategy) -> None:
    policy = Policy(service=Service.CDN, base_urls=POLICY.base_urls, strategy=strategy)
    found = plan(manifest(old), manifest(new), policy, None, NOW)
    task = begun(found.refresh, str(found.refresh_type))
    known = old.keys() | new.keys()
    files = task.files(policy, known)
    assert files >= {*found.difference.changed, *found.difference.removed}
    assert files <= known
    assert task.files(policy, known, frozenset(found.refresh)) == frozenset()


@pytest.mark.parametrize("first", [True, False])
@given(some_trees, some_trees, some_trees)
def test_after_an_interrupted_release_no_edge_keeps_what_it_brought(
    first: bool,
    proven: Tree,
    interrupted: Tree,
    new: Tree,
) -> None:
    policy = Policy(service=Service.CDN, base_urls=(SITE,), prefetch=("*",), first_release=FirstRelease.REFRESH)
    old = None if first else manifest(proven)
    before = plan(old, manifest(interrupted), policy, None, NOW)
    known = (old or {}).keys() | new.keys()
    touched = begun(before.refresh).files(policy, known) | begun(before.prefetch).files(policy, known)
    after = plan(old, manifest(new), policy, None, NOW, touched)

    held = {**(proven if old else {}), **interrupted}
    for path in (*before.difference.added, *before.difference.changed):
        if held.get(path) != new.get(path):
            assert file_url(SITE, path) in after.refresh


@given(some_trees, some_trees, st.sets(names))
def test_touched_files_have_changed_or_are_removed(old: Tree, new: Tree, touched: set[str]) -> None:
    found = difference(manifest(old), manifest(new), touched)
    plain = difference(manifest(old), manifest(new))
    assert set(found.changed) == set(plain.changed) | (touched & new.keys())
    assert set(found.removed) == set(plain.removed) | (touched - new.keys())
    assert set(found.added) == set(plain.added) - touched
    assert found.unchanged + len(found.changed) + len(found.added) == len(new)


def test_a_proof_covers_its_own_task_and_those_before_it() -> None:
    task = begun((f"{SITE}a",), "file", "d1", 2)
    assert task.proven("d1", [f"{SITE}a"], [])
    assert not task.proven("d2", [f"{SITE}a"], [])
    assert not task.proven("d1", [f"{SITE}b"], [])
    assert task.proven("d2", [], ["2026-11-23T04:20:00Z"])


def test_a_task_goes_on_for_the_same_files_and_triggers() -> None:
    task = begun((f"{SITE}a",), "file", "d1", 2)
    assert task.going_on(["d1", 2])
    assert task.going_on(["d1", UNKNOWN])
    assert not task.going_on(["d2", 2])
    assert not task.going_on(["d1", 3])
    assert not task.going_on(["d1", 2, 2])


def test_a_trigger_or_force_that_is_taken_away_again_asks_for_nothing() -> None:
    task = replace(begun((f"{SITE}a",), "file", "d1", "emergency", ("x", "y")), force=True)
    assert task.going_on(["d1"])
    assert task.going_on(["d1", ["x", "y"]])
    assert not task.going_on(["d1", "emergency", "other"])
    assert not task.going_on(["d2"])
    assert task.forced_as(False)
    assert not replace(task, force=False).forced_as(True)


def test_an_intent_is_read_from_its_outputs() -> None:
    intent = {"object_type": "directory", "object_paths": [SITE], "triggers": ["d"], "not_before": "then"}
    assert StartedTask.read(cast("IntentState", intent)) == StartedTask("directory", (SITE,), ("d",), "then")
    assert begun((), "directory").strategy is Strategy.DIRECTORY
    assert StartedTask.read(None) is None
    assert StartedTask.read(cast("IntentState", {"object_paths": [SITE]})) is None


@given(some_trees)
def test_a_packed_manifest_states_its_digest(tree: Tree) -> None:
    assert ENVELOPE.stated_digest(pack(manifest(tree))) == digest(manifest(tree))
