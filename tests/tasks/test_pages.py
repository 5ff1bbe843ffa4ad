"""A service that answers fewer rows a page than it was asked for: every row counts all the same."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from pulumi_alicdn.api.rows import Page, Query, Row, RowStatus
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import RefusedError
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.tasks.task_api import TaskApi
from support.virtual_clock import VirtualClock

MAX_ROWS = 50
"""What all documents of DescribeRefreshTasks name as the largest page."""

ROWS: list[dict[str, Any]] = [
    {
        "TaskId": "77",
        "ObjectPath": f"https://media.example.com/{number}",
        "ObjectType": "file",
        # What is not done yet is on the last page.
        "Status": "Complete" if number < 100 else "Refreshing",
        "Process": "50%",
        "CreationTime": "2026-03-01T10:00:00Z",
    }
    for number in range(120)
]


@pytest.fixture
def frugal() -> Iterator[AlibabaCloud]:
    """A CDN whose pages are never larger than the documented 50."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = parse_qs(urlsplit(self.path).query)
            size = min(MAX_ROWS, int(asked.get("PageSize", ["50"])[0]))
            start = size * (int(asked.get("PageNumber", ["1"])[0]) - 1)
            page = ROWS[start : start + size]
            tasks: object = page if self.headers["x-acs-action"] == "DescribeRefreshTaskById" else {"CDNTask": page}
            body = json.dumps({"RequestId": "R", "TotalCount": len(ROWS), "Tasks": tasks}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    yield connect(Settings(endpoint=endpoint, access_key_id="id", access_key_secret="canary"), Service.CDN)
    server.shutdown()
    server.server_close()
    thread.join()


def test_all_rows_are_listed_though_pages_are_smaller_than_asked_for(
    frugal: AlibabaCloud, clock: VirtualClock, caller: Caller
) -> None:
    rows = RowReader(frugal, caller).tasks(["77"]).rows
    assert len(rows) == 120
    assert clock.monotonic() == 0


def test_a_service_whose_pages_never_end_is_left_before_they_fill_the_memory(caller: Caller) -> None:
    class Endless:
        """A service that always has a further page of rows that nobody has seen."""

        service = Service.CDN
        asked = 0

        def describe(self, query: Query) -> Page:
            self.asked += 1
            at = datetime(2026, 3, 1, tzinfo=UTC)
            first = 10_000 * (query.page - 1)
            urls = (f"https://media.example.com/{first + number}" for number in range(10_000))
            rows = tuple(Row("77", url, ObjectType.FILE, RowStatus.REFRESHING, 0.0, at, "") for url in urls)
            return Page(rows, 10**9, "R", at)

    endless = Endless()
    with pytest.raises(RefusedError, match="lists more than 100,000 rows"):
        RowReader(cast("TaskApi", endless), caller).all_pages(Query(task_id="77"))
    assert endless.asked == 11
