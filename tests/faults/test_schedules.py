"""1,000 random schedules of faults over HTTP: each ends in time, with the truth or with a stated error.

`make test ARGS=tests/faults/test_schedules.py`, at night with `HYPOTHESIS_PROFILE=nightly` before it: then every run
takes seeds of its own. One that fails is printed and kept in regressions.json, whose schedules are always run first:
commit it together with the fix. `FAULTS_SEED=N` repeats a run that began with seed N.
"""

from __future__ import annotations

from collections import Counter

import pytest

from faults.program import Program
from faults.remote import Remote
from faults.schedules import FOR_GOOD, LOST, SEED, Schedule, kept, known, made
from pulumi_alicdn.api.limits import batch_limits
from pulumi_alicdn.api.object_paths import batches
from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.cloud.bounds import API_LIMITS
from pulumi_alicdn.errors import (
    AlicdnError,
    DeniedError,
    QuotaError,
    RefusedError,
    TaskFailedError,
    TaskTimeoutError,
    ThrottledError,
    UnknownOutcomeError,
)
from pulumi_alicdn.tasks.pacing import MAX_INTERVAL_S
from pulumi_alicdn.tasks.retry_policy import SUBMIT_PATIENCE_S
from pulumi_alicdn.tasks.submit import GRACE_S, LOOKUP_EVERY_S, MAX_SENDS
from support.scale import runs
from support.virtual_clock import Listener

SHARES = 10
EACH = runs(1000) // SHARES
REQUEST_S = API_LIMITS.total_s
RUNS_TO_HEAL = 3
READ_S = 1.5 * SUBMIT_PATIENCE_S
"""Seconds within which a read outside a wait has ended: patience with a busy service, then with an outage."""


@pytest.mark.timeout(1800)
def test_schedules_that_failed_once_do_not_fail_again(remote: Remote) -> None:
    for schedule in known():
        with kept(schedule):
            holds(remote, schedule)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_goes_wrong_it_ends_in_time_with_the_truth_or_a_stated_error(remote: Remote, share: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(SEED + share * EACH, SEED + (share + 1) * EACH):
        with kept(schedule := made(seed)):
            holds(remote, schedule)
        met[schedule.status] += 1
        met.update({kind for call in remote.cloud.calls() for kind in str(call.get("fault")).split("+")})
    assert (
        min(met[kind] for kind in ("asynchronous", "page", "row", "foreign", "date", "pages", "count")) > EACH / 20
    ), met


def holds(remote: Remote, schedule: Schedule) -> None:
    """One deployment under *schedule*, and then as many as it takes in a world that is well again."""
    program = Program(schedule.task, schedule.options)
    remote.renew(schedule.names if schedule.object_type == "preload" else (), schedule.status)
    remote.misbehave(schedule.faults_at(remote.now))
    deploy(remote, schedule, program)
    remote.misbehave([])
    remote.clock.sleep(GRACE_S)  # what is hidden comes up
    program.options = {"timeout": 900}
    for attempt in range(RUNS_TO_HEAL):
        if program.complete:
            break
        try:
            program.up(remote.process(f"healed-{attempt}"), Listener())
        except TaskFailedError:
            continue  # rows that were doomed before; the next run submits them again
    assert program.complete, "nobody could finish it although the world is well"
    tells_the_truth(remote, program)
    nothing_is_lost_or_paid_for_twice(remote, program)


def deploy(remote: Remote, schedule: Schedule, program: Program) -> None:
    """The first run: each step within its time, and its end as the faults explain it."""
    process = remote.process("run-1", schedule.seed)
    while step := program.next_step():
        if step == "update":
            break  # its option is to continue; the next run goes on waiting
        began = remote.clock.monotonic()
        trouble: AlicdnError | None = None
        try:
            program.step(process, Listener())
        except AlicdnError as error:
            trouble = error
        took_s = remote.clock.monotonic() - began
        assert took_s <= allowed_s(schedule, program, step), f"{step} took {took_s} s and ended with {trouble!r}"
        if isinstance(trouble, TaskTimeoutError):
            assert took_s >= schedule.timeout - 0.001, f"gave up after {took_s} s already"
        if trouble is not None:
            explained(remote, schedule, program, trouble)
            return
    if program.complete:
        tells_the_truth(remote, program)
    else:
        assert schedule.on_timeout == "continue"
        assert took_s >= schedule.timeout - 0.001, f"went on after {took_s} s already"


def allowed_s(schedule: Schedule, program: Program, step: str) -> float:
    """Seconds within which a step must have ended: its patience, one poll and one request."""
    if step == "intent":
        return READ_S + REQUEST_S
    if step == "completion":
        return schedule.timeout + MAX_INTERVAL_S + REQUEST_S
    spec = program.spec
    count = len(list(batches(spec.object_paths, batch_limits(spec.service, spec.object_type))))
    pages = 1 + schedule.objects // 50
    look_s = GRACE_S + LOOKUP_EVERY_S + 2 * pages * (READ_S + REQUEST_S)
    send_s = SUBMIT_PATIENCE_S + REQUEST_S + look_s
    return look_s + READ_S + count * MAX_SENDS * send_s


def tells_the_truth(remote: Remote, program: Program) -> None:
    """What is called Complete is so at every edge, by a row of after the intent."""
    rows = remote.rows_of(program)
    for path in program.spec.object_paths:
        assert any(row["Status"] == "Complete" and row["edges_done"] == row["edges"] for row in rows[path]), (
            f"{path} is called Complete, but the cloud has {rows[path]}"
        )


def nothing_is_lost_or_paid_for_twice(remote: Remote, program: Program) -> None:
    """Each object has one row that did not fail, and the state knows its task."""
    assert program.completion is not None
    ids = set(program.completion[1]["task_ids"])
    for path, rows in remote.rows_of(program).items():
        good = [row for row in rows if row["Status"] != "Failed"]
        assert len(good) == 1, f"{path} was submitted again: {rows}"
        assert good[0]["TaskId"] in ids, f"lost: {good[0]}; the state knows {ids}"


def explained(remote: Remote, schedule: Schedule, program: Program, error: AlicdnError) -> None:
    """An error says what is so: the faults of the schedule, or the rows in the cloud, bear it out."""
    assert str(error)
    assert "Traceback" not in str(error)
    if isinstance(error, TaskFailedError):
        rows = remote.rows_of(program)
        failed = error.verdict.paths(RowStatus.FAILED)
        assert failed
        for path in failed:
            assert any(row["Status"] == "Failed" for row in rows[path]), f"{path} did not fail: {rows[path]}"
    elif isinstance(error, TaskTimeoutError):
        stale = schedule.status == "asynchronous" or schedule.has("hide", "row", "foreign", "pages", "count")
        blind = "The last poll failed" in str(error) or stale
        complete = [any(row["Status"] == "Complete" for row in rows) for rows in remote.rows_of(program).values()]
        assert blind or not all(complete), f"everything is Complete, but it says {error}"
    elif isinstance(error, DeniedError | RefusedError | QuotaError):
        assert schedule.has(*FOR_GOOD), f"nothing was refused for good, but it says {error}"
    else:
        assert isinstance(error, ThrottledError | UnknownOutcomeError), f"nothing of the schedule leads to {error!r}"
        busy = ("throttle", "ServiceBusy", "TooMany.Refresh", "PreloadQueueFull", "Throttling.User")
        lost = ("http-500", "reset-before", "reset-after", "page", "pages", "count", *LOST)
        assert schedule.has(*busy, "QuotaPerMinuteExceeded.Refresh", *lost), f"nothing explains {error}"
