"""The session of one read from edges over HTTP/1.1: its connections, its requests, and the digest of each answer."""

from __future__ import annotations

import asyncio
import functools
import math
import socket
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2

from pulumi_alicdn.causes import causes
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS, EdgeAccess, hidden
from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.releases.proof.url_signing import Signed, sign

_USER_AGENT: Final = "pulumi-alicdn"


class Session:
    """The connections of one read, and the edges that failed.

    Each TLS host name has its own connections: a connection with a certificate for another host must not be reused.
    """

    def __init__(self, concurrency: int, silence_s: float, tls: ssl.SSLContext | None, access: EdgeAccess) -> None:
        """Keep at most *concurrency* connections for each host; end a request after *silence_s* seconds of silence."""
        self._access = access
        # Answers of many edges have the same headers, and a search takes a while.
        self._hide = functools.lru_cache(1024)(access.secrets.hide)
        self._limits = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        self._timeout = httpx2.Timeout(silence_s).as_dict()
        # Without https no certificate is verified, so do not spend time on loading the authorities.
        self._tls = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._open = AsyncExitStack()
        self._transports: dict[str, httpx2.AsyncHTTPTransport] = {}
        self.failures: dict[Server, int] = defaultdict(int)
        self.reasons: dict[Server, str] = {}

    async def __aenter__(self) -> Self:
        """Return itself; connections are opened by the first requests."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._open.aclose()

    async def fetch(self, probe: Probe) -> Served:
        """Make the request, and hash the body as it arrives. Raises the errors of httpx2."""
        access = OPEN_ACCESS if probe.server.origin else self._access
        request, sni, signed = _request(probe, access)
        request.extensions["timeout"] = self._timeout
        if sni not in self._transports:
            transport = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=self._limits)
            self._transports[sni] = await self._open.enter_async_context(transport)
        response = await self._transports[sni].handle_async_request(request)
        try:
            served = await _read(probe, response)
        finally:
            await response.aclose()
        return served if access is OPEN_ACCESS else hidden(served, self._hide, signed)


def _request(probe: Probe, access: EdgeAccess) -> tuple[httpx2.Request, str, Signed | None]:
    """Return the request, the host that the certificate must be for, and the signature if there is one."""
    server, url = probe.server, httpx2.URL(probe.url)
    scheme = server.scheme_for(probe.url)
    port = server.port or (url.port if scheme == url.scheme else None)
    host = server.host_header or url.netloc.decode("ascii")
    # An origin's certificate is for its own name; an edge's is for the URL's host and not for the edge's name.
    of_origin = server.origin and not server.is_address
    sni = server.host if of_origin else host.partition(":")[0]
    parts = urlsplit(probe.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    signed = None
    if access.url_auth is not None:
        signed = sign(access.url_auth, target, datetime.now(UTC), uuid4().hex)
        target = signed.target
    own = {"Host": host, "User-Agent": _USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    headers = httpx2.Headers(own)
    headers.update(access.headers)
    # Send the path unchanged: two spellings may be two objects.
    extensions = {"sni_hostname": sni, "target": target.encode("ascii")}
    address = httpx2.URL(scheme=scheme, host=server.host, port=port)
    return httpx2.Request(probe.method, address, headers=headers, extensions=extensions), sni, signed


async def _read(probe: Probe, response: httpx2.Response) -> Served:
    headers = response.headers
    encodings = [word for word in headers.get_list("content-encoding", split_commas=True) if word.lower() != "identity"]
    digest = sent_digest = size = None
    error, cut, longer = "", False, False
    if probe.head:
        length = headers.get("content-length", "")
        size = int(length) if length.isdecimal() else None
    elif response.status_code == httpx2.codes.OK:
        # Several layers of an encoding are a bomb, and no answer: we ask for none at all.
        unknown = encodings if len(encodings) > 1 else sorted(set(map(str.lower, encodings)) - _decoders())
        tap = _Tap(response.stream)
        response.stream = tap
        content, size, most = sha256(), 0, math.inf if probe.most_bytes is None else probe.most_bytes
        pieces = response.aiter_raw() if unknown else response.aiter_bytes()
        try:
            async for piece in pieces:
                size += len(piece)
                content.update(piece)
                if size > most:
                    # It is no longer this file, unless the file was uploaded as it is encoded: read on, decode no more.
                    cut, longer = await tap.exceeds(most), True
                    break
                # A bomb is decoded without waiting for the network, and the request could not be timed out.
                await asyncio.sleep(0)
        except httpx2.DecodingError:
            error = f"its body is not encoded as {', '.join(encodings)}, though Content-Encoding says so"
        finally:
            await pieces.aclose()
        if unknown:
            error = f"Content-Encoding {', '.join(unknown)} cannot be decoded here"
        if not cut:
            sent_digest = tap.sha256.digest() if not error or unknown else None
            digest = content.digest() if not longer and not error else None
    return Served(
        status=response.status_code,
        at=datetime.now(UTC),
        sha256=digest,
        sent_sha256=sent_digest,
        size=size,
        etag=headers.get("etag", ""),
        age=headers.get("age", ""),
        x_cache=headers.get("x-cache", ""),
        last_modified=headers.get("last-modified", ""),
        content_encoding=", ".join(encodings),
        error=error,
        cut=cut,
    )


def why(error: Exception, silence_s: float) -> str:
    """Return why there was no answer; *silence_s* is the timeout in seconds."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the TLS handshake failed"
        if isinstance(cause, socket.gaierror):
            return "its name has no address in DNS"
    reasons = {
        httpx2.ConnectTimeout: f"no connection within {silence_s:g} s",
        httpx2.TimeoutException: f"silent for {silence_s:g} s",
        httpx2.ConnectError: "no connection",
        httpx2.LocalProtocolError: "the URL cannot be requested",
        httpx2.InvalidURL: "the URL cannot be requested",
    }
    return next((words for kind, words in reasons.items() if isinstance(error, kind)), "the connection broke")


class _Tap(httpx2.AsyncByteStream):
    """A stream that counts and hashes a body as it was sent, before it is decoded."""

    def __init__(self, stream: httpx2.SyncByteStream | httpx2.AsyncByteStream) -> None:
        if not isinstance(stream, httpx2.AsyncByteStream):
            raise TypeError(type(stream).__name__)
        self._stream = stream
        self._pieces = aiter(stream)
        self.size = 0
        self.sha256 = sha256()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self.size += len(piece)
            self.sha256.update(piece)
            yield piece

    async def exceeds(self, most: float) -> bool:
        """Read on to the end; return whether more than *most* bytes were sent, at once when they were."""
        if self.size <= most:
            async for _ in self:
                if self.size > most:
                    break
        return self.size > most

    async def aclose(self) -> None:
        await self._stream.aclose()


@functools.cache
def _decoders() -> frozenset[str]:
    """Return the encodings that httpx2 can decode here: br and zstd need further packages."""
    with httpx2.Client(transport=httpx2.BaseTransport()) as client:
        return frozenset(client.headers["accept-encoding"].split(", "))
