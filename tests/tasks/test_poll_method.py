"""Which question shows rows with the fewest calls, and which time it asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.limits import MAX_PAGE_SIZE
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.api.time_range import MARGIN, REMEMBERED, earliest_stated
from pulumi_alicdn.tasks.waiting.poll_method import LATE_ROWS_S, CreationWindow, PollMethod, calls_by_id, choose_method

services = st.sampled_from(Service)
amounts = st.integers(1, 20_000)
instants = st.integers(0, 1_000_000).map(lambda s: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=s))


@st.composite
def windows(draw: st.DrawFn) -> CreationWindow:
    start = draw(instants)
    return CreationWindow(start, start + timedelta(seconds=draw(st.integers(0, 5000))))


@pytest.mark.parametrize(
    ("service", "rows", "ids", "calls"),
    [
        (Service.VOD, 1, 1, 1),
        (Service.VOD, 50, 1, 1),
        (Service.VOD, 51, 1, 2),
        (Service.VOD, 10, 10, 10),
        (Service.VOD, 1000, 3, 20),
        (Service.CDN, 10, 10, 1),
        (Service.CDN, 11, 11, 2),
        (Service.CDN, 100, 100, 10),
        (Service.CDN, 10_000, 10, 100),
    ],
)
def test_listing_tasks_takes_a_call_for_each_page_of_each(service: Service, rows: int, ids: int, calls: int) -> None:
    assert calls_by_id(service, rows, ids) == calls


@given(services, amounts, amounts, amounts)
def test_more_rows_of_as_many_tasks_never_take_fewer_calls(service: Service, rows: int, more: int, ids: int) -> None:
    assert 1 <= calls_by_id(service, rows, min(ids, rows)) <= calls_by_id(service, rows + more, min(ids, rows))


@pytest.mark.parametrize(
    ("service", "rows", "ids", "expected"),
    [
        (Service.VOD, 50, 1, PollMethod.TASKS),
        (Service.VOD, 50, 2, PollMethod.WINDOW),
        (Service.VOD, 51, 1, PollMethod.COUNT),
        (Service.CDN, 10, 10, PollMethod.TASKS),
        (Service.CDN, 100, 11, PollMethod.WINDOW),
        (Service.CDN, 101, 1, PollMethod.COUNT),
    ],
)
def test_one_call_by_id_is_best_then_one_page_then_a_count(
    service: Service, rows: int, ids: int, expected: PollMethod
) -> None:
    assert choose_method(service, rows, ids, countable=True) is expected


@given(services, amounts, amounts, st.booleans())
def test_a_way_never_takes_more_calls_than_listing_tasks(
    service: Service, rows: int, ids: int, countable: bool
) -> None:
    found = choose_method(service, rows, min(ids, rows), countable=countable)
    by_id = calls_by_id(service, rows, min(ids, rows))
    if not countable:
        assert found is PollMethod.TASKS
    if found is not PollMethod.TASKS:
        assert by_id > 1
        assert (found is PollMethod.WINDOW) == (rows <= MAX_PAGE_SIZE[service])


@given(st.lists(windows(), min_size=1, max_size=6))
def test_the_window_around_windows_is_the_shortest_that_holds_them(several: list[CreationWindow]) -> None:
    around = CreationWindow.around(several)
    assert around.start == min(one.start for one in several)
    assert around.end == max(one.end for one in several)
    assert all(one.start in around and one.end in around for one in several)


@given(windows())
def test_a_window_is_asked_for_with_both_ends_an_extent_and_a_begin_in_the_past(window: CreationWindow) -> None:
    start, end = window.asked()
    assert start == earliest_stated(window.start) < window.start
    assert end - start >= timedelta(seconds=1)
    assert end in (window.end, window.start + timedelta(seconds=1))


@given(windows())
def test_a_window_is_forgotten_a_little_before_the_service_refuses_its_begin(window: CreationWindow) -> None:
    start, _ = window.asked()
    assert not window.forgotten(start + REMEMBERED - MARGIN)
    assert window.forgotten(start + REMEMBERED - MARGIN + timedelta(seconds=1))


@given(instants, st.integers(0, 5000), st.integers(0, int(LATE_ROWS_S)))
def test_rows_that_are_made_up_to_a_minute_after_the_answer_are_in_the_window(
    not_before: datetime, took_s: int, late_s: int
) -> None:
    until = not_before + timedelta(seconds=took_s)
    window = CreationWindow.of_submit(not_before, until)
    second = timedelta(seconds=1)
    assert until + timedelta(seconds=late_s) in window
    assert not_before in window
    assert earliest_stated(not_before) in window  # its CreationTime may be cut to a minute
    assert earliest_stated(not_before) - second not in window
    assert until + timedelta(seconds=LATE_ROWS_S) + second not in window
