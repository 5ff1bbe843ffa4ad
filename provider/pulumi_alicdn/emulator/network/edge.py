"""One edge: answers from its cache, and fetches other objects from the origin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pulumi_alicdn.emulator.clock import VirtualClock
from pulumi_alicdn.emulator.network.edge_cache import EdgeCache, Key, Stored
from pulumi_alicdn.emulator.network.encodings import Encoding, encoded, preferred
from pulumi_alicdn.emulator.network.origin_client import OriginClient, OriginTimeoutError, OriginUnreachableError
from pulumi_alicdn.emulator.network.site_rules import NO_RULES
from pulumi_alicdn.emulator.network.url_auth import DeniedError, UrlAuth
from pulumi_alicdn.emulator.service.targets import canonical_path, canonical_query, is_domain
from pulumi_alicdn.emulator.values import http_date

_OF_A_BODY: Final = frozenset({"content-length", "content-type", "content-encoding"})
"""Headers that describe a body, which an answer without one leaves out (RFC 9110, section 15.4.5)."""

_MAX_FETCHES: Final = 5
"""The most fetches of one prefetch, which fetches again if a purge overtakes it. [chosen: a prefetch has to end]"""


@dataclass(frozen=True, slots=True)
class Sickness:
    """What a sick edge does with each request: it never answers, or only later, or it answers *status*."""

    hangs: bool = False
    delay_s: float = 0.0
    status: int | None = None


_WELL: Final = Sickness()
"""No sickness."""


@dataclass(slots=True)
class Traffic:
    """What visitors asked of an edge: requests, answers with a body, answers 304, and the bytes of all bodies."""

    requests: int = 0
    bodies: int = 0
    not_modified: int = 0
    body_bytes: int = 0

    def count(self, method: str, response: Response) -> None:
        """Count one request and its answer."""
        self.requests += 1
        self.not_modified += response.status_code == 304  # noqa: PLR2004
        if method != "HEAD" and response.body:
            self.bodies += 1
            self.body_bytes += len(response.body)


class Edge:
    """An ASGI application with a cache; its origin requests are real HTTP."""

    def __init__(self, name: str, clock: VirtualClock, origin: OriginClient, domains: frozenset[str] | None) -> None:
        """Answer for *domains* (None for any), and fetch from *origin*."""
        self.name = name
        self.cache = EdgeCache()
        self.by_encoding = False
        """Whether there is a copy for each encoding."""
        self.url_auth: Mapping[str, UrlAuth] = {}
        """The domains with URL authentication."""
        self.rules = NO_RULES
        self.sickness: Sickness | None = None
        self.traffic = Traffic()
        self._clock = clock
        self._origin = origin
        self._domains = domains

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        sickness = self.sickness or _WELL
        if sickness.hangs:
            self.traffic.requests += 1
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        if sickness.delay_s:
            await asyncio.sleep(sickness.delay_s)
        if sickness.status is not None:
            response = Response("This edge is sick.\n", sickness.status)
        else:
            response = _conditional(request, await self._ruled(request))
        self.traffic.count(request.method, response)
        response.headers["X-Edge"] = self.name
        response.headers["Date"] = http_date(self._clock.now())
        await response(scope, receive, send)

    async def _ruled(self, request: Request) -> Response:
        """Answer as the rules of the site demand."""
        raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        query: bytes = request.scope["query_string"]
        target = (raw + (b"?" + query if query else b"")).decode("latin-1")
        host, user_agent = request.headers.get("host", ""), request.headers.get("user-agent", "")
        refused = self.rules.refusal(request.method, host, target, user_agent)
        if refused is not None:
            status, headers = refused
            return Response(b"", status, headers)
        response = await self._answer(request)
        if self.rules == NO_RULES:
            return response
        status, sent, body = self.rules.answer(response.status_code, response.headers, bytes(response.body))
        return Response(body, status, sent)

    async def prefetch(self, key: Key, headers: Mapping[str, str]) -> int:
        """Fetch an object, and replace the copy if the answer is 200; return the origin's status.

        Of several copies by encoding, only the one for the header Accept-Encoding is fetched, which is gzip by default.
        """
        if self.by_encoding:
            accepted = next((value for name, value in headers.items() if name.lower() == "accept-encoding"), "gzip")
            key = replace(key, encoding=preferred(accepted))
        for _ in range(_MAX_FETCHES):
            stored, kept = await self._fetch(key, headers)
            if kept:
                break
        return stored.status

    def plant(
        self,
        url: str,
        body: str,
        headers: Mapping[str, str],
        age: timedelta,
        encoding: Encoding,
        *,
        outlives: int = 0,
    ) -> None:
        """Store a copy of *url* that the origin never sent, as if fetched *age* ago: an edge that is stale.

        *outlives*: how many refreshes do not reach it.
        """
        parts = urlsplit(url)
        key = _key(parts.netloc.lower(), parts.path, parts.query, encoding)
        all_headers = dict(headers)
        if encoding is not Encoding.IDENTITY:
            all_headers["Content-Encoding"] = encoding.value
        content = encoded(body.encode(), encoding)
        stored_at = self._clock.now() - age
        self.cache.put(key, Stored(200, tuple(all_headers.items()), content, stored_at, outlives=outlives))

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return Response("Only GET and HEAD.\n", 405, {"Allow": "GET, HEAD"})
        domain = request.headers.get("host", "").partition(":")[0].lower()
        if not is_domain(domain) or (self._domains is not None and domain not in self._domains):
            return Response(f"{domain or 'This'} is not an accelerated domain.\n", 403)
        accepted = request.headers.get("accept-encoding", "") if self.by_encoding else ""
        path, query = _asked(request)
        try:
            if domain in self.url_auth:
                path, query = self.url_auth[domain].unsigned(path, query, self._clock.now())
        except DeniedError as denied:
            return Response("Forbidden.\n", 403, {"X-Tengine-Error": str(denied)})
        key = _key(domain, path, query, preferred(accepted))
        stored = self.cache.get(key)
        verdict = "MISS" if stored is None else "HIT"
        if stored is None or stored.expired:
            try:
                fetched = await self._fetch_again(key, stored)
            except OriginTimeoutError:
                return Response("The origin did not answer in time.\n", 504, {"X-Cache": "MISS"})
            except OriginUnreachableError:
                return Response("The origin could not be reached.\n", 502, {"X-Cache": "MISS"})
            verdict = "HIT" if fetched is stored else "MISS"
            stored = fetched
        response = Response(stored.body, stored.status)
        for name, value in stored.headers:
            response.headers.append(name, value)
        response.headers["X-Cache"] = verdict
        response.headers["Age"] = str(max(0, int((self._clock.now() - stored.stored_at).total_seconds())))
        return response

    async def _fetch_again(self, key: Key, expired: Stored | None) -> Stored:
        """Fetch; if the origin has nothing newer, make the expired copy valid again and return it."""
        fetched, _ = await self._fetch(key, {}, expired)
        return expired if expired is not None and expired.is_unmodified(fetched) else fetched

    async def _fetch(self, key: Key, headers: Mapping[str, str], expired: Stored | None = None) -> tuple[Stored, bool]:
        """Fetch from the origin; return the answer, and whether no purge overtook the fetch."""
        fetch = self.cache.begin(key)
        kept: Stored | None = None
        try:
            stored = await self._origin.fetch(key, headers)
            # Only 200 is stored: an error must not outlive its cause.
            kept = stored if stored.status == 200 else None  # noqa: PLR2004
            if expired is not None and expired.is_unmodified(stored):
                kept = replace(expired, expired=False)
        finally:
            fresh = self.cache.end(key, fetch, kept)
        return stored, fresh


async def fill(edges: Sequence[Edge], url: str) -> bool:
    """Give *edges* one and the same copy of *url*, fetched once; return whether the origin answered 200.

    They share its bytes, so that a thousand objects at hundreds of edges need no more memory than at one.
    """
    parts = urlsplit(url)
    key = _key(parts.netloc.lower(), parts.path, parts.query, Encoding.IDENTITY)
    status = await edges[0].prefetch(key, {"Accept-Encoding": Encoding.IDENTITY.value})
    stored = edges[0].cache.get(key)
    if status != 200 or stored is None:  # noqa: PLR2004
        return False
    for edge in edges[1:]:
        edge.cache.put(key, stored)
    return True


def _conditional(request: Request, response: Response) -> Response:
    """The answer, or 304 without a body if the visitor has that copy already (RFC 9110, sections 13.1 and 15.4.5)."""
    asked, modified = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    etag = response.headers.get("etag", "")
    if asked is not None:
        tags = {_opaque(tag.strip()) for tag in asked.split(",")}
        known = bool(etag) and (_opaque(etag) in tags or "*" in tags)
    else:
        # As many servers do, compare the text: a date that is another than ours is not the one that we gave.
        known = modified is not None and modified == response.headers.get("last-modified")
    if not known or response.status_code != 200:  # noqa: PLR2004
        return response
    kept = {name: value for name, value in response.headers.items() if name not in _OF_A_BODY}
    return Response(b"", 304, kept)


def _opaque(tag: str) -> str:
    """The tag without the mark of a weak one: If-None-Match does not tell them apart."""
    return tag.removeprefix("W/")


def _asked(request: Request) -> tuple[str, str]:
    """Return path and query as they were sent."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return raw.decode("latin-1"), query.decode("latin-1")


def _key(domain: str, path: str, query: str, encoding: Encoding) -> Key:
    return Key(domain, canonical_path(path), canonical_query(query) if query else None, encoding)
