"""DNS as one place sees it: what the server answers, and that programs which know nothing of it find the nodes."""

from __future__ import annotations

import json
import socket
import struct
import sys
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.emulator.network.nodes import loopback_nodes
from pulumi_alicdn.emulator.network.resolver import Found, answer
from pulumi_alicdn.emulator.running import Emulator
from support.own_network import run_in_own_network

A, AAAA, CNAME = 1, 28, 5


def question(name: str, kind: int = A) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)


def read(reply: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    """The code of an answer, and type and data of its records, each with a pointer for its name."""
    number, flags, questions, records, *_ = struct.unpack_from(">6H", reply)
    assert (number, questions, flags & 0x8000) == (7, 1, 0x8000)
    offset = reply.index(b"\0", 12) + 5
    found = []
    for _ in range(records):
        pointer, kind, _, _, length = struct.unpack_from(">3HIH", reply, offset)
        assert pointer & 0xC000
        offset += 12
        found.append((kind, reply[offset : offset + length]))
        offset += length
    assert offset == len(reply)
    return flags & 15, found


def known(name: str) -> Found | None:
    return {
        "cdn.example.com": Found("a.b", ["127.0.1.1", "2001:db8::1", "127.0.1.4"]),
        "a.b": Found("", ["127.0.1.1"]),
        "many.example.com": Found("a.b", ["127.0.1.1"] * 100),
    }.get(name)


def test_a_domain_has_a_cname_and_its_addresses() -> None:
    addresses = [(A, bytes([127, 0, 1, 1])), (A, bytes([127, 0, 1, 4]))]
    assert read(answer(question("CDN.example.com"), known) or b"") == (0, [(CNAME, b"\1a\1b\0"), *addresses])
    assert read(answer(question("a.b"), known) or b"") == (0, addresses[:1])
    assert read(answer(question("cdn.example.com", AAAA), known) or b"") == (0, [(CNAME, b"\1a\1b\0")])
    assert read(answer(question("other.example.com"), known) or b"") == (3, [])
    many = answer(question("many.example.com"), known) or b""
    assert len(many) <= 512
    assert len(read(many)[1]) == 17


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda tail: question("cdn.example.com")[:12] + tail))
def test_no_message_makes_the_server_fail(message: bytes) -> None:
    reply = answer(message, known)
    assert reply is None or reply[:2] == message[:2]


def ask(emulator: Emulator, name: str) -> tuple[int, list[tuple[int, bytes]]]:
    host, _, port = emulator.resolver.partition(":")
    with socket.socket(type=socket.SOCK_DGRAM) as asker:
        asker.settimeout(20)
        asker.sendto(b"nothing", (host, int(port)))
        asker.sendto(question(name), (host, int(port)))
        return read(asker.recv(512))


def test_the_server_names_the_nodes_of_one_place(emulator: Emulator) -> None:
    code, (cname, *addresses) = ask(emulator, "cdn.example.com")
    assert (code, cname[0]) == (0, CNAME)
    assert cname[1].endswith(b"\3com\1w\10kunlunaq\3com\0")
    assert [socket.inet_ntoa(data) for _, data in addresses] == list(emulator.dns)
    assert len(ask(emulator, "cdn.example.com.w.kunlunaq.com")[1]) == 1
    emulator.admin("world", {"dns": ["127.0.2.1"], "cnames": {"bad.example.com": "x.y", "new.example.com": ""}})
    assert ask(emulator, "bad.example.com")[1] == [(CNAME, b"\1x\1y\0"), (A, bytes([127, 0, 2, 1]))]
    assert ask(emulator, "new.example.com") == (3, [])


FIND: Final = """
import json, socket, urllib.request
found = socket.getaddrinfo("cdn.example.com", 80, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
with urllib.request.urlopen("http://cdn.example.com/a.js") as answer:
    served = answer.read().decode(), answer.headers["X-Edge"]
print(json.dumps([sorted(one[4][0] for one in found), found[0][3], *served]))
"""
"""A program that finds servers as all do."""


def test_programs_that_know_nothing_of_it_find_the_nodes_that_dns_names(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.js").write_text("1")
    ended = run_in_own_network(tmp_path, site, [sys.executable, "-c", FIND])
    assert ended.code == 0, ended.err
    addresses, canonical, body, edge = json.loads(ended.out)
    nodes = [(node.address, (node.place.province, node.place.provider)) for node in loopback_nodes(24)]
    assert addresses == sorted(address for address, where in nodes if where == nodes[0][1])
    assert (canonical, body) == ("cdn.example.com.w.kunlunaq.com", "1")
    assert edge.startswith("edge-")
