"""A DNS server that is silent, or cannot find out: the command ends, and says nothing of the name."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from cli.command_line import COMMAND
from pulumi_alicdn.cli.exit_codes import ExitCode
from support.measuring import measuring
from support.watched_process import WatchedProcess, all_ended

HOST: Final = "silent.example.com"
NO_NAMESPACES: Final = 77
ENDS_S: Final = 1.0 + 10.0 + 20.0
"""Seconds for a timeout of one second, and for a start on a busy machine. The system would wait for a minute."""

WORLD: Final = """\
ip link set lo up && mount --bind {resolver} /etc/resolv.conf || exit 77
{python} -c 'import socket
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
open("{ready}", "w").close()
while True:
    asked, who = server.recvfrom(512)
    if {fails}:
        server.sendto(asked[:2] + bytes([0x81, 0x82]) + asked[4:6] + bytes(6) + asked[12:], who)' &
server=$!
until [ -e {ready} ]; do kill -0 $server || exit 77; done
{command}
code=$?
kill $server
exit $code
"""
"""A network of its own, in which the only DNS server answers no question, or each one with SERVFAIL."""


@pytest.mark.skipif(shutil.which("unshare") is None or shutil.which("ip") is None, reason="needs namespaces of Linux")
@pytest.mark.parametrize(
    ("arguments", "code", "said", "fails"),
    [
        (["wait", "1", "--timeout", "1"], ExitCode.UNREACHABLE, f"no connection to {HOST}", False),
        (
            ["verify", f"https://{HOST}/a.js", "--sha256", "0" * 64, "--timeout", "1"],
            ExitCode.TIMEOUT,
            "had not answered when the time for the proof was up",
            False,
        ),
        (
            ["verify", f"https://{HOST}/a.js", "--sha256", "0" * 64, "--timeout", "1", "--edge", HOST],
            ExitCode.TIMEOUT,
            "had not answered when the time for the proof was up",
            False,
        ),
        (
            ["verify", f"https://{HOST}/a.js", "--sha256", "0" * 64, "--timeout", "1", "--edge", HOST],
            ExitCode.UNREACHABLE,
            "its name has no answer from DNS",
            True,
        ),
        (["doctor", HOST], ExitCode.UNREACHABLE, f"{HOST} has no answer from DNS", True),
        (
            ["tasks", "--service", "cdn", "--endpoint", "https://cdn.example.com"],
            ExitCode.DENIED,
            f"the proxy {HOST}:3128 that HTTPS_PROXY names has no answer from DNS; nothing was sent",
            True,
        ),
    ],
    ids=["wait", "verify", "verify an edge by its name", "a DNS server that fails", "doctor", "proxy"],
)
def test_a_command_ends_though_dns_knows_nothing(
    arguments: list[str], code: ExitCode, said: str, fails: bool, tmp_path: Path
) -> None:
    resolver, ready = tmp_path / "resolv.conf", tmp_path / "ready"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:30 attempts:2\n")
    script = WORLD.format(
        resolver=resolver,
        python=sys.executable,
        ready=ready,
        fails=fails,
        command=shlex.join([*COMMAND, *arguments]),
    )
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIcanary", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-secret"}
    environment = {**kept, **keys, **measuring(), "HOME": str(tmp_path), "ALICDN_ENDPOINT": f"https://{HOST}"}
    if "--endpoint" in arguments:
        environment["HTTPS_PROXY"] = f"http://{HOST}:3128"
    command = ["unshare", "--mount", "--net", "sh", "-c", script]
    (ended,) = all_ended([WatchedProcess(command, environment, tmp_path / "run")], ENDS_S)
    if ended.code == NO_NAMESPACES or "unshare" in ended.err:
        pytest.skip(f"no namespaces here: {ended.err}")
    assert (ended.code, said in ended.out + ended.err) == (code, True), ended.out + ended.err
