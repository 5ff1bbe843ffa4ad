"""Cases about answers of another shape than the documents show: ids, counts, pages and members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.questions import urls
from conformance.sides import ClientSide, EmulatorSide
from conformance.wild.between import Exchange, between
from conformance.wild.scene import URL, client_scene, each, fresh
from conformance.wild.seen import answers, row_of, wild

ENCODER = "the emulator writes what the documents show"


def changed(change: Callable[[Exchange], None], *paths: str) -> Callable[[ClientSide], None]:
    """A deployment through a service whose answers have that change is Complete after one submit, for both services."""

    def check(side: ClientSide) -> None:
        def one(service: str) -> None:
            with between(side.harness.emulator, change) as endpoint:
                client_scene(side, endpoint=endpoint, service=service).refresh(*paths).complete()

        each(side, ("cdn", "vod"), one)

    return check


def envelope(side: ClientSide) -> None:
    """A Code beside the answer is no refusal if it says that all is well."""

    def check(code: str) -> None:
        value: object = int(code) if code.isdigit() and code == "200" else code

        def enveloped(exchange: Exchange) -> None:
            if exchange.status == 200:
                exchange.value |= {"Code": value, "Message": "successful"}

        with between(side.harness.emulator, enveloped) as endpoint:
            client_scene(side, endpoint=endpoint).refresh().complete()

    each(side, ("Success", "200", "OK", "success"), check)


def refusal_with_200(side: ClientSide) -> None:
    """Any other Code is a refusal, also where the HTTP status is 200: never a list of nothing."""

    def check(code: str) -> None:
        def refused(exchange: Exchange) -> bool:
            if exchange.submits:
                exchange.refuse(code, 200)
            return exchange.submits

        with between(side.harness.emulator, instead=refused) as endpoint:
            ended = client_scene(side, endpoint=endpoint).refresh()
            assert ended.error is not None, "it succeeded"
            assert code in ended.said, ended.said

    each(side, ("InvalidObjectPath.Malformed", "Forbidden"), check)


_NO_ROWS: Mapping[str, Any] = {
    "null": {"Tasks": None},
    "an empty object": {"Tasks": {}},
    "a null within": {"Tasks": {"CDNTask": None}},
    "an empty list": {"Tasks": []},
    "an empty text": {"Tasks": ""},
    "no tasks at all": {},
}


def no_rows_yet(side: ClientSide) -> None:
    """Tasks without rows, for a while: not done yet, and done once the rows are there."""

    def check(sibling: str) -> None:
        def without(exchange: Exchange) -> None:
            if not exchange.submits and "TotalCount" in exchange.value and hidden:
                exchange.value.pop("Tasks")
                exchange.value |= {**_NO_ROWS[sibling], "TotalCount": 0}

        hidden = [True]
        with between(side.harness.emulator, without) as endpoint:
            scene = client_scene(side, endpoint=endpoint)
            scene.clock.at(60, hidden.clear)
            assert scene.refresh().complete()["effective_at"] is not None
            assert not hidden, "it was done before its row was listed"

    each(side, _NO_ROWS, check)


def _ids(write: Callable[[str], object]) -> Callable[[Exchange], None]:
    def change(exchange: Exchange) -> None:
        for name in ("RefreshTaskId", "PushTaskId", "PreloadTaskId"):
            if name in exchange.value:
                exchange.value[name] = write(exchange.value[name])

    return change


def several_ids(side: ClientSide) -> None:
    """Blanks and a comma at the end are no ids."""
    paths = [f"https://{host}.example.com/a.js" for host in "ab"]
    for write in (lambda ids: ids.replace(",", ", ") + ",", lambda ids: f" {ids} ", lambda ids: f"{ids}\n"):
        with between(side.harness.emulator, _ids(write)) as endpoint:
            state = client_scene(side, endpoint=endpoint).refresh(*paths).complete()
        assert len(state["task_ids"]) == 2
        assert all(task_id.isdigit() for task_id in state["task_ids"])


def emulator_joins_ids(side: EmulatorSide) -> None:
    fresh(side)
    assert len(side.harness.submit(side.doc, "https://a.example.com/", "https://b.example.com/")) == 2


def no_id(side: ClientSide) -> None:
    """The submit answers no id: its task is found by what it is about, and not submitted twice."""
    for write in (lambda _: "", lambda _: None, lambda _: ","):
        with between(side.harness.emulator, _ids(write)) as endpoint:
            state = client_scene(side, endpoint=endpoint).refresh().complete()
        assert len(state["task_ids"]) == 1


def _counts_more(exchange: Exchange) -> None:
    if "TotalCount" in exchange.value and not exchange.submits:
        exchange.value["TotalCount"] += 25


def too_many_counted(side: ClientSide) -> None:
    """More rows are counted than listed: ours counts, and paging ends at the empty page."""
    changed(_counts_more)(side)
    with between(side.harness.emulator, _counts_more) as endpoint:
        scene = client_scene(side, endpoint=endpoint)
        assert scene.refresh().complete()
        assert len(scene.cloud.calls()) < 30


def counts_differ(side: EmulatorSide) -> None:
    fresh(side).admin("quirks", {"total_count_off_by": 25})
    side.harness.submit(side.doc, URL)
    found = side.ask()
    assert (len(found.rows), found.total) == (1, 26)


def _page(side: ClientSide, paths: list[str], total: int, number: int) -> dict[str, object]:
    rows = [row_of(side, ObjectPath=path) for path in paths]
    return {"RequestId": "R", "TotalCount": total, "PageNumber": number, "PageSize": 50, "Tasks": {"CDNTask": rows}}


def smaller_pages(side: ClientSide) -> None:
    """Pages of 50 although 100 were asked for: all 120 rows are listed, once each."""
    paths = urls(120)
    pages = [_page(side, paths[first : first + 50], 120, number) for number, first in enumerate((0, 50, 100), 1)]
    assert [row["ObjectPath"] for row in side.read_all(*pages, _page(side, [], 120, 4))] == paths


def page_counts(side: ClientSide) -> None:
    """TotalCount is that of the page: all 120 rows are listed and waited for nevertheless."""
    paths = urls(120)
    pages = [_page(side, paths[first : first + 100], min(100, 120 - first), 1) for first in (0, 100)]
    changed(_counts_page, *paths)(side)
    listed = [row["ObjectPath"] for row in side.read_all(*pages, _page(side, [], 0, 3), PageSize=100)]
    assert listed == paths, f"{len(listed)} rows are listed"


def _counts_page(exchange: Exchange) -> None:
    if "TotalCount" in exchange.value:
        exchange.value["TotalCount"] = len(exchange.rows)


_BAKABASE = "anobaka/Bakabase, test_refresh_cdn.py"

STATEMENTS = (
    wild(
        "shape/success-envelope",
        "A Code such as Success or 200 beside an answer is no refusal.",
        "users' own fakes of the service",
        envelope,
        ENCODER,
    ),
    wild(
        "shape/refusal-with-200",
        "A refusal counts as one also with the HTTP status 200.",
        "users' own fakes of the service",
        refusal_with_200,
        ENCODER,
    ),
    wild(
        "shape/tasks-is-null",
        "Tasks that are null, empty, or hold null are no rows yet: the wait goes on.",
        "aliyun/alibabacloud-aiops-skills and other clients guard against it",
        no_rows_yet,
        answers('{"RequestId": "R", "TotalCount": 0, "Tasks": {"CDNTask": null}}', 200, "application/json"),
    ),
    wild("shape/ids-with-blanks", "`101, 102,` are two task ids.", _BAKABASE, several_ids, emulator_joins_ids),
    wild(
        "shape/id-is-a-number",
        "A task id may be a number.",
        "the vendor's Refresh.py reads it as one",
        changed(_ids(int)),
        ENCODER,
    ),
    wild(
        "shape/id-is-empty",
        "A submit without a task id is looked up, and not sent again.",
        _BAKABASE,
        no_id,
        ENCODER,
    ),
    wild(
        "shape/more-counted-than-listed",
        "26 rows are counted and one is listed: paging ends, and ours counts.",
        f"{_BAKABASE}: incomplete snapshots",
        too_many_counted,
        counts_differ,
    ),
    wild(
        "shape/smaller-pages-than-asked-for",
        "Pages of 50 where 100 were asked for: all rows are listed.",
        "pages of DescribeRefreshTasks of 2018 to 2021 say 50, of 2025 100",
        smaller_pages,
        ENCODER,
    ),
    wild(
        "shape/total-of-the-page",
        "TotalCount is that of one page: all rows are listed.",
        "users of the SDKs",
        page_counts,
        ENCODER,
    ),
)
