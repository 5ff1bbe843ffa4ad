"""What can go wrong while the engine runs: the user reads one sentence, and nothing is lost or sent twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import paths, submits
from support.stack import Stack, eventually

REFRESH = """
release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""

PREFETCH = """
warm = alicdn.PrefetchTask(
    "warm",
    service="cdn",
    object_paths=[f"https://cdn.example.com/{name}.js" for name in "abc"],
    retry_failed=config.get_int("retry_failed"),
)
pulumi.export("status", warm.status)
"""


def prefetchable(origin: Path) -> None:
    for name in "abc":
        (origin / f"{name}.js").write_text(name)


def test_a_failed_prefetch_names_url_and_reason_and_the_next_up_submits_that_one(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    prefetchable(origin)
    cloud = emulators(origin=origin, effect_s=3)
    cloud.admin("origin", {"rules": [{"path": "/b.js", "status": 503}]})
    stack = stacks(PREFETCH, cloud)

    failed = stack.up().expect_failure().output

    assert "prefetch of 1 of 3 URLs failed on cdn" in failed
    assert "https://cdn.example.com/b.js: Failed, Origin Return StatusCode 5XX" in failed
    assert "run `pulumi up` again: it submits only what failed" in failed
    assert len(submits(cloud)) == 1

    cloud.admin("origin", {"rules": []})
    cloud.admin("calls", method="DELETE")
    stack.up().expect_ok()
    (again,) = submits(cloud)
    assert paths(again) == ["https://cdn.example.com/b.js"]
    assert stack.outputs()["status"] == "Complete"
    assert [answer.cache for answer in cloud.get_everywhere("https://cdn.example.com/b.js")] == ["HIT"] * 3


def test_retry_failed_submits_again_within_one_up(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    prefetchable(origin)
    cloud = emulators(origin=origin, effect_s=3)
    failing = {"action": "PushObjectCache", "kind": "fail", "description": "Internal Error"}
    cloud.admin("faults", {"faults": [{**failing, "paths": ["https://cdn.example.com/c.js"]}]})
    stack = stacks(PREFETCH, cloud)
    stack.configure(retry_failed="1")

    stack.up().expect_ok()

    first, second = submits(cloud)
    assert len(paths(first)) == 3
    assert paths(second) == ["https://cdn.example.com/c.js"]


def test_killed_while_waiting_the_next_up_submits_nothing_and_completes(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(REFRESH, cloud)
    child = stack.popen("up", "--yes", "--skip-preview")
    asked = "DescribeVodRefreshTasks"
    eventually(lambda: len(submits(cloud)) == 1 and len(cloud.calls(asked)) >= 4, "a wait under way")

    stack.kill(child)

    stack.cancel()
    cloud.advance(600)
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1


def test_killed_before_the_ids_are_stored_the_next_up_adopts_the_task(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    cloud.admin("faults", {"faults": [{"action": "RefreshVodObjectCaches", "kind": "delay", "seconds": 30}]})
    stack = stacks(REFRESH, cloud)
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(cloud.tasks()) == 1 or len(submits(cloud)) == 1, "a submit that has arrived")

    stack.kill(child)

    stack.cancel()
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(cloud.tasks()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle", "times": 2},
        {"kind": "http-500", "times": 2},
        {"kind": "reset-before", "times": 2},
        {"kind": "reset-after", "times": 1},
        {"kind": "shuffle", "times": 5},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_what_passes_is_ridden_out_while_waiting(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], fault: JsonObject
) -> None:
    cloud = emulators(effect_s=3)
    # The first two Describe calls are the intent's and the submission's: from the third on it is the wait.
    cloud.admin("faults", {"faults": [{"action": "DescribeVodRefreshTasks", "nth": 3, **fault}]})
    stack = stacks(REFRESH, cloud)

    stack.up().expect_ok()

    assert stack.outputs()["status"] == "Complete"
    assert any(call.get("fault") == fault["kind"] for call in cloud.calls())
    assert len(submits(cloud)) == 1


def test_a_lost_answer_to_the_submit_is_settled_by_looking(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    cloud.admin("faults", {"faults": [{"action": "RefreshVodObjectCaches", "kind": "reset-after"}]})
    stack = stacks(REFRESH, cloud)

    stack.up().expect_ok()

    assert stack.outputs()["status"] == "Complete"
    assert len(cloud.tasks()) == 1
    assert len(submits(cloud)) == 1


def refused(stack: Stack) -> str:
    return stack.up().expect_failure().output


def test_a_suspended_account_fails_at_once(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators()
    cloud.admin("account", {"state": "suspended"})
    said = refused(stacks(REFRESH, cloud))
    (call,) = cloud.calls()
    assert "the service is suspended for this account" in said
    assert f"OperationDenied.Suspended, HTTP 403, request id {call['request_id']}" in said


def test_a_wrong_secret_fails_at_once(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators()
    said = refused(stacks(REFRESH, cloud, ALIBABA_CLOUD_ACCESS_KEY_SECRET="another-canary-secret"))
    (call,) = cloud.calls()
    assert "the access key secret does not match the access key id" in said
    assert f"request id {call['request_id']}" in said
    assert "another-canary-secret" not in said


def test_an_unknown_domain_fails_at_once(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(domains=["other.example.com"])
    said = refused(stacks(REFRESH, cloud))
    (call,) = submits(cloud)
    assert "the domain is not an accelerated domain of this account" in said
    assert f"InvalidDomain.NotFound, HTTP 404, request id {call['request_id']}" in said


def test_no_network_is_reported_in_one_sentence(stacks: Callable[..., Stack]) -> None:
    somewhere = {"ALICDN_ENDPOINT": "http://127.0.0.1:9", "ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}
    said = refused(stacks(REFRESH, None, ALIBABA_CLOUD_ACCESS_KEY_SECRET="canary", **somewhere))
    assert "no connection to 127.0.0.1:9" in said


NEIGHBOUR = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Broken(ResourceProvider):
    def create(self, props):
        def deeper():
            raise ValueError("of the neighbour")

        deeper()


class Thing(Resource, module="tested", name="Thing"):
    pass


release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
Thing(Broken(), "neighbour", {}, pulumi.ResourceOptions(depends_on=[release]))
"""


def test_other_dynamic_resources_keep_their_tracebacks(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    done = stacks(NEIGHBOUR, emulators(effect_s=0.5)).up()
    assert not done.ok
    assert "in deeper" in done.output
    assert "ValueError: of the neighbour" in done.output
