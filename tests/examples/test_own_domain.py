"""The example own-domain: pulumi-alicloud's own classes under Pulumi's mocks, and a release at an emulator's edges."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.projects import EXAMPLES

KEY = "canaryKey1a2b3c4d5e6f"
DOMAIN = "www.example.com"
BASE = f"https://{DOMAIN}/"

Program = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(emulators: Callable[..., Emulator], origin: Path) -> Emulator:
    """The cloud of the example: its bucket has the files, and its edges check signed URLs."""
    for file in (EXAMPLES / "own-domain" / "dist").iterdir():
        shutil.copy(file, origin)
    found = emulators(origin=origin, effect_s=0.3, edges=2)
    found.admin("url-auth", {"url_auth": {DOMAIN: {"type": "A", "key": KEY}}})
    return found


@pytest.fixture
def run(cloud: Emulator, tmp_path: Path) -> Program:
    folder = tmp_path / "own-domain"
    shutil.copytree(EXAMPLES / "own-domain", folder)
    host, _, port = cloud.origin.removeprefix("http://").partition(":")
    # What OSS computes: here, bucket and endpoint together are the address of the emulator's origin.
    bucket, endpoint = host.partition(".")[0], f"{host.partition('.')[2]}:{port}"
    config = {
        "own-domain:domain": DOMAIN,
        "own-domain:key": KEY,
        "own-domain:scheme": "http",
        "own-domain:edges": json.dumps([edge.removeprefix("http://") for edge in cloud.edges]),
    }
    computed = {"alicloud:oss/bucket:Bucket": {"bucket": bucket, "extranetEndpoint": endpoint}}

    def once(*, preview: bool) -> dict[str, Any]:
        asked = {"preview": preview, "config": config, "secret": ["own-domain:key"], "computed": computed}
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "MOCKED": json.dumps(asked),
            **cloud.environment(),
        }
        done = subprocess.run(
            [sys.executable, "-m", "support.mocked_program", str(folder)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return once


def kinds(found: dict[str, Any]) -> list[str]:
    return [type_.rpartition(":")[2] for type_, _, _ in found["resources"]]


def test_a_preview_shows_the_files_before_the_bucket_has_an_address(cloud: Emulator, run: Program) -> None:
    found = run(preview=True)
    assert {"Bucket", "BucketObject", "DomainNew", "DomainConfig", "Proof"} <= set(kinds(found))
    assert found["outputs"]["status"] == "unknown"
    assert any("first release of 2 files" in line for line in found["said"])
    assert submits(cloud) == []


def test_a_deployment_releases_at_the_domain_that_it_makes(cloud: Emulator, run: Program) -> None:
    found = run(preview=False)
    urls = [f"{BASE}app.js", f"{BASE}index.html", BASE]
    assert found["outputs"]["status"] == "live"
    assert sorted(found["outputs"]["refreshed"]) == sorted(urls)
    (submit,) = submits(cloud)
    assert sorted(str(submit["params"]["ObjectPath"]).splitlines()) == sorted(urls)
    order = kinds(found)
    assert order.index("DomainConfig") < order.index("Intent") < order.index("Proof")
    assert [one["fresh"] for one in found["outputs"]["edges"]] == [3, 3]
