"""Which rows are whose: by type and path, in any spelling under our own ids, and whatever the other rows hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Row, RowStatus, RowWords
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.cloud.codec import decode_page
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.verdict import Outcome, Verdict, judge
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOST = "https://media.example.com"
A, B = f"{HOST}/a", f"{HOST}/b"
PLAIN = A.replace("https:", "http:")
BARE = A.removeprefix("https://")
FILE, COMPLETE, REFRESHING = ObjectType.FILE, RowStatus.COMPLETE, RowStatus.REFRESHING
OURS = Identity(FILE, own_ids=True)
ANYBODYS = Identity(FILE)


def row(
    path: str,
    object_type: ObjectType | None = FILE,
    status: RowStatus = COMPLETE,
    second: int | None = 0,
    word: str | None = None,
    task_id: str = "7",
) -> Row:
    created = None if second is None else START + timedelta(seconds=second)
    return Row(task_id, path, object_type, status, 0.0, created, words=RowWords(object_type=word))


@pytest.mark.parametrize("theirs", [ObjectType.DIRECTORY, ObjectType.PRELOAD, ObjectType.REGEX])
@pytest.mark.parametrize("identity", [OURS, ANYBODYS])
def test_a_row_of_another_type_is_not_ours(theirs: ObjectType, identity: Identity) -> None:
    found = match([A], [row(A, theirs)], identity)
    assert (found.rows, found.unmatched) == ({A: ()}, (row(A, theirs),))


def test_an_unknown_type_is_ours_only_under_our_id_and_without_a_better_row() -> None:
    odd, proper = row(A, None, word="single"), row(A, FILE, REFRESHING)
    assert match([A], [odd], ANYBODYS).rows == {A: ()}
    assert match([A], [odd], OURS).rows == {A: (odd,)}
    assert match([A], [odd, proper], OURS).rows == {A: (proper,)}
    assert match([A, B], [odd, row(B)], OURS).rows[A] == (odd,)
    for word in ("block", "Unblock"):
        assert match([A], [row(A, None, word=word)], OURS).rows == {A: ()}


@pytest.mark.parametrize("wanted", [ObjectType.REGEX, ObjectType.IGNORE_PARAMS])
def test_a_type_that_not_every_document_lists_may_be_listed_as_another_type_of_refresh(wanted: ObjectType) -> None:
    identity = Identity(wanted, own_ids=True)
    assert match([A], [row(A, FILE)], identity).rows == {A: (row(A, FILE),)}
    assert match([A], [row(A, FILE), row(A, wanted)], identity).rows == {A: (row(A, wanted),)}
    assert match([A], [row(A, ObjectType.PRELOAD)], identity).rows == {A: ()}
    assert match([A], [row(A, FILE)], Identity(wanted)).rows == {A: ()}
    assert match([A], [row(A, None, word="x")], Identity(wanted)).rows[A]


def test_a_row_without_a_type_is_a_file_and_under_our_id_anything() -> None:
    untyped = row(A, FILE, word="")
    for identity in (OURS, ANYBODYS, Identity(ObjectType.PRELOAD, own_ids=True)):
        assert match([A], [untyped], identity).rows == {A: (untyped,)}
    assert match([A], [untyped], Identity(ObjectType.PRELOAD)).rows == {A: ()}


def test_another_scheme_is_ours_only_under_our_id() -> None:
    assert match([A], [row(PLAIN)], OURS).rows == {A: (row(PLAIN),)}
    assert match([A], [row(PLAIN)], ANYBODYS).rows == {A: ()}
    assert match([A], [row(BARE)], ANYBODYS).rows == {A: (row(BARE),)}


def test_the_exact_spelling_comes_first_and_a_second_one_is_left_over() -> None:
    rows = [row(PLAIN, status=REFRESHING), row(A)]
    found = match([A], rows, OURS)
    assert (found.rows, found.unmatched) == ({A: (rows[1],)}, (rows[0],))


def test_two_objects_that_differ_in_scheme_only_share_no_row() -> None:
    both = match([A, PLAIN], [row(A), row(PLAIN)], OURS)
    assert both.rows == {A: (row(A),), PLAIN: (row(PLAIN),)}
    bare = match([A, PLAIN], [row("media.example.com:443/a")], OURS)
    assert bare.rows == {A: (), PLAIN: ()}
    half = match([A, PLAIN], [row(PLAIN)], OURS)
    assert half.rows == {A: (), PLAIN: (row(PLAIN),)}


def test_two_spellings_that_could_both_be_the_object_are_neither() -> None:
    rows = [row(PLAIN), row("media.example.com:443/a")]
    assert match([A], rows, OURS).rows == {A: ()}


WINDOW = CreationWindow(START, START + timedelta(seconds=60))


@pytest.mark.parametrize(
    ("ours", "other", "outcome", "contested"),
    [
        (COMPLETE, row(A, status=REFRESHING, second=-3600), Outcome.COMPLETE, False),
        (COMPLETE, row(A, status=REFRESHING, second=3600), Outcome.COMPLETE, False),
        (COMPLETE, row(A, status=REFRESHING, second=None), Outcome.COMPLETE, False),
        (COMPLETE, row(A, status=REFRESHING, second=1), Outcome.REFRESHING, True),
        (COMPLETE, row(A, status=REFRESHING, second=3600, task_id="8"), Outcome.REFRESHING, False),
        (REFRESHING, row(A, second=-3600), Outcome.REFRESHING, False),
        (RowStatus.FAILED, row(A, second=3600), Outcome.COMPLETE, False),
    ],
)
def test_two_rows_of_one_object_under_one_id(ours: RowStatus, other: Row, outcome: Outcome, contested: bool) -> None:
    identity = Identity(FILE, own_ids=True, in_window=WINDOW.__contains__)
    for rows in ([row(A, status=ours, second=2), other], [other, row(A, status=ours, second=2)]):
        verdict = judge([A], rows, identity)
        assert (verdict.outcome, A in verdict.contested) == (outcome, contested)


def test_of_objects_whose_type_is_unknown_every_type_has_to_be_complete() -> None:
    rows = [row(A, FILE, RowStatus.FAILED), row(A, ObjectType.DIRECTORY)]
    assert judge([A], rows).outcome is Outcome.FAILED
    assert judge([A], [row(A, FILE, REFRESHING), rows[1]]).outcome is Outcome.REFRESHING
    assert judge([A], [row(A, FILE), rows[1]]).outcome is Outcome.COMPLETE


NAMES = [f"{HOST}/{name}" for name in "abcd"]


def wire(path: str, status: str, task_id: str = "7") -> dict[str, Any]:
    return {
        "TaskId": task_id,
        "ObjectPath": path,
        "ObjectType": "file",
        "Status": status,
        "Process": "40%",
        "CreationTime": "2026-03-01T12:00:00Z",
    }


STATUSES = st.sampled_from(["Pending", "Refreshing", "Complete", "Failed"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.just("Complete"))
JUNK = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(list(wire("", ""))), SCALARS, max_size=6),
    # A row of ours but for its status.
    st.builds(
        lambda path, status: wire(path, "") | {"Status": status},
        st.sampled_from(NAMES),
        st.sampled_from(["Done", "", "Warming", None, 0, [], "PreloadPending", "Preloading"]),
    ),
    # A row of ours but for its path or type.
    st.builds(
        lambda path, name, value: wire(path, "Complete") | {name: value},
        st.sampled_from(NAMES),
        st.sampled_from(["ObjectType", "ObjectPath"]),
        st.sampled_from(["directory", "preload", "block", "*", f"{HOST}/e"]),
    ),
)


@given(st.lists(STATUSES, min_size=4, max_size=4), st.dictionaries(st.integers(0, 3), JUNK, max_size=3), st.booleans())
def test_any_row_replaced_by_junk_changes_nothing_for_the_others_and_is_no_success(
    statuses: list[str], junk: dict[int, Any], flat: bool
) -> None:
    def verdict_of(rows: list[Any]) -> Verdict:
        body = json.dumps({"Tasks": rows if flat else {"CDNTask": rows}, "TotalCount": 4, "RequestId": "R"})
        page = decode_page("X", body, {}, lambda: START)
        assert page.total == len(page.rows) == 4
        return judge(NAMES, [one for one in page.rows if one.task_id == "7"], OURS)

    intact = [wire(path, status) for path, status in zip(NAMES, statuses, strict=True)]
    broken = [junk.get(index, one) for index, one in enumerate(intact)]
    expected, seen = verdict_of(intact), verdict_of(broken)
    named = {str(one["ObjectPath"]) for one in junk.values() if isinstance(one, dict) and "ObjectPath" in one}
    for index, path in enumerate(NAMES):
        if index not in junk and path not in named:
            assert seen.rows[path] == expected.rows[path]
        elif index in junk and path not in named:
            found = seen.rows[path]
            assert found is None or not found.status.final
    if junk:
        assert seen.outcome is not Outcome.COMPLETE
