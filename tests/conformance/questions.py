"""Checks of queries: each sends real queries by either side, and checks the answers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from conformance.documents import DOMAIN, Document
from conformance.harness import EFFECT_S
from conformance.sides import INPUT, NAMES, ClientSide, EmulatorSide, Side
from conformance.statements import AnyCheck, ClientCheck
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import RefusedError
from pulumi_alicdn.system.clock import chance
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import RowReader
from support.signed_request import send
from support.virtual_clock import VirtualClock

SITE = f"http://{DOMAIN}"
ELSEWHERE = "http://other.example.com"
DAY_S = 86400.0
SUBMITTED_TYPES = {"file": "File", "directory": "Directory", "path": "Directory", "preload": "Preload"}
REFUSALS = {
    "ObjectType": "InvalidObjectType.ValueNotSupported",
    "Status": "InvalidStatus.ValueNotSupported",
    "PageNumber": "InvalidPageNumber.Malformed",
    "PageSize": "InvalidPageSize.Malformed",
    "StartTime": "InvalidStartTime.Malformed",
    "EndTime": "InvalidEndTime.Malformed",
    "TaskId": "InvalidTaskId.Malformed",
}


def urls(count: int, name: str = "f") -> list[str]:
    return [f"{SITE}/{name}{number}.txt" for number in range(count)]


def on(side: Side, for_client: str, for_emulator: str) -> str:
    """The text for *side*."""
    return for_client if isinstance(side, ClientSide) else for_emulator


def wire_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def refused(side: Side, code: str, **wire: str | int | None) -> None:
    """The emulator refuses the query with *code*; the client does not even send it."""
    refusal = side.refusal(**wire)
    assert refusal == on(side, INPUT, code), refusal


# What the call is for.


def complete_when_a_refresh_is_effective(side: Side) -> None:
    emulator, url = side.harness.emulator, f"{SITE}/released.txt"
    emulator.admin("origin", {"files": {"/released.txt": "old"}})
    assert {answer.body for answer in emulator.get_everywhere(url)} == {b"old"}
    emulator.admin("origin", {"files": {"/released.txt": "new"}})
    (task_id,) = side.harness.submit(side.doc, url)
    emulator.advance(EFFECT_S * 0.9)
    assert side.ask(TaskId=task_id).row["Status"] != "Complete"
    assert emulator.get(2, url).body == b"old"
    emulator.advance(EFFECT_S * 0.1)
    assert side.ask(TaskId=task_id).row["Status"] == "Complete"
    assert {answer.body for answer in emulator.get_everywhere(url)} == {b"new"}


def complete_when_a_prefetch_is_effective(side: Side) -> None:
    emulator, url = side.harness.emulator, f"{SITE}/fetched.txt"
    emulator.admin("origin", {"files": {"/fetched.txt": "here"}})
    (task_id,) = side.harness.submit(side.doc, url, object_type="Preload")
    emulator.advance(EFFECT_S * 0.9)
    asked = {"TaskId": task_id, "ObjectType": "preload"}
    assert side.ask(**asked).row["Status"] != "Complete"
    assert emulator.get(2, url, "HEAD").cache == "MISS"
    emulator.advance(EFFECT_S * 0.1)
    assert side.ask(**asked).row["Status"] == "Complete"
    assert [answer.cache for answer in emulator.get_everywhere(url)] == ["HIT"] * 3


# Which rows.


def by_task_id(side: Side) -> None:
    (first,) = side.harness.submit(side.doc, *urls(2))
    side.harness.emulator.advance(1)
    side.harness.submit(side.doc, f"{SITE}/later.txt")
    found = side.ask(TaskId=first)
    assert (sorted(found.paths), found.total) == (urls(2), 2)
    assert {row["TaskId"] for row in found.rows} == {first}


def by_object_path(side: Side) -> None:
    wanted = f"{SITE}/a.txt"
    near = [f"{SITE}/a.txt?x=1", f"{SITE}/a.tx", f"{SITE}/a.txt2", f"{SITE}/d/a.txt", "https" + wanted[4:]]
    side.harness.submit(side.doc, wanted, *near)
    assert side.ask(ObjectPath=wanted).paths == [wanted]
    assert side.ask(ObjectPath=f"{SITE}/a").rows == ()


def by_directory(side: Side) -> None:
    """The text says only "by directory": the path of a directory finds the task for it, and no file below it."""
    side.harness.submit(side.doc, f"{SITE}/d/", object_type="Directory")
    side.harness.submit(side.doc, f"{SITE}/d/a.txt")
    found = side.ask(ObjectPath=f"{SITE}/d/", ObjectType=side.doc.directory)
    assert found.paths == [f"{SITE}/d/"]


def by_both(side: Side) -> None:
    shared, alone = f"{SITE}/shared.txt", f"{SITE}/alone.txt"
    (first,) = side.harness.submit(side.doc, shared, alone)
    side.harness.emulator.advance(1)
    (second,) = side.harness.submit(side.doc, shared)
    assert len(side.ask(ObjectPath=shared).rows) == 2
    assert side.ask(TaskId=second, ObjectPath=shared).row["TaskId"] == second
    assert side.ask(TaskId=first, ObjectPath=shared).paths == [shared]
    assert side.ask(TaskId=second, ObjectPath=alone).rows == ()


def by_neither(side: Side) -> None:
    side.harness.submit(side.doc, *urls(25))
    found = side.ask()
    assert (len(found.rows), found.total, found.number, found.size) == (20, 25, 1, 20)
    assert found.paths == side.ask(PageNumber=1, PageSize=20).paths


def all_optional(side: Side) -> None:
    side.harness.submit(side.doc, *urls(1))
    assert side.ask().paths == urls(1)
    if isinstance(side, ClientSide):
        assert set(side.harness.calls(side.doc)[-1]["params"]) <= {"PageNumber", "PageSize", *side.doc.always}


def nothing_older_is_listed(side: Side) -> None:
    (task_id,) = side.harness.submit(side.doc, *urls(1))
    side.harness.emulator.advance(3 * DAY_S - 2)
    assert side.ask(TaskId=task_id).total == side.ask().total == 1
    side.harness.emulator.advance(3)
    assert side.ask(TaskId=task_id).total == side.ask().total == 0
    assert side.ask(ObjectPath=urls(1)[0]).rows == ()


def nothing_older_can_be_asked_for(side: Side) -> None:
    side.harness.submit(side.doc, *urls(1))
    created = side.harness.now()
    side.harness.emulator.advance(3 * DAY_S + 1)
    if isinstance(side, ClientSide):
        old = wire_time(datetime.now(UTC) - timedelta(days=4))
        assert (side.refusal(StartTime=old), side.refusal(EndTime=old)) == (INPUT, INPUT)
    else:
        code = "InvalidTime" if side.doc.vod else "InvalidStartTime.ValueNotSupported"
        assert side.refusal(StartTime=created, EndTime=side.harness.now()) == code
        side.harness.be_lenient()
        assert side.ask(StartTime=created).total == 0


def needs_type(parameter: str, value: str) -> AnyCheck:
    def check(side: Side) -> None:
        side.harness.submit(side.doc, *urls(1))
        side.harness.emulator.advance(EFFECT_S)
        refused(side, "MissingParameter.ObjectType", **{parameter: value})
        assert side.ask(**{parameter: value, "ObjectType": "file"}).paths == urls(1)

    return check


def required(parameter: str) -> AnyCheck:
    def check(side: Side) -> None:
        side.harness.submit(side.doc, *urls(1))
        refused(side, "MissingParameter", **{parameter: None})
        refused(side, "MissingParameter", TaskId="1", ObjectPath=urls(1)[0], **{parameter: None})
        assert side.ask().paths == urls(1)

    return check


def by_domain(side: Side) -> None:
    side.harness.submit(side.doc, *urls(1), f"{ELSEWHERE}/x.txt")
    assert side.ask(DomainName=DOMAIN, ObjectType="file").paths == urls(1)
    assert side.ask(DomainName="other.example.com", ObjectType="file").paths == [f"{ELSEWHERE}/x.txt"]


def by_type(word: str) -> AnyCheck:
    """Rows of that type only, and they are shown as that type."""

    def check(side: Side) -> None:
        wanted = {"File": f"{SITE}/a.txt", "Directory": f"{SITE}/d/", "Preload": f"{SITE}/p.txt"}
        for submitted, url in wanted.items():
            side.harness.submit(side.doc, url, object_type=submitted)
        found = side.ask(ObjectType=word)
        assert found.row["ObjectPath"] == wanted[SUBMITTED_TYPES[word]]
        assert found.row["ObjectType"] == side.type_shown(word)
        if isinstance(side, ClientSide):
            assert side.harness.calls(side.doc)[-1]["params"]["ObjectType"] == word

    return check


def no_other_type(*words: str) -> AnyCheck:
    """A word that no document lists, and *words*, which another document lists, are refused."""

    def check(side: Side) -> None:
        for word in ("everything", *words):
            refused(side, REFUSALS["ObjectType"], ObjectType=word)

    return check


def only_documented_types_by_itself(side: ClientSide) -> None:
    """Submitting tasks of every type, the client asks in words of the document, at the latest after a refusal."""
    reader = _row_reader(side)
    since = _moment(side)
    for submitted, url in (("File", f"{SITE}/a.txt"), ("Directory", f"{SITE}/d/"), ("Preload", f"{SITE}/p.txt")):
        side.harness.submit(side.doc, url, object_type=submitted)
        spec = TaskSpec(
            Service.VOD if side.doc.vod else Service.CDN,
            Kind.PREFETCH if submitted == "Preload" else Kind.REFRESH,
            ObjectType(submitted.lower()),
            (url,),
        )
        with contextlib.suppress(RefusedError):
            assert [row.object_path for row in reader.objects_since(spec, since).rows] == [url]
    calls = side.harness.calls(side.doc)
    answered = {call["params"].get("ObjectType") for call in calls if not call["code"]}
    assert answered <= {"file", side.doc.directory, "preload", None}, answered
    # The documents have two words for a directory: the newest one is asked first.
    refused_words = {
        call["params"]["ObjectType"] for call in calls if str(call["code"]).startswith("InvalidObjectType")
    }
    assert refused_words <= {"directory"}, refused_words


def by_status(word: str) -> AnyCheck:
    def check(side: Side) -> None:
        names = {"Complete": f"{SITE}/done.txt", "Failed": f"{SITE}/failed.txt", "Refreshing": f"{SITE}/going.txt"}
        side.harness.submit(side.doc, names["Complete"])
        side.harness.fail_next(side.doc, "Internal Error")
        side.harness.submit(side.doc, names["Failed"])
        side.harness.emulator.advance(EFFECT_S)
        side.harness.emulator.admin("faults", {"faults": []})
        side.harness.submit(side.doc, names["Refreshing"])
        side.harness.emulator.advance(EFFECT_S / 2)
        side.harness.submit(side.doc, f"{SITE}/pending.txt")
        found = side.ask(Status=word, ObjectType="file")
        assert (found.row["ObjectPath"], found.row["Status"]) == (names[word], word)

    return check


def pending_cannot_be_asked_for(side: Side) -> None:
    refused(side, REFUSALS["Status"], Status="Pending", ObjectType="file")
    refused(side, REFUSALS["Status"], Status="Done", ObjectType="file")


def from_start(side: Side) -> None:
    _at_times(side, start=5, end=None, expected=["f2", "f1"])
    _at_times(side, start=10, end=None, expected=["f2", "f1"])


def to_end(side: Side) -> None:
    _at_times(side, start=None, end=15, expected=["f1", "f0"])
    _at_times(side, start=5, end=15, expected=["f1"])


def _at_times(side: Side, start: int | None, end: int | None, expected: list[str]) -> None:
    """Of three tasks, at 0, 10 and 20 seconds, *expected* are between *start* and *end*.

    The document allows one end without the other, and the client asks with both all the same: others refuse one alone.
    """
    side.harness.reset(side.doc)
    if isinstance(side, EmulatorSide):
        side.harness.be_lenient()
    first = _moment(side)
    for number in range(3):
        side.harness.submit(side.doc, urls(3)[number])
        side.harness.emulator.advance(10)
    asked = {
        name: wire_time(first + timedelta(seconds=seconds))
        for name, seconds in (("StartTime", start), ("EndTime", end))
        if seconds is not None
    }
    assert [path.rsplit("/", 1)[1].removesuffix(".txt") for path in side.ask(**asked).paths] == expected


def time_format(parameter: str) -> AnyCheck:
    """Seconds, T and Z, UTC: the client sends this form, and any other is refused."""

    def check(side: Side) -> None:
        text = side.harness.now()
        if isinstance(side, ClientSide):
            assert side.sent(**{parameter: text})[parameter] == text
        elif isinstance(side, EmulatorSide):
            side.harness.be_lenient()
        side.ask(**{parameter: text})
        day = text[:10]
        wrong = ("soon", day, f"{day} 10:00:00", f"{day}T10:00Z", f"{day}T10:00:00", f"{day}T10:00:00+08:00")
        for other in wrong:
            refused(side, REFUSALS[parameter], **{parameter: other})

    return check


def old_example_time(parameter: str, text: str) -> AnyCheck:
    """The example is years old: it is well-formed, but no query can reach it."""

    def check(side: Side) -> None:
        side.harness.submit(side.doc, *urls(1))
        if isinstance(side, ClientSide):
            assert side.refusal(**{parameter: text}) == INPUT
        else:
            side.harness.be_lenient()
            assert side.ask(**{parameter: text}).paths == (urls(1) if parameter == "StartTime" else [])

    return check


def malformed_example_time(parameter: str, text: str) -> AnyCheck:
    def check(side: Side) -> None:
        refused(side, REFUSALS[parameter], **{parameter: text})

    return check


# Pages.


def page_number(side: Side) -> None:
    side.harness.submit(side.doc, *urls(5))
    pages = [side.ask(PageNumber=number, PageSize=2).paths for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(path for page in pages for path in page) == urls(5)
    beyond = side.ask(PageNumber=4, PageSize=2)
    assert (beyond.rows, beyond.total, beyond.number) == ((), 5, 4)


def first_page_example(side: Side) -> None:
    side.harness.submit(side.doc, *urls(1))
    assert side.ask(PageNumber=1).paths == side.ask().paths == urls(1)


def page_number_range(side: Side) -> None:
    assert side.ask(PageNumber=100_000).rows == ()
    for number in (0, -1, 100_001):
        refused(side, REFUSALS["PageNumber"], PageNumber=number)


def page_number_is_whole(side: Side) -> None:
    for wrong in ("x", "1.5"):
        refused(side, REFUSALS["PageNumber"], PageNumber=wrong)


def page_size_default(side: Side) -> None:
    side.harness.submit(side.doc, *urls(21))
    found = side.ask()
    assert (len(found.rows), found.size, found.total) == (20, 20, 21)


def page_size_most(side: Side) -> None:
    side.harness.submit(side.doc, *urls(51))
    found = side.ask(PageSize=50)
    assert (len(found.rows), found.size, found.total) == (50, 50, 51)
    refused(side, REFUSALS["PageSize"], PageSize=51)


def page_size_most_by_itself(side: ClientSide) -> None:
    """Listing everything asks only for pages that the document allows: the emulator refuses larger ones."""
    side.harness.submit(side.doc, *urls(51))
    assert sorted(row["ObjectPath"] for row in side.listed()) == sorted(urls(51))


def page_size_most_in_waiting(side: ClientSide) -> None:
    """So does waiting, whose polls read all rows of a task."""
    (task_id,) = side.harness.submit(side.doc, *urls(51))
    always = side.doc.always
    query = Query(task_id=task_id, domain=always.get("DomainName"), object_type=always.get("ObjectType"))
    assert len(_row_reader(side).all_pages(query).rows) == 51


def required_in_waiting(side: ClientSide) -> None:
    """To find an object that was submitted before, waiting sends the domain and the type, too."""
    side.harness.submit(side.doc, *urls(1))
    spec = TaskSpec(Service.CDN, Kind.REFRESH, ObjectType.FILE, (urls(1)[0],))
    with contextlib.suppress(RefusedError):
        _row_reader(side).objects_since(spec, _moment(side))
    assert {"DomainName", "ObjectType"} <= set(side.harness.calls(side.doc)[-1]["params"])


def _row_reader(side: ClientSide) -> RowReader:
    return RowReader(side.api(), Caller(VirtualClock(side.harness.emulator), chance))


def _moment(side: Side) -> datetime:
    return datetime.strptime(side.harness.now(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def page_size_range(side: Side) -> None:
    side.harness.submit(side.doc, *urls(2))
    assert len(side.ask(PageSize=1).rows) == 1
    assert len(side.ask(PageSize=50).rows) == 2
    for size in (0, -1):
        refused(side, REFUSALS["PageSize"], PageSize=size)


def page_size_is_whole(side: Side) -> None:
    for wrong in ("x", "1.5"):
        refused(side, REFUSALS["PageSize"], PageSize=wrong)


# Parameters that are only passed on, and examples.


def resource_group(side: Side) -> None:
    side.harness.submit(side.doc, *urls(1))
    assert side.ask(ResourceGroupId="xxxxx").paths == urls(1)
    if isinstance(side, ClientSide):
        assert side.harness.calls(side.doc)[-1]["params"]["ResourceGroupId"] == "xxxxx"


def resource_group_blank_example(text: str) -> AnyCheck:
    """The example is a hint in words and no id: the client refuses it; the service may accept any text."""

    def check(side: Side) -> None:
        if isinstance(side, ClientSide):
            assert side.refusal(ResourceGroupId=text) == INPUT
        else:
            assert side.ask(ResourceGroupId=text).rows == ()

    return check


def no_resource_group(side: ClientSide) -> None:
    if side.doc.service == "intl-2020":
        assert side.refusal(ResourceGroupId="rg-1") == INPUT
    assert "ResourceGroupId" not in side.sent()


def accepts(**wire: str | int) -> AnyCheck:
    """The example is a valid query, which matches nothing."""

    def check(side: Side) -> None:
        found = side.ask(**wire)
        assert (found.rows, found.total) == ((), 0)
        if isinstance(side, ClientSide):
            sent = side.harness.calls(side.doc)[-1]["params"]
            assert {name: sent[name] for name in wire} == {name: str(value) for name, value in wire.items()}

    return check


def starred_id(side: Side) -> None:
    refused(side, REFUSALS["TaskId"], TaskId="70422****")


def starred_path(side: Side) -> None:
    side.harness.submit(side.doc, "http://example.com/abc.txt", "http://example.com/***.txt")
    assert side.ask(ObjectPath="http://example.com/***.txt").paths == ["http://example.com/***.txt"]


# The request as a whole.


def client_names_the_action(side: ClientSide) -> None:
    side.ask()
    assert len(side.harness.calls(side.doc)) == 1
    side.read(page_of(side.doc))
    (asked,) = side.harness.samples.received
    assert (asked.headers.get("x-acs-action") or asked.params["Action"]) == side.doc.action


def page_of(doc: Document) -> Mapping[str, object]:
    """The smallest answer."""
    empty = {"Tasks": {doc.container: []}, "PageNumber": 1, "PageSize": 20, "TotalCount": 0, "RequestId": "X"}
    return dict(empty)


def emulator_wants_the_action(side: EmulatorSide) -> None:
    side.ask()
    side.vendor()
    assert side.request(Action="").json["Code"] == "MissingAction"
    assert side.request(Action="DescribeSomethingElse").json["Code"] == "InvalidAction.NotFound"


def client_names_the_version(side: ClientSide) -> None:
    side.read(page_of(side.doc))
    (asked,) = side.harness.samples.received
    assert (asked.headers.get("x-acs-version") or asked.params["Version"]) == side.doc.version
    assert asked.path == "/"


def emulator_wants_the_version(side: EmulatorSide) -> None:
    side.ask()
    other = "2018-05-10" if side.doc.vod else "2017-03-21"
    assert side.request(Version=other).json["Code"] == "InvalidVersion"


def parameters_in_the_table_s_casing(side: ClientSide) -> None:
    sent = side.sent(TaskId="1", ObjectPath=f"{SITE}/a.txt", Status="Complete", ObjectType="file", DomainName=DOMAIN)
    assert set(sent) <= set(NAMES)
    assert {"TaskId", "ObjectPath", "Status", "ObjectType", "DomainName"} <= set(sent)


def asks_with(**wire: str) -> ClientCheck:
    """The client's functions can send the request of the sample."""

    def check(side: ClientSide) -> None:
        side.harness.submit(side.doc, *urls(11))
        numbers = {name: int(value) for name, value in wire.items()}
        found = side.ask(**numbers)
        assert (len(found.rows), found.total) == (min(11, numbers.get("PageSize", 20)), 11)
        sent = side.harness.calls(side.doc)[-1]["params"]
        assert {name: sent[name] for name in wire} == wire

    return check


def empty_path_is_no_question(side: Side) -> None:
    """`ObjectPath=` matches the same rows as no ObjectPath. The client never sends an empty parameter."""
    side.harness.submit(side.doc, *urls(2))
    if isinstance(side, ClientSide):
        assert "ObjectPath" not in side.sent()
        assert side.refusal(ObjectPath="") == INPUT
    else:
        assert side.ask(ObjectPath="").paths == side.ask().paths != []


def status_is_meant(side: Side) -> None:
    """Only the prose says TaskStatus; the parameter that needs ObjectType is Status."""
    refused(side, "MissingParameter.ObjectType", Status="Complete")
    if isinstance(side, ClientSide):
        assert "TaskStatus" not in side.sent(Status="Complete", ObjectType="file")
    elif isinstance(side, EmulatorSide):
        assert side.request(TaskStatus="Complete").status == 200


def vendor_signs(side: Side) -> None:
    """The emulator refuses an unsigned request and answers one that the vendor's library signed."""
    if isinstance(side, EmulatorSide):
        side.vendor()
        unsigned = send(side.harness.emulator.endpoint, "GET", f"/?Action={side.doc.action}&Version={side.doc.version}")
        assert unsigned.status == 400
    elif isinstance(side, ClientSide):
        side.read(page_of(side.doc))
        (asked,) = side.harness.samples.received
        assert "Signature=" in asked.headers["authorization"]


def no_other_type_but_directory(side: ClientSide) -> None:
    """The client sends only the three words, and accepts `directory`."""
    no_other_type("regex")(side)
    assert side.sent(ObjectType="directory")["ObjectType"] == "path"


def bare_request_is_refused(side: Side) -> None:
    refused(side, "MissingParameter", DomainName=None, ObjectType=None)
