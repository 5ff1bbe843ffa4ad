"""The benchmark on few lives: what must hold of calls and lag, and that its figures and its picture can be read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from defusedxml import ElementTree

from bench import engines, growth, lag, memory, network, release, sections, terraform_plan
from bench.__main__ import main
from bench.lives import FAMILIES, Family, Life, seeded
from bench.overhead import Pair
from bench.release import WAYS, Found, Large
from bench.strategies import EVERY_5_S, EVERY_30_S, OURS, STRATEGIES, Exponential, Ours, Strategy
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.system.edges import PER_EDGE
from pulumi_alicdn.tasks.waiting.samples import Sample
from support.shared_clock import SharedClock

LIVES = 100
SVG = "{http://www.w3.org/2000/svg}"

both = pytest.mark.parametrize("ours", OURS, ids=lambda one: one.name)
refreshes = pytest.mark.parametrize("family", [family.name for family in lag.REFRESH])


@pytest.fixture(scope="module")
def found() -> lag.Found:
    return lag.run(LIVES, processes=1, families=lag.REFRESH)[0]


@both
@refreshes
def test_a_refresh_takes_no_more_calls_than_looking_every_30_s(found: lag.Found, ours: Ours, family: str) -> None:
    assert found[family][ours.name].calls <= found[family][EVERY_30_S.name].calls


@both
@refreshes
def test_its_end_is_seen_as_soon_as_by_looking_every_5_s(found: lag.Found, ours: Ours, family: str) -> None:
    assert found[family][ours.name].median_lag_s <= found[family][EVERY_5_S.name].median_lag_s


@both
@refreshes
def test_nineteen_of_twenty_ends_are_seen_within_5_percent_and_2_s(found: lag.Found, ours: Ours, family: str) -> None:
    assert found[family][ours.name].p95_of_bound <= 1.0


def polled(strategy: Strategy, life: Life) -> lag.Watched:
    def wait_s(polls: list[Sample]) -> float:
        return strategy.wait_s(Kind.REFRESH, polls, ())

    return lag.watch(life, wait_s)


@pytest.mark.parametrize(
    ("strategy", "calls", "seen_s"),
    [(EVERY_5_S, 5, 20.3), (EVERY_30_S, 2, 30.3), (Exponential(), 6, 31.3)],
    ids=["every 5 s", "every 30 s", "exponential"],
)
def test_peers_poll_when_they_say(strategy: Strategy, calls: int, seen_s: float) -> None:
    awaited = polled(strategy, Life(18.0, lambda _: 0.0))
    assert awaited.calls == calls
    assert awaited.lag_s == pytest.approx(seen_s - 18.0)
    assert awaited.of_bound == pytest.approx(awaited.lag_s / 2.9)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.name)
def test_a_life_shows_whole_percentages_that_never_fall_nor_reach_100_before_its_end(
    family: Family,
) -> None:
    chance = seeded(3, family.name)
    for life in (family.make(chance, place / 50) for place in range(50)):
        ages = [life.length_s * step / 200 for step in range(200)]
        percents = [life.percent(age_s) for age_s in ages]
        assert percents == sorted(percents)
        assert all(percent in range(100) for percent in percents)
        assert all(life.percent(age_s) == 0 for age_s in ages if age_s < life.listed_s)


def test_a_life_is_the_same_in_every_run() -> None:
    assert lag.simulate(1, ("short", 0, 5)).awaited == lag.simulate(1, ("short", 0, 5)).awaited
    assert lag.simulate(1, ("short", 0, 5)).awaited != lag.simulate(2, ("short", 0, 5)).awaited


def test_figures_and_picture_can_be_read_and_other_sections_are_kept(tmp_path: Path) -> None:
    figures, drawn = tmp_path / "figures.json", tmp_path / "picture.svg"
    figures.write_text('{"growth": {"runs": []}}')

    code = main(["lag", "--lives", "5", "--processes", "1", "--json", str(figures), "--picture", str(drawn)])

    kept = json.loads(figures.read_text())
    assert set(kept) == {"growth", "lag"}
    assert kept["lag"]["lives_per_family"] == 5
    assert code == 0, "a figure that is short of its bound is reported, and is no failure of the benchmark"
    names = [family.name for family in FAMILIES]
    assert list(kept["lag"]["families"]) == names
    assert all(set(one) == {strategy.name for strategy in STRATEGIES} for one in kept["lag"]["families"].values())
    picture = ElementTree.parse(drawn).getroot()
    assert picture is not None
    assert [text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "name"] == names
    assert len([shape for shape in picture.iter() if shape.get("class") == "history"]) == len(names) + 1


def test_a_section_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed"])
    assert ended.value.code == 2
    assert f"speed: no section; there are {', '.join(sections.SECTIONS)}" in capsys.readouterr().err


def test_every_call_of_three_tasks_at_once_is_counted(emulators: Callable[..., Emulator]) -> None:
    cloud = emulators(effect_s=growth.EFFECT_S)

    cost = growth.measure(cloud, "vod", tasks=3, urls=2)

    assert (cost.complete, cost.calls["RefreshVodObjectCaches"]) == (6, 3)
    assert cost.earlier_calls + cost.polling_calls + cost.final_calls == cost.calls["DescribeVodRefreshTasks"]
    assert cost.final_calls > 0
    assert cost.lag_s >= 0


def test_the_memory_of_programs_and_providers_is_seen_and_that_of_others_is_not() -> None:
    found: dict[str, float] = {}
    code = "import sys; held = bytearray(50_000_000); print(flush=True); sys.stdin.read()"
    for name in ("pulumi.dynamic", "another"):
        with subprocess.Popen(
            [sys.executable, "-c", code, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            memory.note(found)
            process.communicate()
    assert set(found) == {"provider"}
    assert 50 < found["provider"] < 100


def test_a_large_folder_has_a_verdict_on_time_state_and_memory() -> None:
    pair = Pair([7.0, 8.0, 9.0], [2.0, 2.0, 2.0])
    large = Large(100_000, pair, {"directory": 2900.0}, 5100.0, {"program": 140.0, "provider": 201.0})
    judged = {
        one.what: one.ok for one in release.verdicts(Found(10_000, pair, [1.0], dict.fromkeys(WAYS, 1.0), 1.0, large))
    }
    assert judged["preview without changes, 100,000 files / 10,000"] is False
    assert judged["state of 100,000 files after a first release by directory"] is True
    assert judged["state of 100,000 files after a second one, of three files"] is False
    assert judged["peak memory of a program process, 100,000 files"] is True
    assert judged["peak memory of a provider process, 100,000 files"] is False


def test_an_engine_that_takes_longer_or_computes_more_is_worse() -> None:
    def costs(newest_s: float, computed_s: float) -> dict[engines.Name, list[engines.Cost]]:
        return {"pinned": [engines.Cost(1.0, 2.0)] * 3, "newest": [engines.Cost(newest_s, computed_s)] * 3}

    names: dict[engines.Name, str] = {"pinned": "v1.0.0", "newest": "v2.0.0"}
    found = engines.Found(names, costs(1.04, 1.9), costs(1.06, 2.0), costs(0.9, 2.2))
    assert [(one.what.partition(",")[0], one.ok) for one in engines.verdicts(found)] == [
        ("pulumi version: time", True),
        ("pulumi version: computing", True),
        ("first up: time", False),
        ("first up: computing", True),
        ("up without changes: time", True),
        ("up without changes: computing", False),
    ]


def test_a_proof_of_the_network_sends_a_file_once_and_asks_once_for_each_check() -> None:
    with network.site(20, 12) as site:
        figures = site.prove()
        nodes = site.cloud.nodes

    assert figures["checks"] == figures["fresh"] == 240
    assert sum(int(str(one["bodies"])) for one in nodes) <= 1.05 * 20
    assert sum(int(str(one["requests"])) for one in nodes) <= 1.15 * 240
    assert max(int(str(one["most_connections"])) for one in nodes) <= PER_EDGE


def test_a_plan_of_terraform_has_verdicts_on_time_and_calls() -> None:
    starts = Pair([0.2], [0.0])
    good = terraform_plan.Found({1: Pair([0.8], [0.2]), 30: Pair([0.8], [0.4]), 300: Pair([2], [2])}, starts, 3, 0)
    assert all(one.ok for one in terraform_plan.verdicts(good))
    slow = Pair([1.0], [0.2])
    bad = replace(good, plans={1: slow, 30: slow, 300: slow}, calls=1)
    assert [one.ok for one in terraform_plan.verdicts(bad)] == [False, False, False, False]


def test_a_proof_of_the_network_has_verdicts_and_none_on_speed_without_curl() -> None:
    found = network.Found(1000, 300, 64, 345_001, 1051, 4, [1000.0], [1431.0], 0.2, 201.0, 20_000, "")
    assert [one.ok for one in network.verdicts(found)] == [False, False, False, False]
    good = replace(found, requests=345_000, bodies=1050, per_s=[1001.0], peak_mb=199.0)
    assert all(one.ok for one in network.verdicts(good))
    assert len(network.verdicts(replace(good, curl_per_s=[], curl="curl is not installed here"))) == 3


def test_virtual_time_goes_on_for_threads_that_wait_for_one_another(emulators: Callable[..., Emulator]) -> None:
    clock = SharedClock(emulators())
    changed, done = threading.Condition(), threading.Event()
    woken: list[tuple[str, float]] = []

    def sleeper() -> None:
        clock.sleep(30.0)
        clock.sleep(20.0)
        woken.append(("sleeper", clock.monotonic()))
        with changed:
            done.set()
            changed.notify_all()

    def other() -> None:
        clock.sleep(40.0)
        woken.append(("other", clock.monotonic()))

    def follower() -> None:
        with changed:
            clock.wait(changed, done.is_set, 100.0)
        clock.sleep(1.0)
        woken.append(("follower", clock.monotonic()))

    def late() -> None:
        with changed:
            clock.wait(changed, lambda: False, 45.0)
        woken.append(("late", clock.monotonic()))

    clock.run([follower, sleeper, other, late])

    assert woken == [("other", 40.0), ("late", 45.0), ("sleeper", 50.0), ("follower", 51.0)]
