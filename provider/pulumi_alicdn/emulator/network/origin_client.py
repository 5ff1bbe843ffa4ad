"""The edges' requests to the origin: real HTTP with a timeout."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx2

from pulumi_alicdn.emulator.clock import VirtualClock
from pulumi_alicdn.emulator.network.edge_cache import Key, Stored
from pulumi_alicdn.emulator.network.encodings import Encoding

_NOT_STORED: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "date",
        "content-length",
        "age",
        "x-cache",
        "x-edge",
    }
)
"""Headers of a connection or answer and not of the object (RFC 9110, section 7.6.1), and those that an edge writes."""


MAX_OBJECT_BYTES: Final = 256 * 1024 * 1024
"""Size of an object, after its decoding, that an edge fetches. [chosen: an endless answer must not fill the memory]"""


class OriginTimeoutError(Exception):
    """The origin did not answer in time."""


class OriginUnreachableError(Exception):
    """The origin could not be reached, closed the connection, or sent more than an edge takes."""


class OriginClient:
    """Fetches objects from one origin, for all edges."""

    def __init__(self, client: httpx2.AsyncClient, base_url: str, timeout_s: float, clock: VirtualClock) -> None:
        """Send requests to *base_url*, each for at most *timeout_s* real seconds."""
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._clock = clock

    async def fetch(self, key: Key, headers: Mapping[str, str]) -> Stored:
        """Return the origin's answer, with any status. Raises OriginTimeoutError or OriginUnreachableError."""
        target = key.path + ("" if key.query is None else f"?{key.query}")
        # The copy's encoding is asked for and no other: the edge would store what it cannot tell from other copies.
        passed = {name: value for name, value in headers.items() if name.lower() != "accept-encoding"}
        sent = {**passed, "Host": key.domain, "Accept-Encoding": key.encoding.value}
        try:
            # A target may be too long for a URL.
            request = self._client.build_request("GET", f"{self._base_url}{target}", headers=sent)
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.send(request, stream=True)
                try:
                    body = await _body(answer, key.encoding)
                finally:
                    await answer.aclose()
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise OriginTimeoutError from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise OriginUnreachableError from error
        dropped = _NOT_STORED | ({"content-encoding"} if key.encoding is Encoding.IDENTITY else set())
        kept = tuple((name, value) for name, value in answer.headers.multi_items() if name.lower() not in dropped)
        return Stored(answer.status_code, kept, body, self._clock.now())


async def _body(answer: httpx2.Response, encoding: Encoding) -> bytes:
    """The body as it came; a copy without an encoding is decoded, whatever the origin sent."""
    body = bytearray()
    async for part in answer.aiter_bytes() if encoding is Encoding.IDENTITY else answer.aiter_raw():
        body += part
        if len(body) > MAX_OBJECT_BYTES:
            raise OriginUnreachableError
    return bytes(body)
