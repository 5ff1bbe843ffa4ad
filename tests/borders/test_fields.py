"""Every field that a service or an edge fills, over HTTP: each is one line, of which everything is seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pulumi_alicdn.api.rows import Query, listed
from pulumi_alicdn.api.spec import Kind, Media, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import AlicdnError, ApiError
from pulumi_alicdn.releases.proof.judge import Expected, Probe, evidence
from pulumi_alicdn.releases.proof.proof_messages import failure
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.releases.report.wording import why
from pulumi_alicdn.system.edges import EdgeFetcher
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.verdict import Outcome, Verdict
from support.hostile import HEADERS, HOSTILE, MARK, obeyed, unseen
from support.hostile_servers import in_header
from support.loopback import serve_with

Answer = tuple[int, dict[str, Any]]
SPEC = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, ("https://media.example.com/a",))
ROW = {
    "TaskId": "1",
    "ObjectPath": "https://media.example.com/a",
    "ObjectType": "file",
    "Status": "Failed",
    "Process": "0%",
    "Description": "Internal Error",
    "CreationTime": "2026-01-02T03:04:05Z",
}


@pytest.fixture
def service() -> Iterator[Callable[[Callable[[dict[str, str]], Answer]], AlibabaCloud]]:
    """Connect to a service that answers as the function says that is given."""
    with ExitStack() as running:

        def connected(answer: Callable[[dict[str, str]], Answer]) -> AlibabaCloud:
            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                wbufsize = -1  # one packet for each answer

                def do_POST(self) -> None:
                    self.rfile.read(int(self.headers.get("Content-Length") or 0))
                    status, value = answer(dict(parse_qsl(urlsplit(self.path).query)))
                    content = json.dumps(value).encode()
                    self.send_response_only(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

                def log_message(self, *_: object) -> None:
                    pass

            endpoint = f"http://{serve_with(running, Handler, None)}"
            return connect(Settings(endpoint=endpoint, access_key_id="id", access_key_secret="canary"), Service.VOD)

        yield connected


def texts(value: object) -> Iterator[str]:
    """All texts within a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name))
    elif isinstance(value, dict):
        yield from texts([*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from texts(part)


def is_one_line(text: str) -> bool:
    return "\n" not in text and unseen(text) == []


@pytest.mark.parametrize("status", [403, 404, 500, 200])
@pytest.mark.parametrize("field", ["Code", "Message", "RequestId", "HostId", "Extra"])
def test_a_refusal_is_one_sentence_whatever_its_fields_hold(
    service: Callable[[Callable[[dict[str, str]], Answer]], AlibabaCloud], field: str, status: int
) -> None:
    plain = {"Code": "Forbidden.RAM.Other", "Message": "no", "RequestId": "A-1", "HostId": "h", "Recommend": "r"}
    left = iter(HOSTILE)
    api = service(lambda _: (status, {**plain, field: next(left)}))
    shown = 0
    for text in HOSTILE:
        with pytest.raises(ApiError) as raised:
            api.describe(Query())
        error = raised.value
        assert [one for one in texts((str(error), error.summary, error.fault)) if not is_one_line(one)] == []
        assert obeyed(str(error)) == []
        shown += MARK in str(error)
        assert text  # each of them was sent
    assert next(left, None) is None
    assert shown == (len(HOSTILE) if field in {"Code", "Message", "RequestId"} and status != 200 else shown)


@pytest.mark.parametrize("field", [*ROW, "RequestId", "TotalCount"])
def test_a_row_is_made_of_lines_whatever_its_fields_hold(
    service: Callable[[Callable[[dict[str, str]], Answer]], AlibabaCloud], field: str
) -> None:
    rows = [{**ROW, field: text} for text in HOSTILE]
    left = iter(HOSTILE)

    def answer(_: object) -> Answer:
        return 200, {"RequestId": next(left) if field == "RequestId" else "A", "Tasks": {"Task": rows}, field: "boo"}

    page = service(answer).describe(Query())
    assert len(page.rows) == len(HOSTILE)
    assert [one for one in texts((page, [listed(row) for row in page.rows])) if not is_one_line(one)] == []
    for row in page.rows:
        verdict = Verdict(Outcome.FAILED, {ROW["ObjectPath"]: row}, unmatched=(row,))
        for said in (
            messages.failure(SPEC, verdict, "Next."),
            messages.timeout(SPEC, verdict, [row.task_id], 5, "Next."),
            messages.retrying(SPEC, verdict),
            messages.unknown_status(SPEC, row),
            messages.unknown_task(SPEC, [row.task_id]),
            messages.already([row.task_id]),
        ):
            shown = str(AlicdnError(said))
            assert (unseen(shown), obeyed(shown)) == ([], [])
            # Without a failed row, the list of failures is empty.
            assert [line for line in said.split("\n")[1:] if line and not line.startswith(("  http", "Next."))] == []


def test_ids_and_jobs_are_lines(service: Callable[[Callable[[dict[str, str]], Answer]], AlibabaCloud]) -> None:
    joined = ",".join(text.replace(",", "") for text in HOSTILE)
    jobs = [
        {"MediaId": text, "Status": "Fail", "TaskIds": text, "ErrorCode": text, "ErrorMessage": text}
        for text in HOSTILE
    ]

    def answer(asked: dict[str, str]) -> Answer:
        if "MediaRefreshJobId" in asked:
            return 200, {"RequestId": HOSTILE[0], "MediaRefreshJobs": jobs}
        if "Refresh" in asked.get("Action", ""):
            return 200, {"RequestId": HOSTILE[0], "RefreshTaskId": joined, "MediaRefreshJobId": joined}
        return 200, {"RequestId": HOSTILE[0], "RefreshTaskId": joined, "MediaRefreshJobId": joined}

    api = service(answer)
    receipt = api.submit(SPEC)
    assert len(receipt.task_ids) == len(receipt.job_ids) > 60
    assert [one for one in texts(receipt) if not is_one_line(one)] == []
    job = api.job("1")
    assert [one for one in texts(job) if not is_one_line(one)] == []
    media = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, (), media=Media(("m",)))
    said = str(AlicdnError(messages.failed_media(media, job.failures)))
    assert (unseen(said), obeyed(said)) == ([], [])


@pytest.mark.parametrize("header", ["X-Cache", "Age", "Last-Modified", "ETag", "Via", "Server", "Content-Encoding", ""])
def test_what_an_edge_says_is_made_of_lines(header: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = in_header(HEADERS[int(self.path[1:])])
            head = b"%s: %s\r\n" % (header.encode(), text) if header else b""
            reason = b"" if header else text
            self.wfile.write(
                b"HTTP/1.1 200 " + reason + b"\r\n" + head + b"Content-Length: 3\r\nConnection: close\r\n\r\nold"
            )
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        host, _, port = serve_with(running, Handler, None).partition(":")
        server = Server(host, int(port))
        probes = [Probe(server, f"http://media.example.com/{number}") for number in range(len(HEADERS))]
        answers = list(EdgeFetcher([server]).read(probes, 60))
    found = [evidence(probe, Expected(probe.url, b"x" * 32, 3), served) for probe, served in answers]
    assert len(found) == len(HEADERS)
    assert [one for one in texts(([served for _, served in answers], found)) if not is_one_line(one)] == []
    if header in {"X-Cache", "Age", "Last-Modified"}:
        assert sum(MARK in one.note for one in found) >= len(HEADERS) - 1
    for one in found:
        said = str(AlicdnError(failure([one])))
        assert (unseen(said), obeyed(said), len(said.split("\n"))) == ([], [], 3), said
        assert is_one_line(why(one))
