"""Cases about rows with words and times that no document has, and about rows of somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conformance.questions import wire_time
from conformance.sides import ClientSide, EmulatorSide
from conformance.wild.scene import SITE, URL, client_scene, each, fresh, moment, on_lists
from conformance.wild.seen import lists_beside, row_of, set_faults, shows, wild

_SERVICES = ("cdn", "vod")
_ODD_STATUSES = ("Preloading", "PreloadPending", "Queued", "refreshing2", "", "已完成", "success!")


def prefetch_under_way(side: ClientSide) -> None:
    """The emulator's rows of prefetches have these words until they are Complete."""

    def check(service: str) -> None:
        scene = client_scene(side, service=service)
        scene.cloud.admin("modes", {"preload_statuses": True})
        scene.prefetch(URL, f"{SITE}/b.js").complete()

    each(side, _SERVICES, check)


def odd_status_is_under_way(side: ClientSide) -> None:
    """A status that nobody knows is never a success and never the end; a later Complete is."""

    def check(status: str) -> None:
        scene = client_scene(side)
        odd = on_lists("row", set={"Status": status, "Process": "100%"})
        scene.refresh(meanwhile=odd, timeout=120).failed(3, URL)
        scene = client_scene(side)
        scene.clock.at(40, scene.faults)
        ended = scene.refresh(meanwhile=odd)
        ended.complete()
        assert scene.clock.monotonic() >= 40

    each(side, _ODD_STATUSES, check)


def emulator_shows_preloading(side: EmulatorSide) -> None:
    fresh(side).admin("modes", {"preload_statuses": True})
    side.harness.emulator.admin("origin", {"files": {"/a.js": "x"}})
    side.harness.submit(side.doc, URL, object_type="Preload")
    seen = {str(side.ask(ObjectType="preload").row["Status"])}
    side.harness.emulator.advance(2)
    seen.add(str(side.ask(ObjectType="preload").row["Status"]))
    assert seen == {"PreloadPending", "Preloading"}
    side.harness.emulator.advance(60)
    assert side.ask(ObjectType="preload").row["Status"] == "Complete"


def somebody_elses_odd_row(side: ClientSide) -> None:
    """A row of another task changes nothing for ours, whatever it holds."""

    def check(sibling: str) -> None:
        scene = client_scene(side)
        theirs = {**row_of(side), **_JUNK[sibling]}
        scene.faults(on_lists("foreign", rows=[theirs]))
        scene.refresh().complete()

    each(side, _JUNK, check)


_JUNK: Mapping[str, Mapping[str, Any]] = {
    "Preloading": {"Status": "Preloading"},
    "no status": {"Status": None},
    "a number as its status": {"Status": 7},
    "N/A": {"Process": "N/A", "CreationTime": "N/A"},
    "no path": {"ObjectPath": None},
    "a path that is none": {"ObjectPath": {"url": URL}},
    "a type that no document has": {"ObjectType": "block"},
    "a time of another calendar": {"CreationTime": "令和8年1月2日"},
    "the same URL": {"ObjectPath": URL, "Status": "Preloading", "CreationTime": "2020-01-02 03:04:05"},
}


def odd_rows_are_listed(side: ClientSide) -> None:
    """A list shows the words of an odd row as they came."""

    def check(status: str) -> None:
        fresh(side)
        theirs = row_of(side, Status=status, Process="N/A")
        side.harness.submit(side.doc, URL)
        set_faults(side, *on_lists("foreign", rows=[theirs]))
        rows = {row["ObjectPath"]: row for row in side.ask().rows}
        assert rows[URL]["Status"] in {"Pending", "Refreshing"}
        assert rows[str(theirs["ObjectPath"])]["Status"] == status

    each(side, [status for status in _ODD_STATUSES if status], check)


def final_failures(side: ClientSide) -> None:
    """Timeout and Canceled are failures with their URL, and retry_failed submits them again."""

    def check(status: str) -> None:
        scene = client_scene(side)
        odd = on_lists("row", match="/b.js", set={"Status": status})
        ended = scene.refresh(URL, f"{SITE}/b.js", meanwhile=odd)
        ended.failed(1, f"{SITE}/b.js", status)
        assert f"{URL}:" not in ended.said
        scene = client_scene(side)
        once = on_lists("row", match="/b.js", set={"Status": status}, times=1)
        scene.refresh(URL, f"{SITE}/b.js", meanwhile=once, retry_failed=1).complete(2)

    each(side, ("Timeout", "Canceled"), check)


def times_in_other_forms(side: ClientSide) -> None:
    """A creation time is read in each usual form; without a zone it is UTC."""

    def check(form: str) -> None:
        fresh(side)
        created = moment(side)
        side.harness.submit(side.doc, URL)
        set_faults(side, *on_lists("row", set={"CreationTime": created.strftime(form)}))
        assert side.ask().row["CreationTime"] == wire_time(created)
        scene = client_scene(side)

        def odd() -> None:
            at = moment(side)
            scene.faults(on_lists("row", set={"CreationTime": at.strftime(form)}))

        scene.refresh(between=odd).complete()

    each(
        side,
        (
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d %H:%M:%SZ",
            "%Y-%m-%dT%H:%M:%S.000Z",
            "%Y-%m-%dT%H: %M: %SZ",
        ),
        check,
    )


def times_of_other_zones(side: ClientSide) -> None:
    """+08:00 is read as what it is; Process and Description may be null."""

    def check(nothing: str) -> None:
        scene = client_scene(side)
        missing = {"Process": None, "Description": None} if nothing == "missing" else {}
        null = _null(side, "Process", "Description") if nothing == "null" else {}

        def odd() -> None:
            china = moment(side) + timedelta(hours=8)
            scene.faults(
                on_lists("row", set={"CreationTime": china.strftime("%Y-%m-%dT%H:%M:%S+08:00"), **missing, **null})
            )

        state = scene.refresh(between=odd).complete()
        assert state["objects"][0]["creation_time"] == state["not_before"]

    each(side, ("missing", "empty"), check)


def _null(_: ClientSide, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, "")


def decoration(side: ClientSide) -> None:
    """Process says how far a task is, and never whether it is done."""

    def check(process: str) -> None:
        scene = client_scene(side)
        scene.refresh(meanwhile=on_lists("row", set={"Process": _PROCESSES[process]})).complete()
        side.harness.submit(side.doc, f"{SITE}/listed.js")
        assert f"{SITE}/listed.js" in side.ask().paths

    each(side, _PROCESSES, check)


_PROCESSES: Mapping[str, Any] = {
    "empty": "",
    "N/A": "N/A",
    "dash": "-",
    "null": None,
    "no sign": "62",
    "number": 62,
    "too much": "250%",
    "fraction": "33.3 %",
    "words": "in progress",
    "object": {"done": 1},
}


def block_rows(side: ClientSide) -> None:
    """Rows of blocked objects beside ours count neither way."""

    def check(object_type: str) -> None:
        scene = client_scene(side)
        row = row_of(side, ObjectPath=URL, ObjectType=object_type, Status="Failed")
        scene.faults(on_lists("foreign", rows=[row], own_id=True))
        scene.refresh().complete()

    each(side, ("block", "unblock", "Block"), check)


_AIOPS = "aliyun/alibabacloud-aiops-skills, cdn_refresh_preload.py: {}"

STATEMENTS = (
    wild(
        "row/our-prefetch-is-preloading",
        "A prefetch that is listed as PreloadPending and then Preloading is waited for.",
        _AIOPS.format("STATUS_MAP"),
        prefetch_under_way,
        emulator_shows_preloading,
    ),
    wild(
        "row/our-status-is-unknown",
        "A status that nobody knows is under way: it is no success and not the end.",
        _AIOPS.format("STATUS_MAP"),
        odd_status_is_under_way,
        shows(Status="Preloading"),
    ),
    wild(
        "row/somebody-elses-is-odd",
        "Somebody else's odd row does not keep a deployment from its end.",
        _AIOPS.format("STATUS_MAP"),
        somebody_elses_odd_row,
        lists_beside(TaskId="9", ObjectPath="http://other.example.com/x", Status="Preloading"),
    ),
    wild(
        "row/somebody-elses-is-listed-as-it-came",
        "A list shows somebody else's odd row as it came.",
        _AIOPS.format("STATUS_MAP"),
        odd_rows_are_listed,
        "the same as the line before",
    ),
    wild(
        "row/timeout-and-canceled-are-failures",
        "Rows that are Timeout or Canceled failed, and their URLs are named.",
        "anobaka/Bakabase, .github/scripts/refresh_cdn.py; Tencent Cloud TEO",
        final_failures,
        shows(Status="Canceled"),
    ),
    wild(
        "row/time-without-t-and-z",
        "A creation time such as 2026-01-02 03:04:05 is read as UTC.",
        _AIOPS.format("\\_parse_api_time"),
        times_in_other_forms,
        shows(CreationTime="2026-01-02 03:04:05"),
    ),
    wild(
        "row/time-of-another-zone",
        "A creation time of +08:00 is read, beside rows without progress and description.",
        "bluesky6529/go_aliyun: times are parsed as RFC 3339",
        times_of_other_zones,
        shows(CreationTime="2026-01-02T11:04:05+08:00", Process=""),
    ),
    wild(
        "row/progress-is-not-a-percentage",
        "Progress that is empty or N/A decides nothing.",
        "every document: Process is text",
        decoration,
        shows(Process="N/A"),
    ),
    wild(
        "row/blocked-objects",
        "Rows of the types block and unblock are not ours.",
        "help page of DescribeRefreshTasks, November 2025: ObjectType",
        block_rows,
        lists_beside(TaskId="9", ObjectPath="http://other.example.com/x", ObjectType="block", Status="Complete"),
    ),
)
