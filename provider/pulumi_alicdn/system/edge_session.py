"""The session of one read from edges over HTTP/1.1: its connections, its requests, and the digest of each answer."""

from __future__ import annotations

import asyncio
import functools
import math
import socket
import ssl
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2

from pulumi_alicdn.causes import causes
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS, EdgeAccess, hidden
from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.lessons import named, unchanged
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.releases.proof.url_signing import Signed, sign
from pulumi_alicdn.system.decoding import Decoder, TooLongError, UndecodableError, unknown

KEPT: Final = 65_536
"""Bytes of a content that an answer keeps. [chosen: most pages of a site fit, and a proof keeps few answers]"""

_MOST_UNKNOWN: Final = 64 * 1024 * 1024
"""Bytes to which a layer of encodings may decode, if the size of the file is not known. [chosen: the largest file that
is compared by its bytes]"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an edge could not be reached; ``other_name``: its TLS certificate is for other names."""

    text: str
    other_name: bool


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
        self.reasons: dict[Server, Reason] = {}

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
    own = {"Host": host, "User-Agent": probe.user_agent, "Accept": "*/*", "Accept-Encoding": probe.accepts}
    headers = httpx2.Headers(own)
    headers.update(access.headers)
    if probe.known:
        headers["If-None-Match"] = ", ".join(one.etag for one in probe.known)
    # Send the path unchanged: two spellings may be two objects.
    extensions = {"sni_hostname": sni, "target": target.encode("ascii")}
    address = httpx2.URL(scheme=scheme, host=server.host, port=port)
    return httpx2.Request(probe.method, address, headers=headers, extensions=extensions), sni, signed


async def _read(probe: Probe, response: httpx2.Response) -> Served:
    headers = response.headers
    encodings = [word for word in headers.get_list("content-encoding", split_commas=True) if word.lower() != "identity"]
    stated = headers.get("content-length", "")
    length = int(stated) if stated.isdecimal() else None
    head = Served(
        status=response.status_code,
        at=datetime.now(UTC),
        size=length if probe.head else None,
        etag=headers.get("etag", ""),
        age=headers.get("age", ""),
        x_cache=headers.get("x-cache", ""),
        last_modified=headers.get("last-modified", ""),
        content_encoding=", ".join(encodings),
        content_type=headers.get("content-type", ""),
        content_range=headers.get("content-range", ""),
        checksum=headers.get("x-oss-hash-crc64ecma", ""),
        vary=", ".join(headers.get_list("vary")),
        location=headers.get("location", ""),
        refusal=headers.get("x-tengine-error", ""),
    )
    if probe.head:
        return head
    if (known := named(probe, head, length)) is not None:
        return unchanged(head, known)
    if response.status_code not in (httpx2.codes.OK, httpx2.codes.PARTIAL_CONTENT):
        return head
    body = _Body(probe, encodings)
    await body.read(response)
    return replace(
        head,
        sha256=body.digest,
        sent_sha256=body.sent_digest,
        size=body.size,
        error=body.error,
        cut=body.cut,
        start=bytes(body.start),
        broken=body.broken,
        received=body.received,
    )


class _Body:
    """A body while it arrives: its hashes and its first bytes, as it was sent and decoded."""

    def __init__(self, probe: Probe, encodings: Sequence[str]) -> None:
        self._encodings = encodings
        self._most_sent = math.inf if probe.most_bytes is None else probe.most_bytes
        self._most = probe.most_decoded if probe.most_decoded is not None else probe.most_bytes
        self._sent, self._content = sha256(), sha256()
        self.received = 0
        """Bytes as they were sent."""
        self._decoded = True
        """Whether the content is known: not if it was longer than it may be, or if it cannot be decoded."""
        self.size = 0
        self.start = bytearray()
        self.cut = False
        self.error = ""
        self.broken = False
        self.digest: bytes | None = None
        self.sent_digest: bytes | None = None

    async def read(self, response: httpx2.Response) -> None:
        """Read and hash all of it, as long as it can still be the file."""
        decoder = self._decoder()
        pieces = response.aiter_raw()
        try:
            async for sent in pieces:
                self._sent.update(sent)
                self.received += len(sent)
                if decoder is None:
                    self.size += len(sent)
                    self._keep(sent)
                elif self._decoded:
                    await self._decode(decoder, sent)
                if self._over():
                    self.cut = True
                    return
        finally:
            await pieces.aclose()
        if decoder is not None and self._decoded:
            self._ended(decoder)
        self.sent_digest = self._sent.digest()
        if not self._encodings:
            self.digest = self.sent_digest
        elif self._decoded and decoder is not None:
            self.digest = self._content.digest()

    def _decoder(self) -> Decoder | None:
        if not self._encodings:
            return None
        if other := unknown(self._encodings):
            self.error = f"Content-Encoding {', '.join(other)} cannot be decoded here"
            return None
        return Decoder(self._encodings, _MOST_UNKNOWN if self._most is None else self._most)

    def _over(self) -> bool:
        """Whether it cannot be this file any more: neither the content, nor what was sent, is short enough."""
        most = self._most_sent if self._decoded or self._most is None else min(self._most, self._most_sent)
        return self.received > most

    async def _decode(self, decoder: Decoder, sent: bytes) -> None:
        try:
            for piece in decoder.feed(sent):
                self.size += len(piece)
                self._content.update(piece)
                self._keep(piece)
                if self._most is not None and self.size > self._most:
                    raise TooLongError  # noqa: TRY301  as the decoder does
                # A bomb is decoded without waiting for the network, and the request could not be timed out.
                await asyncio.sleep(0)
        except TooLongError:
            # The file may have been uploaded as it is encoded: read on, decode no more.
            self.size = (self._most or self.size) + 1
            self._decoded = False
        except UndecodableError:
            self._undecodable()

    def _ended(self, decoder: Decoder) -> None:
        try:
            decoder.end()
        except UndecodableError:
            self._undecodable()

    def _undecodable(self) -> None:
        self.error = f"its body is not encoded as {', '.join(self._encodings)}, though Content-Encoding says so"
        self.broken, self._decoded = True, False

    def _keep(self, piece: bytes) -> None:
        self.start += piece[: KEPT - len(self.start)]


_OTHER_NAME: Final = (62, 64)
"""Codes of a certificate for another host or address (OpenSSL, X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_…)."""


def other_name(error: Exception) -> bool:
    """Whether *error* says that the server's TLS certificate is for other names."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in _OTHER_NAME for cause in causes(error)
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
