"""No secret of the configuration is in what Terraform stores, shows or logs at its most talkative."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from terraform.conftest import Workspace

CONFIGURATION = """
variable "access_key" { sensitive = true }
variable "secret_key" { sensitive = true }
variable "security_token" { sensitive = true }
variable "header" { sensitive = true }

provider "alicdn" {
  access_key     = var.access_key
  secret_key     = var.secret_key
  security_token = var.security_token
}

resource "alicdn_prefetch_task" "site" {
  service      = "cdn"
  object_paths = ["http://example.com/a.js"]
  headers      = { Authorization = var.header }
  triggers     = { version = "VERSION" }
}
"""
NAMES = ("access_key", "secret_key", "security_token", "header")


STORED = {"terraform.tfstate", "terraform.tfstate.backup"}
"""Where Terraform keeps what a resource is configured with, also what is sensitive."""


def forms(secret: str) -> Iterator[bytes]:
    """A secret as it is, and as it would look inside something encoded."""
    raw = secret.encode()
    yield from (raw, raw.hex().encode(), quote(secret, safe="").encode())
    yield from (base64.b64encode(b"\0" * shift + raw)[4:-4] for shift in range(3))


def test_no_secret_is_stored_shown_or_logged_whatever_happens(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    cloud.admin("origin", {"files": {"/a.js": "new"}})
    canaries = {name: f"canary{name.replace('_', '')}{secrets.token_hex(8)}" for name in NAMES}
    access, secret, token, header = canaries.values()
    keys = {"access_key_id": access, "access_key_secret": secret, "security_token": token}
    cloud.admin("account", {"sts": {**keys, "expires_in_s": 1e6}})
    made = workspaces("")
    log = made.folder.parent / "trace.log"
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        del made.environment[name]
    made.environment.update({f"TF_VAR_{name}": text for name, text in canaries.items()})
    made.environment.update({"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})

    def clean(where: str, content: bytes, *among: str) -> None:
        for name in among or NAMES:
            assert not [one for one in forms(canaries[name]) if one in content], f"{where} holds {name}"

    def run(version: str, code: int, expected: str, *command: str, fault: JsonObject | None = None) -> None:
        cloud.admin("faults", {"faults": [{"action": "PushObjectCache", **fault}] if fault else []})
        made.write(CONFIGURATION.replace("VERSION", version))
        ran = made.run(*(command or ("apply", "-auto-approve")))
        assert (ran.code, expected in ran.said) == (code, True), ran.said
        clean(f"the output of {version}", ran.said.encode())

    run("1", 1, "a.js: Failed, Internal Error", fault={"kind": "fail"})
    run("1", 0, "Apply complete")
    run("2", 2, "1 to change", "plan", "-detailed-exitcode")
    echo = {"kind": "error", "code": "InvalidHeader.Malformed", "message": f"no {secret} {token} {header}"}
    run("2", 1, "InvalidHeader.Malformed", fault=echo)
    made.environment["TF_VAR_secret_key"] = secret[::-1]
    run("2", 1, "SignatureDoesNotMatch")
    made.environment["TF_VAR_secret_key"] = secret
    run("2", 0, "Apply complete")
    run("2", 0, "alicdn_prefetch_task", "show")
    assert len(log.read_bytes()) > 100_000
    clean("the log", log.read_bytes())
    files = [one for one in made.folder.rglob("*") if one.is_file()]
    assert {one.name for one in files} > STORED
    for one in files:
        clean(one.name, one.read_bytes(), *(set(NAMES) - {"header"} if one.name in STORED else NAMES))
    sent = [json.loads(call["params"]["WithHeader"]) for call in _calls(cloud)]
    assert sent[0] == ["Authorization"], "the log of the cloud has the names only"


def _calls(cloud: Emulator) -> list[Any]:
    found: list[Any] = cloud.calls("PushObjectCache")
    return found
