"""AssetRelease whose addresses are made by the same program: a domain, a bucket, a key of another resource."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.site import BASE, Site
from support.stack import Stack

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]

CANARY = "canary-7c0d-of-the-secret"
EFFECT_S = 0.3

RESOURCES = '''
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("made", {**props, "address": props["given"]})
    def update(self, id, olds, news):
        return UpdateResult({**news, "address": news["given"]})
    def diff(self, id, olds, news):
        return DiffResult(changes=olds["given"] != news["given"])

class Made(Resource):
    """Stands for a domain or a bucket: its address is known once it has been made."""
    address: pulumi.Output
    def __init__(self, name, given, opts=None):
        super().__init__(Provider(), name, {"given": given, "address": None}, opts)

class Announced(Resource):
    address: pulumi.Output
    def __init__(self, name, given, opts=None):
        super().__init__(Provider(), name, {"given": given, "address": None}, opts)
'''


def program(**options: str) -> str:
    given = "".join(f", {name}={value}" for name, value in options.items())
    return f"""{RESOURCES}
domain = Made("domain", config.require("base"))
bucket = Made("bucket", config.require("origin"))
site = alicdn.AssetRelease("site", service="cdn", directory="dist", edges=json.loads(config.require("edges")),
                           base_url=domain.address, origin=bucket.address, proof_patience=0{given})
Announced("announce", site.status, pulumi.ResourceOptions(depends_on=[site]))
Announced("also", "x", pulumi.ResourceOptions(depends_on=[site]))
for name in ("status", "changed", "refreshed"):
    pulumi.export(name, getattr(site, name))
"""


@pytest.fixture
def site(emulators: Emulators, stacks: Stacks, origin: Path) -> Site:
    cloud = emulators(origin=origin, effect_s=EFFECT_S, access_key_secret=CANARY)
    ours = Site(stacks("", cloud), cloud, origin)
    ours.stack.configure(
        base=BASE, origin=cloud.origin, edges='["' + '","'.join(e.removeprefix("http://") for e in cloud.edges) + '"]'
    )
    return ours


def test_a_domain_and_a_bucket_of_the_same_program(site: Site) -> None:
    site.stack.write(program())
    site.put(a="1", b="1")

    planned = site.stack.preview().expect_ok().output
    assert "first release of 2 files; base_urls is not known yet" in planned
    site.stack.up().expect_ok()
    assert site.submitted() == [("RefreshObjectCaches", {f"{BASE}a.txt", f"{BASE}b.txt"})]
