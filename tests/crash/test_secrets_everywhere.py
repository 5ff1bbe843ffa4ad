"""Canary credentials from each source through good and bad runs: in nothing that is kept, shown or passed on."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape as xml_escape

import pytest

from crash.processes import of_session
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import submits
from support.stack import Stack, eventually

KEY = "STS.CANARYKEYID0123456789"
SECRET = "canary/secret+9f8e7d6c5b4a"
TOKEN = "canary/sts+token==1a2b3c4d5e"
ASKED = "DescribeVodRefreshTasks"
VERBOSE = ("--logtostderr", "--logflow", "-v=9")
"""Not with credentials in the configuration: the engine's own log at this level shows what any provider is given."""

PROGRAM = """
release = alicdn.RefreshTask(
    "homepage",
    service="vod",
    object_paths=["https://media.example.com/index.m3u8"],
    triggers=[config.get("trigger")],
    timeout=config.get_float("timeout"),
)
pulumi.export("status", release.status)
"""


def from_environment(stack: Stack, _: Path, secret: str) -> None:
    stack.environment |= {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
    }


def from_profile(stack: Stack, home: Path, secret: str) -> None:
    keys = {"access_key_id": KEY, "access_key_secret": secret, "sts_token": TOKEN}
    profile = {"name": "canary", "mode": "StsToken", "region_id": "cn-shanghai", **keys}
    file = home / ".aliyun" / "config.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"current": "canary", "profiles": [profile]}))
    stack.configure(alicdn__profile="canary")


def from_configuration(stack: Stack, _: Path, secret: str) -> None:
    stack.configure_secret(alicloud__accessKey=KEY, alicloud__secretKey=secret, alicloud__securityToken=TOKEN)


def forms(canary: str) -> list[bytes]:
    """A secret as it is, and as it would look inside something encoded."""
    raw = canary.encode()
    shifted = [base64.b64encode(b"\0" * shift + raw)[4:-4] for shift in range(3)]
    return [raw, raw[::-1], raw.hex().encode(), quote(canary, safe="").encode(), *shifted]


FORMS = [form for canary in (KEY, SECRET, TOKEN) for form in forms(canary)]


def clean(where: str, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    found = [form for form in FORMS if form in content]
    assert not found, f"{where} holds {found}"


def clean_everywhere(stack: Stack, cloud: Emulator) -> None:
    """State, history, locks, whatever else lies in the backend and beside the program, and the cloud's log."""
    for path in stack.folder.rglob("*"):
        if path.is_file():
            clean(str(path), path.read_bytes())
    clean("the exported state", stack.run("stack", "export").expect_ok().output)
    clean("the log of calls", json.dumps(cloud.calls()))


@pytest.mark.parametrize(
    "given",
    [from_environment, from_profile, from_configuration],
    ids=["environment", "profile", "configuration"],
)
def test_credentials_leave_no_trace_whatever_happens(
    given: Callable[[Stack, Path, str], None],
    emulators: Callable[..., Emulator],
    stacks: Callable[..., Stack],
    tmp_path: Path,
) -> None:
    cloud = emulators(effect_s=1)
    home = tmp_path / "home"
    home.mkdir()

    def issue(expires_in_s: float = 1e6) -> None:
        keys = {"access_key_id": KEY, "access_key_secret": SECRET, "security_token": TOKEN}
        cloud.admin("account", {"sts": {**keys, "expires_in_s": expires_in_s}})

    issue()
    stack = stacks(PROGRAM, HOME=str(home), ALICDN_DEBUG="1")
    stack.configure(alicdn__endpoint=cloud.endpoint, timeout="3")
    given(stack, home, SECRET)

    def up(trigger: str, expected: str, *faults: JsonObject) -> None:
        verbose = () if given is from_configuration or trigger == "endpoint" else VERBOSE
        cloud.admin("faults", {"faults": list(faults)})
        stack.configure(trigger=trigger)
        ended = stack.run("up", "--yes", "--skip-preview", *verbose)
        readable = [line for line in ended.output.splitlines() if not line.startswith("{")]
        assert expected in ended.output, "\n".join(readable)
        clean(f"the output of {trigger!r}", ended.output)

    up("good", "+ 6 created")
    up("failed rows", "TaskFailedError", {"action": "RefreshVodObjectCaches", "kind": "fail"})
    up("no answer", "TaskTimeoutError", {"action": ASKED, "nth": 3, "kind": "reset-before", "times": -1})
    quoted = f"server string to sign is: AccessKeyId={KEY}&SecurityToken={TOKEN}, and not {SECRET}"
    up("quoted", "QuotesTheRequest", {"action": ASKED, "kind": "error", "code": "QuotesTheRequest", "message": quoted})
    encodings = (xml_escape, escape, json.dumps, quote, lambda text: base64.b64encode(text.encode()).decode())
    quoted = " ".join(encode(canary) for canary in (SECRET, TOKEN) for encode in encodings)
    up("encoded", "Encodes", {"action": ASKED, "kind": "error", "code": "Encodes", "message": quoted})
    cloud.admin("account", {"state": "suspended"})
    up("suspended", "OperationDenied.Suspended")
    cloud.admin("account", {"state": "active"})
    issue(expires_in_s=0)
    up("expired", "InvalidSecurityToken.Expired")
    issue()
    given(stack, home, SECRET[::-1])
    up("wrong secret", "SignatureDoesNotMatch")
    given(stack, home, SECRET)
    # From here on without the engine's own log: it shows what the stored properties of a provider were.
    stack.configure_secret(alicdn__endpoint=f"{cloud.endpoint}/?SecurityToken={TOKEN}&x={SECRET}#{KEY}")
    up("endpoint", "must be a host or https://HOST")
    stack.configure(alicdn__endpoint=cloud.endpoint)

    cloud.admin("clock", {"frozen": True})
    stack.configure(trigger="killed", timeout="600")
    before, asked = len(submits(cloud)), len(cloud.calls(ASKED))
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(submits(cloud)) > before and len(cloud.calls(ASKED)) >= asked + 4, "a wait under way")
    running = of_session(child.pid)
    assert len([one for one in running if one.is_provider]) == 2
    for one in running:
        clean("a process list", one.arguments)
    os.kill(child.pid, signal.SIGKILL)
    clean("the output of what was killed", child.communicate(timeout=60)[0])
    clean_everywhere(stack, cloud)
