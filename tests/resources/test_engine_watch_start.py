"""The watch begins while Python starts: a tool that measures threads must not run in its thread."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

MEASURED = """
import sys, threading

traced = []
threading.settrace(lambda frame, event, value: traced.append(frame.f_code.co_name))
from pulumi_alicdn.resources.engine.engine_watch import watch_provider_process
watch_provider_process()
sys.stdin.readline()
print(traced)
"""


IMPORTING = """
import sys
from pulumi_alicdn.resources.engine.engine_watch import require_listener

before = set(sys.modules)
require_listener(sys.argv[1])
print(sorted(set(sys.modules) - before))
"""


def test_a_measuring_tool_is_not_called_in_the_thread_of_the_watch() -> None:
    """Coverage takes back, there, what the main thread imports meanwhile: Pulumi's process would end."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        command = [sys.executable, "-c", MEASURED, f"127.0.0.1:{engine.getsockname()[1]}"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            engine.accept()[0].close()  # the thread has begun
            out, _ = process.communicate("\n", timeout=60)
    assert (out, process.returncode) == ("[]\n", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_watch_imports_nothing_that_a_measuring_tool_could_take_back(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as engine:
        command = [sys.executable, "-c", IMPORTING, f"{host}:{engine.getsockname()[1]}"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "[]\n"
