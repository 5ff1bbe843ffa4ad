"""What a release has to do, decided on plain values: previous release, quota and time are arguments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Kind, ObjectType, Service
from pulumi_alicdn.errors import ApiFault, DeniedError, InputError, RefusedError, UnreachableError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.decision import AGAIN, GOING_ON, Decision, PreviousRelease, decide
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.releases.packed import DamagedTextError, pack
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.releases.steps import origin_check_inputs, proof_changed, record_inputs
from pulumi_alicdn.state import ReleaseRecordInputs, ReleaseRecordState
from pulumi_alicdn.validation import UNKNOWN, Unknown
from support import release_options

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE, OTHER = "https://www.example.com/", "https://media.example.com/"
POLICY = Policy(service=Service.CDN, base_urls=(SITE,), prefetch=("*.ts",), allow_mass_removal=True)
PLENTY = {"Url": Allowance(10_000, 9_000), "Dir": Allowance(100, 100), "Preload": Allowance(1000, 1000)}
OPTIONS = {**release_options.OPTIONS, "report_file": "page.html"}

Tree = dict[str, str]
some_trees = st.dictionaries(
    st.sampled_from(["index.html", "docs/index.html", "a.ts", "video/b.ts", "c d#.txt"]), st.sampled_from("123")
)


def manifest(tree: Tree) -> dict[str, Asset]:
    return {path: Asset(path, len(text), hashlib.sha256(text.encode()).digest()) for path, text in tree.items()}


def not_asked() -> NoReturn:
    pytest.fail("the quota was asked for")


def decided(
    tree: Tree,
    previous: PreviousRelease | None = None,
    allowances: Callable[[], Mapping[str, Allowance]] = lambda: PLENTY,
    policy: Policy = POLICY,
    triggers: tuple[Any, ...] = (),
    force: bool | Unknown | None = UNKNOWN,
) -> Decision:
    return decide(policy, manifest(tree), triggers, previous or PreviousRelease(), allowances, NOW, force)


def record(of: Decision) -> ReleaseRecordState:
    """What is stored once *of* is proven."""
    return cast("ReleaseRecordState", record_inputs("site", of, OPTIONS, NOW))


def begun(of: Decision, at: str = "2026-11-23T04:00:00Z", *triggers: object) -> dict[Kind, StartedTask]:
    """The tasks of *of* once they have begun."""
    tasks = {kind: of.task(kind) for kind in Kind}
    return {
        kind: StartedTask(
            str(task.get("object_type", "file")), tuple(task["object_paths"]), (of.digest, *triggers), f"{kind}-{at}"
        )
        for kind, task in tasks.items()
        if task is not None
    }


def proven(tree: Tree) -> PreviousRelease:
    first = decided(tree)
    return PreviousRelease(record(first), begun(first))


def test_a_first_release_takes_everything_and_says_so() -> None:
    found = decided({"a.ts": "1", "b.txt": "1"})
    assert found.task(Kind.REFRESH) == {
        "service": "cdn",
        "object_type": "file",
        "object_paths": [f"{SITE}a.ts", f"{SITE}b.txt"],
        "force": None,
    }
    assert found.task(Kind.PREFETCH) == {"service": "cdn", "object_paths": [f"{SITE}a.ts"]}
    assert found.summary.startswith("first release of 2 files: 1 RefreshObjectCaches call for 2 URLs, then 1 Push")
    assert "Url 8,998 of 10,000 left" in found.summary
    assert found.earlier_intents == ()


@given(some_trees, some_trees)
def test_what_was_proven_is_not_done_again_and_costs_no_question(before: Tree, tree: Tree) -> None:
    second = decided(tree, proven(before))
    again = decided(tree, PreviousRelease(record(second), begun(second)), not_asked)
    assert again.summary == ""
    assert again.plan == replace(second.plan, calls=(), quota=(), problems=())
    assert [again.task(kind) for kind in Kind] == [second.task(kind) for kind in Kind]


def as_many(previous: PreviousRelease) -> PreviousRelease:
    """Return *previous* as the state holds it of many files: with half of each hash."""
    assert previous.record is not None
    text = manifests.pack(manifests.unpack(previous.record["manifest"]), many=-1)
    return replace(previous, record=cast("ReleaseRecordState", {**previous.record, "manifest": text}))


@given(some_trees, some_trees)
def test_short_hashes_in_the_state_lead_to_the_same_decision_as_whole_ones(before: Tree, tree: Tree) -> None:
    stored = as_many(proven(before))
    whole, short = decided(tree, proven(before)), decided(tree, stored)
    if before == tree and stored.record is not None:
        # What is stored stays as it is: another text would be a change.
        assert short.packed == stored.record["manifest"]
        asked = cast("ReleaseRecordInputs", record_inputs("site", short, OPTIONS, NOW))
        assert not proof_changed(stored.record, asked)
    short = replace(short, packed=whole.packed, plan=without_hashes(short.plan))
    assert short == replace(whole, plan=without_hashes(whole.plan))


def without_hashes(plan: Plan) -> Plan:
    return replace(plan, gone=dict.fromkeys(plan.gone))


def test_the_state_has_the_paths_of_a_first_release_of_many_files_once() -> None:
    empty = hashlib.sha256(b"").digest()
    files = {path: Asset(path, 0, empty) for path in (f"{number}.bin" for number in range(manifests.MANY_FILES + 1))}
    policy = replace(POLICY, first_release=FirstRelease.NOTHING)
    first = decide(policy, files, (), PreviousRelease(), lambda: PLENTY, NOW)
    stored = record(first)

    again = decide(policy, files, (), PreviousRelease(stored), not_asked, NOW)
    assert len(first.plan.difference.added) == len(files)
    assert len(stored["plan"]) < 500
    assert again.plan.difference == first.plan.difference
    assert record(again)["plan"] == stored["plan"]

    # An earlier version stored them in the plan, too, and whole hashes: that is no other release.
    whole = manifests.pack(files, many=len(files))
    earlier = cast("ReleaseRecordState", {**stored, "manifest": whole, "plan": pack(first.plan.stored())})
    assert record(decide(policy, files, (), PreviousRelease(earlier), not_asked, NOW)) == earlier


def test_a_damaged_state_is_an_error_also_while_nothing_changes() -> None:
    for previous in (proven({"a.ts": "1"}), as_many(proven({"a.ts": "1"}))):
        assert previous.record is not None
        damaged = previous.record["manifest"][:-8] + "AAAAAAA="
        broken = replace(previous, record=cast("ReleaseRecordState", {**previous.record, "manifest": damaged}))
        with pytest.raises(DamagedTextError, match="restore it from a backup"):
            decided({"a.ts": "1"}, broken)


def test_only_what_changed_is_taken() -> None:
    found = decided({"a.ts": "2", "b.txt": "1"}, proven({"a.ts": "1", "b.txt": "1", "c.txt": "1"}))
    assert found.plan.refresh == (f"{SITE}a.ts", f"{SITE}c.txt")
    assert found.plan.prefetch == (f"{SITE}a.ts",)
    assert found.summary.startswith("2 of 3 files changed (0 added, 1 changed, 1 removed)")


def test_the_quota_is_not_asked_for_where_nothing_is_submitted() -> None:
    policy = replace(POLICY, first_release=FirstRelease.NOTHING)
    found = decided({"a.ts": "1"}, allowances=not_asked, policy=policy)
    assert not found.plan.anything
    assert found.summary == "first release of 1 file: nothing to refresh or prefetch"


@pytest.mark.parametrize("kind", [DeniedError, RefusedError])
def test_a_quota_that_must_not_be_asked_for_is_no_obstacle(kind: type[DeniedError | RefusedError]) -> None:
    def refused() -> NoReturn:
        raise kind("no", ApiFault("DescribeRefreshQuota"))

    assert decided({"a.ts": "1"}, allowances=refused).plan.refresh == (f"{SITE}a.ts",)


def test_a_service_out_of_reach_is_an_error() -> None:
    def unreachable() -> NoReturn:
        raise UnreachableError("no", ApiFault("DescribeRefreshQuota"))

    with pytest.raises(UnreachableError):
        decided({"a.ts": "1"}, allowances=unreachable)


def test_what_the_quota_does_not_allow_must_not_be_submitted() -> None:
    nothing = {"Url": Allowance(10, 0), "Dir": Allowance(10, 0), "Preload": Allowance(10, 0)}
    with pytest.raises(InputError, match=r"neither for 1 URL .* nor for 1 directory .*; today's quota does not"):
        decided({"a.ts": "1"}, allowances=lambda: nothing)


@given(some_trees, some_trees.filter(bool))
def test_an_interrupted_release_goes_on_with_the_same_tasks_whatever_the_quota_is(before: Tree, tree: Tree) -> None:
    previous = proven(before)
    second = decided(tree, previous)
    started = begun(second, "2026-11-23T05:00:00Z")
    again = decided(tree, PreviousRelease(previous.record, {**previous.started, **started}), not_asked)
    assert [again.task(kind) for kind in Kind] == [second.task(kind) for kind in Kind]
    assert again.plan.reason == (GOING_ON if second.summary and started else second.plan.reason)


def test_a_directory_refresh_goes_on_as_one_though_the_files_would_be_few_now() -> None:
    first = decided({"v/a": "1", "v/b": "1"}, policy=replace(POLICY, strategy=Strategy.DIRECTORY))
    assert first.task(Kind.REFRESH) == {
        "service": "cdn",
        "object_type": "directory",
        "object_paths": [f"{SITE}v/"],
        "force": True,
    }
    again = decided({"v/a": "1", "v/b": "1"}, PreviousRelease(None, begun(first)), not_asked)
    assert (again.plan.refresh_type, again.plan.refresh) == (ObjectType.DIRECTORY, (f"{SITE}v/",))


def test_force_of_the_user_comes_first() -> None:
    found = decided({"v/a": "1"}, policy=replace(POLICY, strategy=Strategy.DIRECTORY))
    forced = [found.task(Kind.REFRESH, force=force) for force in (None, False, True)]
    assert [task and task["force"] for task in forced] == [True, False, True]


def test_triggers_decide_whether_it_goes_on_and_one_that_is_not_known_yet_is_what_it_was() -> None:
    first = decided({"a.ts": "1"}, triggers=("x",))
    assert first.triggers(["x"]) == [first.digest, "x"]
    previous = PreviousRelease(None, begun(first, "2026-11-23T04:00:00Z", "x"))
    assert decided({"a.ts": "1"}, previous, not_asked, triggers=("x",)).plan.reason == GOING_ON
    assert decided({"a.ts": "1"}, previous, not_asked, triggers=(UNKNOWN,)).plan.reason == GOING_ON
    assert decided({"a.ts": "1"}, previous, triggers=("y",)).plan.reason != GOING_ON


def test_files_that_an_interrupted_release_touched_are_refreshed_though_they_are_as_before() -> None:
    previous = proven({"a": "1", "b": "1"})
    interrupted = decided({"a": "1", "b": "2", "c.ts": "1"}, previous)
    started = begun(interrupted, "2026-11-23T05:00:00Z")
    found = decided({"a": "1", "b": "1"}, PreviousRelease(previous.record, started))
    assert found.plan.refresh == (f"{SITE}b", f"{SITE}c.ts")
    assert found.earlier_intents == ("prefetch-2026-11-23T05:00:00Z", "refresh-2026-11-23T05:00:00Z")
    # Its proof covers the prefetch of the interrupted release, which no other one has replaced.
    left = {**started, **begun(found, "2026-11-23T06:00:00Z")}
    assert decided({"a": "1", "b": "1"}, PreviousRelease(record(found), left), not_asked).summary == ""


@pytest.mark.parametrize("options", [{"force": True}, {"triggers": ("x",)}], ids=["force", "triggers"])
def test_a_release_that_did_not_change_is_done_again_with_force_or_another_trigger(options: dict[str, Any]) -> None:
    tree = {"a.ts": "1", "b.txt": "1"}
    first = decided({"a.ts": "0"})
    second = decided(tree, PreviousRelease(record(first), begun(first)))
    previous = PreviousRelease(record(second), begun(second))
    again = decided(tree, previous, **options)
    assert again.plan.stored() == second.plan.stored()
    calls = "1 RefreshObjectCaches call for 1 URL" + (", then 1 Push" if "triggers" in options else "; today's quota")
    assert again.summary.startswith(f"{AGAIN}: {calls}")
    # What was done with force is not done again without it being asked for, nor for an option that is not known yet.
    done = {kind: replace(task, force=True, triggers=tuple(again.triggers(()))) for kind, task in begun(again).items()}
    assert decided(tree, PreviousRelease(record(again), done), not_asked).summary == ""
    # What is taken away asks for nothing either, and the task keeps what it was begun with.
    less = decided(tree, PreviousRelease(record(again), done), not_asked, force=False)
    assert (less.summary, less.changed) == ("", False)
    assert all(one.force for one in less.begun.values())


def test_what_is_done_again_takes_of_the_quota_too() -> None:
    nothing = {"Url": Allowance(10, 0), "Preload": Allowance(10, 0)}
    with pytest.raises(InputError, match=r"does not suffice for 1 URL \(0 of 10 left\); the quota renews"):
        decided({"a.ts": "1"}, proven({"a.ts": "1"}), lambda: nothing, triggers=("x",))


def test_at_another_service_it_is_a_first_release_there_and_one_that_was_interrupted_is_not_gone_on_with() -> None:
    tree = {"a": "1", "b": "1"}
    changed = decided({"a": "1", "b": "2"}, proven(tree))
    vod = replace(POLICY, service=Service.VOD)
    previous = PreviousRelease(record(changed), begun(changed))
    found = decided({"a": "1", "b": "2"}, previous, policy=vod)
    assert found.summary.startswith("first release of 2 files: 1 RefreshVodObjectCaches call for 2 URLs")
    at_cdn = {kind: replace(task, service="cdn") for kind, task in begun(changed).items()}
    assert decided({"a": "1", "b": "2"}, PreviousRelease(None, at_cdn), not_asked).plan.reason == GOING_ON
    assert decided({"a": "1", "b": "2"}, PreviousRelease(None, at_cdn), policy=vod).plan.reason != GOING_ON
    # Interrupted at the other service: the proof at this one does not cover it.
    at_vod = {kind: replace(task, service="vod") for kind, task in begun(changed).items()}
    assert decided({"a": "1", "b": "2"}, PreviousRelease(record(changed), at_vod)).plan.refresh == (f"{SITE}b",)
    assert decided({"a": "1", "b": "2"}, PreviousRelease(record(changed), at_vod)).summary != ""


def test_a_release_that_goes_on_does_not_where_it_is_forced_now() -> None:
    first = decided({"a": "1"})
    previous = PreviousRelease(None, begun(first))
    assert decided({"a": "1"}, previous, not_asked, force=None).plan.reason == GOING_ON
    assert decided({"a": "1"}, previous, force=True).plan.reason != GOING_ON


def test_at_a_new_base_url_it_is_a_first_release_and_what_changed_is_refreshed_at_the_old_one() -> None:
    policy = replace(POLICY, base_urls=(SITE, OTHER), first_release=FirstRelease.NOTHING)
    found = decided({"same": "1", "changed": "2"}, proven({"same": "1", "changed": "1"}), policy=policy)
    assert found.plan.first
    assert found.plan.refresh == (f"{SITE}changed", f"{OTHER}changed")
    index = replace(POLICY, index_files=())
    assert decided({"a": "1"}, proven({"a": "1"}), policy=index).plan.first


def test_the_origin_is_asked_only_where_something_is_submitted_and_it_is_named() -> None:
    found = decided({"a": "1"})
    asked = origin_check_inputs(found, OPTIONS)
    assert asked is not None
    assert asked["origin"] == OPTIONS["origin"]
    assert origin_check_inputs(found, {**OPTIONS, "origin": None}) is None
    nothing = decided({"a": "1"}, policy=replace(POLICY, first_release=FirstRelease.NOTHING))
    assert origin_check_inputs(nothing, OPTIONS) is None


def test_options_that_were_not_given_are_not_stored() -> None:
    kept = record_inputs("site", decided({"a": "1"}), OPTIONS, None)
    assert "edges" not in kept
    assert "summary_file" not in kept
    assert (kept["report_file"], kept["uploaded_at"], kept["verify"]) == ("page.html", None, "all")
