"""A headless browser that shows reports, and a record of whatever they asked for or complained of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pulumi_alicdn.releases.report.page import page as report
from pulumi_alicdn.releases.report.story import Story
from releases.browser.browsers import find
from support.node_packages import NotInstalledError

START_MS = 60_000


@dataclass(frozen=True)
class Shown:
    """A report in a tab. ``complaints``: of the script and on the console; ``requests``: all but for the page."""

    page: Page
    complaints: list[str]
    requests: list[str]

    def urls(self) -> list[str]:
        """Return the URLs of the rows that the table shows."""
        return [text.strip() for text in self.page.locator(".urls tbody .url").all_inner_texts()]

    def count(self) -> str:
        return self.page.locator("#count").inner_text()


Show = Callable[..., Shown]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # For this module only: as long as it lives, an event loop runs in this thread, which no other test stands.
    try:
        program = find()
    except NotInstalledError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with sync_playwright() as playwright:
        # The sandbox needs rights that containers and root do not have; the pages are our own.
        browser = playwright.chromium.launch(
            executable_path=program.path,
            chromium_sandbox=False,
            timeout=START_MS,
            env={**os.environ, **program.environment},
        )
        yield browser
        browser.close()


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open reports as a user does, from a file; whatever they complain of or ask for fails the test."""
    opened: list[Shown] = []

    def one(
        story: Story,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
        *,
        script: bool = True,
    ) -> Shown:
        file = tmp_path / f"report-{len(opened)}.html"
        file.write_text(report(story), encoding="utf-8")
        page = chromium.new_page(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
        )
        shown = Shown(page, [], [])
        page.on("console", lambda message: shown.complaints.append(message.text))
        page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        page.on("request", lambda request: shown.requests.append(request.url))
        page.goto(file.as_uri())
        assert shown.requests.pop(0) == file.as_uri()
        opened.append(shown)
        return shown

    yield one
    for shown in opened:
        assert shown.complaints == []
        # An empty icon is named in the page, so that no browser asks a server for one.
        assert [url for url in shown.requests if url != "data:,"] == []
        shown.page.close()
