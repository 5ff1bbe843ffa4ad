"""What the service really answers, and what answers in its place: nothing of it is a success, nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.odd import HOST, LOGIN, PAGES, OddCloud, page, program
from pulumi_alicdn.api.actions import SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.errors import TaskFailedError, TaskTimeoutError, UnexpectedAnswerError
from pulumi_alicdn.state import AttachmentInputs
from pulumi_alicdn.tasks.lifecycle import attach
from pulumi_alicdn.tasks.retry_policy import OUTAGE_PATIENCE_S, READ_PATIENCE_S
from pulumi_alicdn.tasks.submit import GRACE_S
from support.virtual_clock import Listener

A, B = f"{HOST}/a.js", f"{HOST}/b.js"
BOTH = pytest.mark.parametrize("service", list(Service))
SUBMITS = frozenset(SUBMIT_ACTIONS.values())


@pytest.fixture
def cloud() -> Iterator[OddCloud]:
    with asyncio.Runner() as runner:
        yield OddCloud(runner)


def lasting(cloud: OddCloud, seconds: float, text: str) -> Callable[[str], RawAnswer | None]:
    """A page for everything that is asked within *seconds* from now."""
    end = cloud.time.monotonic() + seconds
    return lambda _: page(text) if cloud.time.monotonic() < end else None


def edited(**changes: object) -> Callable[[list[Any]], list[Any]]:
    """Every row with these members; None leaves a member out."""

    def rows(found: list[Any]) -> list[Any]:
        return [{name: value for name, value in {**row, **changes}.items() if value is not None} for row in found]

    return rows


@BOTH
@pytest.mark.parametrize("text", PAGES, ids=repr)
def test_a_page_in_a_wait_is_asked_again(cloud: OddCloud, service: Service, text: str) -> None:
    ours, listener = program(A, service=service), Listener()
    ours.step(cloud.process(), listener)
    ours.step(cloud.process(), listener)
    cloud.instead = lasting(cloud, 20, text)
    ours.step(cloud.process(), listener)
    assert ours.complete
    assert any("trying again after: something else than the service answered" in one.note for one in listener.seen)
    assert len(cloud.sent) == 1


def test_pages_to_the_deadline_end_the_wait_there_and_it_says_what_answered(cloud: OddCloud) -> None:
    ours, process = program(A), cloud.process()
    ours.step(process, Listener())
    ours.step(process, Listener())
    cloud.instead = lasting(cloud, 500, LOGIN)
    began = cloud.time.monotonic()
    with pytest.raises(TaskTimeoutError, match=r"The last poll failed: .*a page titled 'Sign in' \(text/html\)"):
        ours.step(process, Listener())
    assert 120 <= cloud.time.monotonic() - began <= 121


@BOTH
@pytest.mark.parametrize("text", PAGES, ids=repr)
@pytest.mark.parametrize("pages_s", [5, 30, 100])
def test_after_a_lost_submit_pages_prove_nothing_and_it_is_submitted_once(
    cloud: OddCloud, service: Service, text: str, pages_s: float
) -> None:
    ours, process = program(A, B, service=service), cloud.process()
    ours.step(process, Listener())
    lost = iter([True])

    def afterwards(action: str) -> RawAnswer | None:
        if action in SUBMITS and next(lost, False):
            cloud.instead = lasting(cloud, pages_s, text)
            return page(text)
        return None

    cloud.afterwards = afterwards
    ours.up(process, Listener())
    assert ours.complete
    assert [len(sent.rows) for sent in cloud.sent] == [2]


def test_the_grace_of_a_lost_submit_begins_when_the_service_itself_answers(cloud: OddCloud) -> None:
    ours, process = program(A), cloud.process()
    ours.step(process, Listener())
    cloud.world.faults.replace([Fault("hide", "RefreshObjectCaches", seconds=60 + GRACE_S - 3)])
    lost = iter([True])

    def afterwards(action: str) -> RawAnswer | None:
        if action in SUBMITS and next(lost, False):
            cloud.instead = lasting(cloud, 60, LOGIN)
            return page(LOGIN)
        return None

    cloud.afterwards = afterwards
    ours.up(process, Listener())
    assert ours.complete
    assert len(cloud.sent) == 1


def test_pages_for_ever_after_a_lost_submit_end_with_their_patience_and_the_next_run_adopts(cloud: OddCloud) -> None:
    ours, process = program(A), cloud.process()
    ours.step(process, Listener())

    def afterwards(action: str) -> RawAnswer | None:
        if action in SUBMITS:
            cloud.instead = lambda _: page(LOGIN)
            return page(LOGIN)
        return None

    cloud.afterwards = afterwards
    began = cloud.time.monotonic()
    with pytest.raises(UnexpectedAnswerError, match="a page titled 'Sign in'"):
        ours.step(process, Listener())
    assert cloud.time.monotonic() - began <= OUTAGE_PATIENCE_S + 10
    cloud.instead = lambda _: None
    ours.up(cloud.process("run-2"), Listener())
    assert ours.complete
    assert len(cloud.sent) == 1


@pytest.mark.parametrize("text", PAGES, ids=repr)
def test_where_only_pages_answer_nothing_is_submitted_and_it_ends_soon(cloud: OddCloud, text: str) -> None:
    cloud.instead = lambda _: page(text)
    began = cloud.time.monotonic()
    with pytest.raises(UnexpectedAnswerError, match="something else than the service answered: "):
        program(A).step(cloud.process(), Listener())
    assert cloud.time.monotonic() - began <= READ_PATIENCE_S
    with pytest.raises(UnexpectedAnswerError):
        cloud.api(Service.CDN).quota()
    assert cloud.sent == []


few = settings(max_examples=max(25, settings().max_examples // 4))
plans = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 12), st.booleans(), st.sampled_from(PAGES)), max_size=3)


@few
@given(plans, st.sampled_from(Service), st.integers(0, 12))
def test_any_answers_replaced_by_pages_are_no_success_and_no_second_submit(
    plan: list[tuple[int, int, bool, str]], service: Service, hidden_s: int
) -> None:
    """Each part of a plan replaces that many answers from the nth one on, before or after the service did its work."""
    with asyncio.Runner() as runner:
        cloud = OddCloud(runner)
        cloud.world.faults.replace([Fault("hide", action, seconds=hidden_s, times=-1) for action in SUBMITS])
        ours = program(A, B, service=service)

        def instead(early: bool) -> Callable[[str], RawAnswer | None]:
            def answer(_: str) -> RawAnswer | None:
                due = (text for first, count, kind, text in plan if kind is early and 0 <= cloud.calls - first < count)
                return next((page(text) for text in due), None)

            return answer

        cloud.instead, cloud.afterwards = instead(early=True), instead(early=False)
        for run in range(5):
            with suppress(UnexpectedAnswerError, TaskTimeoutError):
                ours.up(cloud.process(f"run-{run}"), Listener())
            if ours.complete:
                break
        assert ours.complete
        assert cloud.effective(A)
        assert cloud.effective(B)
        assert (cloud.made(A), cloud.made(B)) == (1, 1)


def test_a_service_that_drops_its_date_ends_no_wait_and_nothing_is_sent_twice(cloud: OddCloud) -> None:
    cloud.headers = lambda _: {}
    cloud.world.faults.replace([Fault("reset-after", "RefreshObjectCaches")])
    ours = program(A)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert len(cloud.sent) == 1


@pytest.mark.parametrize("date", ["", "soon", "Sun, 99 Mar 2026 10:11:12 GMT"])
def test_a_date_that_is_none_in_a_wait_is_passed_over(cloud: OddCloud, date: str) -> None:
    ours, process = program(A), cloud.process()
    ours.step(process, Listener())
    ours.step(process, Listener())
    cloud.headers = lambda headers: {**headers, "date": date}
    ours.step(process, Listener())
    assert ours.complete


def while_open(**changes: object) -> Callable[[list[Any]], list[Any]]:
    """Rows that are not Complete with these members instead."""
    edit = edited(**changes)
    return lambda found: [row if row["Status"] == "Complete" else edit([row])[0] for row in found]


@BOTH
@pytest.mark.parametrize("word", ["PreloadPending", "Preloading", "Warming", "", 5])
def test_a_task_is_waited_for_whatever_its_status_is_called_meanwhile(
    cloud: OddCloud, service: Service, word: object
) -> None:
    cloud.rows = while_open(Status=word)
    ours, listener = program(A, service=service), Listener()
    ours.up(cloud.process(), listener)
    assert ours.complete
    assert cloud.effective(A)
    known = word in ("PreloadPending", "Preloading")
    assert [repr(str(word)) in warning for warning in listener.warnings] == ([] if known else [True])


def test_a_status_that_nobody_knows_is_never_a_success_and_the_timeout_quotes_it(cloud: OddCloud) -> None:
    cloud.rows = edited(Status="Finished")
    listener = Listener()
    with pytest.raises(TaskTimeoutError, match=rf"{A}: Refreshing 100% \(listed as 'Finished'\) \(task ") as caught:
        program(A).up(cloud.process(), listener)
    assert "1 of 1 URLs are not Complete" in str(caught.value)
    assert len(listener.warnings) == 1
    assert listener.warnings[0].startswith(f"cdn lists '{A}' with the status 'Finished', which no document names")


@BOTH
def test_a_new_trigger_submits_again_although_the_service_names_no_requests(service: Service) -> None:
    """Without a request id, the new intent must not seem to be the one whose tasks are Complete."""

    class Unnamed(OddCloud):
        def _changed(self, answer: RawAnswer) -> RawAnswer:
            body = {name: value for name, value in json.loads(answer.body).items() if name != "RequestId"}
            return RawAnswer(json.dumps(body), answer.headers)

    with asyncio.Runner() as runner:
        unnamed, ours = Unnamed(runner), program(A, service=service)
        for version in range(3):
            ours.version = version
            ours.up(unnamed.process(), Listener())
            assert ours.complete
            assert unnamed.made(A) == version + 1


def test_a_row_of_ours_without_a_status_is_under_way(cloud: OddCloud) -> None:
    cloud.rows = while_open(Status=None)
    ours = program(A)
    ours.up(cloud.process(), Listener())
    assert ours.complete


@BOTH
@pytest.mark.parametrize("word", ["Timeout", "Canceled", "Cancelled"])
def test_a_timeout_or_a_cancel_is_a_failure_with_its_url(cloud: OddCloud, service: Service, word: str) -> None:
    cloud.rows = edited(Status=word)
    with pytest.raises(TaskFailedError, match=f"{A}: Failed, {word} "):
        program(A, service=service).up(cloud.process(), Listener())


@BOTH
def test_retry_failed_submits_what_timed_out_at_the_service_again(cloud: OddCloud, service: Service) -> None:
    def rows(found: list[Any]) -> list[Any]:
        first = cloud.sent[0].rows[0].task_id
        return [{**row, "Status": "Timeout"} if row["TaskId"] == first else row for row in found]

    ours = program(A, service=service, retry_failed=1)
    process = cloud.process()
    ours.step(process, Listener())
    ours.step(process, Listener())
    cloud.time.pass_by(3)  # in the same second, the service would merge both submits into one task
    cloud.rows = rows
    ours.step(process, Listener())
    assert ours.complete
    assert cloud.made(A) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"Process": "N/A"},
        {"Process": ""},
        {"Process": "abc"},
        {"Description": 7},
        {"CreationTime": "yesterday"},
        {"CreationTime": None},
        {"CreationTime": ["2100"]},
    ],
    ids=str,
)
@BOTH
def test_an_odd_member_beside_the_status_of_our_row_decides_nothing(
    cloud: OddCloud, service: Service, changes: dict[str, Any]
) -> None:
    ours, process, listener = program(A, B, service=service), cloud.process(), Listener()
    ours.step(process, listener)
    ours.step(process, listener)
    cloud.rows = edited(**changes)
    ours.step(process, listener)
    assert ours.complete
    assert (cloud.effective(A), listener.warnings) == (True, [])


def test_a_row_whose_time_is_unreadable_is_not_adopted(cloud: OddCloud) -> None:
    ours, process = program(A), cloud.process()
    ours.step(process, Listener())
    cloud.time.pass_by(2)
    cloud.by_others(TaskSpec(Service.CDN, Kind.REFRESH, ObjectType.FILE, (A,)))
    cloud.rows = edited(CreationTime="yesterday")
    ours.step(process, Listener())
    assert ours.submission is not None
    assert ours.submission[1]["adopted"] == []


def spelled(change: Callable[[str], str]) -> Callable[[list[Any]], list[Any]]:
    """Every row with its path in another spelling."""
    return lambda found: [{**row, "ObjectPath": change(row["ObjectPath"])} for row in found]


WORD = f"{HOST}/%E4%B8%AD%20%C3%A9.js"
SPELLINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "http": (A, lambda path: path.replace("https:", "http:")),
    "no scheme": (A, lambda path: path.removeprefix("https://")),
    "port": (A, lambda path: path.replace(".com/", ".com:443/")),
    "no scheme and a port": (A, lambda path: path.removeprefix("https://").replace(".com/", ".com:443/")),
    "upper case": (A, lambda path: path.replace(HOST, HOST.upper())),
    "decoded": (WORD, unquote),
    "decoded and http": (WORD, lambda path: unquote(path).replace("https:", "http:")),
    "decomposed": (WORD, lambda path: unicodedata.normalize("NFD", unquote(path))),
    "lower-case escapes": (WORD, lambda path: path.replace("%E4%B8%AD", "%e4%b8%ad")),
    "IDN": ("https://xn--fsqu00a.com/a.js", lambda path: path.replace("xn--fsqu00a", "例子")),
}


@BOTH
@pytest.mark.parametrize("name", SPELLINGS)
def test_under_our_id_the_same_object_in_another_spelling_is_ours(cloud: OddCloud, service: Service, name: str) -> None:
    path, change = SPELLINGS[name]
    cloud.rows = spelled(change)
    ours = program(path, B, service=service)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert cloud.effective(path)
    assert ours.completion is not None
    assert [one["object_path"] for one in ours.completion[1]["objects"]] == [path, B]


@pytest.mark.parametrize("name", ["no scheme", "decoded", "port", "IDN"])
def test_a_lost_submit_is_adopted_in_another_spelling_and_not_sent_again(cloud: OddCloud, name: str) -> None:
    path, change = SPELLINGS[name]
    cloud.rows = spelled(change)
    cloud.world.faults.replace([Fault("reset-after", "RefreshObjectCaches")])
    ours = program(path)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert len(cloud.sent) == 1


@BOTH
def test_what_failed_in_another_spelling_is_submitted_again_once(cloud: OddCloud, service: Service) -> None:
    cloud.rows = spelled(lambda path: path.replace("https:", "http:"))
    submit = SUBMIT_ACTIONS[service, Kind.REFRESH]
    cloud.world.faults.replace([Fault("fail", submit), Fault("hide", submit, nth=2, seconds=10)])
    ours = program(A, service=service, retry_failed=1)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert cloud.made(A) == 2


def test_http_and_https_of_one_object_are_two_objects(cloud: OddCloud) -> None:
    plain = A.replace("https:", "http:")
    cloud.world.faults.replace([Fault("fail", "RefreshObjectCaches", paths=frozenset([plain]), times=1)])
    with pytest.raises(TaskFailedError, match=f"1 of 2 URLs failed on cdn:\n  {plain}: Failed"):
        program(A, plain).up(cloud.process(), Listener())


@BOTH
def test_a_row_of_another_type_under_our_id_is_not_ours_and_the_timeout_lists_it(
    cloud: OddCloud, service: Service
) -> None:
    cloud.rows = lambda found: [{**row, "ObjectType": "directory", "Status": "Complete"} for row in found]
    with pytest.raises(TaskTimeoutError) as caught:
        program(A, service=service).up(cloud.process(), Listener())
    lines = str(caught.value).splitlines()
    (task,) = cloud.sent[0].rows
    assert lines[1:4] == [
        f"  {A}: not listed by the service yet",
        "The same tasks list these, which match none of them by path and type:",
        f"  '{A}' (directory): Complete (task {task.task_id})",
    ]


@pytest.mark.parametrize("kind", ["preload", "directory", "block", "regex"])
def test_a_merged_row_of_another_type_is_not_mistaken_for_ours_which_is_under_way(cloud: OddCloud, kind: str) -> None:
    cloud.rows = lambda found: [*found, *({**row, "ObjectType": kind, "Status": "Complete"} for row in found)]
    ours = program(A)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert cloud.effective(A)


def test_a_type_that_no_document_names_counts_where_nothing_else_can(cloud: OddCloud) -> None:
    cloud.rows = edited(ObjectType="single-url")
    ours = program(A)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert cloud.effective(A)


@BOTH
def test_somebody_elses_row_of_another_time_under_our_id_does_not_keep_ours_open(
    cloud: OddCloud, service: Service
) -> None:
    def rows(found: list[Any]) -> list[Any]:
        return [*found, *({**row, "Status": "Refreshing", "CreationTime": "2100-01-01T05:00:00Z"} for row in found)]

    cloud.rows = rows
    ours = program(A, service=service)
    ours.up(cloud.process(), Listener())
    assert ours.complete
    assert cloud.effective(A)


@BOTH
def test_somebody_elses_row_that_looks_like_ours_is_named_in_the_timeout(cloud: OddCloud, service: Service) -> None:
    cloud.rows = lambda found: [*found, *({**row, "Status": "Refreshing", "Process": "40%"} for row in found)]
    with pytest.raises(TaskTimeoutError) as caught:
        program(A, service=service).up(cloud.process(), Listener())
    (task,) = cloud.sent[0].rows
    assert str(caught.value).splitlines()[1] == (
        f"  {A}: Refreshing 40% (task {task.task_id}); the task also lists it as Complete: another task holds it"
    )


junk = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(
        st.sampled_from(["TaskId", "ObjectPath", "ObjectType", "Status", "Process", "CreationTime", "Description"]),
        st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.lists(st.none(), max_size=1)),
        max_size=7,
    ),
    st.fixed_dictionaries(
        {
            "TaskId": st.sampled_from(["1", "15700000001", "15700000002"]),
            "ObjectPath": st.sampled_from([f"{HOST}/c.js", "*", ""]),
            "ObjectType": st.sampled_from(["file", "preload", "block", "folder"]),
            "Status": st.sampled_from(["Complete", "Failed", "Timeout", "Preloading", "Refreshing", "?"]),
        },
        optional={"CreationTime": st.sampled_from(["2100-01-01T06:00:05Z", "2100-01-01 06:00:05", "now"])},
    ),
)


@few
@given(st.lists(junk, min_size=1, max_size=4), st.sampled_from(Service), st.booleans())
def test_any_row_of_others_replaced_by_junk_changes_nothing_for_ours(
    odd: list[object], service: Service, first: bool
) -> None:
    """The same calls at the same times with the same result as beside proper rows of others."""

    def run(rows: Callable[[list[Any]], list[Any]]) -> tuple[bool, float, int, list[str]]:
        with asyncio.Runner() as runner:
            cloud, listener = OddCloud(runner), Listener()
            cloud.rows = rows
            ours = program(A, B, service=service)
            ours.up(cloud.process(), listener)
            assert cloud.effective(A)
            assert cloud.effective(B)
            assert len(cloud.sent) == 1
            return ours.complete, cloud.time.monotonic(), cloud.calls, listener.warnings

    def with_junk(found: list[Any]) -> list[Any]:
        return [*odd, *found] if first else [*found, *odd]

    proper = {
        "TaskId": "3",
        "ObjectPath": f"{HOST}/others.js",
        "ObjectType": "file",
        "Status": "Complete",
        "Process": "100%",
        "CreationTime": "2100-01-01T06:00:00Z",
    }
    beside = [{**proper, "TaskId": str(number)} for number in range(len(odd))]
    expected = run(lambda found: [*beside, *found] if first else [*found, *beside])
    assert run(with_junk) == expected


@BOTH
def test_a_wait_for_a_whole_task_does_not_end_without_the_object_whose_row_states_no_id(
    cloud: OddCloud, service: Service
) -> None:
    def rows(found: list[Any]) -> list[Any]:
        return [row if row["ObjectPath"] == A else {**row, "TaskId": None, "Status": "Refreshing"} for row in found] + [
            "busy"
        ]

    process = cloud.process()
    ids = cloud.api(service).submit(TaskSpec(service, Kind.REFRESH, ObjectType.FILE, (A, B))).task_ids
    cloud.rows = rows
    inputs: AttachmentInputs = {"kind": "refresh", "service": str(service), "timeout": 60}
    with pytest.raises(TaskTimeoutError, match=f"1 of 2 URLs are not Complete .*\n  {B}: Refreshing"):
        attach(process.context(), ids[0], inputs, Listener())
    cloud.rows = lambda found: [*found, "busy", None]
    assert attach(process.context(), ids[0], inputs, Listener())["status"] == "Complete"
