"""What is healed, and where a heal goes on that was begun: decided on plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.errors import ApiFault, DeniedError, NotProvenError
from pulumi_alicdn.releases.decision import AGAIN, GOING_ON, Decision, PreviousRelease, decide
from pulumi_alicdn.releases.heal_proof import heal_inputs, proof_warning, summary_after, with_proof
from pulumi_alicdn.releases.heals.heal_messages import next_step
from pulumi_alicdn.releases.heals.heal_steps import (
    MAX_DRIFT_URLS,
    Around,
    asked_on_refresh,
    evidence_after,
    goes_on,
    healed_urls,
    unseen_drift,
    what_is_left,
    with_drift,
    with_unseen_drift,
)
from pulumi_alicdn.releases.heals.open_urls import MAX_HEALED, OpenUrl, healable, left_open, packed, unpacked
from pulumi_alicdn.releases.heals.pending import FIRST_PLACE, Healing, Pending, Place, next_pending, pending
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM
from pulumi_alicdn.releases.release_options import Policy
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.releases.steps import MAX_EVIDENCE, entry, record_inputs
from pulumi_alicdn.state import (
    EdgeSummaryEntry,
    HealProofState,
    LeftOpen,
    ReleasePlace,
    ReleaseProofInputs,
    ReleaseRecordInputs,
    ReleaseRecordState,
)
from support.release_options import OPTIONS

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE = "https://www.example.com/"
A, B, C = (f"{SITE}{name}.txt" for name in "abc")
POLICY = Policy(service=Service.CDN, base_urls=(SITE,))
PLENTY = {"Url": Allowance(10_000, 9_000)}
WANTED = {url: Expected(url, bytes([number]) * 32, number) for number, url in enumerate((A, B, C))}


def seen(url: str, edge: str, finding: Finding = Finding.FRESH) -> Evidence:
    return Evidence(edge, url, finding, "GET", "", "", 200, 1, "", "", "", "", NOW)


def stale(*urls: str, edge: str = "edge-1") -> tuple[OpenUrl, ...]:
    return tuple(OpenUrl(WANTED[url], (edge,)) for url in urls)


def record_of(urls: Sequence[OpenUrl] = (), proof_id: str | None = "r", **more: Any) -> ReleaseRecordState:  # noqa: ANN401  as they are stored
    return cast("ReleaseRecordState", {"proof_id": proof_id, "mismatches": packed(urls) or None, **more})


def proof_of(
    covers: Sequence[str],
    urls: Sequence[OpenUrl] = (),
    proof_id: str = "h",
    subject: Sequence[OpenUrl] = (),
    **more: object,
) -> HealProofState:
    found = {"covers": [*covers], "proof_id": proof_id, "mismatches": packed(urls), "subject": packed(subject)}
    return cast("HealProofState", {**found, **more})


def left(record: ReleaseRecordState | None, places: Mapping[int, Place] | None = None) -> Pending | None:
    return pending(record, Healing(places or {}), lambda: WANTED)


def begun(urls: Sequence[str], *finds: str) -> StartedTask:
    return StartedTask("file", tuple(urls), finds, "")


@pytest.mark.parametrize(
    ("findings", "right", "edges"),
    [
        ([Finding.STALE_EDGE, Finding.STALE_EDGE], (), ("edge-0", "edge-1")),
        ([Finding.STALE_EDGE, Finding.FRESH], (), ("edge-0",)),
        ([Finding.STALE, Finding.FRESH], (), ("edge-0",)),
        ([Finding.STALE, Finding.STALE], (), ()),
        ([Finding.STALE, Finding.STALE], (A,), ("edge-0", "edge-1")),
        ([Finding.STALE_ORIGIN, Finding.FRESH], (A,), ()),
        ([Finding.UNREACHABLE, Finding.FRESH], (A,), ()),
        ([Finding.UNREADABLE, Finding.TIME_UP], (A,), ()),
        ([Finding.STALE_EDGE, Finding.UNREACHABLE], (), ("edge-0",)),
    ],
)
def test_a_refresh_helps_only_where_the_origin_is_right(
    findings: list[Finding], right: tuple[str, ...], edges: tuple[str, ...]
) -> None:
    evidence = [seen(A, f"edge-{number}", one) for number, one in enumerate(findings)]
    (found,) = left_open([WANTED[A]], evidence, right)
    assert (found.url, found.stale) == (A, edges)
    assert healable([found]) == ((found,) if edges else ())


def test_what_is_proven_is_not_open_and_the_rest_is_stored_whole() -> None:
    gone = Expected(C, None)
    evidence = [seen(A, "edge-0"), seen(B, "edge-0", Finding.UNREACHABLE), seen(C, "edge-0", Finding.STALE_EDGE)]
    found = left_open([WANTED[A], WANTED[B], gone], evidence)
    assert found == (OpenUrl(WANTED[B]), OpenUrl(gone, ("edge-0",)))
    assert unpacked(packed(found)) == found
    assert (packed(()), unpacked(None), unpacked("")) == ("", (), ())


def test_states_of_earlier_versions_and_proven_ones_leave_nothing() -> None:
    assert left(None) is None
    assert left(record_of(proof_id=None)) is None
    assert left(record_of()) is None


def test_what_a_proof_left_is_healed_at_the_first_place() -> None:
    found = left(record_of(stale(A, B)))
    assert found == Pending(("r",), ("r",), stale(A, B))
    assert found.refreshed(1) == (A, B)
    assert found.refreshed(0) == ()
    assert found.refreshed(1, 1) == (A,)
    assert found.refreshed(1, 0) == ()
    assert replace(found, most=1).refreshed(1) == (A,)


def test_what_was_begun_goes_on_as_it_is_whatever_the_quota() -> None:
    found = left(record_of(stale(A, B)), {1: Place(begun([A], "r"))})
    assert found is not None
    assert found.refreshed(1, 0) == (A,)
    assert left(record_of(stale(A, B)), {1: Place(begun([A], "earlier"))}) == Pending(("r",), ("r",), stale(A, B))


def test_what_a_later_proof_covers_is_not_healed_again() -> None:
    done = {1: Place(begun([A], "r"), proof_of(["r"]))}
    assert left(record_of(stale(A)), done) is None
    # After another proof of the release, that one is obsolete.
    assert left(record_of(stale(A), "r2"), done) == Pending(("r2",), ("r2",), stale(A))


def test_what_a_heal_did_not_heal_is_pending_and_no_other_url() -> None:
    failed = {1: Place(begun([A, B], "r"), proof_of(["r"], stale(B)))}
    assert left(record_of(stale(A, B)), failed) == Pending(("h",), ("h", "r"), stale(B))


def test_a_second_heal_of_a_run_that_was_killed_goes_on_at_its_place() -> None:
    first = Place(begun([A], "r"), proof_of(["r"], stale(A), "h1"))
    found = left(record_of(stale(A)), {1: first, 2: Place(begun([A], "h1"))})
    assert found == Pending(("h1",), ("h1", "r"), stale(A), 2, (A,))


def test_a_heal_of_a_later_run_covers_the_second_one_of_an_earlier_run() -> None:
    second = Place(begun([A], "h1"), proof_of(["h1", "r"], (), "h2"))
    first = Place(begun([A], "h2"), proof_of(["h1", "h2", "r"], (), "h3"))
    healing = Healing({1: first, 2: second})
    assert left(record_of(stale(A)), healing.places) is None
    assert healing.as_they_were("r") == {1: first.proof}
    assert Healing({1: Place(None, proof_of(["r"], (), "h1")), 2: second}).as_they_were("r").keys() == {1, 2}


def test_what_a_refresh_of_the_stack_found_is_pending_until_a_proof_covers_it() -> None:
    drift = [{"edge": "edge-1", "url": A}, {"edge": "edge-2", "url": A}, {"edge": "edge-1", "url": "https://else/"}]
    drifted = record_of(drift=drift, drift_id="d")
    found = left(drifted)
    assert found == Pending(("d",), ("d", "r"), (OpenUrl(WANTED[A], ("edge-1", "edge-2")),))
    healed = {1: Place(begun([A], "d"), proof_of(["d", "r"], (), "h", stale(A)))}
    assert left(drifted, healed) is None
    # The healed URL is stale again, and then another one.
    again = {**proof_of(["d", "r"], (), "h", stale(A)), "drift": [{"edge": "edge-1", "url": A}], "drift_id": "d2"}
    places = {1: Place(begun([A], "d"), cast("HealProofState", again))}
    assert left(drifted, places) == Pending(("d2",), ("d", "d2", "h", "r"), stale(A))
    other = record_of(drift=[{"edge": "edge-1", "url": B}], drift_id="d3")
    assert left(other, places) == Pending(("d2", "d3"), ("d2", "d3", "h", "r"), stale(B, A))


def test_within_a_run_the_next_heal_is_about_what_the_last_one_left() -> None:
    state = cast("LeftOpen", {"proof_id": "h1", "mismatches": packed(stale(B)), "most": 3.0})
    assert next_pending(state, ("r",), 2) == Pending(("h1",), ("h1", "r"), stale(B), 2, None, 3)
    assert next_pending(cast("LeftOpen", {"proof_id": "h1"}), ("r",), 2) is None


def test_one_heal_refreshes_no_more_than_one_call_carries() -> None:
    many = tuple(OpenUrl(Expected(f"{SITE}{number}", b"x" * 32), ("edge-0",)) for number in range(MAX_HEALED + 1))
    assert len(Pending(("r",), ("r",), many).refreshed(1)) == MAX_HEALED


Outcome = tuple[bool, bool]


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(["intent", "submit", "proof", "end"])), min_size=1, max_size=8)
)
def test_whenever_runs_are_killed_each_finding_is_refreshed_once(runs: list[tuple[bool, str]]) -> None:
    """A run sends a heal once for each finding: a kill before its proof is stored leaves the same finding."""
    record, place, sent = record_of(stale(A)), Place(), list[tuple[str, ...]]()
    for number, (well, killed_at) in enumerate(runs):
        found = left(record, {1: place})
        if found is None:
            break
        task = place.begun
        if task is None or task.triggers != found.finds:
            task = begun(found.refreshed(1), *found.finds)
            place = replace(place, begun=task)
        if killed_at == "intent":
            continue
        if sent[-1:] != [found.finds]:  # the lifecycle of a task adopts what was submitted for the same intent
            assert found.finds not in sent
            sent.append(found.finds)
        if killed_at == "submit":
            continue
        place = replace(place, proof=proof_of(found.covers, () if well else stale(A), f"h{number}", found.urls))
    assert [finds for finds in sent if len(finds) != 1] == []
    healed = place.proof is not None and not place.proof.get("mismatches")
    assert (left(record, {1: place}) is None) == healed


def manifest(**files: str) -> dict[str, Asset]:
    return {
        f"{name}.txt": Asset(f"{name}.txt", len(text), text.encode().ljust(32, b"-")) for name, text in files.items()
    }


def released(**files: str) -> tuple[Decision, PreviousRelease]:
    found = decide(POLICY, manifest(**files), (), PreviousRelease(), lambda: PLENTY, NOW)
    task = found.task(Kind.REFRESH) or {}
    started = {Kind.REFRESH: StartedTask("file", tuple(task["object_paths"]), (found.digest,), "before")}
    record = cast("ReleaseRecordState", {**record_inputs("site", found, OPTIONS, NOW), "proof_id": "r"})
    return found, PreviousRelease(record, started)


def unproven(previous: PreviousRelease, *urls: OpenUrl) -> PreviousRelease:
    record = cast("ReleaseRecordState", {**(previous.record or {}), "mismatches": packed(urls)})
    return replace(previous, record=record)


def planned(
    previous: PreviousRelease,
    files: Mapping[str, str],
    triggers: Sequence[object] = (),
    quota: int = 9_000,
    heal: int = 1,
) -> Decision:
    allowances = {"Url": Allowance(10_000, quota)}
    return decide(replace(POLICY, heal=heal), manifest(**files), triggers, previous, lambda: allowances, NOW)


FILES = {"a": "1", "b": "1", "c": "1"}


def test_the_plan_announces_a_heal_with_its_call_and_the_quota() -> None:
    _, previous = released(**FILES)
    found = planned(unproven(previous, *stale(A)), FILES)
    assert found.summary == (
        "1 URL is refreshed again, with force: it was stale at 1 edge: 1 RefreshObjectCaches call for 1 URL; "
        "today's quota after that: Url 8,999 of 10,000 left"
    )
    assert (found.heal, found.plan.refresh) == ((A,), (A, B, C))
    assert found.task(Kind.REFRESH) == {
        "service": "cdn",
        "object_type": "file",
        "object_paths": [A, B, C],
        "force": None,
    }
    inputs = record_inputs("site", found, OPTIONS, NOW)
    assert unpacked(inputs["to_heal"]) == stale(A)


def test_the_plan_heals_as_many_as_the_quota_allows_and_says_what_follows() -> None:
    _, previous = released(**FILES)
    both = unproven(previous, *stale(A, B))
    some = planned(both, FILES, quota=1)
    assert some.heal == (A,)
    assert some.summary.startswith("1 URL is refreshed again, with force: it was stale at 1 edge, and 1 more URL will")
    for found in (planned(both, FILES, quota=0), planned(both, FILES, heal=0)):
        assert found.heal == ()
        assert found.summary == "the edges are asked again for 2 URLs, which are not proven yet"


def test_a_heal_that_was_begun_goes_on_and_the_plan_says_so() -> None:
    _, previous = released(**FILES)
    interrupted = replace(unproven(previous, *stale(A, B)), healing=Healing({1: Place(begun([A], "r"))}))
    found = planned(interrupted, FILES, quota=0)
    assert found.heal == (A,)
    assert found.summary.endswith(f"file by file: {GOING_ON}")


def test_what_is_stale_still_is_refreshed_with_the_next_release() -> None:
    _, previous = released(**FILES)
    found = planned(unproven(previous, *stale(A)), {**FILES, "b": "2"})
    assert (found.plan.refresh, found.heal, found.to_heal) == ((A, B), (), None)
    assert found.summary.startswith("2 of 3 files changed")


def test_a_release_that_is_done_again_covers_what_is_stale_still() -> None:
    _, previous = released(**FILES)
    second = planned(previous, {**FILES, "b": "2"})
    record = cast("ReleaseRecordState", {**record_inputs("site", second, OPTIONS, NOW), "proof_id": "r2"})
    started = {Kind.REFRESH: StartedTask("file", (B,), (second.digest,), "later")}
    changed = {**FILES, "b": "2"}
    assert planned(PreviousRelease(record, started), changed, ["again"]).summary.startswith(AGAIN)
    found = planned(unproven(PreviousRelease(record, started), *stale(A)), changed, ["again"])
    assert (found.plan.refresh, found.heal) == ((A, B), ())


def test_nothing_pending_costs_no_question_and_is_no_change() -> None:
    _, previous = released(**FILES)

    def refused() -> Mapping[str, Allowance]:
        pytest.fail("the quota was asked for")

    found = decide(POLICY, manifest(**FILES), (), previous, refused, NOW)
    assert (found.summary, found.heal, found.to_heal) == ("", (), None)
    assert record_inputs("site", found, OPTIONS, NOW).get("to_heal") is None


def test_a_record_is_kept_only_if_a_heal_follows_or_a_warning_is_enough() -> None:
    unreachable = (OpenUrl(WANTED[A]),)
    for inputs, urls, kept in (
        ({"heal": 1.0, "proof": "require"}, stale(A), True),
        ({"heal": 0.0, "proof": "require"}, stale(A), False),
        ({"heal": 1.0, "proof": "require"}, unreachable, False),
        ({"heal": 0.0, "proof": "warn"}, unreachable, True),
        ({}, stale(A), False),
    ):
        assert goes_on(cast("ReleaseRecordInputs", inputs), urls) is kept


def test_the_quota_is_asked_for_only_if_something_is_refreshed_again() -> None:
    asked: list[Service] = []

    def allowances(service: Service) -> Mapping[str, Allowance]:
        asked.append(service)
        return {"Url": Allowance(10, 3)}

    around = Around(lambda: "id", allowances, PROGRAM)
    evidence = [seen(A, "edge-1", Finding.STALE_EDGE)]
    assert what_is_left(around, {"service": "vod", "heal": 1}, [], (), (), NOW) == {"proof_id": "id"}
    left_unreachable = what_is_left(around, {"service": "vod", "heal": 1}, evidence, [OpenUrl(WANTED[A])], (), NOW)
    assert (asked, left_unreachable["most"]) == ([], None)
    found = what_is_left(around, {"service": "vod", "heal": 1}, evidence, stale(A), (), NOW)
    assert (asked, found["most"], found["unproven"]) == ([Service.VOD], 3, [A])

    def denied(_: Service) -> Mapping[str, Allowance]:
        raise DeniedError("denied", ApiFault("DescribeRefreshQuota"))

    found = what_is_left(replace(around, allowances=denied), {"service": "vod", "heal": 1}, evidence, stale(A), (), NOW)
    assert found["most"] is None


def test_each_case_has_its_next_step_and_only_a_failed_heal_is_reported_to_the_vendor() -> None:
    def step(refreshed: Sequence[str] = (), heals: int = 1, most: int | None = None) -> str:
        return next_step("cdn", [A, B], refreshed, heals=heals, most=most, words=PROGRAM, now=NOW)

    by_hand = f"`alicdn refresh --service cdn --force {A} {B}`"
    assert "1 URL was refreshed again, with force, and an edge still serves the old file." in step([A])
    assert "1 more stale URL will be refreshed by the next run." in step([A])
    assert [by_hand in said for said in (step([A]), step(heals=0))] == [True, True]
    assert [one for one in (step(), step(heals=0), step(most=0)) if "Alibaba" in one] == []
    assert "report the edge and the URL to Alibaba Cloud" in step([A, B])
    assert "Today's quota is used up, so nothing was refreshed again; the quota renews at" in step(most=0)
    assert next_step("cdn", [], (), heals=1, most=None, words=PROGRAM, now=NOW) == ""
    blank = next_step("cdn", ["https://e.com/a b'c"], (), heals=0, most=None, words=PROGRAM, now=NOW)
    assert """--force 'https://e.com/a b'"'"'c'`""" in blank


def test_counts_and_evidence_take_over_what_was_not_asked_again() -> None:
    before: list[EdgeSummaryEntry] = [{"edge": "e0", "fresh": 3, "other": 0}, {"edge": "e1", "fresh": 1, "other": 2}]
    evidence = [seen(A, "e0"), seen(A, "e1"), seen(B, "e0"), seen(B, "e1", Finding.STALE_EDGE), seen(B, "e2")]
    assert summary_after(before, evidence, stale(A, B)) == [
        {"edge": "e0", "fresh": 3, "other": 0},
        {"edge": "e1", "fresh": 2, "other": 1},
        {"edge": "e2", "fresh": 1, "other": 0},
    ]
    # A folder that was stale at one edge, and of which nothing is required, counts as fresh at none.
    settled = [seen(A, edge, Finding.NOT_REQUIRED) for edge in ("e0", "e1")]
    at_e1 = (replace(stale(A)[0], stale=("e1",)),)
    assert summary_after([before[0], {"edge": "e1", "fresh": 1, "other": 1}], settled, at_e1) == [
        {"edge": "e0", "fresh": 3, "other": 0},
        {"edge": "e1", "fresh": 1, "other": 0},
    ]
    old: Any = [{"edge": "e0", "url": A, "finding": "stale-edge"}, {"edge": "e0", "url": B, "finding": "fresh"}]
    new: Any = [{"edge": "e0", "url": A, "finding": "fresh"}]
    assert evidence_after(old, new) == [new[0], old[1]]
    # Each copy of a URL has evidence of its own; a later proof replaces that of all copies.
    copies: Any = [{**old[1], "copy": copy} for copy in ("identity", "gzip", "br")]
    assert evidence_after([*old, *copies], new) == [new[0], old[1], *copies]
    other: Any = [{**new[0], "url": B}]
    assert evidence_after([*old, *copies], other) == [old[0], *other]
    assert healed_urls([C], [A, B], stale(B)) == [C, A]


def test_the_evidence_of_earlier_heals_that_a_later_one_takes_over_has_an_end() -> None:
    decision, _ = released(**FILES)
    found = Pending(("r",), ("r",), stale(A))
    earlier = [entry(seen(f"{A}{number}", "edge-1")) for number in range(MAX_EVIDENCE + 1)]
    inputs = heal_inputs("site", decision, OPTIONS, found, [A], {}, last=True, evidence=earlier)
    assert inputs["evidence_before"] == earlier[:MAX_EVIDENCE]
    assert "evidence_before" not in heal_inputs("site", decision, OPTIONS, found, [A], {}, last=True)


def test_the_record_of_a_command_takes_over_the_proof_after_a_heal() -> None:
    decision, previous = released(**FILES)
    found = Pending(("r",), ("r",), stale(A))
    place: ReleasePlace = {"stack": "dev", "project": "shop"}
    inputs = heal_inputs("site", decision, OPTIONS, found, [A], {}, last=True, place=place)
    assert (inputs["stack"], inputs["project"]) == ("dev", "shop")
    assert (inputs["finds"], inputs["refreshed"], unpacked(inputs["subject"])) == (["r"], [A], stale(A))
    assert (inputs["origin"], "edges" in inputs) == ("https://origin.example.com", False)
    proof = cast("HealProofState", {**inputs, "status": "live", "proof_id": "h", "healed": [A], "evidence": []})
    assert previous.record is not None
    merged = with_proof(unproven(previous, *stale(A)).record or previous.record, proof)
    assert (merged["status"], merged["proof_id"], merged["mismatches"]) == ("live", "h", None)
    assert merged["manifest"] == previous.record["manifest"]


@pytest.mark.parametrize(
    ("before", "evidence", "origin", "after"),
    [
        ([], [seen(A, "e", Finding.STALE_EDGE)], "https://o", [("e", A)]),
        ([], [seen(A, "e", Finding.STALE)], None, [("e", A)]),
        ([], [seen(A, "e", Finding.STALE)], "https://o", []),
        ([], [seen(A, "e", Finding.STALE_ORIGIN)], "https://o", []),
        ([], [seen(A, "e", Finding.UNREACHABLE), seen(B, "e", Finding.TIME_UP)], None, []),
        ([("e", A)], [seen(A, "e", Finding.UNREACHABLE)], None, [("e", A)]),
        ([("e", A)], [], None, [("e", A)]),
        ([("e", A)], [seen(A, "e")], None, []),
        ([("e", A)], [seen(A, "e", Finding.NOT_REQUIRED)], None, []),
        ([("e", A)], [seen(A, "e", Finding.STALE_ORIGIN)], "https://o", []),
        ([("e", A)], [seen(A, "e", Finding.STALE_EDGE), seen(B, "e", Finding.STALE_EDGE)], "o", [("e", A), ("e", B)]),
    ],
)
def test_a_refresh_of_the_stack_marks_what_is_stale_and_nothing_that_did_not_answer(
    before: list[tuple[str, str]], evidence: list[Evidence], origin: str | None, after: list[tuple[str, str]]
) -> None:
    drift = [{"edge": edge, "url": url} for edge, url in before]
    state = record_of(drift=drift or None, drift_id="old" if before else None, origin=origin)
    found = with_drift(state, evidence, lambda: "new")
    assert [(one["edge"], one["url"]) for one in found.get("drift") or ()] == after
    expected_id = "old" if before == after else "new"
    assert found.get("drift_id") == (expected_id if after else None)
    if before == after:
        assert found is state


def test_a_refresh_of_the_stack_asks_for_a_sample_with_entry_points_and_earlier_drift() -> None:
    files = {f"f{number}": "1" for number in range(50)}
    decision = decide(POLICY, manifest(**files), (), PreviousRelease(), lambda: PLENTY, NOW)
    index = Asset("index.html", 1, b"i" * 32)
    whole = decide(POLICY, {**decision.manifest, "index.html": index}, (), PreviousRelease(), lambda: PLENTY, NOW)
    state = cast("ReleaseRecordState", {**record_inputs("site", whole, OPTIONS, NOW), "evidence_summary": [{}]})
    drifted = cast("ReleaseRecordState", {**state, "drift": [{"edge": "e", "url": f"{SITE}f7.txt"}]})
    found = [one.url for one in asked_on_refresh(drifted, "seed")]
    assert len(found) == MAX_DRIFT_URLS
    assert found[0] == f"{SITE}f7.txt"
    assert {SITE, f"{SITE}index.html"} <= set(found)
    assert found != [one.url for one in asked_on_refresh(drifted, "another")]
    never: list[dict[str, object]] = [{"evidence_summary": []}, {"verify": "off"}]
    for changed in never:
        assert asked_on_refresh(cast("ReleaseRecordState", {**state, **changed}), "seed") == ()


def test_drift_that_a_run_does_not_know_is_a_change_and_is_not_forgotten() -> None:
    _, previous = released(**FILES)
    assert previous.record is not None
    drifted = {**previous.record, "drift": [{"edge": "e", "url": A}], "drift_id": "d"}
    state = cast("ReleaseRecordState", drifted)
    inputs = cast("ReleaseRecordInputs", dict(previous.record))
    known = cast("ReleaseRecordInputs", {**inputs, "drift_seen": "d"})
    assert (unseen_drift(state, inputs), unseen_drift(state, known), unseen_drift({}, {})) == (True, False, False)
    assert with_unseen_drift(state, known) is known
    assert [one.url for one in unpacked(with_unseen_drift(state, inputs).get("to_heal"))] == [A]


def test_the_end_of_a_release_fails_or_warns() -> None:
    def ended(**given: object) -> str:
        return proof_warning(cast("ReleaseProofInputs", given))

    assert ended(proof="require", status="live") == ""
    assert ended(proof="warn", status="unproven", failure="not yet") == "not yet"
    with pytest.raises(NotProvenError, match="not yet"):
        ended(proof="require", status="unproven", failure="not yet")
    assert FIRST_PLACE == 1
