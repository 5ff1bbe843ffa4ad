"""Every kind of fault, as the official client meets it."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_vod20170321 import models
from alibabacloud_vod20170321.client import Client as VodClient
from darabonba.policy.retry import RetryOptions
from darabonba.runtime import RuntimeOptions

from emulator.refused import code_of
from pulumi_alicdn.emulator.faults import Fault, FaultPlan
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json

SUBMIT, DESCRIBE = "RefreshVodObjectCaches", "DescribeVodRefreshTasks"
URL = "https://a.example.com/a.js"


def refresh(vod: VodClient, *paths: str) -> str:
    request = models.RefreshVodObjectCachesRequest(object_path="\n".join(paths or (URL,)))
    # One attempt only: with retries the test would show how the client copes, not what the fault does.
    once = RuntimeOptions(autoretry=False, retry_options=RetryOptions({"retryable": False}))
    return str(vod.refresh_vod_object_caches_with_options(request, once).body.refresh_task_id)


def rows(vod: VodClient) -> list[Any]:  # the clients have no types
    return list(vod.describe_vod_refresh_tasks(models.DescribeVodRefreshTasksRequest()).body.tasks.task)


def fault(emulator: Emulator, kind: str, action: str, **more: Json) -> None:
    emulator.admin("faults", {"faults": [{"kind": kind, "action": action, **more}]})


def outcomes(emulator: Emulator, action: str) -> list[tuple[Json, Json, Json]]:
    return [(call["http_status"], call["code"], call.get("fault")) for call in emulator.calls(action)]


def test_throttle_counts_its_own_action_only(vod: VodClient, emulator: Emulator) -> None:
    fault(emulator, "throttle", DESCRIBE, nth=2, times=2)
    refresh(vod)
    assert rows(vod)
    assert code_of(lambda: rows(vod)) == ("Throttling", 503)
    refresh(vod)
    assert code_of(lambda: rows(vod)) == ("Throttling", 503)
    assert rows(vod)
    throttled = (503, "Throttling", "throttle")
    assert outcomes(emulator, DESCRIBE) == [(200, "", None), throttled, throttled, (200, "", None)]


def test_throttle_can_say_when_to_retry(emulator: Emulator, vod: VodClient) -> None:
    fault(emulator, "throttle", DESCRIBE, retry_after_s=7)
    with pytest.raises(AlibabaCloudException) as caught:
        rows(vod)
    assert caught.value.code == "Throttling"
    assert caught.value.retry_after == 7000


def test_any_action_and_for_ever(vod: VodClient, emulator: Emulator) -> None:
    fault(emulator, "http-500", "*", times=-1)
    for call in (rows, refresh, rows):
        assert code_of(lambda call=call: call(vod)) == ("InternalError", 500)  # type: ignore[misc]
    emulator.admin("faults", {"faults": []})
    assert rows(vod) == []


def test_any_documented_error(vod: VodClient, emulator: Emulator) -> None:
    fault(emulator, "error", SUBMIT, http_status=403, code="ServiceBusy", message="Configuring.")
    assert code_of(lambda: refresh(vod)) == ("ServiceBusy", 403)
    assert emulator.tasks() == []


@pytest.mark.parametrize(("kind", "effect"), [("reset-before", 0), ("reset-after", 1)])
def test_a_lost_answer(vod: VodClient, emulator: Emulator, kind: str, effect: int) -> None:
    fault(emulator, kind, SUBMIT)
    with pytest.raises(Exception, match=r"(?i)connection|reset|aborted") as caught:
        refresh(vod)
    assert not isinstance(caught.value, AlibabaCloudException)
    assert len(emulator.tasks()) == effect
    assert outcomes(emulator, SUBMIT) == [(200 * effect, "", kind)]
    assert refresh(vod)


def test_a_reset_is_a_reset(emulator: Emulator) -> None:
    # Faults apply to signed calls only, so this request goes to the origin, which resets connections in the same way.
    emulator.admin("origin", {"rules": [{"path": "/a.js", "reset": True}]})
    connection = http.client.HTTPConnection(emulator.origin.removeprefix("http://"), timeout=10)
    connection.request("GET", "/a.js")
    with pytest.raises(ConnectionResetError):
        connection.getresponse()
    connection.close()


def test_a_delay_is_real_and_comes_after_the_effect(vod: VodClient, emulator: Emulator) -> None:
    fault(emulator, "delay", SUBMIT, seconds=0.3)
    before = time.monotonic()
    refresh(vod)
    assert 0.3 <= time.monotonic() - before < 3
    fault(emulator, "delay", SUBMIT, seconds=30)
    request = models.RefreshVodObjectCachesRequest(object_path=URL + "?2")
    with pytest.raises(Exception, match=r"(?i)time"):
        vod.refresh_vod_object_caches_with_options(request, RuntimeOptions(read_timeout=200))
    assert len(emulator.tasks()) == 2


def test_hidden_rows(vod: VodClient, emulator: Emulator) -> None:
    fault(emulator, "hide", SUBMIT, seconds=10)
    hidden = refresh(vod)
    assert refresh(vod, URL + "?shown") == hidden
    assert [row.object_path for row in rows(vod)] == [URL + "?shown"]
    emulator.advance(9)
    assert len(rows(vod)) == 1
    emulator.advance(1)
    assert len(rows(vod)) == 2


def test_rows_out_of_order(vod: VodClient, emulator: Emulator) -> None:
    refresh(vod, *(f"{URL}?{number}" for number in range(10)))
    in_order = [row.object_path for row in rows(vod)]
    fault(emulator, "shuffle", DESCRIBE)
    mixed = [row.object_path for row in rows(vod)]
    assert mixed != in_order
    assert sorted(mixed) == sorted(in_order)
    assert [row.object_path for row in rows(vod)] == in_order


def test_failing_rows(vod: VodClient, emulator: Emulator) -> None:
    emulator.get(0, URL)
    fault(emulator, "fail", SUBMIT, description="Origin Timeout", paths=[URL])
    refresh(vod, URL, URL + "?good")
    assert {row.status for row in rows(vod)} == {"Pending"}
    emulator.advance(6)
    assert {row.object_path: (row.status, row.description) for row in rows(vod)} == {
        URL: ("Failed", "Origin Timeout"),
        URL + "?good": ("Complete", None),
    }
    assert emulator.get(0, URL).cache == "HIT"
    refresh(vod)
    emulator.advance(6)
    assert rows(vod)[0].status == "Complete"


def test_faults_add_up(vod: VodClient, emulator: Emulator) -> None:
    both: list[Json] = [{"kind": "hide", "seconds": 5, "action": SUBMIT}, {"kind": "reset-after", "action": SUBMIT}]
    emulator.admin("faults", {"faults": both})
    with pytest.raises(Exception, match=r"(?i)connection"):
        refresh(vod)
    assert rows(vod) == []
    emulator.advance(5)
    assert len(rows(vod)) == 1
    assert outcomes(emulator, SUBMIT) == [(200, "", "hide+reset-after")]


def test_faults_can_be_read(emulator: Emulator) -> None:
    fault(emulator, "fail", SUBMIT, nth=3, times=-1, paths=["b", "a"])
    listed = emulator.admin("faults")["faults"]
    assert isinstance(listed, list)
    (only,) = listed
    assert isinstance(only, dict)
    assert (only["kind"], only["nth"], only["times"], only["paths"]) == ("fail", 3, -1, ["a", "b"])


def test_counting() -> None:
    plan = FaultPlan()
    plan.replace([Fault("throttle", "A", nth=2, times=2), Fault("delay")])
    kinds = [[fault.kind for fault in plan.due(action)] for action in ("B", "A", "A", "A", "A")]
    assert kinds == [["delay"], [], ["throttle"], ["throttle"], []]
