"""Reads a request of the API: action, version, parameters, wanted format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from pulumi_alicdn.emulator.api.actions import HANDLERS, Handler
from pulumi_alicdn.emulator.api.render import wants_xml
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.products import SERVICES, Service
from pulumi_alicdn.emulator.service.refusals import Refusal
from pulumi_alicdn.emulator.service.signature import SignedRequest

if TYPE_CHECKING:
    from starlette.requests import Request

    from pulumi_alicdn.emulator.values import Params

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of the API before it is checked; ``action`` and ``version`` are empty when missing."""

    signed: SignedRequest
    action: str
    version: str
    params: Params
    xml: bool
    host: str

    @property
    def service_name(self) -> str:
        """The service that the version or the action belongs to, empty if neither is known."""
        if self.action in HANDLERS:
            return HANDLERS[self.action][0].name
        return next((service.name for service in SERVICES if service.version == self.version), "")

    def route(self) -> tuple[Service, Handler]:
        """Return what answers the request, or refuse it as unknown."""
        if not self.action:
            raise Refusal(refusals.MISSING_ACTION)
        if self.action not in HANDLERS or self.signed.path != "/":
            raise Refusal(refusals.ACTION_NOT_FOUND, f"There is no action {self.action!r} here.")
        service, handler = HANDLERS[self.action]
        if self.version != service.version:
            raise Refusal(refusals.INVALID_VERSION, f"{self.action} belongs to version {service.version}.")
        return service, handler


async def read_request(request: Request) -> Incoming:
    """Read a request to its end."""
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw_query: bytes = request.scope["query_string"]
    is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    signed = SignedRequest(
        method=request.method,
        path=request.url.path,
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
        # The signature documentation of version 1 names XML as the format of answers unless asked otherwise.
        xml=wants_xml(params.get("Format"), headers.get("accept", ""), default_xml="authorization" not in headers),
        host=headers.get("host", ""),
    )


def _pairs(text: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True))
