"""A service whose rows show what was true when their task was asked about before: lag, calls, and shared polls."""

from __future__ import annotations

import pytest

from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.tasks.verdict import Outcome
from support.concurrent_waits import Crowd, Process, submit, task, url
from support.shared_clock import SharedClock

LENGTH_S = 330.0
BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])


@pytest.fixture
def crowd(cloud: Emulator, apis: dict[str, AlibabaCloud]) -> Crowd:
    clock = SharedClock(cloud)
    return Crowd(cloud, clock, apis, Process(clock))


def waited(crowd: Crowd, service: str, waits: int, prefix: str = "") -> tuple[int, float]:
    """How many calls that many waits make, and how long the last one takes; each has to go well."""
    began_s = crowd.clock.monotonic()
    for number in range(waits):
        awaited = submit(crowd.apis[service], task(service, url(number, f"{prefix}site-{number}")))
        crowd.add(f"{prefix}{number}", awaited)
    crowd.cloud.admin("calls", method="DELETE")
    crowd.run()
    assert {ended.result.verdict.outcome for ended in crowd.ended.values() if ended.result} == {Outcome.COMPLETE}
    assert all(ended.error is None for ended in crowd.ended.values())
    last_s = max(ended.at_s for ended in crowd.ended.values()) - began_s
    crowd.ended.clear()
    return len(crowd.cloud.calls()), last_s


@BOTH
def test_a_refresh_is_seen_within_a_twentieth_of_its_length_with_few_calls(crowd: Crowd, service: str) -> None:
    crowd.cloud.admin("modes", {"status": "asynchronous"})
    calls, last_s = waited(crowd, service, 1)
    assert calls <= 20
    assert LENGTH_S <= last_s <= 1.05 * LENGTH_S + 2


@BOTH
def test_a_hundred_waits_share_their_second_polls(crowd: Crowd, service: str) -> None:
    crowd.cloud.admin("modes", {"status": "asynchronous"})
    calls, last_s = waited(crowd, service, 100)
    # One wait makes up to 20. The last listing of a hundred tasks takes further ones.
    assert calls <= 3 * 20 + 2 * 100
    assert LENGTH_S <= last_s <= 1.06 * LENGTH_S


def test_a_second_wait_of_the_process_knows_what_the_first_one_has_found_out(crowd: Crowd) -> None:
    crowd.cloud.admin("modes", {"status": "asynchronous"})
    group = next(group for service, group in crowd.process.poll_groups.items() if str(service) == "vod")
    assert group.odds == 0
    waited(crowd, "vod", 1)
    assert group.odds > 0
    _, last_s = waited(crowd, "vod", 1, "second-")
    assert last_s <= 1.05 * LENGTH_S + 2


def test_a_live_status_is_found_out_too(crowd: Crowd) -> None:
    waited(crowd, "vod", 1)
    group = next(group for service, group in crowd.process.poll_groups.items() if str(service) == "vod")
    assert group.odds < 0
