"""AssetRelease whose addresses and secrets come from resources of the same program: known only during the update."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.site import BASE, Site
from support.stack import Stack

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]

CANARY = "canary7c0d1e2f"
KEY = "canaryKey1a2b3c4d5e6f"

RESOURCES = '''
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("made", {**props, "address": props["given"]})
    def update(self, id, olds, news):
        return UpdateResult({**news, "address": news["given"]})
    def diff(self, id, olds, news):
        return DiffResult(changes=olds["given"] != news["given"])

class Made(Resource, name="Made"):
    """Stands for a domain, a bucket or a key: its address is known once it has been made."""
    address: pulumi.Output
    def __init__(self, name, given, opts=None):
        super().__init__(Provider(), name, {"given": given, "address": None}, opts)

def made(name):
    return Made(name, config.require(name)).address
'''

SITE = f"""{RESOURCES}
site = alicdn.AssetRelease(
    "site", service="cdn", directory="dist", proof_patience=0, edges=json.loads(config.require("edges")),
    OPTIONS
)
Made("announce", "x", pulumi.ResourceOptions(depends_on=[site]))
for name in ("status", "changed", "refreshed"):
    pulumi.export(name, getattr(site, name))
"""
SAME_PROGRAM = 'base_url=made("base"), origin=made("origin"),'


@pytest.fixture
def site(emulators: Emulators, stacks: Stacks, origin: Path) -> Callable[..., Site]:
    """Make one site whose program has these options."""

    def make(options: str = SAME_PROGRAM) -> Site:
        cloud = emulators(origin=origin, effect_s=0.3, edges=2)
        ours = Site(stacks("", cloud), cloud, origin)
        ours.stack.write(SITE.replace("OPTIONS", options))
        edges = [edge.removeprefix("http://") for edge in cloud.edges]
        ours.stack.configure(base=BASE, origin=cloud.origin, edges=json.dumps(edges))
        return ours

    return make


def test_a_domain_and_a_bucket_of_the_same_program(site: Callable[..., Site]) -> None:
    ours = site()
    ours.put(a="1", b="1")

    planned = ours.stack.preview().expect_ok().output
    assert "first release of 2 files; base_urls is not known yet, and so are the URLs" in planned
    assert ours.cloud.calls("RefreshObjectCaches") == []

    up = ours.stack.up().expect_ok().output
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt", f"{BASE}b.txt"})]
    assert ours.stack.outputs() == {
        "status": "live",
        "changed": ["a.txt", "b.txt"],
        "refreshed": [f"{BASE}a.txt", f"{BASE}b.txt"],
    }
    # What depends on the release waits for it, although its steps were made late.
    assert up.index("Proof site created") < up.index("Made announce creating")
    before = len(ours.cloud.calls())
    assert ours.stack.up().expect_ok().changes() == {"unchanged": 13}
    assert len(ours.cloud.calls()) == before

    # The addresses are known now, and the plan is whole.
    ours.put(a="2")
    assert "1 of 2 files changed (0 added, 1 changed, 0 removed): 1 RefreshObjectCaches call for 1 URL" in (
        ours.stack.preview().expect_ok().output
    )
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt"})]


def test_a_domain_that_changes_is_a_first_release_there(site: Callable[..., Site]) -> None:
    ours = site()
    ours.put(a="1")
    ours.stack.up().expect_ok()
    ours.submitted()
    ours.stack.configure(base="https://other.example.com/")
    planned = ours.stack.preview()
    assert "no file changed; base_urls is not known yet" in planned.expect_ok().output
    assert "to delete" not in planned.output
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {"https://other.example.com/a.txt"})]


def test_every_option_may_come_from_another_resource(site: Callable[..., Site]) -> None:
    ours = site(
        'base_urls=[made("base"), "https://static.example.com/"], origin=made("origin"), origin_host=made("host"), '
        'summary_file=made("summary"), report_file=made("report"), triggers=[made("trigger"), 1], '
        'resolve={"static.example.com": [made("edge")]}, '
        'url_auth={"type": "A", "key": made("key")}, request_headers={"X-Token": made("token")},'
    )
    ours.stack.configure(
        host="www.example.com",
        summary="summary.md",
        report="report.html",
        trigger="1",
        edge=ours.cloud.edges[0].removeprefix("http://"),
        key=KEY,
        token=CANARY,
    )
    ours.cloud.admin("url-auth", {"url_auth": {"www.example.com": {"type": "A", "key": KEY}}})
    ours.put(a="1")
    ours.stack.preview().expect_ok()
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt", "https://static.example.com/a.txt"})]
    assert (ours.stack.folder / "summary.md").exists()
    assert (ours.stack.folder / "report.html").exists()
    (record,) = [one for one in ours.stack.resources() if one["type"].endswith(":Proof")]
    for held in (record["inputs"], record["outputs"]):
        assert KEY not in json.dumps(held)
        assert CANARY not in json.dumps(held)

    before = len(ours.cloud.calls())
    assert set(ours.stack.up().expect_ok().changes()) == {"unchanged"}
    assert len(ours.cloud.calls()) == before
    # A trigger that is known only during the update submits again then.
    ours.stack.configure(trigger="2")
    ours.stack.preview().expect_ok()
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt", "https://static.example.com/a.txt"})]


def test_secret_addresses_stay_secret(site: Callable[..., Site]) -> None:
    ours = site('base_url=config.require_secret("url"), origin=config.require_secret("bucket"),')
    ours.stack.configure_secret(url=f"https://{CANARY}.example.com/", bucket=ours.cloud.origin)
    ours.put(a="1")
    for command in (("preview", "--diff"), ("up", "--yes", "--skip-preview", "--diff"), ("up", "--yes", "--diff")):
        assert CANARY not in ours.stack.run(*command).expect_ok().output
    assert CANARY not in ours.stack.state()
    assert ours.submitted() == [("RefreshObjectCaches", {f"https://{CANARY}.example.com/a.txt"})]
    assert ours.stack.outputs() == {"status": "live", "changed": [], "refreshed": "[secret]"}

    ours.put(upload=False, a="2")
    failed = ours.stack.up("--diff").expect_failure().output
    assert CANARY not in failed
    assert "the origin does not have the release" in failed
    ours.upload()
    ours.stack.up().expect_ok()
    assert CANARY not in ours.stack.state()


def test_a_wrong_address_is_one_sentence_and_nothing_is_submitted(site: Callable[..., Site]) -> None:
    ours = site('base_url=made("base"), origin=pulumi.Output.secret(made("origin")),')
    ours.stack.configure(base="ftp://www.example.com/", origin=f"{CANARY}.invalid")
    ours.put(a="1")
    ours.stack.preview().expect_ok()
    said = ours.stack.up().expect_failure().output
    assert "site: base_urls[0] is 'ftp://www.example.com/', but" in said
    assert "origin is" in said
    assert CANARY not in said.replace(str(ours.stack.folder), "").split("Diagnostics:")[1]
    assert ours.cloud.calls("RefreshObjectCaches") == []
    ours.stack.configure(base=BASE, origin=ours.cloud.origin)
    ours.stack.up().expect_ok()
    assert ours.stack.outputs()["status"] == "live"


def test_triggers_that_are_not_known_at_all_are_assumed_to_be_the_same(site: Callable[..., Site]) -> None:
    ours = site('base_url=config.require("base"), triggers=made("trigger").apply(lambda one: [one, one]),')
    ours.put(a="1")
    ours.stack.configure(trigger="1")
    ours.stack.up().expect_ok()
    ours.submitted()
    ours.stack.configure(trigger="2")
    assert "1 RefreshObjectCaches call" not in ours.stack.preview().expect_ok().output
    assert "nothing changed since the last release, which is done again" in ours.stack.up().expect_ok().output
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt"})]
