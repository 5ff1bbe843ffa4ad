"""Plain signed requests, whose answers no client has read yet."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

from alibabacloud_tea_openapi.utils import Utils

from pulumi_alicdn.emulator.running import Emulator

ANSWER_S = 20.0


@dataclass(frozen=True, slots=True)
class Plain:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object of the body."""
        value: dict[str, Any] = json.loads(self.text)
        return value

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


def ask(emulator: Emulator, action: str, **params: str | int) -> Plain:
    """The answer to one call; JSON unless ``Format`` says otherwise."""
    full = {
        "Action": action,
        "Version": "2017-03-21" if "Vod" in action or "Media" in action else "2018-05-10",
        "Format": "JSON",
        **{name: str(value) for name, value in params.items()},
        "AccessKeyId": emulator.access_key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": Utils.get_nonce(),
        "Timestamp": Utils.get_timestamp(),
    }
    full["Signature"] = Utils.get_rpcsignature(full, "GET", emulator.access_key_secret)
    target = "/?" + "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in full.items())
    address = urlsplit(emulator.endpoint)
    with contextlib.closing(HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_S)) as connection:
        connection.request("GET", target)
        answer = connection.getresponse()
        headers = {name.lower(): text for name, text in answer.getheaders()}
        return Plain(answer.status, headers, answer.read().decode())


def refresh(emulator: Emulator, *paths: str, action: str = "RefreshVodObjectCaches", object_type: str = "File") -> str:
    """Submit a refresh; return its task ids."""
    return str(ask(emulator, action, ObjectPath="\n".join(paths), ObjectType=object_type).json["RefreshTaskId"])
