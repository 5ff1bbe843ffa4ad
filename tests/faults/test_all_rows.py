"""A task whose objects only the service knows: not Complete before every row that it counts was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.paged import ROWS_BY_ID, TASK, Count, Cut, JsonRow, Paged, honest, whole
from faults.program import Process
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import TaskTimeoutError
from pulumi_alicdn.state import AttachmentInputs, AttachmentState
from pulumi_alicdn.tasks.lifecycle import attach
from support.virtual_clock import Listener, seeded_chance

BOTH = pytest.mark.parametrize("service", list(Service))
many = settings(deadline=None)


def wait(paged: Paged, service: Service, timeout: float = 300, *paths: str) -> AttachmentState:
    """What `RefreshTask.get`, `TaskCompletion` and `alicdn wait` do with the id of somebody else's task."""
    inputs: AttachmentInputs = {"kind": "refresh", "service": str(service), "timeout": timeout}
    if paths:
        inputs["object_paths"] = list(paths)
    context = Process("run-1", paged.api, paged.clock, seeded_chance()).context()
    return attach(context, TASK, inputs, Listener())


def polled(paged: Paged, service: Service) -> str:
    """The status after a single poll."""
    inputs: AttachmentInputs = {"kind": "refresh", "service": str(service), "wait": False}
    return attach(Process("run-1", paged.api, paged.clock, seeded_chance()).context(), TASK, inputs, Listener())[
        "status"
    ]


# -- the pages of an odd service --------------------------------------------------------------------------------------


def empty(rows: Sequence[JsonRow], number: int, size: int) -> Sequence[JsonRow]:
    return whole(rows, number, size) if number == 1 else []


def repeated(rows: Sequence[JsonRow], _number: int, size: int) -> Sequence[JsonRow]:
    return whole(rows, 1, size)


def reordered(rows: Sequence[JsonRow], number: int, size: int) -> Sequence[JsonRow]:
    return whole(rows if number == 1 else [*rows[::-1][-size:], *rows[size:]], number - (number > 1), size)


def short(rows: Sequence[JsonRow], number: int, size: int) -> Sequence[JsonRow]:
    page = whole(rows, number, size)
    return page[: len(page) // 2]


def one_row(rows: Sequence[JsonRow], number: int, size: int) -> Sequence[JsonRow]:
    page = whole(rows, number, size)
    return page if number == 1 else [page[0]] * len(page) if page else []


CUTS = [empty, repeated, reordered, short, one_row]


def stating(**members: object) -> Count:
    """These members in each answer; None leaves one out."""

    def count(total: int, rows: int, number: int) -> dict[str, Any]:
        return {name: value for name, value in {**honest(total, rows, number), **members}.items() if value is not None}

    return count


def off_by(number: int) -> Count:
    return lambda total, _rows, page: {"TotalCount": total + number, "PageNumber": page}


def itself(_total: int, rows: int, number: int) -> dict[str, Any]:
    return {"TotalCount": rows, "PageNumber": number}


def changing(total: int, _rows: int, number: int) -> dict[str, Any]:
    return {"TotalCount": total - number, "PageNumber": number}


COUNTS: dict[str, Count] = {
    "honest": honest,
    "missing": stating(TotalCount=None),
    "negative": stating(TotalCount=-1),
    "no number": stating(TotalCount="many"),
    "a list": stating(TotalCount=[60]),
    "a fraction": stating(TotalCount=59.5),
    "its own rows": itself,
    "one": stating(TotalCount=1),
    "fewer": off_by(-1),
    "fewer on each page": changing,
}
NUMBERS: dict[str, Count] = {
    "no page number": stating(PageNumber=None),
    "the first page always": stating(PageNumber=1),
    "counted from 0": lambda total, _, number: {"TotalCount": total, "PageNumber": number - 1},
    "no number": stating(PageNumber="first", PageSize=-3),
    "another size": stating(PageSize=7),
}


@BOTH
@pytest.mark.parametrize("count", [*COUNTS, *NUMBERS])
@pytest.mark.parametrize("cut", [empty, repeated, reordered, one_row])
def test_50_complete_rows_of_60_are_no_success(service: Service, cut: Cut, count: str) -> None:
    paged = Paged(
        range(total := 120 if service is Service.CDN else 60),
        frozenset({total - 1}),
        10_000,
        cut,
        {**COUNTS, **NUMBERS}[count],
    )
    assert polled(paged, service) != "Complete"
    with pytest.raises(TaskTimeoutError):
        wait(paged, service, 40)


@BOTH
@pytest.mark.parametrize("cut", CUTS)
def test_a_timeout_says_how_many_rows_were_seen_and_how_to_go_on(service: Service, cut: Cut) -> None:
    total = 110
    paged = Paged(range(total), cut=cut)
    with pytest.raises(TaskTimeoutError, match=r"is not effective after 300 s: all URLs that were seen are ") as caught:
        wait(paged, service)
    lines = str(caught.value).splitlines()
    assert lines[1].startswith(f"  task {TASK}: ")
    assert lines[1].endswith(f" of {total} rows were seen")
    assert lines[2].startswith("If the service goes on like this, name the objects: `object_paths`, or `--object-path`")


@BOTH
@pytest.mark.parametrize("number", [1, 3, 50, 60, 100, 120])
@pytest.mark.parametrize("count", [*COUNTS, *NUMBERS])
def test_an_odd_count_or_number_beside_whole_pages_ends_no_wait_in_red(
    service: Service, count: str, number: int
) -> None:
    paged = Paged(range(number), frozenset({number - 1}), 100, count={**COUNTS, **NUMBERS}[count])
    assert polled(paged, service) == "Refreshing"
    assert wait(paged, service)["status"] == "Complete"
    assert paged.clock.now_s >= 100


@BOTH
def test_a_count_that_is_always_too_high_ends_at_the_timeout_and_paths_are_the_way_out(service: Service) -> None:
    paged = Paged(range(60), count=off_by(1))
    with pytest.raises(TaskTimeoutError, match=f"  task {TASK}: 60 of 61 rows were seen\n"):
        wait(paged, service)
    assert wait(paged, service, 300, "https://media.example.com/7")["status"] == "Complete"


@BOTH
@pytest.mark.parametrize("cut", CUTS)
def test_pages_that_become_whole_again_end_the_wait(service: Service, cut: Cut) -> None:
    paged = Paged(range(120), cut=cut, broken_s=40)
    state = wait(paged, service)
    assert (state["status"], len(state["objects"])) == ("Complete", 120)
    assert 40 <= paged.clock.now_s <= 90


@BOTH
@pytest.mark.parametrize(("number", "calls"), [(1, 1), (10, 1), (49, 1), (60, 2), (120, 3), (150, 3)])
def test_pages_that_hold_all_rows_cost_no_further_call(service: Service, number: int, calls: int) -> None:
    paged = Paged(range(number))
    assert polled(paged, service) == "Complete"
    # DescribeRefreshTaskById answers up to 100 rows here, and further ones need two pages.
    assert paged.calls == (calls if service is Service.VOD else 1 if number <= ROWS_BY_ID else 3)


@BOTH
def test_an_object_that_the_service_lists_twice_is_two_rows(service: Service) -> None:
    """Two submits of one second are one task, so that the same row is there twice, on one page or on two."""
    for twice in ([0, 0], [0, 1, 1, 2], [*range(50), 49, *range(50, 60)], [*range(7), *range(7), 7]):
        paged = Paged(twice)
        assert polled(paged, service) == "Complete"
        assert paged.calls <= 12


ROWS = st.integers(1, 130)


@st.composite
def odd_pages(draw: st.DrawFn) -> Cut:
    """Pages of any rows, none, some of them twice, in any order; those that are not drawn are whole."""
    changes = draw(st.dictionaries(st.integers(1, 4), st.sampled_from(["none", "some", "other", "mixed"]), min_size=1))
    seed = draw(st.randoms(use_true_random=False))

    def cut(rows: Sequence[JsonRow], number: int, size: int) -> Sequence[JsonRow]:
        page, how = list(whole(rows, number, size)), changes.get(number)
        if how == "none":
            return []
        if how == "some":
            return [row for row in page if seed.random() < 0.7]
        if how == "other":
            return [seed.choice(rows) for _ in range(seed.randint(0, size + 5))]
        if how == "mixed":
            seed.shuffle(page)
            return (
                page[: seed.randint(0, len(page))] + list(whole(rows, max(1, number - 1), size))[: seed.randint(0, 9)]
            )
        return page

    return cut


@many
@given(st.data(), ROWS, st.sampled_from(Service), odd_pages(), st.sampled_from(sorted({"honest", *NUMBERS})))
def test_no_way_of_cutting_repeating_or_mixing_pages_hides_a_row_that_is_open(
    data: st.DataObject, number: int, service: Service, cut: Cut, count: str
) -> None:
    opened = data.draw(st.integers(0, number - 1))
    paged = Paged(range(number), frozenset({opened}), 60, cut, {**COUNTS, **NUMBERS}[count], broken_s=80)
    for _ in range(3):
        assert polled(paged, service) != "Complete"
    state = wait(paged, service)
    assert (state["status"], len(state["objects"])) == ("Complete", number)
    assert paged.clock.now_s >= 60
