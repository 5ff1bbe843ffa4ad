"""All rows, lazily and each once, while new tasks arrive and rows change their status."""

from __future__ import annotations

from pulumi_alicdn.api.rows import Query, RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import iter_rows
from support.virtual_clock import VirtualClock


def api_of(cloud: Emulator) -> AlibabaCloud:
    keys = {"access_key_id": cloud.access_key_id, "access_key_secret": cloud.access_key_secret}
    return connect(Settings(endpoint=cloud.endpoint, **keys), Service.CDN)


def submit(api: AlibabaCloud, name: str, count: int) -> None:
    paths = tuple(f"https://cdn.example.com/{name}/{number:04}" for number in range(count))
    api.submit(TaskSpec(Service.CDN, Kind.REFRESH, ObjectType.FILE, paths))


def test_five_thousand_rows_come_once_each_while_the_service_goes_on(
    cloud: Emulator, clock: VirtualClock, caller: Caller
) -> None:
    api = api_of(cloud)
    for number in range(5):
        submit(api, str(number), 1000)
        clock.sleep(1)
    cloud.admin("calls", method="DELETE")
    seen: list[tuple[str, str]] = []

    for row in iter_rows(api, caller, Query(page_size=100)):
        seen.append((row.task_id, row.object_path))
        if len(seen) in (150, 151, 2500):
            # Others go on submitting, in the second of the first page too, and rows go on being finished.
            submit(api, f"new-{len(seen)}", 30)
            clock.sleep(100 if len(seen) == 2500 else 0)

    known = [name for name in seen if "/new-" not in name[1]]
    assert len(known) == len(set(known)) == 5000
    assert len(seen) == len(set(seen))
    asked = cloud.calls("DescribeRefreshTasks")
    assert {str(dict(call["params"])["PageSize"]) for call in asked if isinstance(call["params"], dict)} == {"100"}
    assert len(asked) <= 52


def test_the_next_page_is_asked_for_only_when_its_rows_are(
    cloud: Emulator, clock: VirtualClock, caller: Caller
) -> None:
    api = api_of(cloud)
    submit(api, "a", 250)
    clock.sleep(2)
    cloud.admin("calls", method="DELETE")
    rows = iter_rows(api, caller, Query(page_size=100))
    assert cloud.calls() == []
    for _ in range(100):
        next(rows)
    assert len(cloud.calls()) == 1
    assert len(list(rows)) == 150
    assert len(cloud.calls()) == 3


def test_rows_that_leave_a_status_meanwhile_hide_no_other(cloud: Emulator, clock: VirtualClock, caller: Caller) -> None:
    api = api_of(cloud)
    submit(api, "early", 100)
    clock.sleep(300)
    submit(api, "late", 150)
    clock.sleep(10)
    rows = iter_rows(api, caller, Query(page_size=100, object_type="file", status=RowStatus.REFRESHING))
    seen = [next(rows) for _ in range(50)]
    clock.sleep(60)  # the early ones become Complete, and leave
    seen += list(rows)
    assert sorted(row.object_path for row in seen) == [f"https://cdn.example.com/late/{n:04}" for n in range(150)]
