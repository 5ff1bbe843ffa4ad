"""The block `provider` and the variables that stand for it, with the real Terraform."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import KEYS, Workspace

QUOTA = """
data "alicdn_refresh_quota" "today" {
  service = "cdn"
}
"""


def block(inside: str) -> str:
    return f'variable "later" {{\n  type = string\n}}\nprovider "alicdn" {{\n  {inside}\n}}\n{QUOTA}'


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ('endpoint = "http://cdn.example.com"', "plain http is for this machine only; write https://"),
        ('access_key = "canary"', "secret_key is not set, but access_key and secret_key go together"),
        ('secret_key = "canary"', "access_key is not set, but access_key and secret_key go together"),
        ('security_token = "canary"', "access_key is not set, but security_token goes together with a key pair"),
        ('endpoint = var.later\n  access_key = "id"\n  secret_key = var.later', ""),
    ],
)
def test_a_wrong_block_is_refused_on_its_line_before_anything_is_sent(
    inside: str, says: str, cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(block(inside)).without_keys()
    checked = made.run("validate")
    assert checked.code == (1 if says else 0), checked.said
    assert says in checked.said
    assert "canary" not in checked.said.replace('= "canary"', "")
    assert cloud.calls() == []


def test_the_variables_of_the_official_provider_are_read_and_sentences_name_attributes_or_the_variable(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(QUOTA)
    keys = (cloud.access_key_id, cloud.access_key_secret)
    for names in (
        ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
        KEYS,
        ("ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET"),
    ):
        planned = made.without_keys(**dict(zip(names, keys, strict=True))).run("plan")
        assert planned.code == 0, planned.said
    assert len(cloud.calls("DescribeRefreshQuota")) == len(cloud.calls())
    absent = made.without_keys().run("plan")
    assert absent.code == 1
    assert "name a profile of the aliyun command line in profile, or run where a RAM role" in absent.said
    half = made.without_keys(ALICLOUD_ACCESS_KEY="canary").run("plan")
    assert "secret_key is not set, but access_key and secret_key go together" in half.said
    nowhere = made.without_keys(ALIBABA_CLOUD_REGION="nowhere", ALICDN_ENDPOINT="").run("plan")
    assert "ALIBABA_CLOUD_REGION is 'nowhere', but cdn has: ap-northeast-1" in nowhere.said
    assert not any("alicdn:" in ran.said or "alicloud:" in ran.said for ran in (absent, half, nowhere))
