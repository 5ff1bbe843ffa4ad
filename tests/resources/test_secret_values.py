"""Secret options: which results are secret with them, and that no sentence about them shows anything of a value."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.rpc import is_rpc_secret

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.resources.secret_values import Veil, digest, names_changed, names_of, sealed
from pulumi_alicdn.state import OPEN, AttachmentState, CompletionState, IntentState, SubmissionState
from pulumi_alicdn.tasks.options import check_task, check_task_completion, check_wait

CANARY: Final = "canary"
PATH: Final = "https://media.example.com/canary-1/a.m3u8"

RESULTS: Final = {
    "object_paths": [PATH],
    "objects": [{"object_path": PATH, "status": "Complete"}],
    "listed_before": [["5", PATH]],
    "superseded": [],
    "adopted": [PATH],
    "fingerprint": "ab12",
    "a result of a later version": [PATH],
    "status": "Complete",
    "task_ids": ["5"],
    "service": "vod",
}


def secret(props: dict[str, Any]) -> set[str]:
    return {name for name, value in sealed(props, RESULTS).items() if is_rpc_secret(value)}


@pytest.mark.parametrize("source", ["object_paths", "media_ids", "cache_tags", "domain_name"])
def test_whatever_can_name_an_object_is_secret_with_what_chose_it(source: str) -> None:
    found = secret({"secrets": [source]}) - {"object_paths"}
    assert found == {"objects", "listed_before", "superseded", "adopted", "fingerprint", "a result of a later version"}
    assert ("object_paths" in secret({"secrets": [source]})) == (source == "object_paths")


def test_secret_ids_of_tasks_make_the_ids_secret_too() -> None:
    assert {"task_ids", "objects", "superseded"} <= secret({"secrets": ["task_ids"]})
    assert digest("5,6") == digest("5,6") != digest("5,7")
    assert "5" not in digest("5").partition("-")[0]


def test_other_secret_options_make_their_digest_secret_and_nothing_else() -> None:
    assert secret({"secrets": ["triggers", "alicdn:endpoint"]}) == {"fingerprint"}
    assert secret({"secrets": ["timeout"]}) == {"fingerprint"}


def test_without_a_secret_option_the_results_are_as_they_were() -> None:
    assert sealed({}, RESULTS) == RESULTS
    assert sealed({"secrets": None}, {**RESULTS, "secrets": ["object_paths"]}) == RESULTS


def test_the_results_say_which_options_are_secret_so_that_a_change_is_found() -> None:
    state = sealed({"secrets": ["triggers"]}, {**RESULTS, "secrets": ["object_paths"]})
    assert names_of(state) == ("triggers",)
    assert names_changed({}, {"secrets": ["triggers"]})
    assert names_changed({"secrets": ["triggers"]}, {})
    assert not names_changed({}, {"secrets": None})


def test_nothing_that_can_name_an_object_is_open() -> None:
    keys = set().union(
        *(state.__annotations__ for state in (IntentState, SubmissionState, CompletionState, AttachmentState))
    )
    verified = {"served_before", "url_auth", "request_headers", "user_agent"}
    assert keys - OPEN == {"objects", "listed_before", "superseded", "before", "adopted", "fingerprint", *verified}


def props(**options: object) -> dict[str, Any]:
    return {"service": "vod", **options, "secrets": sorted(options)}


WRONG_PATHS: Final = [
    props(object_paths=[path])
    for path in (
        "canary",
        "canary.example.com/a",
        "https://canary/a",
        "https://canary.example.com/a b",
        "https://canary.example.com/a?canary",
        "https://canary.example.com/" + "canary" * 40 + " x",
        "https://canary.example.com/a, https://canary.example.com/b",
        "https://canary.example.com/*.canary",
        "https://canary.example.com/{canary,b}/x",
        "https://canary.example.com/'canary\" x",
        "https://me:canary@media.example.com/x",
        "\tcanary\n",
        ["canary"],
        {"canary": "canary"},
        7_000_000_123_456,
    )
]
WRONG: Final = [
    *WRONG_PATHS,
    props(object_paths="https://canary.example.com/a"),
    props(object_paths={"https://canary.example.com/a": "canary"}),
    props(object_paths=[]),
    props(object_paths=["https://canary.example.com/a", "https://canary.example.com/a"]),
    props(object_paths=["https://canary.example.com/%61", "https://canary.example.com/a"]),
    props(media_ids="canary"),
    props(media_ids=["canary a", "canary,b"]),
    props(media_ids=["canary", "canary"], definitions=["canary x"], formats=["canary"], stream_type="canary"),
    props(media_ids=["m"], slices="canary", force="canary"),
    props(cache_tags=["canary x"], domain_name="canary"),
    props(cache_tags=["canary"], domain_name="https://canary.example.com/"),
    props(cache_tags={"canary": "canary"}, domain_name=["canary"]),
    props(headers={"X-A": "canary\n"}, object_paths=[PATH]),
    props(headers="canary", object_paths=[PATH]),
    props(area="canary", l2_preload="canary", object_paths=[PATH]),
    props(task_ids="canary-1", origin="canary", on_timeout="canary", timeout="canary", wait="canary"),
    props(task_ids=["canary-1", ["canary"], 5], origin="https://canary.example.com/?canary", retry_failed="canary"),
    props(task_ids=["1"], origin="http://canary.example.com/canary", object_paths=["canary"]),
    {**props(service="canary"), "object_paths": [PATH]},
]


@pytest.mark.parametrize("inputs", WRONG, ids=str)
def test_no_sentence_for_a_broken_rule_shows_anything_of_a_secret_value(inputs: dict[str, Any]) -> None:
    veil = Veil(inputs)
    problems = [problem for kind in Kind for problem in check_task(inputs, kind)]
    problems += [*check_task_completion(inputs), *check_wait(inputs)]
    said = [veil.sentence(problem, inputs) for problem in problems]
    assert said
    for sentence in said:
        assert CANARY not in sentence.lower()
        assert "7000000123456" not in sentence


@given(st.text(min_size=1), st.sampled_from(["https://", "http://", "ftp://", "", " ", "https://me:"]), st.text())
def test_no_sentence_for_any_path_shows_anything_of_it(before: str, scheme: str, after: str) -> None:
    inputs = props(object_paths=[f"{scheme}{before}canary{after}"], object_type="directory")
    for problem in check_task({**inputs, "object_type": "directory"}, Kind.REFRESH):
        assert CANARY not in Veil(inputs).sentence(problem, inputs)


def test_a_sentence_keeps_the_name_and_the_rule() -> None:
    inputs = props(object_paths=[PATH, "media.example.com/canary"])
    (problem,) = check_task({**inputs, "object_type": "file"}, Kind.REFRESH)
    assert Veil(inputs).sentence(problem, inputs) == (
        "object_paths[1] is secret, but must begin with http:// or https://"
    )
    (problem,) = check_wait(props(origin="canary"))
    assert Veil(props(origin="canary")).sentence(problem, props(origin="canary")) == (
        "origin is secret, but must begin with https:// or http://"
    )


def test_a_message_names_secret_objects_by_their_number() -> None:
    paths = ["https://media.example.com/a.m3u8", "https://media.example.com/ab.m3u8?auth_key=1-canary"]
    veil = Veil(props(object_paths=paths, origin="https://origin.example.com"))
    assert veil.hide(f"failed:\n  {paths[1]}: Failed\n  {paths[0]}: Failed") == (
        "failed:\n  object 2 of 2 (secret): Failed\n  object 1 of 2 (secret): Failed"
    )
    assert veil.hide("'HTTPS://MEDIA.example.com:443/ab.m3u8%3Fauth_key=1-canary' (file)") == "'***:443***' (file)"
    assert veil.hide("https://other.example.com/x: Failed") == "an object (secret): Failed"
    assert veil.hide("the origin https://origin.example.com") == "the origin the value of origin (secret)"


def test_a_message_about_open_objects_hides_what_else_is_secret() -> None:
    step = {"object_paths": [PATH], "headers": {"X-A": "Bearer token-1"}, "triggers": ["1", "trigger-1"]}
    veil = Veil({**step, "secrets": ["headers", "triggers"]})
    assert veil.hide(f"{PATH}: 1 of Bearer token-1") == f"{PATH}: 1 of the value of headers['X-A'] (secret)"
    assert veil.hide("trigger-1") == "***"
    assert Veil(step).hide(f"{PATH} Bearer token-1") == f"{PATH} Bearer token-1"


def test_a_secret_endpoint_is_not_shown_as_a_host_either() -> None:
    config = {"alicdn:endpoint": "https://cdn.canary.internal:8443"}
    veil = Veil({"secrets": ["alicdn:endpoint"]}, config=config.get)
    assert veil.hide("no connection to cdn.canary.internal:8443") == (
        "no connection to the value of alicdn:endpoint (secret)"
    )


def test_objects_that_only_the_service_knows_are_hidden_with_the_media_that_they_belong_to() -> None:
    veil = Veil({"media_ids": ["canary-media"], "secrets": ["media_ids"], "objects": [{"object_path": PATH}]})
    assert veil.hide(f"{PATH}: Failed\n  canary-media: no such media") == (
        "an object (secret): Failed\n  media_ids[0] (secret): no such media"
    )
