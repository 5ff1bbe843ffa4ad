"""Programs that real engines start, forked from a process that has loaded their modules (:mod:`support.nursery`).

Pulumi's engine starts three Python processes for each `pulumi up`: the program, and two servers of dynamic resources.
Terraform starts the provider two or three times for each `terraform apply`. They do what they always do, but load
nothing. Tests of crashes, orphans and terminals go without this file.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from support.nursery import nursery
from support.nursery_program import MODULES, PULUMI_EXEC

_ASKS: Final = """\
asked = dict(argv=argv, env=dict(os.environ), cwd=os.getcwd(), unbuffered=unbuffered)
content = json.dumps(asked).encode()
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
socket.send_fds(connection, [struct.pack("!I", len(content))], [0, 1, 2])
connection.sendall(content)
child = struct.unpack("!I", connection.recv(4, socket.MSG_WAITALL))[0]
def passed_on(number, frame):
    os.kill(child, number)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, passed_on)
parent = os.getppid()
connection.settimeout(0.5)
def ended():
    while True:
        try:
            return connection.recv(4)
        except TimeoutError:
            if {ends} and os.getppid() != parent:
                os._exit(1)
code = struct.unpack("!i", ended())[0]
if code < 0:
    signal.signal(-code, signal.SIG_DFL) if code != -9 else None
    os.kill(os.getpid(), -code)
os._exit(code)
"""
"""What asks a nursery for a child, with the streams, environment and folder of this process, and ends as it does."""

_PYTHON: Final = """\
#!{python} -IS
import json, os, signal, socket, struct, sys
given = sys.argv[1:]
unbuffered = given[:1] == ["-u"]
argv = given[unbuffered:]
if argv[:1] == ["-m"] and argv[1:2] and argv[1] in {modules}:
    argv = argv[1:]
elif not argv or not argv[0].endswith("/{script}"):
    os.execv("{python}", ["{python}", *given])
"""
"""A `python3` that asks for what Pulumi's engine runs, and runs all else itself."""

_PROVIDER: Final = """\
#!{python} -IS
import json, os, signal, socket, struct, sys
argv, unbuffered = sys.argv, False
"""
"""The program `terraform-provider-alicdn`. Like it, it ends with the Terraform that started it."""


@cache
def shim_folder() -> str:
    """Return a folder for PATH whose `python3` has Pulumi's modules loaded."""
    text = _PYTHON.format(python=sys.executable, script=PULUMI_EXEC, modules=MODULES)
    return _folder(text + _ASKS.format(address=nursery("pulumi").address, ends=False), "python", "python3")


@cache
def provider_folder() -> str:
    """Return a folder whose `terraform-provider-alicdn` has its modules loaded."""
    text = _PROVIDER.format(python=sys.executable)
    asks = _ASKS.format(address=nursery("terraform").address, ends=True)
    return _folder(text + asks, "terraform-provider-alicdn")


def _folder(text: str, *names: str) -> str:
    folder = Path(tempfile.mkdtemp(prefix="shim-"))
    atexit.register(shutil.rmtree, folder)
    for name in names:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return str(folder)
