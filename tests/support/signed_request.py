"""Plain HTTP requests with the signature of the vendor's library; no client has read the answers yet."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from alibabacloud_tea_openapi.utils import Utils

ANSWER_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body in UTF-8."""
        return self.body.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object of the body."""
        value: dict[str, Any] = json.loads(self.body)
        return value

    @property
    def xml(self) -> ET.Element:
        """The root of the body as XML."""
        return ET.fromstring(self.body)  # noqa: S314  from our own server

    @property
    def rows(self) -> list[Any]:
        """The rows of a Describe answer, without their container."""
        tasks = self.json["Tasks"]
        listed = tasks if isinstance(tasks, list) else next(iter(tasks.values()))
        return list(listed)

    @property
    def refused(self) -> tuple[int, str]:
        """HTTP status and code of a refusal."""
        return self.status, str(self.json["Code"])


def send(base: str, method: str, target: str, headers: Mapping[str, str] | None = None) -> Answer:
    """One plain HTTP request."""
    address = urlsplit(base)
    with contextlib.closing(HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_S)) as connection:
        connection.request(method, target, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())


def signed(params: Mapping[str, str], key_id: str, secret: str, *, method: str = "GET", timestamp: str = "") -> str:
    """A query of *params*, in their order, and its signature; *timestamp*: another one than that of now."""
    full = {
        **params,
        "AccessKeyId": key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": Utils.get_nonce(),
        "Timestamp": timestamp or Utils.get_timestamp(),
    }
    full["Signature"] = Utils.get_rpcsignature(full, method, secret)
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in full.items())
