"""The question whether DNS knows the hosts of base URLs, before anything is submitted for them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, wait
from functools import partial
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_alicdn.phrases import show_server
from pulumi_alicdn.releases.proof.servers import option_source
from pulumi_alicdn.releases.release_options import Verify
from pulumi_alicdn.system.dns.dns_answers import said_by_dns
from pulumi_alicdn.system.edges import DNS_S
from pulumi_alicdn.validation import Problem, Subject

NOBODYS: Final = ".invalid"
"""The end of names that belong to nobody (RFC 2606, section 2), of which no service is asked."""


def check_names(
    options: Mapping[str, Any], listed: Callable[[str], Collection[object] | None] = lambda _: None
) -> Iterator[Problem]:
    """Yield a problem for each host of a release's base URLs that has no known edges.

    DNS does not know it, nobody names its edges, and the service lists no nodes of it, where *listed* asks the service.
    All questions to DNS together take :data:`DNS_S` seconds at most. Nothing is asked where no edge is probed.
    """
    if option_source(options["edges"]) is None or options["verify"] == Verify.OFF:
        return
    named = {host.lower() for host in options["resolve"] or {}}
    hosts = dict.fromkeys((urlsplit(url).hostname or "").lower() for url in options["base_urls"])
    asked = [host for host in hosts if host not in named]
    questions = {host: _asked(host) for host in asked}
    wait(questions.values(), DNS_S)
    for host, answer in questions.items():
        unknown = not answer.done() or answer.exception() is not None
        if unknown and not host.rstrip(".").endswith(NOBODYS) and listed(host):
            continue
        if not answer.done():
            yield _problem(f" names {show_server(host)}, and DNS did not answer within {DNS_S:g} s")
        elif (error := answer.exception()) is not None:
            yield _problem(f" names {show_server(host)}, which {said_by_dns(error)}")


def _problem(why: str) -> Problem:
    way_out = ("; correct it, or name its edges with ", Subject("edges"), " or ", Subject("resolve"))
    return Problem("base_urls", (Subject("base_urls"), why, *way_out))


def _asked(host: str) -> Future[Any]:
    """Ask DNS in a thread of its own: nothing can interrupt the question, and it must not keep the process alive."""
    answer: Future[Any] = Future()

    def ask(host: str) -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    Thread(target=partial(ask, host), name="alicdn-names", daemon=True).start()
    return answer
