"""The steps of a release around its tasks, against the emulator's edges and origin."""

from __future__ import annotations

import gzip
import hashlib
import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

import pytest

from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.errors import NotProvenError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.heals.heal_steps import Around
from pulumi_alicdn.releases.manifest import Asset, Difference
from pulumi_alicdn.releases.packed import pack, unpack
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.checks.sampling import SAMPLE
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM
from pulumi_alicdn.releases.removed import Held, OldFiles, Why
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story
from pulumi_alicdn.releases.steps import (
    MAX_EVIDENCE,
    check_first,
    kept_record,
    proof_changed,
    prove_release,
    removed_pending,
    require_proof,
    still_at_origin,
)
from pulumi_alicdn.state import OriginCheckState, ReleaseRecordInputs, ReleaseRecordState
from pulumi_alicdn.system.edges import EdgeFetcher
from support.loopback import serve_with
from support.virtual_clock import VirtualClock

BASE = "https://media.example.com/"
AROUND = Around(lambda: "proof-1", lambda _: {}, PROGRAM)
NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def inputs_of(cloud: Emulator, files: dict[str, str], removed: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:  # noqa: ANN401  as they are stored
    urls = tuple(f"{BASE}{path}" for path in (*files, *removed))
    differs = Difference(added=(), changed=tuple(files), removed=removed, unchanged=0)
    planned = Plan(differs, first=False, refresh=urls, refresh_type=ObjectType.FILE, prefetch=(), reason="because")
    planned = replace(planned, gone=dict.fromkeys(removed))
    manifest = {path: Asset(path, len(text), digest(text)) for path, text in files.items()}
    return {
        "name": "site",
        "service": "cdn",
        "base_urls": [BASE],
        "index_files": [],
        "manifest": manifests.pack(manifest),
        "plan": pack(planned.stored()),
        "verify": "all",
        "edges": list(cloud.edges),
        "origin": cloud.origin,
        "proof_timeout": 60.0,
        "proof_patience": 0.0,
        "submitted_at": "2026-11-23T04:19:00Z",
        "effective_at": "2026-11-23T04:19:30Z",
        "task_ids": ["1"],
        **more,
    }


def proven(cloud: Emulator, inputs: dict[str, Any]) -> tuple[dict[str, Any], Story]:
    given = cast("ReleaseRecordInputs", inputs)
    state, story = prove_release(EdgeFetcher, VirtualClock(cloud), lambda: NOW, given, AROUND)
    return dict(state), story


def checked(cloud: Emulator, expected: list[list[Any]]) -> None:
    inputs: OriginCheckState = {
        "expected": pack(expected),
        "origin": cloud.origin,
        "proof_timeout": 60.0,
        "proof_patience": 0.0,
    }
    assert check_first(EdgeFetcher, VirtualClock(cloud), inputs) == inputs


def publish(cloud: Emulator, **files: str) -> dict[str, str]:
    named = {f"{name}.txt": text for name, text in files.items()}
    cloud.admin("origin", {"files": {f"/{path}": text for path, text in named.items()}})
    return named


def test_what_every_edge_serves_is_kept_and_reported(cloud: Emulator) -> None:
    inputs = inputs_of(cloud, publish(cloud, a="new"), removed=("never-was.txt",))
    state, story = proven(cloud, inputs)
    require_proof(story)

    assert state["status"] == "live"
    assert {name: state[name] for name in inputs} == inputs
    assert [(one["fresh"], one["other"]) for one in state["evidence_summary"]] == [(2, 0)] * 3
    assert {(one["url"], one["finding"], one["status"]) for one in state["evidence"]} == {
        (f"{BASE}a.txt", "fresh", 200),
        (f"{BASE}never-was.txt", "fresh", 404),
    }
    assert json.loads(json.dumps(state)) == state
    assert story.began_at == datetime(2026, 11, 23, 4, 19, tzinfo=UTC)
    assert (story.files, story.plan.difference.paths) == (1, ("a.txt", "never-was.txt"))


def test_an_edge_that_serves_the_old_file_fails_the_proof_with_its_name(cloud: Emulator) -> None:
    inputs = inputs_of(cloud, publish(cloud, a="new", b="b"))
    cloud.admin("edges", {"copies": [{"edge": "edge-2", "url": f"{BASE}a.txt", "body": "old", "age_s": 60}]})
    state, story = proven(cloud, inputs)
    assert (state["status"], story.outcome) == ("failed", ReleaseOutcome.FAILED)
    with pytest.raises(NotProvenError, match="1 of 2 URLs at 1 of 3 edges") as said:
        require_proof(story)
    assert f"{cloud.edges[2].removeprefix('http://')}: {BASE}a.txt: serves cba06b57…" in str(said.value)


OLD = {"a.txt": Asset("a.txt", 9, digest("old bytes"))}


def removed_one(cloud: Emulator, name: str = "a.txt", **more: Any) -> dict[str, Any]:  # noqa: ANN401  as they are stored
    """The inputs of a release that removed a file, of which the old bytes are known."""
    inputs = inputs_of(cloud, publish(cloud, b="b"), removed=(name,)) | more
    planned = Plan.read(unpack(inputs["plan"]))
    return inputs | {"plan": pack(replace(planned, gone={name: Asset(name, 9, digest("old bytes"))}).stored())}


def test_without_an_origin_a_removed_file_that_edges_still_serve_is_pending_and_fails_nothing(cloud: Emulator) -> None:
    publish(cloud, a="old bytes")
    state, story = proven(cloud, removed_one(cloud, origin=None))
    assert (state["status"], story.pending, story.asked) == ("live", {"a.txt": Why.THERE}, False)
    assert removed_pending(state) == ("a.txt",)
    assert manifests.unpack(state["removed_pending"]) == OLD
    assert [(one["fresh"], one["other"]) for one in state["evidence_summary"]] == [(1, 0)] * 3
    failed, _ = proven(cloud, removed_one(cloud, origin=None, removed="require"))
    assert (failed["status"], "removed_pending" in failed) == ("failed", False)
    publish(cloud, replaced="another file")
    assert removed_pending(proven(cloud, removed_one(cloud, "replaced.txt", origin=None))[0]) == ()


def test_an_edge_that_keeps_what_left_the_origin_fails_the_proof(cloud: Emulator) -> None:
    cloud.admin("edges", {"copies": [{"edge": "edge-2", "url": f"{BASE}left.txt", "body": "old bytes", "age_s": 60}]})
    state, story = proven(cloud, removed_one(cloud, "left.txt"))
    assert (state["status"], story.pending) == ("failed", {})
    assert "left.txt: still serves what was removed (9 bytes" in story.failure


def test_other_pending_files_are_kept_without_a_new_proof(cloud: Emulator) -> None:
    inputs = cast("ReleaseRecordInputs", inputs_of(cloud, publish(cloud, a="new")))
    state = cast("ReleaseRecordState", proven(cloud, dict(inputs))[0])
    assert kept_record(state, inputs) == state
    waiting: ReleaseRecordInputs = {**inputs, "removed_pending": manifests.pack(OLD)}
    assert not proof_changed(state, waiting)
    kept = kept_record(state, waiting)
    assert (removed_pending(kept), kept["evidence"], kept["status"]) == (("a.txt",), state["evidence"], "live")
    assert kept_record(kept, inputs) == state


def asked(cloud: Emulator, removed: OldFiles, at: str = "", **release: str) -> dict[str, Held]:
    files = {path: Asset(path, len(text), digest(text)) for path, text in release.items()}
    options = {
        "origin": at or cloud.origin,
        "origin_host": "",
        "base_urls": [BASE],
        "index_files": [],
        "proof_timeout": 60.0,
    }
    return dict(still_at_origin(EdgeFetcher, VirtualClock(cloud), options, files, removed))


def files_asked(cloud: Emulator, removed: OldFiles, at: str = "", **release: str) -> dict[str, Asset]:
    return {path: one.file for path, one in asked(cloud, removed, at, **release).items()}


def test_the_origin_is_asked_which_removed_files_it_still_has(cloud: Emulator) -> None:
    publish(cloud, same="old bytes", other="another file", unknown="?", large="x" * 3_000_000, there="there")
    old = digest("old bytes")
    removed = {f"{name}.txt": Asset(f"{name}.txt", 9, old) for name in ("same", "other", "gone", "broken")}
    removed["large.txt"] = Asset("large.txt", 3_000_000, old)
    unknown = dict.fromkeys(["unknown.txt", "never.txt"])
    cloud.admin("origin", {"rules": [{"path": "/broken.txt", "status": 503}]})
    assert files_asked(cloud, {**removed, **unknown}) == {
        "same.txt": removed["same.txt"],
        "broken.txt": removed["broken.txt"],
        # HEAD shows the length of a large file: that is enough for it to stay pending.
        "large.txt": removed["large.txt"],
        "unknown.txt": Asset("unknown.txt", 1, digest("?")),
    }
    reasons = {path: one.why for path, one in asked(cloud, {**removed, **unknown}).items()}
    assert {path: why for path, why in reasons.items() if why is not Why.THERE} == {"broken.txt": Why.SILENT}
    nobody = asked(cloud, {"same.txt": removed["same.txt"]}, at="http://127.0.0.1:9")
    assert nobody == {"same.txt": Held(removed["same.txt"], Why.SILENT)}
    shorter = {"large.txt": Asset("large.txt", 2_000_000, old)}
    assert files_asked(cloud, shorter) == {}


def test_a_removed_file_of_which_the_origin_has_a_compressed_copy_only_is_still_there(cloud: Emulator) -> None:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            packed = self.headers["Accept-Encoding"] == "gzip"
            body = gzip.compress(b"old bytes") if packed else b"<html>"
            self.send_response(200)
            self.send_header("Vary", "Accept-Encoding")
            self.send_header("Content-Length", str(len(body)))
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

    removed = {"a.txt": Asset("a.txt", 9, digest("old bytes"))}
    with ExitStack() as running:
        origin = f"http://{serve_with(running, Handler, None)}"
        assert files_asked(cloud, removed, at=origin) == removed
        assert files_asked(cloud, {"a.txt": Asset("a.txt", 9, digest("other bytes"))}, at=origin) == {}


def test_an_origin_that_refuses_everything_shows_nothing(cloud: Emulator) -> None:
    publish(cloud, there="there")
    removed = {"gone.txt": Asset("gone.txt", 9, digest("old bytes"))}
    forbidden: list[Json] = [{"path": "/gone.txt", "status": 403}]
    cloud.admin("origin", {"rules": forbidden})
    assert files_asked(cloud, removed, **{"there.txt": "there"}) == {}
    cloud.admin("origin", {"rules": [*forbidden, {"path": "/there.txt", "status": 403}]})
    assert asked(cloud, removed, **{"there.txt": "there"}) == {"gone.txt": Held(removed["gone.txt"], Why.REFUSED)}


def test_the_state_keeps_so_much_evidence_and_counts_all(cloud: Emulator) -> None:
    names = publish(cloud, **{f"f{number}": "x" for number in range(340)})
    state, story = proven(cloud, inputs_of(cloud, names))
    assert len(state["evidence"]) == MAX_EVIDENCE
    assert len(story.evidence) == 1020
    assert [one["fresh"] for one in state["evidence_summary"]] == [340] * 3


@pytest.mark.parametrize(("verify", "probes"), [("off", 0), ("sample", 3 * SAMPLE)])
def test_fewer_urls_are_probed_where_fewer_are_asked_for(cloud: Emulator, verify: str, probes: int) -> None:
    names = publish(cloud, **{f"f{number}": "x" for number in range(340)})
    _, story = proven(cloud, inputs_of(cloud, names, verify=verify))
    assert len(story.evidence) == probes
    assert story.outcome is ReleaseOutcome.LIVE
    assert (story.proof_began_at is None) == (probes == 0)


def test_the_origin_is_asked_before_anything_is_submitted(cloud: Emulator) -> None:
    publish(cloud, a="new", b="old")
    expected = [[f"{BASE}{name}.txt", digest("new").hex(), 3] for name in "ab"]
    checked(cloud, expected[:1])
    with pytest.raises(
        NotProvenError, match="the origin does not have the release: 1 of 2 URLs; nothing was submitted"
    ):
        checked(cloud, expected)


def test_a_file_that_was_removed_must_be_gone_from_the_origin(cloud: Emulator) -> None:
    publish(cloud, a="still there")
    checked(cloud, [[f"{BASE}gone.txt", "", None]])
    with pytest.raises(NotProvenError, match="answers 200 for what was removed"):
        checked(cloud, [[f"{BASE}a.txt", "", None]])
    with pytest.raises(NotProvenError, match="Remove these files from the origin first"):
        checked(cloud, [[f"{BASE}a.txt", "", 11, digest("still there").hex()]])
    checked(cloud, [[f"{BASE}a.txt", "", 11, digest("another one").hex()]])


def test_a_proof_is_another_one_for_other_files_edges_or_tasks_only(cloud: Emulator) -> None:
    inputs = inputs_of(cloud, {"a.txt": "new"})

    def changed(left: dict[str, Any], given: dict[str, Any]) -> bool:
        return proof_changed(cast("ReleaseRecordState", left), cast("ReleaseRecordInputs", given))

    state = {**inputs, "evidence": [], "status": "live"}
    assert not changed(state, dict(inputs))
    reports = {"report_file": "other.html", "summary_file": "other.md", "proof_timeout": 1.0, "proof_patience": 9.0}
    assert not changed(state, {**inputs, **reports, "uploaded_at": "2026-11-23T04:20:00Z"})
    assert not changed({**state, "resolve": None}, {**inputs, "resolve": {}})
    for name in ("manifest", "plan", "base_urls", "verify", "edges", "origin", "task_ids"):
        assert changed(state, {**inputs, name: "another"}), name
