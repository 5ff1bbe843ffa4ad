"""The calls that a submission takes: nothing is left out or named twice, and what is stored tells how far it came."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.limits import MAX_MEDIA_PER_CALL, batch_limits
from pulumi_alicdn.api.object_paths import domain
from pulumi_alicdn.api.spec import REFRESH_TYPES, ObjectType, Service
from pulumi_alicdn.state import Submission
from pulumi_alicdn.tasks.lifecycle.calls import all_sent, calls, next_call, sent_calls, together
from pulumi_alicdn.validation import UNKNOWN

URLS = st.lists(st.builds("https://h{}.example.com/{}".format, st.integers(0, 30), st.integers(0, 90)), unique=True)


@given(st.sampled_from(Service), st.sampled_from(REFRESH_TYPES), URLS)
def test_each_url_is_in_one_call_within_the_services_limits(
    service: Service, object_type: ObjectType, urls: list[str]
) -> None:
    found = calls({"kind": "refresh", "service": service, "object_type": object_type, "object_paths": urls})
    if found == [{}]:
        named, groups = urls, [urls]
    else:
        groups = [one["object_paths"] for one in found]
        named = [url for group in groups for url in group]
    assert sorted(named) == sorted(urls)
    limits = batch_limits(service, object_type)
    assert all(len(group) <= limits.objects for group in groups)
    assert all(limits.domains is None or len(set(map(domain, group))) <= limits.domains for group in groups)


@given(st.sampled_from(Service), st.sampled_from(REFRESH_TYPES), URLS.flatmap(st.permutations))
def test_another_order_of_the_urls_makes_the_same_calls(
    service: Service, object_type: ObjectType, urls: list[str]
) -> None:
    task = {"kind": "refresh", "service": service, "object_type": object_type}
    assert calls({**task, "object_paths": urls}) == calls({**task, "object_paths": sorted(urls)})


@given(st.integers(1, 70))
def test_each_call_knows_its_place_and_how_much_comes_after_it(count: int) -> None:
    media = [f"film{number}" for number in range(count)]
    found = calls({"kind": "refresh", "service": "vod", "media_ids": media})
    if count <= MAX_MEDIA_PER_CALL:
        assert found == [{}]
        return
    assert [one["call"] for one in found] == [[number, len(found)] for number in range(1, len(found) + 1)]
    assert [one for call in found for one in call["media_ids"]] == sorted(media)
    left = count
    for one in found:
        left -= len(one["media_ids"])
        assert one["later_objects"] == left


@pytest.mark.parametrize(
    "task",
    [
        {},
        {"kind": "refresh", "service": "vod", "object_type": "file"},
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": []},
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": "https://a.example.com/x"},
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": [1, None]},
        {"kind": "refresh", "service": "oss", "object_type": "regex", "object_paths": ["a", "b"]},
        {"kind": "refresh", "service": "vod", "object_type": "folder", "object_paths": ["a", "b"]},
        {"kind": "refresh", "service": UNKNOWN, "object_type": "regex", "object_paths": ["a", "b"]},
        {"kind": "refresh", "service": "vod", "media_ids": UNKNOWN},
        {"kind": "refresh", "service": "cdn", "cache_tags": ["a"] * 50, "domain_name": "a.example.com"},
    ],
    ids=range(10),
)
def test_what_is_wrong_or_unknown_is_one_call_which_the_first_step_refuses(task: dict[str, Any]) -> None:
    assert calls(task) == [{}]


def sent(*task_ids: str, run: str = "run-1", at: str = "2026-01-02T03:04:05Z") -> Submission:
    return {
        "task_ids": [*task_ids],
        "request_ids": [f"request-{one}" for one in task_ids],
        "job_ids": [],
        "superseded": [],
        "submitted_at": at,
        "submitted_until": at,
        "gap_s": 0.5,
        "run": run,
    }


def test_the_last_call_holds_what_all_calls_left() -> None:
    first, later = sent("1", "2"), sent("2", "3", at="2026-01-02T03:05:00Z")
    first["superseded"] = [["0", "a"]]
    both = together(first, later)
    assert both["task_ids"] == ["1", "2", "3"]
    assert both["request_ids"] == ["request-1", "request-2", "request-2", "request-3"]
    assert both["superseded"] == [["0", "a"]]
    assert (both["submitted_at"], both["submitted_until"]) == ("2026-01-02T03:04:05Z", "2026-01-02T03:05:00Z")
    assert together(None, later) is later


def test_calls_of_two_runs_count_as_those_of_the_earlier_one_whose_failures_are_retried_first() -> None:
    assert together(sent("1", run="run-1"), sent("2", run="run-2"))["run"] == "run-1"


def test_a_result_without_a_place_is_that_of_all_calls() -> None:
    stored = {**sent("1"), "intent_id": "intent-1"}
    assert all_sent(stored)
    assert sent_calls(stored, "intent-1", [{}, {}, {}]) == 3
    assert sent_calls({**stored, "call": [1.0, 3.0]}, "intent-1", [{}, {}, {}]) == 1
    assert not all_sent({**stored, "call": [1.0, 3.0]})
    assert sent_calls(stored, "intent-2", [{}]) == 0
    assert sent_calls(None, "intent-1", [{}]) == 0


def test_a_call_gets_what_the_ones_before_it_left_and_nothing_else_of_their_state() -> None:
    before = {**sent("1"), "call": [1, 2], "adopted": ["x"], "object_paths": ["x"]}
    inputs: Any = {"kind": "refresh", "service": "vod", "object_paths": ["x", "y"], "intent_id": "intent-1"}
    asked: Any = next_call(inputs, {"object_paths": ["y"], "call": [2, 2], "later_objects": 0}, before)  # type: ignore[arg-type]
    assert asked["object_paths"] == ["y"]
    assert asked["before"] == {**sent("1"), "call": [1, 2]}
