"""`python3` for the real engine: what it runs of Pulumi is forked from a process that has loaded Pulumi's modules.

The engine starts three Python processes for each `pulumi up`: the program, and two servers of dynamic resources. They
do what they always do, but load nothing. Tests of crashes, orphans and terminals go without this file.
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

_SHIM: Final = """\
#!{python} -IS
import json, os, signal, socket, struct, sys
given = sys.argv[1:]
unbuffered = given[:1] == ["-u"]
argv = given[unbuffered:]
if argv[:1] == ["-m"] and argv[1:2] and argv[1] in {modules}:
    argv = argv[1:]
elif not argv or not argv[0].endswith("/{script}"):
    os.execv("{python}", ["{python}", *given])
asked = dict(argv=argv, env=dict(os.environ), cwd=os.getcwd(), unbuffered=unbuffered)
content = json.dumps(asked).encode()
connection = socket.socket(socket.AF_UNIX)
connection.connect("{address}")
socket.send_fds(connection, [struct.pack("!I", len(content))], [0, 1, 2])
connection.sendall(content)
child = struct.unpack("!I", connection.recv(4, socket.MSG_WAITALL))[0]
def passed_on(number, frame):
    os.kill(child, number)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, passed_on)
code = struct.unpack("!i", connection.recv(4, socket.MSG_WAITALL))[0]
if code < 0:
    signal.signal(-code, signal.SIG_DFL) if code != -9 else None
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@cache
def shim_folder() -> str:
    """Return a folder for PATH whose `python3` has Pulumi's modules loaded."""
    folder = Path(tempfile.mkdtemp(prefix="shim-"))
    atexit.register(shutil.rmtree, folder)
    address = nursery("pulumi").address
    text = _SHIM.format(python=sys.executable, script=PULUMI_EXEC, modules=MODULES, address=address)
    for name in ("python", "python3"):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return str(folder)
