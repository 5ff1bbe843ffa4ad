"""A network of its own for one command: the only DNS server in it is the emulator's, and nodes have the usual port.

So a program that knows nothing of emulators finds the nodes of `http://cdn.example.com` as it would find real ones.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from support.measuring import measuring
from support.watched_process import Watched, WatchedProcess, all_ended

ENDPOINT: Final = "http://127.0.0.1:8080"
"""Where the API answers in that network, and the admin calls."""

_NO_NAMESPACES: Final = 77
_ENDS_S: Final = 120.0

_SCRIPT: Final = """\
cd {folder}
ip link set lo up && mount --bind resolv.conf /etc/resolv.conf || exit 77
mkfifo input
{emulator} <input >ready &
exec 3>input
until [ -s ready ]; do kill -0 $! || exit 77; sleep 0.05; done
{command}
"""
"""The emulator ends with the script: nothing else holds its standard input."""


def run_in_own_network(folder: Path, site: Path, command: Sequence[str], *, nodes: int = 24) -> Watched:
    """Run *command* beside an emulator whose origin serves *site*; skip the test where there are no namespaces.

    The command has the access key and the endpoint of the emulator in its environment, and *folder* as its own.
    """
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    emulator = [
        *(sys.executable, "-m", "pulumi_alicdn.emulator", "--until-stdin-closes", "--origin", str(site)),
        *("--nodes", str(nodes), "--node-port", "80", "--dns-port", "53", "--port", ENDPOINT.rpartition(":")[2]),
    ]
    script = _SCRIPT.format(folder=folder, emulator=shlex.join(emulator), command=shlex.join(command))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    keys = {
        f"{owner}_ACCESS_KEY_{part}": f"local-{part}"
        for owner in ("ALICDN_EMULATOR", "ALIBABA_CLOUD")
        for part in ("ID", "SECRET")
    }
    environment = {**kept, **keys, **measuring(), "HOME": str(folder), "ALICDN_ENDPOINT": ENDPOINT}
    try:
        watched = WatchedProcess(
            ["unshare", "--mount", "--net", "sh", "-c", script], environment, folder / "own-network"
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here, which makes namespaces on Linux")
    (ended,) = all_ended([watched], _ENDS_S)
    if ended.code == _NO_NAMESPACES or "unshare" in ended.err:
        pytest.skip(f"no namespaces here: {ended.err}")
    return ended
