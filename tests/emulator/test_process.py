"""The process: its announcement, its options, and how it ends."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vod20170321 import models
from alibabacloud_vod20170321.client import Client as VodClient
from click.testing import CliRunner

import pulumi_alicdn.emulator.running as running_module
from emulator.refused import code_of
from pulumi_alicdn.emulator.command import command
from pulumi_alicdn.emulator.running import Emulator, EmulatorError, start

ROOT = Path(running_module.__file__).parents[2]


def spawn(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pulumi_alicdn.emulator", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
    )


def client(emulator: Emulator) -> VodClient:
    environment = emulator.environment()
    return VodClient(
        Config(
            access_key_id=environment["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            endpoint=environment["ALICDN_ENDPOINT"].removeprefix("http://"),
            protocol="http",
        )
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(number: int) -> None:
    with spawn("--edges", "2", ALICDN_EMULATOR_ACCESS_KEY_ID="me", ALICDN_EMULATOR_ACCESS_KEY_SECRET="mine") as child:
        assert child.stdout is not None
        announcement = json.loads(child.stdout.readline())
        addresses = {"endpoint", "edges", "node_port", "dns", "resolver", "origin"}
        assert set(announcement) == {*addresses, "access_key_id", "access_key_secret", "pid"}
        assert announcement["pid"] == child.pid
        assert (announcement["access_key_id"], announcement["access_key_secret"]) == ("me", "mine")
        assert len(announcement["edges"]) == 2
        idle = http.client.HTTPConnection(announcement["endpoint"].removeprefix("http://"), timeout=10)
        idle.request("GET", "/_emulator/clock")
        idle.getresponse().read()
        origin_rule = json.dumps({"rules": [{"path": "/slow", "delay_s": 60}]})
        idle.request("POST", "/_emulator/origin", origin_rule, {"Content-Type": "application/json"})
        idle.getresponse().read()
        waiting = http.client.HTTPConnection(announcement["origin"].removeprefix("http://"), timeout=10)
        waiting.request("GET", "/slow")
        child.send_signal(number)
        # The slow answer would come after 60 s: an emulator that waits for it does not end within 30 s.
        output, complaints = child.communicate(timeout=30)
        assert (child.returncode, output, complaints) == (0, b"", b"")
        idle.close()
        waiting.close()


def test_it_ends_with_its_parent() -> None:
    with spawn("--until-stdin-closes") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline()
        child.stdin.close()
        assert child.wait(30) == 0


@pytest.mark.parametrize("standard_input", ["</dev/null", "<&-"])
def test_an_input_that_cannot_close_is_refused_with_what_to_do(standard_input: str) -> None:
    words = [sys.executable, "-m", "pulumi_alicdn.emulator", "--until-stdin-closes"]
    started = ["sh", "-c", f"{shlex.join(words)} {standard_input}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(started, env=environment, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"--until-stdin-closes needs a pipe or a terminal as standard input" in ended.stderr
    assert b"Leave the option out" in ended.stderr


def test_its_lines_for_a_shell_set_what_clients_read_and_nothing_else() -> None:
    secret = 'it\'s $(me) \\ "quoted"'
    with spawn("--env", "--edges", "2", ALICDN_EMULATOR_ACCESS_KEY_SECRET=secret) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline().decode() for _ in range(6)]
        child.terminate()
        assert child.communicate(timeout=30)[0] == b""
    done = subprocess.run(["bash", "-c", "".join([*lines, "env -0"])], env={}, capture_output=True, check=True)
    found = dict(pair.split("=", 1) for pair in done.stdout.decode().split("\0") if pair.startswith("AL"))
    assert set(found) == {
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALICDN_EMULATOR_EDGES",
        "ALICDN_EMULATOR_ORIGIN",
        "ALICDN_ENDPOINT",
        "ALICDN_NODE_PORT",
    }
    assert found["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] == secret
    assert len(json.loads(found["ALICDN_EMULATOR_EDGES"])) == 2


def test_the_library_ends_what_it_started() -> None:
    with start(edges=1) as emulator:
        os.kill(emulator.pid, 0)
        assert emulator.access_key_secret not in repr(emulator)
    with pytest.raises(ProcessLookupError):
        os.kill(emulator.pid, 0)


def test_a_port_that_is_taken() -> None:
    with start(edges=1) as emulator, spawn("--port", emulator.endpoint.rpartition(":")[2]) as child:
        _, complaints = child.communicate(timeout=30)
        assert child.returncode == 1
        assert complaints.startswith(b"Error: The emulator cannot run with --port")
        assert complaints.count(b"\n") == 1
    with pytest.raises(EmulatorError, match="did not start"), start(domains=["not a domain"]):
        pass


def test_five_hundred_nodes_start_in_one_process_below_150_mb() -> None:
    with start(edges=1, nodes=500) as emulator:
        last = emulator.nodes[-1]
        assert (last["name"], len(emulator.nodes)) == ("edge-499", 500)
        assert emulator.at_node(str(last["address"]), "https://a.example.com/none").headers["x-edge"] == "edge-499"
        memory = Path(f"/proc/{emulator.pid}/status").read_text().partition("VmRSS:")[2].split()
        assert int(memory[0]) < 150_000, memory[:2]


def test_the_edges_are_nodes_too() -> None:
    refused = CliRunner().invoke(command, ["--edges", "3", "--nodes", "2"])
    assert refused.exit_code == 2
    assert "The edges are nodes, too: there are 3 at least." in refused.output


def test_only_named_domains() -> None:
    with start(edges=1, domains=["a.example.com", "B.example.com"]) as emulator:
        vod = client(emulator)

        def refresh(domain: str) -> object:
            return vod.refresh_vod_object_caches(models.RefreshVodObjectCachesRequest(object_path=f"https://{domain}/"))

        assert refresh("b.example.com")
        assert code_of(lambda: refresh("c.example.com")) == ("InvalidDomain.NotFound", 404)
        assert emulator.get(0, "https://a.example.com/").status == 404
        assert emulator.get(0, "https://c.example.com/").status == 403


@pytest.fixture
def foreign_origin() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"{self.headers['Host']} {self.path}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_another_program_as_the_origin(foreign_origin: str) -> None:
    with start(edges=1, origin=foreign_origin, effect_s=0) as emulator:
        assert emulator.origin == foreign_origin
        assert emulator.get(0, "https://a.example.com/x?y=1").body == b"a.example.com /x?y=1"
        with pytest.raises(EmulatorError, match="does not control"):
            emulator.admin("origin", {"rules": []})


def test_an_origin_that_is_gone_fails_a_prefetch() -> None:
    with start(edges=1, origin="http://127.0.0.1:9", effect_s=0) as emulator:
        vod = client(emulator)
        vod.preload_vod_object_caches(models.PreloadVodObjectCachesRequest(object_path="https://a.example.com/1"))
        emulator.advance(1)
        (row,) = emulator.tasks()
        assert (row["Status"], row["Description"]) == ("Failed", "Internal Error")
        assert emulator.get(0, "https://a.example.com/1").status == 502


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--edges", "0"], "0 is not in the range"),
        (["--origin", "/does/not/exist"], "/does/not/exist is neither a folder nor a URL."),
        (["--domain", "a b"], "a b is not a domain."),
        (["--speed", "0"], "0.0 is not in the range"),
        (["--host", "0.0.0.0"], "No such option"),  # noqa: S104  there must be no such option
    ],
)
def test_wrong_options(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert sentence in result.output


def test_the_clock_starts_at_a_given_instant_and_signed_requests_still_pass() -> None:
    with start(start_at="2026-01-02T03:04:05Z") as emulator:
        assert str(emulator.admin("clock")["now"]).startswith("2026-01-02T03:0")
        answered = client(emulator).describe_vod_refresh_quota(models.DescribeVodRefreshQuotaRequest())
        assert answered.headers["date"].startswith("Fri, 02 Jan 2026 03:0")
