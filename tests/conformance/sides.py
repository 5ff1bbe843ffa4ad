"""The two sides of a statement, asked in the words of the documents: the project's client, and the emulator bare."""

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
from conformance.harness import KEY_ID, KEY_SECRET, Answer, Harness, Told, configured
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiError, InputError

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
"""Told instead of a code: the client itself refused the question, and sent nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One page: its rows by the names of the documents, how many match, and which page it is."""

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
    """Who is asked. None takes out what the document requires of every question."""

    bench: Harness
    doc: Document

    def ask(self, **wire: str | int | None) -> Seen:
        """Ask a question that must be answered."""

    def refusal(self, **wire: str | int | None) -> str:
        """Ask a question that must be refused; how it was told: the service's code, or :data:`INPUT`."""

    def type_shown(self, word: str) -> str:
        """How a row's ObjectType *word* of the document comes out."""


def _full(doc: Document, wire: Mapping[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in {**doc.always, **wire}.items() if value is not None}


class EmulatorSide:
    """The emulator, by requests that the vendor's library signs."""

    def __init__(self, bench: Harness, doc: Document) -> None:
        self.bench = bench
        self.doc = doc

    def request(self, **wire: str | int | None) -> Answer:
        """Ask, and return whatever the answer is; JSON unless ``Format`` says otherwise."""
        full = {name: str(value) for name, value in _full(self.doc, wire).items()}
        return self.bench.raw({"Action": self.doc.action, "Version": self.doc.version, "Format": "JSON", **full})

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
        """Ask through the vendor's own client, which signs in its newest way, and return the JSON of the answer."""
        client = VendorClient(
            Config(
                access_key_id=KEY_ID,
                access_key_secret=KEY_SECRET,
                endpoint=self.bench.emulator.endpoint.removeprefix("http://"),
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

    def __init__(self, bench: Harness, doc: Document) -> None:
        self.bench = bench
        self.doc = doc

    def _named(self, wire: Mapping[str, str | int | None]) -> dict[str, str | int]:
        return {NAMES[name]: value for name, value in _full(self.doc, wire).items()}

    def ask(self, **wire: str | int | None) -> Seen:
        with configured(self.bench.emulator.endpoint):
            return _seen(alicdn.describe_refresh_tasks(self.doc.service, **self._named(wire)))

    def listed(self, **wire: str | int | None) -> list[Mapping[str, str]]:
        """All pages."""
        with configured(self.bench.emulator.endpoint):
            return [_row(entry) for entry in alicdn.iter_refresh_tasks(self.doc.service, **self._named(wire))]

    def refusal(self, **wire: str | int | None) -> str:
        before = len(self.bench.calls(self.doc))
        try:
            found: object = self.ask(**wire)
        except InputError:
            assert len(self.bench.calls(self.doc)) == before, "it was sent all the same"
            return INPUT
        except ApiError as error:
            return error.fault.code
        raise AssertionError(f"it was not refused: {found}")

    def type_shown(self, word: str) -> str:
        return "directory" if word == "path" else word

    def sent(self, **wire: str | int | None) -> Mapping[str, str]:
        """Ask, and return the parameters of the request that the emulator got."""
        self.ask(**wire)
        params: Mapping[str, str] = self.bench.calls(self.doc)[-1]["params"]
        return params

    def read(self, *bodies: bytes | Mapping[str, object], **wire: str | int | None) -> Seen:
        """Ask the sample server, which answers *bodies* in that order."""
        self.tell(*bodies)
        with configured(self.bench.samples.url):
            return _seen(alicdn.describe_refresh_tasks(self.doc.service, **self._named(wire)))

    def read_all(self, *bodies: bytes | Mapping[str, object], **wire: str | int | None) -> list[Mapping[str, str]]:
        """List all pages of the sample server."""
        self.tell(*bodies)
        with configured(self.bench.samples.url):
            return [_row(entry) for entry in alicdn.iter_refresh_tasks(self.doc.service, **self._named(wire))]

    def tell(self, *bodies: bytes | Mapping[str, object], status: int = 200) -> None:
        """Have the sample server answer this."""
        texts = (body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies)
        self.bench.samples.tell(*(Told(text, status) for text in texts))

    def api(self, endpoint: str | None = None) -> AlibabaCloud:
        """The layer below, which makes one request for one call and tries nothing again."""
        at = endpoint or self.bench.emulator.endpoint
        settings = Settings(endpoint=at, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
        return AlibabaCloud(settings, Service.VOD if self.doc.vod else Service.CDN)


def _row(entry: Mapping[str, str | None]) -> Mapping[str, str]:
    return {_SHOWN[name]: value for name, value in entry.items() if value is not None}


def _seen(page: alicdn.RefreshTasksPage) -> Seen:
    rows = tuple(_row(entry) for entry in page["tasks"])
    return Seen(rows, page["total_count"], page["page_number"], page["page_size"], page["request_id"])


def failing(kind: type[E], call: Callable[[], object]) -> E:
    """The error of that kind that *call* raises; any other goes through, and none at all is an assertion."""
    try:
        found = call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}, but {found!r:.200}")
