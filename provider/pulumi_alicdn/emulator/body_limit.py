"""The limit of request bodies: a body is read up to it, and within a time, before any application sees the request."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_S: Final = 30.0
"""Real seconds within which a body has to arrive. [chosen: clients are on this machine]"""


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
            await _closing(HTTPStatus.REQUEST_TIMEOUT, f"The body did not arrive within {BODY_S:.0f} s.")(
                scope, receive, send
            )
            return
        if body is None:
            sentence = f"The body has more than {self._max_bytes} bytes."
            await _closing(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)(scope, receive, send)
            return
        read = False

        async def receive_body() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._application(scope, receive_body, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """Return the whole body; None once it is too long, without reading the rest of it."""
        if int(headers.get("content-length", "0")) > self._max_bytes:
            return None
        body = bytearray()
        more = True
        while more:
            message = await receive()
            # A client that has disconnected sends no more; the application finds out when it answers.
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._max_bytes:
                return None
        return bytes(body)


def _closing(status: HTTPStatus, sentence: str) -> Response:
    """An answer after which the connection closes: the rest of the body would follow on it."""
    return Response(sentence + "\n", status, {"Connection": "close"}, "text/plain")
