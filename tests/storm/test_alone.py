"""A single client at a quiet service: no slower, no more calls, and a single failure costs a second or two."""

from __future__ import annotations

from statistics import fmean

import pytest

from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.ports import Chance
from pulumi_alicdn.tasks.pacing import GAP_SHRINKAGE, MAX_GAP_S, QUICK_S
from storm.crowd import EFFECT_S, Life, Story, by_hand, by_pulumi
from storm.service import TRAVEL_S, Asked, Outcome, cloud_for
from storm.turns import Turns
from support.scale import seeds
from support.virtual_clock import seeded_chance

THROTTLE = Fault("throttle")
BREAK = Fault("error", http_status=500, code="InternalError", message="down")
FAULTS = pytest.mark.parametrize("fault", [THROTTLE, BREAK], ids=["throttle", "500"])
STORIES = pytest.mark.parametrize("story", [by_hand, by_pulumi])
BOTH = pytest.mark.parametrize("service", list(Service))


SHARE = 0.05
"""Of a task's length, and 2 s: more lag than that nobody should see."""


NEEDED = 14
"""Requests of a client that nothing disturbs."""


def no_chance() -> float:
    """Jitter that nobody may ask for."""
    raise AssertionError("an undisturbed client waits for nothing that is left to chance")


def alone(
    story: Story,
    service: Service,
    chance: Chance,
    *faults: Fault,
    effect_s: float = EFFECT_S,
) -> tuple[Life, list[Asked]]:
    """One client with nobody else around, and its requests."""
    turns, life = Turns(), Life()
    with cloud_for(turns, effect_s) as cloud:
        cloud.break_calls(*faults)
        api = cloud.api(0, service)
        turns.client(lambda: story(api, turns, chance, "https://h.example.com/a.m3u8", 900.0, life))
        turns.run()
        return life, cloud.asked


def waited_s(life: Life) -> float:
    assert life.submitted_s is not None
    assert life.effective_s is not None
    return life.effective_s - life.submitted_s


@STORIES
@BOTH
def test_an_undisturbed_client_draws_no_lots_and_lags_as_little_as_ever(story: Story, service: Service) -> None:
    life, asked = alone(story, service, no_chance)
    assert {one.outcome for one in asked} == {Outcome.USEFUL}
    # Intent, poll and submit, with the intent's own second in between; then the polls.
    assert life.submitted_s == pytest.approx(1.0 + 3 * TRAVEL_S, abs=2 * TRAVEL_S)
    assert EFFECT_S - TRAVEL_S <= waited_s(life) <= EFFECT_S * (1 + SHARE) + 2
    assert len(asked) <= NEEDED


@STORIES
@BOTH
@pytest.mark.parametrize(
    ("step", "fault"),
    # What became of a submit that broke is looked up instead.
    [("submit", THROTTLE), *((step, fault) for step in ("intent", "poll", "late poll") for fault in (THROTTLE, BREAK))],
    ids=lambda part: part.kind if isinstance(part, Fault) else part,
)
def test_a_single_failure_costs_two_seconds_on_average_and_four_at_most(
    step: str, fault: Fault, service: Service, story: Story
) -> None:
    describe = DESCRIBE_ACTIONS[service]
    action, nth = {
        "intent": (describe, 1),
        "poll": (describe, 2),
        "late poll": ("*", 12),
        "submit": (SUBMIT_ACTIONS[service, Kind.REFRESH], 1),
    }[step]
    costs = []
    for seed in seeds(15, 20):
        single = Fault(fault.kind, action, nth, http_status=fault.http_status, code=fault.code)
        _, asked = alone(story, service, seeded_chance(seed), single)
        (failed,) = [index for index, one in enumerate(asked) if one.outcome is not Outcome.USEFUL]
        assert asked[failed + 1].action == asked[failed].action
        costs.append(asked[failed + 1].at_s - asked[failed].at_s - TRAVEL_S)
    assert max(costs) <= QUICK_S
    assert 1.0 <= fmean(costs) <= 3.0


@FAULTS
@pytest.mark.parametrize("effect_s", [10.0, 60.0, EFFECT_S])
def test_one_failure_in_a_wait_does_not_make_it_end_much_later(effect_s: float, fault: Fault) -> None:
    quiet, _ = alone(by_hand, Service.VOD, no_chance, effect_s=effect_s)
    later = []
    for seed in seeds(10, 20):
        for nth in (4, 7):
            single = Fault(fault.kind, "*", nth, http_status=fault.http_status, code=fault.code)
            life, _ = alone(by_hand, Service.VOD, seeded_chance(seed), single, effect_s=effect_s)
            later.append(waited_s(life) - waited_s(quiet))
    assert fmean(later) <= 3.0
    assert max(later) <= 2 * QUICK_S + SHARE * effect_s


def test_quick_tries_are_earned_by_successes() -> None:
    faults = [Fault("error", "*", nth, times=3, http_status=500, code="InternalError") for nth in (5, 12)]
    _, asked = alone(by_hand, Service.VOD, seeded_chance(5), *faults)
    failed = [index for index, one in enumerate(asked) if one.outcome is Outcome.BROKEN]
    gaps = [asked[index + 1].at_s - asked[index].at_s for index in failed]
    assert len(failed) == 6
    # The second trouble comes before the credit for another quick try.
    assert gaps[0] <= QUICK_S + 2 * TRAVEL_S
    before = asked[failed[3]].at_s - asked[failed[3] - 1].at_s
    assert all(gap >= min(before, 20.0) - TRAVEL_S for gap in gaps[3:])


@STORIES
def test_what_one_step_met_the_next_one_heeds(story: Story) -> None:
    pauses = []
    for seed in seeds(10, 20):
        _, asked = alone(
            story, Service.VOD, seeded_chance(seed), Fault("throttle", DESCRIBE_ACTIONS[Service.VOD], times=2)
        )
        assert [one.outcome for one in asked[:3]] == [Outcome.THROTTLED, Outcome.THROTTLED, Outcome.USEFUL]
        pauses.append(asked[3].at_s - asked[2].at_s - TRAVEL_S)
    gap = MAX_GAP_S * GAP_SHRINKAGE
    assert all(0.5 * gap - 1e-6 <= pause <= 1.5 * gap for pause in pauses)
    assert max(pauses) - min(pauses) >= 0.3 * gap
