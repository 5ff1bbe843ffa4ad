"""What a plan of the real Terraform finds out before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace, task

TWO = task("1") + task("1", name="other", folder="other")
OTHERS = """
resource "alicdn_task_completion" "theirs" {
  service  = "cdn"
  task_ids = ["1"]
}

resource "alicdn_asset_release" "site" {
  directory = "."
  include   = ["*.tf"]
  base_urls = ["http://example.com/"]
  SERVICE
}
"""


def test_a_plan_looks_for_credentials_and_quota_once_and_only_where_something_is_submitted(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(OTHERS.replace("SERVICE", 'service = "cdn"'))
    for named in (True, False):
        made.write(OTHERS.replace("SERVICE", 'service = "cdn"' if named else ""))
        absent = made.without_keys().run("plan")
        assert absent.code == 1
        said = absent.said.split("Error: ")[1:]
        assert [one.count("no Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID") for one in said] == [1, 1]
        for one in said:
            assert "Nothing is submitted without them" in one, one
    made.write(TWO)
    absent = made.without_keys().run("plan")
    assert absent.code == 1
    assert "Error: no Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID" in absent.said
    assert "Nothing is submitted without them" in absent.said
    assert cloud.calls() == []

    cloud.admin("quota", {"UrlRemain": 3})
    short = made.run("plan")
    assert short.code == 0, short.said
    assert "today's cdn quota does not suffice: 3 of " in short.said
    assert "the tasks of this plan that were counted so far need 4" in short.said
    assert [call["action"] for call in cloud.calls()] == ["DescribeRefreshQuota"]

    cloud.admin("quota", {"UrlRemain": 4})
    applied = made.run("apply", "-auto-approve")
    assert applied.code == 0, applied.said
    assert "quota" not in applied.said
    assert len(cloud.calls("DescribeRefreshQuota")) == 3, "once by a plan, and twice by an apply, which plans again"
    before = len(cloud.calls())
    unchanged = made.without_keys().run("plan", "-detailed-exitcode")
    assert unchanged.code == 0, unchanged.said
    assert len(cloud.calls()) == before

    # Credentials may be allowed to submit and not to read the quota; what is submitted may be known later only.
    cloud.admin("account", {"denied_actions": ["DescribeRefreshQuota"]})
    made.write(task("2"))
    planned = made.run("plan")
    assert planned.code == 0, planned.said
    assert "quota" not in planned.said
    later = 'resource "terraform_data" "later" {\n  input = "http://127.0.0.1:1"\n}\n'
    made.write(later + 'provider "alicdn" {\n  endpoint = terraform_data.later.output\n}\n' + task("2"))
    before = len(cloud.calls())
    unknown = made.without_keys().run("plan")
    assert unknown.code == 0, unknown.said
    assert "1 to add, 1 to change, 1 to destroy" in unknown.said
    assert "quota" not in unknown.said
    assert len(cloud.calls()) == before


WRONG = """
resource "alicdn_refresh_task" "site" {
  service      = "cdn"
  object_paths = [
    "http://example.com/a.js",
    "example.com/b.js",
  ]
  on_timeout = "sometimes"
  timeouts {
    create = "0s"
    update = "soon"
  }
}

resource "alicdn_prefetch_task" "site" {
  service      = "cdn"
  object_paths = ["http://example.com/a.js"]
  headers      = { "X-Odd" = "a\\nb" }
  timeouts {
    update = "25h"
  }
}

resource "alicdn_task_completion" "site" {
  service  = "cdn"
  task_ids = ["1", "a b"]
  timeouts {
    create = "25h"
  }
}

resource "alicdn_asset_release" "site" {
  service      = "cdn"
  directory    = "."
  base_urls    = ["http://example.com/"]
  verify       = "sometimes"
  resolve      = { "example.com" = ["127.0.0.1:99999"] }
  proof_budget = { requests = 0 }
  url_auth     = { type = "Z", key = "canary" }
  request_headers = { "Host" = "canary" }
  timeouts {
    create = "later"
  }
}
"""


def test_a_wrong_value_in_a_block_a_list_or_a_map_is_named_with_its_path(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    refused = workspaces(WRONG).run("validate")
    assert refused.code == 1
    for sentence in (
        "timeouts.create is '0s', but must be a duration above 0 and up to 24h",
        "timeouts.update is 'soon', but must be a duration above 0 and up to 24h",
        "timeouts.update is '25h', but must be",
        "timeouts.create is '25h', but must be",
        "timeouts.create is 'later', but must be",
        "on_timeout is 'sometimes', but must be one of: fail, continue",
        "object_paths[1] is 'example.com/b.js'",
        "headers['X-Odd'] must be text on one line",
        "task_ids[1] is 'a b', but must be one id of the service",
        "verify is 'sometimes', but must be one of: ",
        "resolve['example.com'][0] is '127.0.0.1:99999', but must be an edge",
        "proof_budget.requests is 0, but must be a whole number",
        "url_auth['type'] is 'Z', but must be one of: A, B, C",
        "request_headers may not name 'Host'",
    ):
        assert sentence in refused.said, refused.said
    lines = dict(re.findall(r"Error: (\S+) .*?, on main.tf line (\d+)", refused.said))
    text = ("\n" * 5 + WRONG).splitlines()
    for name, at in lines.items():
        assert re.match(r" *(\w+ *=|\")", text[int(at) - 1]), f"{name} is shown on the line {text[int(at) - 1]}"
    assert "canary" not in refused.said.replace('"canary"', "")
    assert cloud.calls() == []
