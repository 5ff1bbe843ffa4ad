"""The reading of an API request: action, version, parameters, and the format of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from pulumi_alicdn.emulator.api.render import wants_xml
from pulumi_alicdn.emulator.service.signature import SignedRequest
from pulumi_alicdn.emulator.values import Params

_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of the API before any check; ``action`` and ``version`` are empty when missing."""

    signed: SignedRequest
    action: str
    version: str
    params: Params
    xml: bool
    host: str


async def read_request(request: Request) -> Incoming:
    """Read a request with its whole body."""
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw_query: bytes = request.scope["query_string"]
    is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    signed = SignedRequest(
        method=request.method,
        path=request.scope["path"],
        query=_pairs(raw_query),
        form=_pairs(body) if is_form else (),
        headers=headers,
        body=body,
    )
    params = dict((*signed.query, *signed.form))
    return Incoming(
        signed=signed,
        action=headers.get("x-acs-action") or params.get("Action", ""),
        version=headers.get("x-acs-version") or params.get("Version", ""),
        params=params,
        # The signature documentation of version 1 names XML as the default format of answers.
        xml=wants_xml(params.get("Format"), headers.get("accept", ""), default_xml="authorization" not in headers),
        host=headers.get("host", ""),
    )


def _pairs(text: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True))
