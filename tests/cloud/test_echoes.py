"""Servers that repeat the request in their answer: nothing secret of it is in an error, a row or the state."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from html import escape
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import quote, unquote_plus
from xml.sax.saxutils import escape as xml_escape

import pytest

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiError
from support.loopback import serve_with

KEY, SECRET, TOKEN = "LTAI5tCanaryKeyId", "canary/secret+1f2e3d4c", "canary/sts+token==5a6b7c8d"
HEADER = "Bearer canary/header+value=9e8f7a"
CANARIES: Final = ("canary/", "CanaryKey", "1f2e3d4c", "5a6b7c8d", "9e8f7a")
"""Parts of the secrets above that have no other meaning."""

SPEC = TaskSpec(
    Service.VOD,
    Kind.PREFETCH,
    ObjectType.PRELOAD,
    ("https://media.example.com/a.m3u8",),
    headers=(("Authorization", HEADER),),
)

Write = Callable[[str], str]
Answer = Callable[[str], tuple[int, bytes]]

WRITINGS: Final[dict[str, Write]] = {
    "as it is": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "HTML": escape,
    "XML": xml_escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hexadecimal digits": lambda text: text.encode().hex(),
}


def _error(status: int, said: str) -> tuple[int, bytes]:
    return status, json.dumps({"Code": said, "Message": said, "RequestId": said, "Recommend": said}).encode()


def _xml(said: str) -> tuple[int, bytes]:
    parts = "".join(f"<{name}>{xml_escape(said)}</{name}>" for name in ("Code", "Message", "RequestId"))
    return 400, f"<Error>{parts}</Error>".encode()


def _refusal(said: str) -> tuple[int, bytes]:
    return 200, json.dumps({"Code": "InvalidParameter", "Message": said, "RequestId": said}).encode()


ANSWERS: Final[dict[str, Answer]] = {
    "an error": lambda said: _error(400, said),
    "an error of the gateway": lambda said: _error(503, said),
    "an error in XML": _xml,
    "a refusal with the status 200": _refusal,
    "a page": lambda said: (200, f"<html><title>{said}</title></html>".encode()),
    "a text": lambda said: (200, said.encode()),
    "JSON of another kind": lambda said: (200, json.dumps({said: said}).encode()),
    "an unexpected quota": lambda said: (200, json.dumps({"UrlQuota": said, "UrlRemain": said}).encode()),
    "media that are not known": lambda said: (200, json.dumps({"NonExistMediaIds": said, "RequestId": said}).encode()),
    "a receipt without ids": lambda said: (200, json.dumps({"PreloadTaskId": "", "RequestId": said}).encode()),
}


def _cloud(running: ExitStack, answer: Answer, write: Write) -> AlibabaCloud:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = unquote_plus(self.rfile.read(int(self.headers.get("content-length") or 0)).decode())
            lines = [f"{name}: {value}" for name, value in self.headers.items()]
            # Also what only the service can work out: the secret belongs to the key.
            status, body = answer(write(" ".join([SECRET, *lines, form, unquote_plus(self.path)])))
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    settings = Settings(
        endpoint=f"http://{serve_with(running, Handler, None)}",
        access_key_id=KEY,
        access_key_secret=SECRET,
        security_token=TOKEN,
    )
    return connect(settings, Service.VOD)


def _forms(canary: str) -> list[str]:
    within_base64 = [base64.b64encode(b"\0" * shift + canary.encode())[4:-4].decode() for shift in range(3)]
    return [canary, quote(canary, safe=""), canary.encode().hex(), *(form for form in within_base64 if len(form) > 5)]


def _clean(said: str) -> None:
    assert not [form for canary in CANARIES for form in _forms(canary) if form.lower() in said.lower()], said
    assert not re.search(r"Signature=[0-9a-f]{8}", said), said


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_error_passes_on_what_an_answer_repeats(answer: Answer, write: Write) -> None:
    with ExitStack() as running:
        cloud = _cloud(running, answer, write)
        for call in (lambda: cloud.submit(SPEC), lambda: cloud.describe(Query()), cloud.quota, lambda: cloud.job("1")):
            with pytest.raises(ApiError) as caught:
                call()
            error = caught.value
            _clean(f"{error} {error!r} {error.fault!r} {error.summary}")
            assert error.__cause__ is None
            assert error.__context__ is None


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
def test_no_row_and_no_receipt_passes_on_what_an_answer_repeats(write: Write) -> None:
    def answer(said: str) -> tuple[int, bytes]:
        row = {
            "TaskId": "5",
            "ObjectPath": "https://media.example.com/a.m3u8",
            "Status": "Failed",
            "Description": said,
            "Process": said,
            "CreationTime": said,
            "ObjectType": said,
        }
        job = {"MediaId": "m", "Status": "fail", "ErrorCode": said, "ErrorMessage": said, "TaskIds": ""}
        body = {
            "RequestId": said,
            "PreloadTaskId": "5",
            "Tasks": {"Task": [row, {**row, "Status": said}]},
            "TotalCount": 2,
            "MediaRefreshJobs": [job],
        }
        return 200, json.dumps(body).encode()

    with ExitStack() as running:
        cloud = _cloud(running, answer, write)
        assert cloud.submit(SPEC).task_ids == ("5",)
        _clean(f"{cloud.submit(SPEC)} {cloud.describe(Query())} {cloud.job('1')}")
        assert [row.object_path for row in cloud.describe(Query()).rows] == ["https://media.example.com/a.m3u8"] * 2
