"""A kill at every call of every kind of submission: nothing is sent twice, nothing is lost, or the doubt is stated."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import pytest

from faults.local import Cloud, KilledError
from faults.program import Process, Program
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.service.media import Medium, PlayUrl
from pulumi_alicdn.errors import UnknownOutcomeError
from support.virtual_clock import Listener, seeded_chance

SITE = "https://a.example.com"
FILMS = tuple(f"film{number:02}" for number in range(25))
SUBMITS = (
    *("RefreshVodObjectCaches", "RefreshObjectCaches", "PreloadVodObjectCaches", "PushObjectCache"),
    *("RefreshMediaPlayUrls", "RefreshObjectCacheByCacheTag"),
)


def refresh(service: str, paths: list[str], object_type: str = "file") -> Mapping[str, Any]:
    return {"kind": "refresh", "service": service, "object_type": object_type, "object_paths": paths}


def films(count: int) -> Mapping[str, Any]:
    return {"kind": "refresh", "service": "vod", "media_ids": list(FILMS[:count])}


KINDS: Mapping[str, tuple[Mapping[str, Any], int]] = {
    "files": (refresh("vod", [f"{SITE}/{number}" for number in range(3)]), 1),
    "files of 12 domains": (refresh("cdn", [f"https://h{number}.example.com/x" for number in range(12)]), 2),
    "directories": (refresh("cdn", [f"{SITE}/{number}/" for number in range(101)], "directory"), 2),
    "forced directory": ({**refresh("vod", [f"{SITE}/d/"], "directory"), "force": True}, 1),
    "regular expressions": (refresh("cdn", [f"{SITE}/{number}.*" for number in range(3)], "regex"), 3),
    "prefetch": ({"kind": "prefetch", "service": "vod", "object_paths": [f"{SITE}/p"]}, 1),
    "prefetch of many": (
        {"kind": "prefetch", "service": "cdn", "object_paths": [f"{SITE}/p{at}" for at in range(101)]},
        2,
    ),
    "media": (films(2), 1),
    "many media": (films(25), 2),
    "tags": ({"kind": "refresh", "service": "cdn", "cache_tags": ["a", "b"], "domain_name": "a.example.com"}, 1),
}
"""The inputs of each kind of task, and how many calls submit it."""

LATER = 2
"""The number of the call that a second submit makes."""

INDIRECT = ("media", "many media", "tags")


class Account:
    """A cloud in which all that these tasks name exists."""

    def __init__(self, runner: asyncio.Runner, cloud: type[Cloud] = Cloud) -> None:
        self.cloud = cloud(runner, effect_s=2.0, edges=1)
        self.cloud.origin.add_files({f"/p{at}": "new" for at in ("", *range(101))})
        self.cloud.world.media.register(Medium(film, (PlayUrl(f"{SITE}/{film}.mp4", "mp4", "HD"),)) for film in FILMS)
        self.runs = 0
        self.listener = Listener()

    def process(self) -> Process:
        self.runs += 1
        return Process(f"run-{self.runs}", self.cloud.api, self.cloud.time, seeded_chance(self.runs))

    def up(self, program: Program) -> None:
        """Run a deployment in a process of its own."""
        process = self.process()
        program.up(process, self.listener)

    def sent(self) -> Counter[str]:
        """How often each object was submitted, with an effect."""
        return Counter(row.target.verbatim for row in self.cloud.world.book.rows())


def program(kind: str) -> Program:
    return Program({**KINDS[kind][0], "triggers": [1]}, {"timeout": 300})  # type: ignore[typeddict-item]


def moments(runner: asyncio.Runner, kind: str) -> int:
    """How many moments a deployment of *kind* has at which it can be killed."""
    lived = 0

    class Counting(Cloud):
        def _tick(self) -> None:
            nonlocal lived
            lived += 1

    Account(runner, Counting).up(program(kind))
    return lived


def ends_well(account: Account, one: Program, kind: str) -> str:
    """Deploy until the task is Complete; return the doubt that a deployment stated, empty without one."""
    try:
        account.up(one)
    except UnknownOutcomeError as error:
        doubt = str(error)
    else:
        assert one.complete
        return ""
    assert kind in INDIRECT, doubt
    assert "Set `resubmit=True` to send it again" in doubt
    before = sum(account.sent().values())
    with pytest.raises(UnknownOutcomeError):
        account.up(one)
    assert sum(account.sent().values()) == before, "a doubt sends nothing, however often it is run"
    return doubt


@pytest.fixture
def runner() -> Any:  # noqa: ANN401  an asyncio.Runner while a test runs
    with asyncio.Runner() as found:
        yield found


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_is_one_step(kind: str, runner: asyncio.Runner) -> None:
    account, one = Account(runner), program(kind)
    account.up(one)
    assert one.complete
    assert one.submission is not None
    assert (one.submission[1].get("call") or [1, 1])[0] == KINDS[kind][1]
    assert set(account.sent().values()) == {1}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_moment_sends_nothing_twice_and_loses_nothing(kind: str, runner: asyncio.Runner) -> None:
    doubts = 0
    for moment in range(1, moments(runner, kind) + 1):
        account, one = Account(runner), program(kind)
        account.cloud.kill_after(moment)
        with pytest.raises(KilledError):
            account.up(one)
        account.cloud.kill_after(None)
        doubt = ends_well(account, one, kind)
        assert set(account.sent().values()) <= {1}, f"sent twice after a kill at moment {moment}"
        if doubt:
            doubts += 1
            one.resubmit = True
            account.up(one)
            assert one.complete
    assert bool(doubts) == (kind in INDIRECT), "only what cannot be listed by path is ever in doubt"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effect", ["reset-before", "reset-after"])
@pytest.mark.parametrize("nth", [1, LATER])
def test_a_lost_answer_sends_nothing_twice_and_loses_nothing(
    kind: str,
    effect: Literal["reset-before", "reset-after"],
    nth: int,
    runner: asyncio.Runner,
) -> None:
    account, one = Account(runner), program(kind)
    account.cloud.world.faults.replace([Fault(effect, action, nth=nth) for action in SUBMITS])
    if nth > KINDS[kind][1] or kind not in INDIRECT:
        account.up(one)
        assert one.complete
        assert set(account.sent().values()) == {1}
        return
    with pytest.raises(UnknownOutcomeError, match="sent once and no answer came"):
        account.up(one)
    doubt = ends_well(account, one, kind)
    assert set(account.sent().values()) <= {1}
    # The row of a refresh by tags names them. No document says that there always is one.
    assert bool(doubt) == ((kind == "tags") == (effect == "reset-before"))
    if doubt:
        one.resubmit = True
        account.up(one)
        assert one.complete
        lost = FILMS[20:25] if nth == LATER else FILMS[: min(20, len(one.task.get("media_ids") or ()))]
        twice = {path for path, times in account.sent().items() if times > 1}
        assert twice == {f"{SITE}/{film}.mp4" for film in lost if effect == "reset-after"}, "only the call in doubt"


@pytest.mark.parametrize("kind", ["files of 12 domains", "regular expressions", "many media", "tags"])
def test_objects_that_come_in_another_order_after_a_kill_are_sent_once_each(kind: str, runner: asyncio.Runner) -> None:
    """A program that lists a set or a folder need not name its objects in the same order twice."""
    name: Literal["object_paths", "media_ids", "cache_tags"]
    name = "object_paths" if kind not in INDIRECT else "cache_tags" if kind == "tags" else "media_ids"
    for moment in range(1, moments(runner, kind) + 1):
        account, one = Account(runner), program(kind)
        account.cloud.kill_after(moment)
        with pytest.raises(KilledError):
            account.up(one)
        account.cloud.kill_after(None)
        one.task = {**one.task, name: one.task[name][::-1]}  # type: ignore[misc]
        ends_well(account, one, kind)
        assert set(account.sent().values()) <= {1}, f"sent twice after a kill at moment {moment}"
        assert one.complete or kind in INDIRECT


def lost(runner: asyncio.Runner, kind: str, *faults: Fault) -> tuple[Account, Program]:
    """A task of this kind, of which *faults* have lost an answer."""
    account, one = Account(runner), program(kind)
    account.cloud.world.faults.replace(faults)
    with pytest.raises(UnknownOutcomeError):
        account.up(one)
    return account, one


@pytest.mark.parametrize("hidden_s", [10, 40, 300])
def test_while_the_job_of_an_earlier_call_is_processing_the_absence_of_rows_shows_nothing(
    hidden_s: float, runner: asyncio.Runner
) -> None:
    hidden = Fault("hide", "RefreshMediaPlayUrls", times=-1, seconds=hidden_s)
    account, one = lost(runner, "many media", hidden, Fault("reset-after", "RefreshMediaPlayUrls", nth=LATER))
    for _ in range(3):
        with pytest.raises(UnknownOutcomeError, match="Set `resubmit=True` to send it again"):
            account.up(one)
    assert set(account.sent().values()) == {1}


def test_media_in_doubt_that_the_service_has_forgotten_stay_in_doubt(runner: asyncio.Runner) -> None:
    account, one = lost(runner, "media", Fault("reset-after", "RefreshMediaPlayUrls"))
    account.cloud.time.pass_by(4 * 24 * 3600)
    with pytest.raises(UnknownOutcomeError, match="Set `resubmit=True` to send it again"):
        account.up(one)
    assert set(account.sent().values()) == {1}


def test_rows_of_equal_tags_may_be_those_of_another_domain_and_the_warning_says_so(runner: asyncio.Runner) -> None:
    """Two resources purge the same tags of two domains. No row shows which of the domains it is about."""
    account, one = lost(runner, "tags", Fault("reset-before", "RefreshObjectCacheByCacheTag"))
    other = Program({**one.task, "domain_name": "b.example.com"}, {"timeout": 300})
    account.up(other)
    account.up(one)
    (said,) = account.listener.warnings
    assert "nothing shows whether that refresh is for a.example.com; change `triggers` to submit again" in said
