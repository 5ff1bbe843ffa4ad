"""The two sides of a statement, both queried in the words of the documents: the client, and the emulator by HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from alibabacloud_tea_openapi.client import Client as VendorClient
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

import pulumi_alicdn as alicdn
from conformance.documents import Document
from conformance.harness import KEY_ID, KEY_SECRET, Harness, Reply, configured
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiError, InputError
from support.signed_request import Answer

NAMES = {
    "TaskId": "task_id",
    "ObjectPath": "object_path",
    "ObjectType": "object_type",
    "DomainName": "domain_name",
    "Status": "status",
    "StartTime": "start_time",
    "EndTime": "end_time",
    "ResourceGroupId": "resource_group_id",
    "PageNumber": "page_number",
    "PageSize": "page_size",
}
_SHOWN = {
    "task_id": "TaskId",
    "object_path": "ObjectPath",
    "object_type": "ObjectType",
    "status": "Status",
    "process": "Process",
    "description": "Description",
    "creation_time": "CreationTime",
}
E = TypeVar("E", bound=BaseException)
INPUT = "InputError"
"""Instead of a code: the client itself refused the query and sent nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One page: its rows by the names of the documents, the number of matching rows, and the page's number and size."""

    rows: tuple[Mapping[str, str], ...]
    total: int
    number: int
    size: int
    request_id: str

    @property
    def paths(self) -> list[str]:
        """The object paths in their order."""
        return [row["ObjectPath"] for row in self.rows]

    @property
    def row(self) -> Mapping[str, str]:
        """The only row."""
        (row,) = self.rows
        return row


class Side(Protocol):
    """The client or the emulator. A parameter of None removes one that the document requires of every query."""

    harness: Harness
    doc: Document

    def ask(self, **wire: str | int | None) -> Seen:
        """The answer to a query, which must succeed."""

    def refusal(self, **wire: str | int | None) -> str:
        """The refusal of a query, which must fail: the service's code, or :data:`INPUT`."""

    def type_shown(self, word: str) -> str:
        """What this side shows for the document's ObjectType *word*."""


def _full(doc: Document, wire: Mapping[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in {**doc.always, **wire}.items() if value is not None}


class EmulatorSide:
    """The emulator, by requests that the vendor's library signs."""

    def __init__(self, harness: Harness, doc: Document) -> None:
        self.harness = harness
        self.doc = doc

    def request(self, **wire: str | int | None) -> Answer:
        """Any answer to a query; JSON unless ``Format`` says otherwise."""
        full = {name: str(value) for name, value in _full(self.doc, wire).items()}
        return self.harness.raw({"Action": self.doc.action, "Version": self.doc.version, "Format": "JSON", **full})

    def ask(self, **wire: str | int | None) -> Seen:
        answer = self.request(**wire)
        assert answer.status == 200, answer.body
        body = answer.json
        rows = tuple(body["Tasks"][self.doc.container])
        return Seen(rows, body["TotalCount"], body["PageNumber"], body["PageSize"], body["RequestId"])

    def refusal(self, **wire: str | int | None) -> str:
        answer = self.request(**wire)
        assert answer.status == 400, (answer.status, answer.body)
        return str(answer.json["Code"])

    def type_shown(self, word: str) -> str:
        return word

    def vendor(self, **wire: str | int | None) -> dict[str, Any]:
        """The JSON that the vendor's own client gets, which signs by version 3."""
        client = VendorClient(
            Config(
                access_key_id=KEY_ID,
                access_key_secret=KEY_SECRET,
                endpoint=self.harness.emulator.endpoint.removeprefix("http://"),
                protocol="http",
            )
        )
        params = Params(
            action=self.doc.action,
            version=self.doc.version,
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        query = {name: str(value) for name, value in _full(self.doc, wire).items()}
        answer: dict[str, Any] = client.call_api(params, OpenApiRequest(query=query), RuntimeOptions())
        return dict(answer["body"])


class ClientSide:
    """The project's functions, over HTTP to the emulator or to the sample server."""

    def __init__(self, harness: Harness, doc: Document) -> None:
        self.harness = harness
        self.doc = doc

    def _named(self, wire: Mapping[str, str | int | None]) -> dict[str, Any]:
        return {NAMES[name]: value for name, value in _full(self.doc, wire).items()}

    def ask(self, **wire: str | int | None) -> Seen:
        with configured(self.harness.emulator.endpoint):
            return _seen(alicdn.describe_refresh_tasks(self.doc.service, **self._named(wire)))

    def listed(self, **wire: str | int | None) -> list[Mapping[str, str]]:
        """All pages."""
        with configured(self.harness.emulator.endpoint):
            return [_row(entry) for entry in alicdn.iter_refresh_tasks(self.doc.service, **self._named(wire))]

    def refusal(self, **wire: str | int | None) -> str:
        before = len(self.harness.calls(self.doc))
        try:
            found: object = self.ask(**wire)
        except InputError:
            assert len(self.harness.calls(self.doc)) == before, "the client sent it nevertheless"
            return INPUT
        except ApiError as error:
            return error.fault.code
        raise AssertionError(f"it was not refused: {found}")

    def type_shown(self, word: str) -> str:
        return "directory" if word == "path" else word

    def sent(self, **wire: str | int | None) -> Mapping[str, str]:
        """The parameters that the emulator got for a query of the client."""
        self.ask(**wire)
        params: Mapping[str, str] = self.harness.calls(self.doc)[-1]["params"]
        return params

    def read(self, *bodies: bytes | Mapping[str, object], **wire: str | int | None) -> Seen:
        """What the client reads from the sample server, which answers *bodies* in that order."""
        self.reply_with(*bodies)
        with configured(self.harness.samples.url):
            return _seen(alicdn.describe_refresh_tasks(self.doc.service, **self._named(wire)))

    def read_all(self, *bodies: bytes | Mapping[str, object], **wire: str | int | None) -> list[Mapping[str, str]]:
        """What the client lists from all pages of the sample server."""
        self.reply_with(*bodies)
        with configured(self.harness.samples.url):
            return [_row(entry) for entry in alicdn.iter_refresh_tasks(self.doc.service, **self._named(wire))]

    def reply_with(self, *bodies: bytes | Mapping[str, object], status: int = 200) -> None:
        """Let the sample server answer *bodies*."""
        texts = (body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies)
        self.harness.samples.reply_with(*(Reply(text, status) for text in texts))

    def api(self, endpoint: str | None = None) -> AlibabaCloud:
        """The client's lower layer, which sends one request per call and retries nothing."""
        at = endpoint or self.harness.emulator.endpoint
        settings = Settings(endpoint=at, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
        return connect(settings, Service.VOD if self.doc.vod else Service.CDN)


def _row(entry: alicdn.ListedTask) -> Mapping[str, str]:
    return {_SHOWN[name]: str(value) for name, value in entry.items() if value is not None}


def _seen(page: alicdn.RefreshTasksPage) -> Seen:
    rows = tuple(_row(entry) for entry in page["tasks"])
    return Seen(rows, page["total_count"], page["page_number"], page["page_size"], page["request_id"])


def failing(error_type: type[E], call: Callable[[], object]) -> E:
    """The error of that type that *call* raises; AssertionError without one."""
    try:
        found = call()
    except error_type as error:
        return error
    raise AssertionError(f"no {error_type.__name__}, but {found!r:.200}")
