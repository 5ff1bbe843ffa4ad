"""The origin: it serves a folder and added files, and fails according to its rules."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pydantic
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pulumi_alicdn.emulator.fields import STRICT, HttpStatus, Seconds, UrlPath
from pulumi_alicdn.emulator.network.encodings import Encoding, encoded, preferred
from pulumi_alicdn.emulator.network.site_rules import NO_RULES
from pulumi_alicdn.emulator.network.transports import Transports
from pulumi_alicdn.emulator.values import http_date


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class OriginRule:
    """A rule for one path: wait ``delay_s`` real seconds, then reset the connection or answer ``status``."""

    path: UrlPath
    status: HttpStatus | None = None
    delay_s: Seconds = 0.0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class _Content:
    body: bytes
    modified: datetime


class Origin:
    """An ASGI application over a folder; added files hide those of the folder."""

    def __init__(self, folder: Path | None, transports: Transports) -> None:
        """Serve *folder*, or only added files."""
        self._folder = folder.resolve() if folder is not None else None
        self._transports = transports
        self._added: dict[str, _Content] = {}
        self.rules: Sequence[OriginRule] = ()
        self.headers: Mapping[str, Mapping[str, str]] = {}
        """Additional headers of the answers for a path, such as ``Cache-Tag``."""
        self.site = NO_RULES
        """What is served for folders and for unknown names."""
        self.compresses = False
        """Whether answers have the encoding that a request prefers."""

    def add_files(self, files: Mapping[str, str]) -> None:
        """Serve these texts under these paths, instead of the folder's."""
        modified = datetime.now(UTC)
        self._added.update({path: _Content(text.encode(), modified) for path, text in files.items()})

    def reset(self) -> None:
        """Drop rules and headers; added files stay."""
        self.rules = ()
        self.headers = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]  # decoded already: a % in it belongs to the file's name
        if self.site.plus_is_blank:
            path = path.replace("+", " ")
        rule = next((rule for rule in self.rules if rule.path == path), OriginRule(path))
        if rule.delay_s:
            await asyncio.sleep(rule.delay_s)
        if rule.reset:
            await self._transports.abort(scope)
            return
        if rule.status is not None:
            response = Response(f"The origin answers {rule.status}.\n", rule.status, media_type="text/plain")
        elif scope["method"] not in {"GET", "HEAD"}:
            response = Response("Only GET and HEAD.\n", 405)
        else:
            name, content = await asyncio.to_thread(self._found, path)
            accepted = Headers(scope=scope).get("accept-encoding", "")
            response = _answer(name, content, preferred(accepted) if self.compresses else None)
        response.headers.update(self.headers.get(path, {}))
        response.headers["Date"] = http_date(datetime.now(UTC))
        await response(scope, receive, send)

    def _found(self, path: str) -> tuple[str, _Content | None]:
        """The path of what is served for *path*, and its content."""
        folder = path.endswith("/") and path != "/"
        if folder and self.site.folders != "own":
            name = "/" if self.site.folders == "first-page" else path
            return name, self._content(name) if name == "/" else None
        content = self._content(path)
        return ("/", self._content("/")) if content is None and self.site.unknown == "first-page" else (path, content)

    def _content(self, path: str) -> _Content | None:
        name = path + "index.html" if path.endswith("/") else path
        added = self._added.get(name)
        if added is not None or self._folder is None or "\0" in name:
            return added
        try:
            file = (self._folder / name.lstrip("/")).resolve()
            # Neither dots nor links may lead out of the folder: a request could otherwise read any file of this
            # machine. A pipe is no file: the read of one would wait for its writer.
            if not file.is_relative_to(self._folder) or not file.is_file():
                return None
            return _Content(file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC))
        except (OSError, RuntimeError, ValueError):
            # The name is too long or no name at all, a link leads to itself, or the file must not be read.
            return None


def _answer(path: str, content: _Content | None, encoding: Encoding | None) -> Response:
    """The answer in that encoding; None for an origin that knows no encodings."""
    if content is None:
        return Response("There is no such file.\n", 404, media_type="text/plain")
    name = "index.html" if path.endswith("/") else path
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "ETag": f'"{hashlib.sha256(content.body).hexdigest()[:32]}"',
        "Last-Modified": http_date(content.modified),
    }
    if encoding is not None:
        headers["Vary"] = "Accept-Encoding"
    if encoding is None or encoding is Encoding.IDENTITY:
        return Response(content.body, 200, headers, media_type)
    # A weak tag: copies in different encodings are equivalent, but not byte for byte (RFC 9110, section 8.8.1).
    headers |= {"Content-Encoding": encoding.value, "ETag": f"W/{headers['ETag']}"}
    return Response(encoded(content.body, encoding), 200, headers, media_type)
