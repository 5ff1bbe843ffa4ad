"""A hundred clients, ten requests a second and an outage: hardly a request too many, and nobody gives up."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from math import floor

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.modes import Modes
from pulumi_alicdn.emulator.values import wire_time
from pulumi_alicdn.tasks.pacing import MAX_INTERVAL_S, SPREAD
from storm.crowd import EFFECT_S, LOGIN, RESET, UNAVAILABLE, Outage, Storm, Story, by_hand, by_pulumi, storm, url_of
from storm.service import TRAVEL_S, Outcome
from support.in_process_cloud import START
from support.oddities import row_of_others
from support.scale import seeds

MAX_RETRY_S = MAX_INTERVAL_S * (1 + SPREAD)
"""No try is further from the one before it than this."""

IN_THE_MIDDLE = Outage(150.0, 210.0)


def assert_all_effective_once(crowd: Storm) -> None:
    """Every client saw its own URL become effective, and nothing was submitted twice."""
    assert set(crowd.submitted.values()) == {1}
    assert len(crowd.submitted) == len(crowd.lives)
    for life in crowd.lives:
        assert life.submitted_s is not None
        assert life.effective_s is not None
        assert life.effective_s - life.submitted_s >= EFFECT_S - TRAVEL_S


NEEDED = 14
"""Requests of one client that nothing disturbs: intent, poll and submit, then the polls (test_alone.py holds it)."""


def assert_few(crowd: Storm, times: float = 1.2, refused: float = 1.3) -> None:
    """Hardly more requests than the same clients need at a quiet service, and few that come to nothing."""
    assert len(crowd.asked) <= times * NEEDED * len(crowd.lives)
    assert crowd.requests_per_useful <= refused


def assert_spread(crowd: Storm, healed_s: float) -> None:
    """After *healed_s* the clients come back one by one: in no second more than the service admits in one."""
    back = crowd.first_since(healed_s)
    assert len(back) == len(crowd.lives)
    assert back[-1] <= MAX_RETRY_S + TRAVEL_S
    assert max(Counter(map(floor, back)).values()) <= 10
    # Neither at once nor all late: the middle half takes at least ten seconds.
    assert back[len(back) * 3 // 4] - back[len(back) // 4] >= 10.0
    everything = Counter(floor(one.at_s - healed_s) for one in crowd.asked if one.at_s >= healed_s)
    assert max(everything[second] for second in range(60)) <= 15


@pytest.mark.parametrize("service", list(Service))
@pytest.mark.parametrize("fault", [RESET, UNAVAILABLE], ids=lambda fault: str(fault.kind))
@pytest.mark.parametrize("seed", seeds(3))
def test_a_hundred_clients_and_an_outage_of_a_minute(seed: int, fault: Fault, service: Service) -> None:
    outage = Outage(150.0, 210.0, fault)
    crowd = storm(seed, service=service, outage=outage)

    assert_all_effective_once(crowd)
    assert_few(crowd)
    assert crowd.throttled_share(30.0) < 0.05
    assert crowd.throttled_share(outage.to_s) < 0.01
    assert_spread(crowd, outage.to_s)


@pytest.mark.parametrize("seed", seeds(2))
@pytest.mark.parametrize("from_s", [100.0, 250.0])
def test_whenever_in_the_wait_the_outage_comes(seed: int, from_s: float) -> None:
    crowd = storm(seed, outage=Outage(from_s, from_s + 60.0))
    assert_all_effective_once(crowd)
    assert_few(crowd)
    assert_spread(crowd, from_s + 60.0)


@pytest.mark.parametrize("seed", seeds(2))
@pytest.mark.parametrize("from_s", [10.0, 30.0, 60.0])
def test_an_outage_while_many_still_submit_makes_nobody_give_up_or_submit_twice(seed: int, from_s: float) -> None:
    crowd = storm(seed, outage=Outage(from_s, from_s + 60.0))
    assert_all_effective_once(crowd)
    assert_few(crowd, 1.4, 1.45)
    assert max(life.submitted_s or 0.0 for life in crowd.lives) <= from_s + 60.0 + 120.0


@pytest.mark.parametrize("seed", seeds(2))
def test_stacks_whose_waits_begin_with_what_their_submits_met(seed: int) -> None:
    crowd = storm(seed, outage=Outage(200.0, 260.0), story=by_pulumi)
    assert_all_effective_once(crowd)
    assert_few(crowd, refused=1.4)
    assert crowd.throttled_share(30.0) < 0.05
    assert_spread(crowd, 260.0)


@pytest.mark.parametrize("seed", seeds(2))
@pytest.mark.parametrize("story", [by_hand, by_pulumi])
def test_a_crowd_without_an_outage(seed: int, story: Story) -> None:
    crowd = storm(seed, story=story)
    assert_all_effective_once(crowd)
    assert_few(crowd, 1.1, 1.16)
    assert crowd.throttled_share(90.0) < 0.02


@pytest.mark.parametrize("seed", seeds(2))
def test_in_a_long_outage_nobody_asks_faster_than_it_waited_and_all_come_back_apart(seed: int) -> None:
    outage = Outage(150.0, 1050.0)
    crowd = storm(seed, outage=outage, timeout_s=3600.0)
    assert_all_effective_once(crowd)
    for number in range(len(crowd.lives)):
        tries = [one.at_s for one in crowd.asked if one.client == number and outage.from_s <= one.at_s < outage.to_s]
        # A quick try or two, then no two are closer than two polls of an undisturbed wait.
        assert len(tries) <= 3 + (outage.to_s - outage.from_s) / MAX_INTERVAL_S
        assert all(MAX_INTERVAL_S <= later - sooner + 1e-6 <= MAX_RETRY_S + 1 for sooner, later in pairwise(tries[3:]))
    assert_spread(crowd, outage.to_s)


@pytest.mark.parametrize("seed", seeds(1))
def test_three_hundred_clients_are_all_served(seed: int) -> None:
    crowd = storm(seed, clients=300, timeout_s=3600.0)
    assert_all_effective_once(crowd)
    assert_few(crowd, 1.4, 1.5)


@pytest.mark.parametrize("seed", seeds(2))
def test_with_a_deadline_the_last_try_is_at_that_instant(seed: int) -> None:
    timeout_s = 200.0
    crowd = storm(seed, outage=Outage(150.0, 3000.0), timeout_s=timeout_s)
    for number, life in enumerate(crowd.lives):
        assert life.effective_s is None
        assert life.submitted_s is not None
        assert life.gave_up_s is not None
        deadline = life.submitted_s + timeout_s
        last = max(one.at_s for one in crowd.asked if one.client == number)
        assert last == pytest.approx(deadline, abs=TRAVEL_S)
        assert life.gave_up_s == pytest.approx(deadline, abs=2 * TRAVEL_S)


def odd_rows(seed: int, clients: int) -> list[Fault]:
    """Rows of others in every answer, about the URLs of the clients and under ids of theirs."""
    chance = random.Random(seed)  # noqa: S311  the same rows in every run
    rows = []
    for number in chance.sample(range(clients), 12):
        created = wire_time(START + timedelta(seconds=chance.uniform(0, EFFECT_S)))
        rows.append(row_of_others(chance.randrange, url_of(number), frozenset({"file"}), created))
    return [Fault("foreign", times=-1, rows=tuple(rows[half::2]), own_id=bool(half)) for half in range(2)]


@pytest.mark.parametrize("seed", seeds(2))
@pytest.mark.parametrize("service", list(Service))
@pytest.mark.parametrize("story", [by_hand, by_pulumi])
def test_a_login_page_for_a_minute_and_rows_that_no_document_has(seed: int, service: Service, story: Story) -> None:
    outage = Outage(200.0, 260.0, LOGIN)
    modes = Modes(strict=True, status="asynchronous", merge_types=True)
    crowd = storm(seed, service=service, story=story, outage=outage, modes=modes, odd=odd_rows(seed, 100))

    assert_all_effective_once(crowd)
    # What is counted and is no row may stand in the place of one: such a list is made a second time.
    assert_few(crowd, 2.2, 1.4)
    assert_spread(crowd, outage.to_s)
    assert crowd.count(Outcome.BROKEN) > 20


def test_the_same_seed_makes_the_same_storm() -> None:
    first, again = storm(3, clients=30, outage=IN_THE_MIDDLE), storm(3, clients=30, outage=IN_THE_MIDDLE)
    assert first.asked == again.asked
    assert first.asked != storm(4, clients=30, outage=IN_THE_MIDDLE).asked
    assert first.count(Outcome.BROKEN) > 0
