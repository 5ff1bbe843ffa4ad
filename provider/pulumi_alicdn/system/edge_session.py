"""The session of one read from edges over HTTP/1.1: its connections, its requests, and the digest of each answer."""

from __future__ import annotations

import asyncio
import functools
import math
import re
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from pulumi_alicdn.causes import causes
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS, EdgeAccess, hidden
from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.lessons import named, unchanged
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.releases.proof.url_signing import Signed, sign
from pulumi_alicdn.system.decoding import Decoder, TooLongError, UndecodableError, unknown
from pulumi_alicdn.system.dns.dns_answers import said_by_dns, unanswered
from pulumi_alicdn.system.edge_loop import InwardError

KEPT: Final = 65_536
"""Bytes of a content that an answer keeps. [chosen: most pages of a site fit, and a proof keeps few answers]"""

_MAX_HEADER: Final = 16_384
"""Bytes of one header. [chosen: the longest in use are policies of several kB]"""

_PORTS: Final = {"http": 80, "https": 443}
"""The ports that URLs and the header Host leave out."""

_TARGET: Final = re.compile("/[!-~]*")
"""A path and query as a request has them: others would end its line."""

_MOST_UNKNOWN: Final = 64 * 1024 * 1024
"""Bytes to which a layer of encodings may decode, if the size of the file is not known. [chosen: the largest file that
is compared by its bytes]"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an edge could not be reached.

    ``other_name``: its TLS certificate is for other names. ``no_address``: DNS does not know its name.
    """

    text: str
    other_name: bool
    no_address: bool


class BrokenError(aiohttp.ClientError):
    """The connection broke before an answer came: a server may close an idle one just as it is used again."""


class OverBudgetError(Exception):
    """The budget does not allow the rest of a body."""


class Session:
    """The connections of one read, and the edges that failed.

    Each TLS host name has its own connections: a connection with a certificate for another host must not be reused.
    """

    def __init__(self, silence_s: float, tls: ssl.SSLContext | None, access: EdgeAccess, meter: Meter | None) -> None:
        """End a request after *silence_s* seconds of silence, and all of them once *meter* allows no more bytes."""
        self._access = access
        self._meter = meter
        # Answers of many edges have the same headers, and a search takes a while.
        self._hide = functools.lru_cache(1024)(access.secrets.hide)
        self._timeout = aiohttp.ClientTimeout(connect=silence_s, sock_connect=silence_s, sock_read=silence_s)
        self._tls = tls
        self.failures: dict[Server, int] = defaultdict(int)
        self.reasons: dict[Server, Reason] = {}

    async def __aenter__(self) -> Self:
        """Return itself; connections are opened by the first requests."""
        self._client = aiohttp.ClientSession(
            # The workers bound the connections, in all and at each server.
            connector=aiohttp.TCPConnector(
                limit=0, resolver=aiohttp.ThreadedResolver(), use_dns_cache=False, ssl=self._tls or True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            auto_decompress=False,
            middlewares=(_once,),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._client.close()

    async def fetch(self, probe: Probe) -> Served:
        """Make the request, and hash the body as it arrives. Raises the errors of aiohttp, and OverBudgetError."""
        access = OPEN_ACCESS if probe.server.origin else self._access
        try:
            url, headers, sni, signed = _request(probe, access)
        except ValueError as error:
            raise aiohttp.InvalidURL(probe.url) from error
        response = await self._client.request(
            probe.method, url, headers=headers, allow_redirects=False, server_hostname=sni
        )
        counted = 0

        def allowed() -> bool:
            nonlocal counted
            came, counted = response.content.total_bytes - counted, response.content.total_bytes
            return self._meter is None or self._meter.came(came)

        try:
            served = await _read(probe, response, allowed)
        finally:
            # What came of a body that nobody reads has been sent, too.
            allowed()
            # A connection is used again if nothing is left to read on it.
            response.release()
        return served if access is OPEN_ACCESS else hidden(served, self._hide, signed)


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send *request* once: the client itself would send it again after some errors, past every budget."""
    try:
        return await send(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenError from error


def _request(probe: Probe, access: EdgeAccess) -> tuple[URL, CIMultiDict[str], str | None, Signed | None]:
    """Return address, headers, the host that the certificate must be for, and the signature if there is one."""
    server, parts = probe.server, urlsplit(probe.url)
    scheme = server.scheme_for(probe.url)
    url_port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
    port = server.port or (url_port if scheme == parts.scheme else None)
    host = server.host_header or _authority(parts.scheme, parts.hostname or "", url_port)
    # An origin's certificate is for its own name; an edge's is for the URL's host and not for the edge's name.
    of_origin = server.origin and not server.is_address
    sni = None if scheme != "https" else server.host if of_origin else _name(host)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    signed = None
    if access.url_auth is not None:
        signed = sign(access.url_auth, target, datetime.now(UTC), uuid4().hex)
        target = signed.target
    if not _TARGET.fullmatch(target):
        raise ValueError(target)
    headers = CIMultiDict(
        {"Host": host, "User-Agent": probe.user_agent, "Accept": "*/*", "Accept-Encoding": probe.accepts}
    )
    headers.update(access.headers)
    if probe.known:
        headers["If-None-Match"] = ", ".join(one.etag for one in probe.known)
    # Send the path unchanged: two spellings may be two objects.
    address = f"{scheme}://{_authority(scheme, server.host, port)}{target}"
    return URL(address, encoded=True), headers, sni, signed


@functools.lru_cache(1024)
def _authority(scheme: str, host: str, port: int | None) -> str:
    """Return host and port as URLs and the header Host have them; without the port that *scheme* has anyway."""
    return URL.build(scheme=scheme, host=host, port=port).host_port_subcomponent or ""


def _name(host: str) -> str:
    """Return the host of the header *host* without its port."""
    return urlsplit(f"//{host}").hostname or ""


async def _read(probe: Probe, response: aiohttp.ClientResponse, allowed: Callable[[], bool]) -> Served:
    headers = response.headers

    def text(name: str) -> str:
        return ", ".join(headers.getall(name, ()))

    listed = [word.strip() for word in text("Content-Encoding").split(",")]
    encodings = [word for word in listed if word and word.lower() != "identity"]
    stated = text("Content-Length")
    length = int(stated) if stated.isdecimal() else None
    head = Served(
        status=response.status,
        at=datetime.now(UTC),
        size=length if probe.head else None,
        etag=text("ETag"),
        age=text("Age"),
        x_cache=text("X-Cache"),
        last_modified=text("Last-Modified"),
        content_encoding=", ".join(encodings),
        content_type=text("Content-Type"),
        content_range=text("Content-Range"),
        checksum=text("x-oss-hash-crc64ecma"),
        vary=text("Vary"),
        location=text("Location"),
        refusal=text("X-Tengine-Error"),
    )
    if probe.head:
        return head
    if (known := named(probe, head, length)) is not None:
        return unchanged(head, known)
    if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return head
    body = _Body(probe, encodings)
    await body.read(response.content, allowed)
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

    async def read(self, content: aiohttp.StreamReader, allowed: Callable[[], bool]) -> None:
        """Read and hash all of it, as long as it can still be the file, and what has come is *allowed*.

        Raises OverBudgetError.
        """
        decoder = self._decoder()
        async for sent in content.iter_any():
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
            if not allowed() and not content.at_eof():
                raise OverBudgetError
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
        isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in _OTHER_NAME for cause in _roots(error)
    )


def no_address(error: Exception) -> bool:
    """Whether *error* says that DNS has no address for the server. A DNS that does not answer says nothing of it."""
    return any(isinstance(cause, socket.gaierror) and not unanswered(cause) for cause in _roots(error))


def _roots(error: Exception) -> Iterator[BaseException]:
    """Yield what led to *error*, without the client's own errors, which are errors of TLS, too, and say less."""
    return (cause for cause in causes(error) if not isinstance(cause, aiohttp.ClientError))


def why(error: Exception, silence_s: float) -> str:
    """Return why there was no answer; *silence_s* is the timeout in seconds."""
    for cause in _roots(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the TLS handshake failed"
        if isinstance(cause, InwardError):
            return "its name leads to no address of the internet"
        if isinstance(cause, socket.gaierror):
            return f"its name {said_by_dns(cause)}"
    reasons = {
        aiohttp.ConnectionTimeoutError: f"no connection within {silence_s:g} s",
        aiohttp.ServerTimeoutError: f"silent for {silence_s:g} s",
        aiohttp.ClientConnectorError: "no connection",
        aiohttp.InvalidURL: "the URL cannot be requested",
    }
    return next((words for kind, words in reasons.items() if isinstance(error, kind)), "the connection broke")
