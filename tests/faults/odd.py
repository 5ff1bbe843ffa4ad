"""A service whose answers are odd: something else answers in its place, or its rows hold what no document names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from faults.local import Cloud
from faults.program import Process, Program
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.emulator.values import Status
from pulumi_alicdn.state import IntentInputs
from support.virtual_clock import seeded_chance

LOGIN: Final = "<html><head><title>Sign in</title></head><body/></html>"
PAGES: Final = (
    LOGIN,
    "<!DOCTYPE html><title>Guest network</title><p>Welcome",
    '{"message": "no Route matched with those values"}',
    '{"message": "no Route matched", "RequestId": "5"}',
    '{"code": "401", "message": "log in", "requestId": "5"}',
    '{"Code": "Success", "Message": "success", "RequestId": "5"}',
    '{"RequestId": "5"}',
    "",
    "[]",
    "{}",
    '{"Tasks": {"Task": [{"TaskId": "1',
)
"""What answers with 200 in place of the service."""

HOST: Final = "https://a.example.com"


def page(text: str) -> RawAnswer:
    """The answer of a proxy or a gateway."""
    return RawAnswer(text, {"content-type": "text/html"})


class OddCloud(Cloud):
    """The account behind whatever is odd between it and us."""

    def __init__(self, runner: asyncio.Runner, *, effect_s: float = 8) -> None:
        super().__init__(runner, effect_s=effect_s)
        self.instead: Callable[[str], RawAnswer | None] = lambda _: None
        """Answers an action in place of the service, which gets no request then; None: the service answers."""
        self.afterwards: Callable[[str], RawAnswer | None] = lambda _: None
        """Answers an action after the service has done its work; None: its answer comes through."""
        self.rows: Callable[[list[Any]], list[Any]] = lambda rows: rows
        """Changes the rows of each page."""
        self.headers: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda headers: headers
        """Changes the headers of each answer."""
        self.calls = 0

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        self.calls += 1
        early = self.instead(action)
        if early is not None:
            return early
        answer = super().call(action, query, form)
        late = self.afterwards(action)
        return self._changed(answer) if late is None else late

    def _changed(self, answer: RawAnswer) -> RawAnswer:
        body = json.loads(answer.body)
        found = body.get("Tasks")
        if isinstance(found, dict):
            body["Tasks"] = {name: self.rows(rows) for name, rows in found.items()}
        elif isinstance(found, list):
            body["Tasks"] = self.rows(found)
        return RawAnswer(json.dumps(body), self.headers(answer.headers))

    def process(self, run: str = "run-1") -> Process:
        return Process(run, self.api, self.time, seeded_chance())

    def effective(self, path: str) -> bool:
        """Whether a row of that object is Complete at the service."""
        return any(
            row.target.verbatim == path and row.status(self.now) is Status.COMPLETE for row in self.world.book.rows()
        )

    def made(self, path: str) -> int:
        """How many rows submits of ours made for an object."""
        return sum(row.target.verbatim == path for sent in self.sent for row in sent.rows)


def program(*paths: str, service: Service = Service.CDN, object_type: str = "file", retry_failed: int = 0) -> Program:
    """One refresh of a program."""
    task: IntentInputs = {
        "kind": "refresh",
        "service": str(service),
        "object_paths": [*paths],
        "object_type": object_type,
    }
    return Program(task, {"timeout": 120, "retry_failed": retry_failed})
