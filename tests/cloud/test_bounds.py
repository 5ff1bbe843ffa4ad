"""Servers that drip, never end, or send bombs: each request for an answer or for credentials ends, and reads little."""

from __future__ import annotations

import math
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Final

import pytest
from alibabacloud_credentials.provider import URLCredentialsProvider

from cloud.test_transport import KEY, SECRET, SPEC, failing
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.causes import causes
from pulumi_alicdn.cloud.bounds import RequestLimits
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.keys.command import MAX_OUTPUT, run
from pulumi_alicdn.cloud.sessions import noting_unanswered
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import (
    DeniedError,
    RefusedError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
    UnreachableError,
)
from pulumi_alicdn.time_limits import OverdueError, allowed_s, allowing, ended_within
from support.hostile_server import HELLO_THAT_DRIPS, LARGE, LOOP, SLOW, HostileServer, Sends

LIMITS: Final = RequestLimits(connect_s=1.0, silence_s=1.0, total_s=1.0)
AT_ONCE_S: Final = 15.0
"""Seconds within which a request has ended whose limit is one second, on a machine that is busy."""


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def cloud_at(endpoint: str) -> AlibabaCloud:
    settings = Settings(endpoint=endpoint, access_key_id=KEY, access_key_secret=SECRET)
    return connect(settings, Service.CDN, LIMITS)


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    """Each test here takes a second or two; one whose request never ended would take the rest of its timeout."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < AT_ONCE_S


@pytest.mark.parametrize("kind", SLOW)
def test_an_answer_that_never_comes_to_its_end_is_left(kind: str) -> None:
    with HostileServer(SLOW[kind]) as server:
        said = failing(lambda: cloud_at(f"http://{server.address}").describe(Query()), UnknownOutcomeError)
    assert said == f"DescribeRefreshTasks: {server.address} had not sent its whole answer in time"
    assert server.asked == 1


@pytest.mark.parametrize("kind", SLOW)
def test_a_submit_whose_answer_never_comes_to_its_end_is_open_and_not_repeated(kind: str) -> None:
    with HostileServer(SLOW[kind]) as server:
        failing(lambda: cloud_at(f"http://{server.address}").submit(SPEC), UnknownOutcomeError)
    assert server.asked == 1


@pytest.mark.parametrize("kind", LARGE)
def test_an_answer_without_limit_is_left(kind: str) -> None:
    with HostileServer(LARGE[kind]) as server, pytest.raises(UnknownOutcomeError) as caught:
        cloud_at(f"http://{server.address}").describe(Query())
    if isinstance(caught.value, UnexpectedAnswerError):
        words = ("sent a body of more than", "cannot be decoded", "values that are read")
        assert any(word in str(caught.value) for word in words)


def test_the_service_may_send_gzip_although_nobody_asked_for_it() -> None:
    with HostileServer(LARGE["gzip bomb"]) as server:
        said = failing(lambda: cloud_at(f"http://{server.address}").describe(Query()), UnexpectedAnswerError)
    assert said == f"DescribeRefreshTasks: {server.address} sent a body of more than 8,388,608 bytes"


@pytest.mark.parametrize("kind", LOOP)
def test_no_redirect_is_followed(kind: str) -> None:
    with HostileServer(LOOP[kind]) as server:
        failing(lambda: cloud_at(f"http://{server.address}").describe(Query()), RefusedError)
    assert server.asked == 1


@pytest.mark.parametrize("sends", [SLOW["silent"], HELLO_THAT_DRIPS], ids=["silent", "drips"])
def test_a_handshake_of_tls_that_never_ends_is_left_and_nothing_was_sent(sends: Sends) -> None:
    with HostileServer(sends, after_request=False) as server:
        said = failing(lambda: cloud_at(f"https://{server.address}").submit(SPEC), UnreachableError)
    assert (
        said == f"RefreshObjectCaches: no connection to {server.address}; check the network, the proxy and the endpoint"
    )


@pytest.mark.parametrize("kind", ["silent", "status that drips", "headers that drip", "endless header"])
def test_a_proxy_whose_answer_never_comes_to_its_end_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with HostileServer({**SLOW, **LARGE}[kind]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        said = failing(lambda: cloud_at("https://cdn.nowhere.invalid").submit(SPEC), DeniedError)
    assert said.startswith(f"RefreshObjectCaches: the proxy {proxy.address} that HTTPS_PROXY names ")
    assert said.endswith("; nothing was sent")


def test_a_request_has_no_more_time_than_its_caller_allows() -> None:
    with HostileServer(SLOW["body that drips"]) as server, allowing(0.5):
        settings = Settings(endpoint=f"http://{server.address}", access_key_id=KEY, access_key_secret=SECRET)
        failing(lambda: connect(settings, Service.CDN).describe(Query()), UnknownOutcomeError)


@pytest.mark.parametrize("kind", [*SLOW, *LARGE, *LOOP])
def test_a_server_of_credentials_that_never_ends_is_left(kind: str) -> None:
    with HostileServer({**SLOW, **LARGE, **LOOP}[kind]) as server, allowing(1.0):
        provider = URLCredentialsProvider(uri=f"http://{server.address}/credentials")
        with noting_unanswered() as unanswered, pytest.raises(Exception, match=r".") as caught:
            provider.get_credentials()
    ((address, error), *_) = unanswered.items()
    assert address.startswith(f"http://{server.address}/")
    assert error in causes(caught.value)
    assert server.asked <= 6


@pytest.mark.parametrize(
    "script",
    ["sleep 30", "sleep 30 & sleep 30", "echo half; sleep 30", "exec >&-; sleep 30"],
)
def test_a_command_that_does_not_end_is_left_whatever_it_has_started(script: str) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run(["sh", "-c", script], timeout=0.5, shell=False)


@pytest.mark.parametrize("script", ["exec yes", "echo 1; exec yes >&2"])
def test_a_command_that_prints_without_end_is_ended(script: str) -> None:
    done = run(["sh", "-c", script], timeout=10.0, shell=False)
    assert done.returncode != 0
    assert len(done.stdout) <= MAX_OUTPUT
    assert len(done.stderr) <= MAX_OUTPUT


def test_a_command_has_no_more_time_than_its_caller_allows() -> None:
    with allowing(0.5), pytest.raises(subprocess.TimeoutExpired):
        run(["sleep", "600"], timeout=60.0, shell=False)


def test_a_command_that_ends_is_read_to_its_end() -> None:
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"], timeout=10.0, shell=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_what_cannot_be_interrupted_is_left() -> None:
    never = threading.Event()
    with pytest.raises(OverdueError):
        ended_within(0.2, never.wait)
    never.set()


def test_a_call_in_another_thread_returns_raises_and_knows_its_time() -> None:
    def failing_call() -> None:
        raise ValueError("its own")

    with allowing(7.0):
        assert ended_within(10.0, allowed_s) == 7.0
    assert ended_within(10.0, allowed_s) == math.inf
    with pytest.raises(ValueError, match="its own"):
        ended_within(10.0, failing_call)
