"""Pure parts: clock, targets, coverage, rendering, scheduling."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.emulator.api.render import render, wants_xml
from pulumi_alicdn.emulator.clock import VirtualClock
from pulumi_alicdn.emulator.network.edge_cache import EdgeCache, Key, Stored, coverage
from pulumi_alicdn.emulator.network.scheduler import Scheduler
from pulumi_alicdn.emulator.service.products import CDN, VOD
from pulumi_alicdn.emulator.service.refusals import Refusal
from pulumi_alicdn.emulator.service.targets import canonical_path, parse_target
from pulumi_alicdn.emulator.service.task_book import TaskBook
from pulumi_alicdn.emulator.values import ObjectType, Status, http_date

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Real:
    """Real time, which the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_clock_speed_freezing_and_advancing() -> None:
    real = Real()
    clock = VirtualClock(START, real, speed=10)
    real.seconds = 1
    assert clock.now() == START + timedelta(seconds=10)
    clock.set_speed(2)
    real.seconds = 2
    assert clock.now() == START + timedelta(seconds=12)
    assert clock.real_seconds_until(START + timedelta(seconds=14)) == 1
    clock.set_frozen(True)
    real.seconds = 100
    clock.advance(3)
    assert clock.now() == START + timedelta(seconds=15)
    assert clock.real_seconds_until(START + timedelta(seconds=16)) is None
    assert clock.real_seconds_until(START) == 0
    clock.set_frozen(False)
    real.seconds = 101
    assert clock.now() == START + timedelta(seconds=17)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_effects_happen_in_order_and_before_settle_returns() -> None:
    seen: list[str] = []

    async def effect(name: str, turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        seen.append(name)

    async def run() -> None:
        clock = VirtualClock(START, Real())
        scheduler = Scheduler(clock)
        scheduler.add(START + timedelta(seconds=2), partial(effect, "second", 0))
        scheduler.add(START + timedelta(seconds=1), partial(effect, "first, and slow", 50))
        scheduler.add(START + timedelta(seconds=9), partial(effect, "not yet", 0))
        clock.advance(5)
        await scheduler.settle()
        assert seen == ["first, and slow", "second"]
        scheduler.clear()
        clock.advance(5)
        await scheduler.settle()
        assert seen == ["first, and slow", "second"]

    asyncio.run(run())


@given(st.text(min_size=1))
def test_canonical_paths_are_stable(text: str) -> None:
    once = canonical_path("/" + text.encode("utf-8", "replace").decode())
    assert once.isascii()
    assert canonical_path(once) == once or "%25" in once


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.sampled_from(list(ObjectType)))
def test_targets_are_split_or_refused(entry: str, object_type: ObjectType) -> None:
    for service in (VOD, CDN):
        try:
            target = parse_target(
                "https://a.example.com/" + entry, object_type, scheme_required=service.scheme_required
            )
        except Refusal:
            continue
        else:
            assert target.domain == "a.example.com"
            assert target.path.startswith("/")
            if object_type is ObjectType.FILE:
                assert coverage(object_type, target)(Key(target.domain, target.path, target.query))


def test_a_purge_overtakes_a_fetch() -> None:
    cache = EdgeCache()
    target = parse_target("https://a.example.com/d/x", ObjectType.FILE, scheme_required=True)
    key = Key(target.domain, target.path, target.query)
    stored = Stored(200, (("ETag", '"1"'),), b"old", START)
    fetch = cache.begin(key)
    cache.purge(ObjectType.FILE, target)
    assert cache.end(key, fetch, stored) is False
    assert cache.get(key) is None
    assert cache.end(key, cache.begin(key), stored) is True
    assert cache.get(key) is stored


def test_a_row_is_complete_only_when_every_edge_is() -> None:
    target = parse_target("https://a.example.com/x", ObjectType.FILE, scheme_required=True)
    (row,) = TaskBook().create(VOD, ObjectType.FILE, [target], START, effect_s=6, edges=3)
    late = START + timedelta(days=1)
    assert (row.status(START), row.percent(START)) == (Status.PENDING, 0)
    assert (row.status(late), row.percent(late) < 100) == (Status.REFRESHING, True)
    row.edges_done = 3
    assert (row.status(START), row.percent(START)) == (Status.COMPLETE, 100)
    row.failure = "Internal Error"
    assert (row.status(late), row.percent(late)) == (Status.FAILED, 99)


def test_formats() -> None:
    assert wants_xml("xml", "application/json", default_xml=False)
    assert not wants_xml("JSON", "text/xml", default_xml=True)
    assert not wants_xml(None, "application/json", default_xml=True)
    assert wants_xml(None, "*/*", default_xml=True)
    body, media_type = render("R", {"Tasks": {"Task": [{"Id": "1"}, {"Id": "2"}]}, "Ok": True, "No": None}, xml=True)
    assert body.partition(b"\n")[2] == (
        b"<R><Tasks><Task><Id>1</Id></Task><Task><Id>2</Id></Task></Tasks><Ok>true</Ok><No/></R>"
    )
    assert media_type.startswith("text/xml")
    assert http_date(START) == "Fri, 02 Jan 2026 03:04:05 GMT"
