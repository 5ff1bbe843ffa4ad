"""A release without `service` on the real engine: the service of its domains is asked for once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.site import BASE, Site
from support.stack import Stack

DETAILS = {"DescribeCdnDomainDetail", "DescribeVodDomainDetail"}


def test_the_service_is_that_of_the_domain_and_is_asked_for_once(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = emulators(origin=origin, effect_s=0.3)
    ours = Site(stacks("", cloud), cloud, origin, service=None)
    domain = BASE.split("/")[2]
    ours.write({"a.js": "1"})

    both = ours.stack.preview().expect_failure().output
    assert f"{domain} is a domain of vod and of cdn: choose one of them as the service" in both

    cloud.admin("domain-settings", {"settings": {domain: {"service": "vod"}}})
    assert "1 RefreshVodObjectCaches call" in ours.stack.preview().expect_ok().output
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshVodObjectCaches", {f"{BASE}a.js"})]

    asked = sum(call["action"] in DETAILS for call in cloud.calls())
    ours.write({"a.js": "2"})
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshVodObjectCaches", {f"{BASE}a.js"})]
    assert sum(call["action"] in DETAILS for call in cloud.calls()) == asked
