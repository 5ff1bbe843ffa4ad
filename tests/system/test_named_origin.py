"""An origin that the service names must lead to the internet, and not to this machine, its network or metadata."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from pulumi_alicdn.api.hosts import not_public
from pulumi_alicdn.releases.proof.judge import Probe
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.system.edge_loop import EdgeLoop, InwardError
from pulumi_alicdn.system.edges import EdgeFetcher


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f000001", "0.0.0.0", "::1", "::ffff:127.0.0.1", "::"),  # noqa: S104  it is refused
        *("169.254.169.254", "100.100.100.200", "::ffff:100.100.100.200", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "fd00::1", "fe80::1", "224.0.0.1", "240.0.0.1", "ff02::1"),
        *("2852039166", "0251.0376.0251.0376"),
    ],
)
def test_addresses_that_are_none_of_the_internet(host: str) -> None:
    assert not_public(host)


@pytest.mark.parametrize(
    "host", ["47.88.1.1", "2400:3200::1", "203.0.113.7", "origin.example.com", "cafe.de", "localhost"]
)
def test_addresses_of_the_internet_and_names_are_not_among_them(host: str) -> None:
    assert not not_public(host)


def test_a_name_that_leads_inwards_is_refused_by_the_answer_that_a_connection_would_use() -> None:
    async def addresses() -> object:
        return await asyncio.get_running_loop().getaddrinfo("LOCALHOST", 80, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=EdgeLoop) as usual:
        assert usual.run(addresses())
    with asyncio.Runner(loop_factory=partial(EdgeLoop, {"localhost"})) as guarded, pytest.raises(InwardError):
        guarded.run(addresses())


def test_such_an_origin_has_no_answer_and_a_sentence() -> None:
    name = socket.gethostname()
    try:
        known = [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    except OSError:
        known = []
    if name == "localhost" or not known or not all(map(not_public, known)):
        pytest.skip("the name of this machine leads to no address of its own network")
    asked = Probe(Server(name, 9, "http", origin=True, foreign=True), "http://media.example.com/app.js")
    ((_, served),) = EdgeFetcher().read([asked], 5.0)
    assert served.error == "its name leads to no address of the internet"
