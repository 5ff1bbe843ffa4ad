"""The options of a refresh that is verified at the edges: each broken rule becomes one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from pulumi_alicdn.phrases import show
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.proof.edge_access import check_request_headers
from pulumi_alicdn.releases.proof.servers import EdgeSource
from pulumi_alicdn.releases.proof.url_signing import check_url_auth
from pulumi_alicdn.releases.proof.visitors import check_user_agent
from pulumi_alicdn.validation import UNKNOWN, Part, Problem, Subject, one_of


class VerifyAt(StrEnum):
    """Where a refresh is verified: at the nodes that the service lists, at the edges of DNS, or nowhere."""

    NETWORK = EdgeSource.NETWORK
    DNS = EdgeSource.DNS
    OFF = "off"


_NO_URLS: Final = {
    "directory": "whose files are not known here",
    "regex": "which stands for URLs that are not known here",
    "ignore-params": "which stands for URLs with any parameters",
}
"""Why there is nothing to fetch for an object type."""

_ACCESS: Final = ("url_auth", "request_headers", "user_agent")
"""Options that say how edges are asked."""


def is_on(verify: object) -> bool:
    """Whether the option, which has passed the rules, asks for anything."""
    return verify not in (None, VerifyAt.OFF)


def check_verify(inputs: Mapping[str, Any]) -> list[Problem]:
    """Return all broken rules of the option `verify` of a refresh, and of those that go with it."""
    verify = inputs.get("verify")
    found = [*one_of("verify", verify, VerifyAt)]
    if found or verify is UNKNOWN:
        return found
    if not is_on(verify):
        return [_without(name) for name in _ACCESS if inputs.get(name) is not None]
    return [
        *_objects(inputs, verify),
        *check_url_auth("url_auth", inputs.get("url_auth")),
        *check_request_headers("request_headers", inputs.get("request_headers")),
        *check_user_agent("user_agent", inputs.get("user_agent")),
    ]


def check_waits(inputs: Mapping[str, Any]) -> list[Problem]:
    """Return the broken rule of a refresh that is verified and not waited for."""
    if not is_on(inputs.get("verify")) or inputs.get("verify") is UNKNOWN or inputs.get("wait") is not False:
        return []
    says = (Subject("verify"), " needs the end of the task: leave ", Subject("wait"), " out, or set ")
    return [Problem("verify", (*says, Subject("verify"), " to 'off'"))]


def _without(name: str) -> Problem:
    return Problem(name, (Subject(name), " goes with ", Subject("verify"), " only; leave it out"))


def _objects(inputs: Mapping[str, Any], verify: object) -> Iterator[Problem]:
    """Yield a problem for objects that have no URL to fetch."""
    reason: tuple[Part | Subject, ...] = ()
    for source in ("media_ids", "cache_tags"):
        if inputs.get(source) is not None:
            reason = (Subject(source), " name no URLs")
    kind = inputs.get("object_type")
    if isinstance(kind, str) and kind in _NO_URLS:
        reason = (Subject("object_type"), f" is {show(kind)}, {_NO_URLS[kind]}")
    if reason:
        head = (Subject("verify"), f" is {show(str(verify))}, which fetches each URL, but ")
        ways = ("; refresh the files by their URLs, or leave ", Subject("verify"), " out")
        yield Problem("verify", (*head, *(part for part in reason if not isinstance(part, int)), *ways))


def budget_of(verify: object) -> Budget | None:
    """Return what may be used at the nodes of the network, as a release does; the edges of DNS are few."""
    return Budget() if verify == VerifyAt.NETWORK else None
