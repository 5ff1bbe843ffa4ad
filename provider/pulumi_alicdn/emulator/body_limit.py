"""The limit of request bodies: a body is read up to it, and within a time, before any application sees the request."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_S: Final = 30.0
"""Real seconds within which a body has to arrive. [chosen: clients are on this machine]"""


class _TooLongError(Exception):
    """The body is longer than it may be; the rest of it was not read."""


class BodyLimit:
    """An ASGI application that passes requests on with their whole body, and refuses those with a longer one."""

    def __init__(self, application: ASGIApp, max_bytes: int) -> None:
        """Pass requests to *application* whose body has at most *max_bytes*."""
        self._application = application
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            async with asyncio.timeout(BODY_S):
                body = await self._read(Headers(scope=scope), receive)
        except TimeoutError:
            refused = _closing(HTTPStatus.REQUEST_TIMEOUT, f"The body did not arrive within {BODY_S:.0f} s.")
        except _TooLongError:
            refused = _closing(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has more than {self._max_bytes} bytes.")
        except ClientDisconnect:
            # What came of the body could be valid by itself, and have an effect that nobody asked for.
            return
        else:
            await self._application(scope, _replayed(body, receive), send)
            return
        await refused(scope, receive, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        if int(headers.get("content-length", "0")) > self._max_bytes:
            raise _TooLongError
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._max_bytes:
                raise _TooLongError
        return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The messages of a request whose *body* has been read: it comes in one part."""
    parts = [body]

    async def receive_body() -> Message:
        return {"type": "http.request", "body": parts.pop(), "more_body": False} if parts else await receive()

    return receive_body


def _closing(status: HTTPStatus, sentence: str) -> Response:
    """An answer after which the connection closes: the rest of the body would follow on it."""
    return Response(sentence + "\n", status, {"Connection": "close"}, "text/plain")
