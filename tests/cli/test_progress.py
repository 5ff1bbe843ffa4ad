"""Progress in a log: seldom, only news, and every task id at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pulumi_alicdn.cli.progress_bar import LINE_EVERY_S, ProofProgress, TaskProgress
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.tasks.progress import Progress
from pulumi_alicdn.tasks.verdict import Outcome
from support.virtual_clock import Sleeper


class HandClock(Sleeper):
    """Time that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def at(percent: float, remaining_s: float | None = None) -> Progress:
    return Progress(Outcome.REFRESHING, percent, 0, 2, remaining_s)


def test_a_wait_writes_a_line_where_there_are_news(capsys: pytest.CaptureFixture[str]) -> None:
    clock = HandClock()
    with TaskProgress(clock) as progress:
        progress.report(at(10))
        progress.report(at(20))  # too soon
        clock.sleep(LINE_EVERY_S)
        progress.report(at(10, remaining_s=5))  # no news
        progress.report(at(30))
        progress.warn("trouble")
    assert capsys.readouterr().err.splitlines() == [
        "10% · 0/2 URLs",
        "30% · 0/2 URLs",
        "alicdn: trouble",
    ]


def test_each_task_id_is_written_once_and_remembered(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TaskProgress(HandClock())
    progress.submitted(["1", "2"], "A-1")
    progress.submitted(["2", "3", "3"], "")
    progress.submitted(["1"], "A-2")
    assert progress.task_ids == ["1", "2", "3"]
    assert capsys.readouterr().err.splitlines() == [
        "Submitted task 1,2 (request id A-1)",
        "Found task 3 (under way for the same objects)",
    ]


def seen(edge: str, finding: Finding) -> Evidence:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return Evidence(edge, "https://a.example.com/x", finding, "GET", "", "", 200, 1, "", "", "", "", now)


def test_a_proof_counts_edges_once_and_says_how_many_mismatch(capsys: pytest.CaptureFixture[str]) -> None:
    clock = HandClock()
    with ProofProgress(clock, 1) as progress:
        progress(seen("a", Finding.STALE_EDGE))  # nothing is written of a proof that ends soon
        clock.sleep(LINE_EVERY_S)
        progress(seen("b", Finding.FRESH))
        clock.sleep(LINE_EVERY_S)
        progress(seen("a", Finding.FRESH))
    assert capsys.readouterr().err.splitlines() == ["Verifying · 2 checks · 1 mismatch", "Verifying · 2 checks"]
