"""Cases about the clocks of the service, and about a status that moves only because a call asked for it."""

from __future__ import annotations

from conformance.sides import ClientSide, EmulatorSide
from conformance.wild.between import Exchange, between
from conformance.wild.scene import URL, client_scene, each, fresh, on_lists, on_submits
from conformance.wild.seen import set_faults, wild
from pulumi_alicdn.api.rows import instant

_SHIFTS = ("1", "5", "8")
_ODD_DATES = {"empty": "", "words": "soon", "ISO": "2026-01-02T03:04:05Z", "no zone": "Fri, 02 Jan 2026 03:04:05"}


def date_ahead(side: ClientSide) -> None:
    """The Date header is ahead of the clock of the task store: the task is done all the same."""

    def check(shift_s: str) -> None:
        for service in ("cdn", "vod"):
            scene = client_scene(side, service=service)
            scene.faults({"kind": "date", "action": "*", "times": -1, "shift_s": float(shift_s)})
            scene.refresh().complete()

    each(side, _SHIFTS, check)


def date_ahead_and_lost(side: ClientSide) -> None:
    """The submit lost its answer besides: its own row is found, and nothing is submitted twice."""

    def check(shift_s: str) -> None:
        for service in ("cdn", "vod"):
            scene = client_scene(side, service=service)
            shifted = {"kind": "date", "action": "*", "times": -1, "shift_s": float(shift_s)}
            scene.faults(shifted, on_submits("reset-after"))
            scene.refresh().complete()
            assert len(scene.cloud.tasks()) == 1

    each(side, _SHIFTS, check)


def whole_minutes(side: ClientSide) -> None:
    """Creation times are cut to whole minutes: with and without a lost answer, one task is submitted."""

    def check(lost: str) -> None:
        for second in (1, 20, 59):
            scene = client_scene(side)
            scene.cloud.admin("quirks", {"minute_times": True})
            at = int(side.harness.now()[17:19])
            scene.clock.sleep((second - at) % 60)
            if lost == "lost":
                scene.faults(on_submits("reset-after"))
            scene.refresh().complete()
            assert len(scene.cloud.tasks()) == 1

    each(side, ("answered", "lost"), check)


def no_date(side: ClientSide) -> None:
    """Answers without a Date header, one or all: the wait ends as usual."""

    def check(times: str) -> None:
        for service in ("cdn", "vod"):
            scene = client_scene(side, service=service)
            scene.refresh(meanwhile=on_lists("date", times=int(times))).complete()

    each(side, ("1", "-1"), check)


def odd_dates(side: ClientSide) -> None:
    """A Date header that is no date counts like none."""

    def check(sibling: str) -> None:
        def dated(exchange: Exchange) -> None:
            if not exchange.submits and odd:
                exchange.headers = {k: v for k, v in exchange.headers.items() if k.lower() != "date"}
                exchange.headers["Date"] = _ODD_DATES[sibling]

        odd: list[bool] = []
        with between(side.harness.emulator, dated) as endpoint:
            client_scene(side, endpoint=endpoint).refresh(between=lambda: odd.append(True)).complete()

    each(side, _ODD_DATES, check)


def no_date_at_all(side: ClientSide) -> None:
    """No answer has a Date header, also none before the submit: nothing is submitted twice."""

    def check(lost: str) -> None:
        scene = client_scene(side)
        scene.faults(
            {"kind": "date", "action": "*", "times": -1}, *(on_submits("reset-after") if lost == "lost" else [])
        )
        ended = scene.refresh()
        assert len(scene.cloud.tasks()) <= 1
        if ended.error is not None:
            assert "Date" in ended.said

    each(side, ("answered", "lost"), check)


def dates(side: EmulatorSide) -> None:
    fresh(side)
    set_faults(side, {"kind": "date", "action": "*"})
    assert "date" not in side.request().headers
    set_faults(side, {"kind": "date", "action": "*", "shift_s": 5})
    assert side.request().headers["date"] != side.request().headers["date"]


def minutes(side: EmulatorSide) -> None:
    fresh(side).admin("quirks", {"minute_times": True})
    side.harness.submit(side.doc, URL)
    assert str(side.ask().row["CreationTime"]).endswith(":00Z")


def asynchronous(side: ClientSide) -> None:
    """A status that is as old as the poll before: it is seen soon after the effect, and not a whole gap later."""

    def check(service: str) -> None:
        took = {}
        for status in ("live", "asynchronous"):
            scene = client_scene(side, service=service)
            scene.cloud.admin("modes", {"status": status})
            state = scene.refresh().complete()
            effective = state["effective_at"]
            assert effective is not None
            took[status] = (instant(effective) - instant(state["submitted_until"])).total_seconds()
        assert took["asynchronous"] <= took["live"] + 5, took

    each(side, ("cdn", "vod"), check)


def as_old_as_the_poll_before(side: EmulatorSide) -> None:
    fresh(side).admin("modes", {"status": "asynchronous"})
    (task_id,) = side.harness.submit(side.doc, URL)
    side.harness.emulator.advance(60)
    assert side.ask(TaskId=task_id).row["Status"] == "Pending"
    side.harness.emulator.advance(2)
    assert side.ask(TaskId=task_id).row["Status"] == "Complete"


_MACHINES = "gateway and task store are different machines"

STATEMENTS = (
    wild(
        "clock/date-is-ahead",
        "A Date header some seconds ahead of CreationTime keeps no task from being done.",
        _MACHINES,
        date_ahead,
        dates,
    ),
    wild(
        "clock/date-is-ahead-and-the-answer-lost",
        "If the submit's answer is lost besides, its own row is found, and nothing is submitted twice.",
        _MACHINES,
        date_ahead_and_lost,
        "the same as the line before",
    ),
    wild(
        "clock/whole-minutes",
        "Creation times in whole minutes: no task is submitted twice.",
        _MACHINES,
        whole_minutes,
        minutes,
    ),
    wild(
        "clock/no-date-in-a-wait", "A poll without a Date header ends no wait.", "proxies that drop it", no_date, dates
    ),
    wild(
        "clock/odd-date-in-a-wait",
        "A Date header that is no date ends no wait.",
        "proxies that write their own",
        odd_dates,
        "the same as the line before",
    ),
    wild(
        "clock/no-date-at-all",
        "Without any Date header nothing is submitted twice.",
        "proxies that drop it",
        no_date_at_all,
        "the same as the line before",
    ),
    wild(
        "clock/status-of-the-poll-before",
        "A status that only moves after a call has asked for it is seen soon after the effect.",
        "help page of DescribeRefreshTasks, 2025-11-26: API calls trigger asynchronous updates of the status",
        asynchronous,
        as_old_as_the_poll_before,
    ),
)
