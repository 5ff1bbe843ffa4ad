"""Edges and origins as users write them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_alicdn.api.hosts import check_origin
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.releases.proof.servers import (
    EdgeSource,
    Server,
    check_edges,
    check_resolve,
    option_source,
    parse_edge,
    parse_origin,
    parse_resolve,
)
from pulumi_alicdn.validation import UNKNOWN, Problem

HTTPS, HTTP = "https://media.example.com/a.js", "http://media.example.com/a.js"


@pytest.mark.parametrize(
    ("text", "host", "port", "shown"),
    [
        ("203.0.113.7", "203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7:8443", "203.0.113.7", 8443, "203.0.113.7:8443"),
        ("edge.example.net:443", "edge.example.net", 443, "edge.example.net:443"),
        ("2001:db8::1", "2001:db8::1", None, "[2001:db8::1]"),
        ("[2001:db8::1]:8443", "2001:db8::1", 8443, "[2001:db8::1]:8443"),
        ("https://203.0.113.7/", "203.0.113.7", None, "203.0.113.7"),
        ("http://127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080"),
    ],
)
def test_an_edge_is_a_host_or_an_address_with_a_port_if_need_be(
    text: str, host: str, port: int | None, shown: str
) -> None:
    place = parse_edge(text)
    assert (place.host, place.port, str(place)) == (host, port, shown)


@pytest.mark.parametrize(
    ("text", "of_https", "of_http"),
    [
        ("203.0.113.7", "https", "http"),
        ("https://203.0.113.7", "https", "https"),
        ("127.0.0.1:8080", "http", "http"),
        ("[::1]:8080", "http", "http"),
        ("localhost:8080", "http", "http"),
        ("https://127.0.0.1:8443", "https", "https"),
    ],
)
def test_plain_http_is_for_this_machine_and_for_urls_that_are_http(text: str, of_https: str, of_http: str) -> None:
    place = parse_edge(text)
    assert (place.scheme_for(HTTPS), place.scheme_for(HTTP)) == (of_https, of_http)


@pytest.mark.parametrize(
    "text",
    ["", "https://", "ftp://a.example.com", "a.example.com/path", "a:b", "a b", "1.2.3.4:0", "1.2.3.4:70000", "a?b"],
)
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    (problem,) = check_edges("edges", ["127.0.0.1", text])
    assert problem.sentence.startswith(f"edges[1] is {text!r}, but must be an edge such as '203.0.113.7'")
    with pytest.raises(InputError, match=r"^edges\[0\] is "):
        parse_edge(text)


SECRET = "https://user:canary@edge.example.com"


@pytest.mark.parametrize(
    "problems",
    [
        check_edges("edges", SECRET),
        check_edges("edges", [SECRET]),
        check_edges("edges", {SECRET: SECRET}),
        check_edges("edges", [[SECRET]]),
        check_resolve("resolve", SECRET),
        check_resolve("resolve", {SECRET: []}),
        check_resolve("resolve", {"a.example.com": [SECRET]}),
        check_origin("origin", SECRET),
        check_origin("origin", [SECRET]),
    ],
)
def test_a_password_is_never_repeated(problems: Iterator[Problem]) -> None:
    (problem,) = problems
    assert "***@edge.example.com" in problem.sentence
    assert "canary" not in problem.sentence


def test_an_edge_elsewhere_is_not_forced_to_plain_http() -> None:
    with pytest.raises(InputError, match=r"plain http:// is for this machine only"):
        parse_edge("http://203.0.113.7")


def test_an_origin_says_how_it_is_spoken_to() -> None:
    assert parse_origin("http://203.0.113.7:8080", "bucket.example.com") == Server(
        "203.0.113.7", 8080, "http", "bucket.example.com", origin=True
    )
    with pytest.raises(
        InputError, match=r"^origin is 'origin\.example\.com', but must begin with https:// or http://$"
    ):
        parse_origin("origin.example.com")


def test_hosts_are_resolved_to_edges_of_their_own() -> None:
    assert parse_resolve({"Media.example.com": ["203.0.113.7:443", "[::1]"]}) == {
        "media.example.com": (Server("203.0.113.7", 443), Server("::1"))
    }
    with pytest.raises(InputError, match=r"^resolve\['a\.example\.com'\] is \[\], but must be a list of edges"):
        parse_resolve({"a.example.com": []})
    with pytest.raises(InputError, match=r"^resolve\['a\.example\.com'\]\[1\] is 'a/b', but must be an edge"):
        parse_resolve({"a.example.com": ["203.0.113.7", "a/b"]})


@pytest.mark.parametrize(
    ("edges", "source"),
    [
        (None, EdgeSource.NETWORK),
        ([], EdgeSource.NETWORK),
        ((), EdgeSource.NETWORK),
        ("network", EdgeSource.NETWORK),
        ("dns", EdgeSource.DNS),
        (["203.0.113.7"], None),
        (UNKNOWN, None),
    ],
)
def test_without_the_option_the_edges_are_those_of_the_network(edges: object, source: EdgeSource | None) -> None:
    assert option_source(edges) is source
