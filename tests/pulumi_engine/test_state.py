"""What the real engine stores of each step is what :mod:`pulumi_alicdn.state` says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.state import (
    AttachmentState,
    CompletionState,
    EdgeSummaryEntry,
    EvidenceEntry,
    IntentState,
    OriginCheckState,
    ReleaseProofInputs,
    ReleaseRecordState,
    SubmissionState,
)
from support.site import Site
from support.stack import Stack

OURS = "pulumi-python:cdn:"
STATES: dict[str, Any] = {
    "Intent": IntentState,
    "Submit": SubmissionState,
    "Wait": CompletionState,
    "Attach": AttachmentState,
    "Origin": OriginCheckState,
    "Proof": ReleaseRecordState,
    "Result": ReleaseProofInputs,
}
RELEASE_ALWAYS = frozenset(
    ("stack", "project", "edges", "resolve", "origin", "origin_host", "url_auth", "request_headers", "user_agent")
)
"""Keys that the release of this test has, although others have not."""
ALL_OPTIONS = """
alicdn.RefreshTask(
    "tags", service="cdn", cache_tags=["a"], domain_name="cdn.example.com", triggers=[config.get("version")], wait=True,
    timeout=60, on_timeout="fail", retry_failed=1, resubmit=False,
)
alicdn.RefreshTask(
    "media", service="vod", media_ids=[f"m{number}" for number in range(21)], formats=["mp4"], definitions=["HD"],
    stream_type="video", slices=2,
)
alicdn.RefreshTask(
    "path", service="cdn", object_paths=["https://cdn.example.com/a"], object_type="file", force=True,
    origin="http://127.0.0.1:9",
)
alicdn.PrefetchTask(
    "warm", service="cdn", object_paths=pulumi.Output.secret(["https://cdn.example.com/b"]), area="domestic",
    l2_preload=False, headers={"x-a": "1"}, wait=False,
)
"""
ATTACHED = """
path = alicdn.RefreshTask("path", service="cdn", object_paths=["https://cdn.example.com/a"])
if config.get("id"):
    alicdn.RefreshTask.get(
        "other", config.require("id"), service="cdn", object_paths=["https://cdn.example.com/a"], timeout=30
    )
pulumi.export("id", path.task_ids[0])
"""


HEALS = frozenset({"goes_on"})
"""The task of a heal has this, where a warning is enough."""

VERIFIED = frozenset({"verify", "url_auth", "request_headers", "user_agent", "served_before", "urn"})
"""The intent of a refresh that is verified has these: tests/pulumi_engine/test_refresh_verified.py."""


def stored(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """What the state holds, by the name of the step."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in stack.resources():
        if one["type"].startswith("pulumi-python:"):
            found.setdefault(one["type"].removeprefix(OURS), []).append(one["outputs"])
    return found


def expect_what_is_written_down(states: dict[str, list[dict[str, Any]]]) -> None:
    for step, found in states.items():
        for one in found:
            names = {name for name in one if not name.startswith("__")}
            assert names <= set(STATES[step].__annotations__), step
            assert names >= STATES[step].__required_keys__, step


def expect_that_each_is_used(states: dict[str, list[dict[str, Any]]], elsewhere: frozenset[str] = frozenset()) -> None:
    for step, found in states.items():
        used = elsewhere | {name for one in found for name in one if not name.startswith("__")}
        assert used == set(STATES[step].__annotations__.keys()), (
            f"a key of {step} is written down that the state never has"
        )


@pytest.fixture
def cloud(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(effect_s=1)


def test_every_key_is_written_down_and_every_option_arrives(cloud: Emulator, stacks: Callable[..., Stack]) -> None:
    streams = [
        {"url": f"https://media.example.com/m{number}.mp4", "format": "mp4", "definition": "HD"} for number in range(21)
    ]
    cloud.admin("media", {"media": [{"media_id": f"m{at}", "urls": [one]} for at, one in enumerate(streams)]})
    stack = stacks(ALL_OPTIONS, cloud)
    stack.up().expect_ok()
    # A submit that follows another one within seconds also stores the tasks of that one.
    stack.configure(version="2")
    stack.up().expect_ok()
    states = stored(stack)
    assert {step: len(found) for step, found in states.items()} == {"Intent": 4, "Submit": 5, "Wait": 4}
    expect_what_is_written_down(states)
    expect_that_each_is_used({"Intent": states.pop("Intent")}, HEALS | VERIFIED)
    # On a busy machine, the second submit comes too late for that.
    submits = {step: found for step, found in states.items() if step != "Wait"}
    expect_that_each_is_used(submits, HEALS | {"earlier_task_ids"})
    expect_that_each_is_used({"Wait": states["Wait"]}, HEALS | {"brief"})


def test_an_attachment_leaves_what_is_written_down(cloud: Emulator, stacks: Callable[..., Stack]) -> None:
    stack = stacks(ATTACHED, cloud)
    stack.up().expect_ok()
    stack.configure(id=stack.outputs()["id"])
    stack.up().expect_ok()
    states = stored(stack)
    assert len(states["Attach"]) == 1
    expect_what_is_written_down(states)


def test_a_release_leaves_what_is_written_down(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = emulators(origin=origin, effect_s=0.3)
    site = Site(stacks("", cloud), cloud, origin, origin_host="www.example.com", prefetch=["*.ts"])
    site.configure(resolve={"www.example.com": site.options["edges"]}, summary_file="s.md", report_file="r.html")
    site.configure(url_auth={"type": "A", "key": "aliyuncdnexp1234"}, request_headers={"x-a": "1"})
    site.configure(index_files=["index.html"], user_agent="browser")
    site.write({"index.html": "1", "a.ts": "1"})
    site.stack.up().expect_ok()
    states = stored(site.stack)
    expect_what_is_written_down(states)
    # An origin that the service names leaves this: the recorded releases of the network have it.
    expect_that_each_is_used({"Origin": states["Origin"]}, frozenset({"origin_from"}))
    # What is only there while something is stale, pending or healed: tests/recorded and the tests of heals have it.
    rare = frozenset(ReleaseRecordState.__optional_keys__) - RELEASE_ALWAYS
    expect_that_each_is_used({"Proof": states["Proof"]}, rare)
    assert [(one["brief"], one["objects"]) for one in states["Wait"]] == [(True, []), (True, [])]
    (record,) = states["Proof"]
    for one in record["evidence"]:
        assert EvidenceEntry.__required_keys__ <= set(one) <= set(EvidenceEntry.__annotations__)
    # Where an edge is, only the service's list of nodes says: tests/pulumi_engine/test_release_network.py.
    assert {name for one in record["evidence_summary"] for name in one} == EdgeSummaryEntry.__required_keys__
