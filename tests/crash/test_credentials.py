"""Temporary credentials that end in the middle of a wait: renewed in the profile, the wait goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack, eventually

ASKED = "DescribeVodRefreshTasks"
EXPIRED = "InvalidSecurityToken.Expired"
PROGRAM = """
release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""


class Renewed:
    """A profile of the aliyun command line whose token somebody renews, and the account that issues it."""

    def __init__(self, cloud: Emulator, home: Path) -> None:
        self._cloud = cloud
        self._file = home / ".aliyun" / "config.json"
        self._file.parent.mkdir(parents=True)
        self._issued = 0

    def issue(self, expires_in_s: float) -> None:
        """Write new keys, good for so many seconds of the cloud's clock."""
        self._issued += 1
        keys = {
            "access_key_id": f"STS.CANARY{self._issued}",
            "access_key_secret": f"canary-secret-{self._issued}",
        }
        token = f"canary-token-{self._issued}"
        self._cloud.admin("account", {"sts": {**keys, "security_token": token, "expires_in_s": expires_in_s}})
        profile = {"name": "deploy", "mode": "StsToken", "region_id": "cn-shanghai", "sts_token": token, **keys}
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps({"current": "deploy", "profiles": [profile]}))
        written.replace(self._file)


def deployed(cloud: Emulator, stacks: Callable[..., Stack], home: Path) -> Stack:
    stack = stacks(PROGRAM, HOME=str(home))
    stack.configure(alicdn__endpoint=cloud.endpoint, alicdn__profile="deploy")
    return stack


def test_a_token_that_is_renewed_before_it_ends_is_taken_up_in_the_middle_of_a_wait(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], tmp_path: Path
) -> None:
    cloud = emulators(effect_s=3000)
    profile = Renewed(cloud, tmp_path)
    profile.issue(expires_in_s=900)
    stack = deployed(cloud, stacks, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(stack.up)
        for renewal in range(1, 4):
            eventually(lambda: len(submits(cloud)) == 1, "a submit")
            seen = len(cloud.calls(ASKED))
            eventually(lambda: len(cloud.calls(ASKED)) >= seen + 2, "a wait under way")  # noqa: B023
            profile.issue(expires_in_s=900 * (renewal + 1))
            cloud.advance(900)
        cloud.advance(3000 - 2 * 900)
        profile.issue(expires_in_s=900)
        running.result(120).expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1
    assert "canary" not in stack.state()


def test_a_token_that_has_ended_fails_the_wait_and_the_next_up_goes_on_with_a_new_one(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], tmp_path: Path
) -> None:
    cloud = emulators(effect_s=600)
    profile = Renewed(cloud, tmp_path)
    profile.issue(expires_in_s=300)
    stack = deployed(cloud, stacks, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(stack.up)
        eventually(lambda: len(submits(cloud)) == 1 and len(cloud.calls(ASKED)) >= 4, "a wait under way")
        cloud.advance(300)
        said = running.result(120).expect_failure().output

    assert "the STS token has expired" in said
    assert EXPIRED in said
    assert "canary" not in said.lower()
    cloud.advance(300)
    profile.issue(expires_in_s=300)
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1
