"""The engine against the emulator's model, step by step and at random: 500 runs of 50 steps, 10,000 runs at night.

`make test ARGS=tests/faults/test_machine.py`, at night with `HYPOTHESIS_PROFILE=nightly` before it.

Hypothesis prints the steps of the shortest run that fails, and keeps it in its database to be run first next time.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from faults.machine import Promises, tally
from pulumi_alicdn.api.spec import Service
from support.scale import NIGHTLY, runs

SHARES = 5
RUNS = runs(500, 20) // SHARES
SEEDS = (0, 101, 2, 3, 4)
"""For each share, one whose runs meet everything below: rare cases come by chance."""
STEPS = 50
SERVICES = ((Service.VOD, Service.CDN), (Service.VOD,), (Service.CDN,))
MET = (
    *("complete, live", "complete, asynchronous", "submits", "KilledError", "TaskFailedError"),
    *("met page", "met foreign", "met date", "weekends"),
)
SEEN = ("met row", "met pages", "met count", "stated doubts", "doubted")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_lost_paid_for_twice_or_called_done_too_early(share: int) -> None:
    tally.clear()
    with asyncio.Runner() as loop:

        class Machine(Promises):
            services = SERVICES[share % len(SERVICES)]
            runner = loop

        if not NIGHTLY:
            # The same runs each time, others in each share: a change is judged by what it changed.
            seed(SEEDS[share])(Machine)
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
            _min_steps=STEPS,
        )
    # What the runs met: without these there was nothing to be found.
    assert tally["runs"] >= RUNS, tally
    assert tally["steps"] >= RUNS * STEPS, tally
    assert min(tally[what] for what in MET) > RUNS / 10, tally
    assert min(tally[what] for what in SEEN) > 0, tally
