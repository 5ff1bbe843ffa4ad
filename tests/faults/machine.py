"""A state machine that searches for a way to lose a task, to pay for it twice, or to call it done when it is not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal, get_args

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import JsonValue

from faults.local import Cloud, KilledError, play_url, row_kind, row_words
from faults.program import Process, Program
from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, DESCRIBE_BY_ID, REFRESH_MEDIA, REFRESH_TAGS, SUBMIT_ACTIONS
from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.emulator.faults import Fault, PageFault
from pulumi_alicdn.emulator.modes import Modes
from pulumi_alicdn.emulator.service.media import Medium, PlayUrl
from pulumi_alicdn.emulator.service.quirks import NO_QUIRKS, Quirks, creation_second
from pulumi_alicdn.emulator.service.task_book import Row
from pulumi_alicdn.emulator.values import ObjectType as RowKind
from pulumi_alicdn.emulator.values import Status, wire_time
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.state import AttachmentInputs, IntentInputs, WaitOptions
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.submit import GRACE_S
from support.in_process_cloud import START
from support.oddities import DECORATIONS, MAX_AHEAD_S, ODD_COUNTS, PAGES, row_of_others
from support.virtual_clock import Listener, seeded_chance

MAX_HIDDEN_S: Final = GRACE_S - 0.5
"""A task may stay hidden for less than the grace: beyond that the engine cannot know, and says so."""

LATE: Final = 4
"""How many runs of the engine come before a weekend, so that there is something to be forgotten."""

MAX_RUNS_TO_HEAL: Final = 3
"""One run may still meet rows that were doomed before, the next one submits them again."""

FORGOTTEN: Final = timedelta(days=3) - timedelta(minutes=6)
"""The age from which a task counts as forgotten: the service lists tasks of 3 days, and the engine has a margin."""

SUBMITS: Final = (*SUBMIT_ACTIONS.values(), REFRESH_MEDIA, REFRESH_TAGS)
POLLS: Final = (*DESCRIBE_ACTIONS.values(), DESCRIBE_BY_ID)

_HOSTS: Final = ("a.example.com", "b.example.com")
_NAMES: Final = {
    ObjectType.FILE: tuple(f"https://{host}/{name}" for host in _HOSTS for name in ("x", "y%2fz", "q?v=1")),
    ObjectType.DIRECTORY: tuple(f"https://{host}/{name}/" for host in _HOSTS for name in ("d", "e")),
    ObjectType.REGEX: tuple(f"https://{host}/r{name}.*" for host in _HOSTS for name in "st"),
    ObjectType.IGNORE_PARAMS: tuple(f"https://{host}/{name}" for host in _HOSTS for name in ("x", "i")),
    ObjectType.PRELOAD: tuple(f"https://{host}/{name}" for host in _HOSTS for name in ("x", "p", "gone")),
}
_CROWD: Final = tuple(f"https://h{number}.example.com/x" for number in range(12))
"""More domains than one submit to CDN may name: two batches."""

_TYPES: Final = {
    path: row_words(one for one in ObjectType if path in _NAMES[one])
    for path in {path for paths in _NAMES.values() for path in paths}
}
"""The words for the types under which a program may have each object path."""

FILMS: Final = tuple(f"film{number}" for number in range(25))
"""Media of the account; more than one call may name."""

INDIRECT: Final[Sequence[IntentInputs]] = (
    {"kind": "refresh", "service": "vod", "media_ids": list(FILMS[:2])},
    {"kind": "refresh", "service": "vod", "media_ids": list(FILMS)},
    {"kind": "refresh", "service": "cdn", "cache_tags": ["a", "b"], "domain_name": "a.example.com"},
    {"kind": "refresh", "service": "cdn", "cache_tags": ["c"], "domain_name": "b.example.com", "force": True},
)
"""Tasks whose objects only the service knows."""

tally: Counter[str] = Counter()
"""What all machines of this process have seen, for the figures that a run prints."""

SHIFTS: Final = (None, -MAX_AHEAD_S, -2.0, 2.0, MAX_AHEAD_S)
"""Seconds by which a Date header is ahead of CreationTime; None: there is no such header."""

STRENGTHS: Final[Mapping[Kind, Sequence[dict[str, Any]]]] = {
    Kind.REFRESH: ({}, {}, {"force": True}),
    Kind.PREFETCH: ({}, {"area": "overseas"}, {"headers": {"accept-encoding": "br"}}, {"l2_preload": True}),
}
"""Options that rows do not show. What somebody else submits has none of them, and does less."""

PAGE_FAULTS: Final[Sequence[PageFault]] = get_args(PageFault)

_WHENS: Final[Sequence[Literal["before", "after"]]] = ("before", "after")

SPECS = st.sampled_from([(Kind.REFRESH, one) for one in ObjectType if one is not ObjectType.PRELOAD]) | st.just(
    (Kind.PREFETCH, ObjectType.PRELOAD)
)
OPTIONS = st.fixed_dictionaries(
    {
        "wait": st.sampled_from([None, None, None, False]),
        "timeout": st.sampled_from([2, 20, 60, 200]),
        "on_timeout": st.sampled_from(["fail", "fail", "continue"]),
        "retry_failed": st.sampled_from([0, 0, 1, 2]),
    }
)
COUNTS = st.sampled_from([1, 1, 1, 2, 3])
TIMES = st.sampled_from([1, 1, 1, 2, 3, 5, -1])
MODES = st.builds(
    Modes,
    strict=st.just(True),
    status=st.sampled_from(["live", "asynchronous"]),
    preload_statuses=st.booleans(),
    merge_types=st.booleans(),
)
QUIRKS = st.sampled_from(
    [
        NO_QUIRKS,
        NO_QUIRKS,
        Quirks(spaced_times=True, process_without_percent=True, extra_fields=True),
        Quirks(single_as_object=True, unknown_status="Purging", description_beside_complete="done"),
        Quirks(minute_times=True),
    ]
)


@st.composite
def troubles(draw: st.DrawFn) -> list[Fault]:
    """One trouble, as the faults of each action that it concerns."""
    kinds = ["lost", "lost", "hidden", "submit", "poll", "poll", "any", "unanswered", "page", "decorated", "date"]
    kinds += ["pages", "pages", "count", "any", "date", "others", "others", "others"]
    what = draw(st.sampled_from(kinds))
    if what in ("lost", "hidden", "unanswered"):
        return draw(_untraced(what))
    if what in ("others", "pages", "count"):
        return draw(_others() if what == "others" else _listings(what))
    if what == "page":
        actions = draw(st.sampled_from([SUBMITS, POLLS, POLLS]))
        return [_page(draw, action) for action in actions]
    if what == "decorated":
        change = dict(draw(st.sampled_from(DECORATIONS)))
        return [Fault("row", action, times=-1, match=draw(st.sampled_from(["", "/x"])), set=change) for action in POLLS]
    return draw(_failing(what))


@st.composite
def _failing(draw: st.DrawFn, what: str) -> list[Fault]:
    """Calls that fail, or whose answers have another time; *what* names the calls."""
    nth, times = draw(COUNTS), draw(TIMES)
    actions = {"submit": SUBMITS, "poll": POLLS}.get(what, ("*",))
    if what == "date":
        return [Fault("date", "*", nth, times, shift_s=draw(st.sampled_from(SHIFTS)))]
    kind = draw(st.sampled_from(["throttle", "http-500", "reset-before", "reset-after", "shuffle"]))
    if kind == "throttle":
        wait_s = draw(st.sampled_from([None, None, 3.0, 16.0]))
        return [Fault("throttle", action, nth, times, retry_after_s=wait_s) for action in actions]
    return [Fault(kind, action, nth, times) for action in actions]  # type: ignore[arg-type]


@st.composite
def _untraced(draw: st.DrawFn, what: str) -> list[Fault]:
    """Tasks that stay hidden for a while; `lost`: the submit has no answer, `unanswered`: a page in its place."""
    hidden_s = draw(st.sampled_from([0.0, 0.5, 4.0, 10.0, MAX_HIDDEN_S]))
    faults = [Fault("hide", action, seconds=hidden_s, times=-1) for action in SUBMITS]
    if what == "lost":
        nth, times, status = draw(COUNTS), draw(TIMES), draw(st.sampled_from([400, 502]))
        faults += [Fault("reset-after", action, nth, times, http_status=status) for action in SUBMITS]
    if what == "unanswered":
        faults += [_page(draw, action, "after") for action in SUBMITS]
        faults += [_page(draw, action) for action in draw(st.sampled_from([(), POLLS]))]
    return faults


def _page(draw: st.DrawFn, action: str, *whens: Literal["before", "after"]) -> Fault:
    """Something else answers in place of the service: before the call takes effect, or after that."""
    when, body = draw(st.sampled_from(whens or _WHENS)), draw(st.sampled_from(PAGES))
    return Fault("page", action, draw(COUNTS), draw(TIMES), when=when, body=body)


@st.composite
def _listings(draw: st.DrawFn, what: str) -> list[Fault]:
    """Listings whose pages lack, repeat or mix rows, or whose counts and page numbers are wrong."""
    nth, times = draw(COUNTS), draw(TIMES)
    if what == "pages":
        how, page = draw(st.sampled_from(PAGE_FAULTS)), draw(st.sampled_from([1, 2]))
        return [Fault("pages", action, nth, times, how=how, page=page) for action in POLLS]
    beside, off_by = dict(draw(st.sampled_from([{}, *ODD_COUNTS]))), draw(st.sampled_from([0, 1, -1]))
    return [Fault("count", action, nth, times, set=beside, off_by=off_by) for action in POLLS]


@st.composite
def _others(draw: st.DrawFn) -> list[Fault]:
    """Odd rows of somebody else in every answer, under ids of theirs or of ours."""

    def below(count: int) -> int:
        return draw(st.integers(0, count - 1))

    rows: list[JsonValue] = []
    for _ in range(draw(st.sampled_from([1, 1, 2, 4]))):
        path = draw(st.sampled_from(sorted(_TYPES)))
        created = wire_time(START + timedelta(seconds=draw(st.sampled_from([1, 20, 90, 900]))))
        rows.append(row_of_others(below, path, _TYPES[path], created))
    own_id = draw(st.booleans())
    return [Fault("foreign", action, times=-1, rows=tuple(rows), own_id=own_id) for action in POLLS]


def all_of(groups: list[list[Fault]]) -> list[Fault]:
    """The faults of several troubles; what hides a task would add up, so the first one of each action counts.

    Where a count is not true, pages that lack rows cannot be known: it is one or the other.
    """
    faults: list[Fault] = []
    for fault in (fault for group in groups for fault in group):
        if fault.kind == "count" and any(one.kind == "pages" for one in faults):
            continue
        if fault.kind == "pages" and any(one.kind == "count" for one in faults):
            continue
        if fault.kind != "hide" or all((one.kind, one.action) != ("hide", fault.action) for one in faults):
            faults.append(fault)
    return faults


class Promises(RuleBasedStateMachine):
    """Programs, processes that die, a cloud that misbehaves, and other people who use the same account."""

    services: ClassVar[tuple[Service, ...]] = (Service.VOD, Service.CDN)
    runner: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        tally["runs"] += 1
        self.programs: list[Program] = []
        self.runs = 0
        self.floods = 0
        self.weekends = 0
        self.sent_before = 0
        self.odd_before = 0
        self.asked_at: dict[str, datetime] = {}
        """When, by the server's clock, the step that declared an intent began."""
        self.doubts: dict[str, str] = {}
        """What users were warned of while an intent was submitted."""
        self.listener = Listener()
        self.said = ""
        """The last error."""
        self.stepping: Program | None = None
        self.ours: dict[int, list[Row]] = {}
        """Rows that each program's submits made, by the program's place."""

    # -- the beginning ------------------------------------------------------------------------------------------------

    @initialize(
        effect_s=st.sampled_from([0.6, 8.0, 30.0]),
        latency_s=st.sampled_from([0.0, 0.0, 0.04, 0.45]),
        edges=st.sampled_from([1, 3]),
        modes=MODES,
        quirks=QUIRKS,
    )
    def begin(self, effect_s: float, latency_s: float, edges: int, modes: Modes, quirks: Quirks) -> None:
        self.cloud = Cloud(self.runner, effect_s=effect_s, edges=edges, latency_s=latency_s, modes=modes)
        self.cloud.world.quirks = quirks
        self.cloud.origin.add_files({"/x": "new", "/p": "new"})
        self.cloud.world.media.register(Medium(film, (PlayUrl(play_url(film), "mp4", "HD"),)) for film in FILMS)
        self.cloud.sending = self._sending
        self.restart()

    def restart(self) -> None:
        """A new run of the engine, with a new process: what was only in memory is gone."""
        self.runs += 1
        self.cloud.kill_after(None)
        self.process = Process(f"run-{self.runs}", self.cloud.api, self.cloud.time, seeded_chance(self.runs))

    # -- our programs -------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.programs) < 4)
    @rule(data=st.data(), what=SPECS, options=OPTIONS, crowd=st.integers(0, 7))
    def declare(self, data: st.DataObject, what: tuple[Kind, ObjectType], options: WaitOptions, crowd: int) -> None:
        """A task more in the program."""
        kind, object_type = what
        names = _CROWD if crowd == 0 and object_type is ObjectType.FILE else _NAMES[object_type]
        most = len(names) if names is _CROWD else 4
        least = len(names) if names is _CROWD else 1
        paths = data.draw(st.lists(st.sampled_from(names), min_size=least, max_size=most, unique=True))
        service = str(data.draw(st.sampled_from(self.services)))
        task: IntentInputs = {"kind": str(kind), "service": service, "object_paths": paths}
        if kind is Kind.REFRESH:
            task["object_type"] = str(object_type)
        task.update(data.draw(st.sampled_from(STRENGTHS[kind])))
        self.ours[len(self.programs)] = []
        self.programs.append(Program(task, options))

    @precondition(lambda self: len(self.programs) < 4)
    @rule(source=st.sampled_from(INDIRECT), options=OPTIONS)
    def declare_indirect(self, source: IntentInputs, options: WaitOptions) -> None:
        """A task more whose objects only the service knows."""
        if source["service"] in self.services:
            self.ours[len(self.programs)] = []
            self.programs.append(Program(source, options))

    @precondition(lambda self: self.programs)
    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """The next step of one task."""
        program = data.draw(st.sampled_from(self.programs))
        self._within(program, lambda: program.step(self.process, self.listener))

    @precondition(lambda self: self.programs)
    @rule(data=st.data())
    def up(self, data: st.DataObject) -> None:
        """All steps of one task that are due."""
        program = data.draw(st.sampled_from(self.programs))
        self._up(program)

    @precondition(lambda self: self.programs)
    @rule(
        data=st.data(),
        faults=st.lists(troubles(), max_size=4),
        dies=st.none() | st.integers(2, 30),
        ambush=st.booleans(),
        doomed=st.booleans(),
    )
    def deploy(
        self, data: st.DataObject, faults: list[list[Fault]], dies: int | None, ambush: bool, doomed: bool
    ) -> None:
        """New assets, or the rest of what is due, while much goes wrong at once."""
        program = data.draw(st.sampled_from(self.programs))
        if not program.next_step():
            program.version += 1
        doom = [Fault("fail", action, description="Internal Error") for action in SUBMITS if doomed]
        self.cloud.world.faults.replace([*all_of(faults), *doom])
        self.cloud.kill_after(dies)
        if ambush:
            spec = self._others(data)
            self.cloud.ambushes.append(lambda: self.cloud.by_others(spec))
        self._up(program)
        self.cloud.kill_after(None)

    @precondition(lambda self: self.programs)
    @rule()
    def next_run(self) -> None:
        """The next run of the engine: it goes on with everything that the last one left open."""
        self.restart()
        for program in self.programs:
            self._up(program)

    @precondition(lambda self: self.programs)
    @rule(data=st.data(), options=OPTIONS)
    def poll(self, data: st.DataObject, options: WaitOptions) -> None:
        """Other waiting options: a poll, or a wait that begins anew."""
        program = data.draw(st.sampled_from(self.programs))
        program.options = options
        self._within(program, lambda: program.step(self.process, self.listener))

    @precondition(lambda self: self.programs)
    @rule(data=st.data())
    def trigger(self, data: st.DataObject) -> None:
        """The assets change: what was refreshed so far does not count any more."""
        data.draw(st.sampled_from(self.programs)).version += 1

    @precondition(lambda self: any(program.completion for program in self.programs))
    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        """`pulumi refresh`."""
        program = data.draw(st.sampled_from([one for one in self.programs if one.completion]))
        sent = len(self.cloud.sent)
        self._within(program, lambda: program.refresh(self.process, self.listener))
        assert len(self.cloud.sent) == sent, "a refresh of the state submitted something"

    @precondition(lambda self: any(program.submission and program.spec.by_path for program in self.programs))
    @rule(data=st.data(), timeout=st.sampled_from([20, 200]))
    def attach(self, data: st.DataObject, timeout: int) -> None:
        """Another program waits for a task of ours, by its ids."""
        program = data.draw(st.sampled_from([one for one in self.programs if one.submission and one.spec.by_path]))
        assert program.submission is not None
        # All rows of its ids are what is waited for, so that others have none there.
        faults = self.cloud.world.faults
        faults.replace([fault for fault in faults.faults() if fault.kind != "foreign"])
        id_, service = program.submission[0], program.spec.service
        inputs: AttachmentInputs = {"kind": str(program.spec.kind), "service": str(service), "timeout": timeout}
        try:
            state = lifecycle.attach(self.process.context(), id_, inputs, self.listener)
        except (AlicdnError, KilledError) as error:
            self._ended(error)
            return
        if state["status"] == "Complete":
            wanted = set(id_.split(","))
            rows = [row for row in self._rows(service) if row.task_id in wanted and row.visible_from <= self.cloud.now]
            assert {row.task_id for row in rows} == wanted, "attached to ids without rows, and called it Complete"
            best = {canonical(row.target.verbatim): False for row in rows}
            for row in rows:
                best[canonical(row.target.verbatim)] |= row.status(self.cloud.now) is Status.COMPLETE
            assert all(best.values()), f"attached to {id_}: called Complete, but it is {best}"

    def _up(self, program: Program) -> None:
        self._within(program, lambda: program.up(self.process, self.listener))

    def _within(self, program: Program, work: Callable[[], object]) -> None:
        before = (program.intent, program.submission, program.completion)
        self.step_began = self.cloud.now
        self.sent_before = len(self.cloud.sent)
        self.odd_before = self.cloud.faults.met["pages"] + self.cloud.faults.met["count"]
        self.stepping, self.cloud.listable, self.listener = program, [], Listener()
        try:
            work()
        except (AlicdnError, KilledError) as error:
            self._ended(error)
        finally:
            self.stepping = None
            if program.intent is not None:
                self.asked_at.setdefault(program.intent[0], self.step_began)
                said = "".join(self.listener.warnings)
                self.doubts[program.intent[0]] = self.doubts.get(program.intent[0], "") + said
            for submit in self.cloud.sent[self.sent_before :]:
                self.ours[self.programs.index(program)] += submit.rows
        if program.complete and (program.intent, program.submission, program.completion) != before:
            tally["complete"] += 1
            tally[f"complete, {self.cloud.world.modes.status}"] += 1
            self._really_complete(program)

    def _ended(self, error: BaseException) -> None:
        """A step that fails ends its run, and one that is killed ends its process."""
        tally[type(error).__name__] += 1
        self.said = str(error)
        self.restart()

    def _take_the_next_step(self, program: Program) -> None:
        """What the last error advises for a task whose objects only the service knows."""
        if not program.spec.by_path:
            program.resubmit = "Set `resubmit=True` to send it again" in self.said
            program.version += not program.resubmit
            tally["stated doubts"] += program.resubmit

    # -- the cloud, the network, the machine --------------------------------------------------------------------------

    @rule(faults=st.lists(troubles(), min_size=1, max_size=3))
    def misbehave(self, faults: list[list[Fault]]) -> None:
        """These faults, from the next call on, and no others."""
        self.cloud.world.faults.replace(all_of(faults))

    @rule(
        faults=st.lists(troubles(), min_size=1, max_size=2),
        in_s=st.sampled_from([0.5, 3.0, 14.0, 40.0]),
    )
    def misbehave_later(self, faults: list[list[Fault]], in_s: float) -> None:
        """The same in the middle of whatever goes on then."""
        self.cloud.time.plan(in_s, lambda: self.cloud.world.faults.replace(all_of(faults)))

    @rule(data=st.data(), times=COUNTS, action=st.sampled_from(SUBMITS))
    def doom(self, data: st.DataObject, times: int, action: str) -> None:
        """Rows of the next submits fail: all of them, or some."""
        names = sorted({path for program in self.programs for path in program.objects})
        some = data.draw(st.none() | st.frozensets(st.sampled_from(names), min_size=1)) if names else None
        doomed = Fault("fail", action, 1, times, description="Origin Timeout", paths=some)
        self.cloud.world.faults.replace([*self.cloud.world.faults.faults(), doomed])

    @rule()
    def heal(self) -> None:
        """All faults end."""
        self.cloud.world.faults.replace(())

    @rule(seconds=st.sampled_from([0.3, 1.0, 7.0, 35.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.cloud.time.pass_by(seconds)

    @rule(seconds=st.sampled_from([0.5, 9.0, 20.0, 700.0]), in_s=st.sampled_from([0.0, 0.2, 5.0, 16.0]))
    def clock_jumps(self, seconds: float, in_s: float) -> None:
        """The machine slept, or is moved: the server's time goes on without the client's."""
        self.cloud.time.plan(in_s, lambda: self.cloud.jump(seconds))

    @precondition(lambda self: self.runs > LATE and self.weekends == 0)
    @rule(days=st.sampled_from([2.999, 3.5, 8.0]))
    def weekend(self, days: float) -> None:
        """Nobody deploys for so long that the service forgets its tasks."""
        self.weekends += 1
        tally["weekends"] += 1
        self.restart()
        self.cloud.time.pass_by(days * 86_400)

    @rule()
    def exit(self) -> None:
        """The run of the engine ends between two steps."""
        self.restart()

    @rule(moments=st.integers(1, 40))
    def crash(self, moments: int) -> None:
        """The process is killed, somewhere in what it does next."""
        self.cloud.kill_after(moments)

    # -- other people -------------------------------------------------------------------------------------------------

    def _others(self, data: st.DataObject) -> TaskSpec:
        known = [program for program in self.programs if program.spec.by_path]
        some = data.draw(st.none() | st.sampled_from(known)) if known else None
        if some is not None:
            ours = some.spec
            service, kind, object_type, names = ours.service, ours.kind, ours.object_type, ours.object_paths
        else:
            service = data.draw(st.sampled_from(self.services))
            kind, object_type = data.draw(SPECS)
            names = _NAMES[object_type]
        most = 1 if object_type is ObjectType.REGEX else 3
        paths = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True))
        return TaskSpec(service, kind, object_type, tuple(paths))

    @rule(data=st.data(), in_s=st.sampled_from([0.0, 0.0, 1.0, 6.0, 25.0]))
    def others(self, data: st.DataObject, in_s: float) -> None:
        """Somebody else submits the same objects or others, now or in the middle of something."""
        spec = self._others(data)
        self.cloud.time.plan(in_s, lambda: self.cloud.by_others(spec))

    @rule(data=st.data())
    def others_at_the_same_instant(self, data: st.DataObject) -> None:
        """Somebody else submits when our next submit arrives: same domain and second are one task id."""
        spec = self._others(data)
        self.cloud.ambushes.append(lambda: self.cloud.by_others(spec))

    @precondition(lambda self: self.floods < 2)
    @rule(data=st.data(), in_s=st.sampled_from([0.0, 2.0]))
    def flood(self, data: st.DataObject, in_s: float) -> None:
        """Somebody else submits more than a page."""
        self.floods += 1
        names = tuple(f"https://a.example.com/flood/{number}" for number in range(55))
        spec = TaskSpec(data.draw(st.sampled_from(self.services)), Kind.REFRESH, ObjectType.FILE, names)
        self.cloud.time.plan(in_s, lambda: self.cloud.by_others(spec))

    @invariant()
    def counted(self) -> None:
        """Every step counts in the figures."""
        tally["steps"] += 1

    # -- what must hold -----------------------------------------------------------------------------------------------

    def _rows(self, service: Service) -> Iterator[Row]:
        return (row for row in self.cloud.world.book.rows() if row.service == str(service))

    def _asked_at(self, program: Program) -> datetime:
        """When the step that declared the intent of *program* began: its Date header can be ahead of that."""
        assert program.intent is not None, "something was submitted without a stored intent"
        return self.asked_at.get(program.intent[0], self.step_began)

    def _rows_of(self, program: Program, path: str) -> list[Row]:
        """Rows of one object from after the intent of *program*, no matter who submitted them."""
        since = self._asked_at(program)
        spec = program.spec
        kind = RowKind.CACHE_TAG if spec.tags is not None else row_kind(spec.service, spec.object_type)
        wanted = canonical(path)
        return [
            row
            for row in self._rows(spec.service)
            if row.object_type is kind and row.created > since and canonical(row.target.verbatim) == wanted
        ]

    def _forgotten(self, row: Row) -> bool:
        return row.created < self.cloud.now - FORGOTTEN

    def _sending(self, paths: Sequence[str]) -> None:
        """No second submit of what is there, not forgotten and not failed: of ours, or of others at the last poll.

        What others submitted counts only where its row shows that it does as much, and for the first call of a task.
        """
        tally["submits"] += 1
        program = self.stepping
        assert program is not None, "something was submitted outside a step"
        if program.resubmit:
            return
        since = program.not_before
        assert since is not None, "something was submitted without a stored intent"
        mine = [*self.ours[self.programs.index(program)]]
        mine += [row for sent in self.cloud.sent[self.sent_before :] for row in sent.rows]
        # A row of others whose CreationTime is cut to a minute before the intent may be older, and is left alone.
        quirks = self.cloud.world.quirks
        listed = self.cloud.listable if program.spec.shown_by_rows and program.calls_done() == 0 else ()
        if self.cloud.faults.met["pages"] + self.cloud.faults.met["count"] > self.odd_before:
            # Where pages lack rows for as long as the grace, only a submit that may be ours is in doubt.
            listed = ()
        theirs = [row for row in listed if creation_second(row.created, quirks) >= since]
        seen = {id(row) for row in (*theirs, *mine) if not self._forgotten(row)}
        known = program.completion[1]["objects"] if program.completion and program.completion_is_new() else ()
        complete = {entry["object_path"] for entry in known if entry["status"] == "Complete"}
        for path in paths:
            assert path not in complete, f"submitted {path} again, which the state knows to be Complete"
            for row in self._rows_of(program, path):
                assert id(row) not in seen or row.failure, f"submitted {path} again at {self.cloud.now}: {row}"

    def _really_complete(self, program: Program) -> None:
        """No false success: every object has a row that is Complete and was made after the intent was asked for.

        A task that was created before it by the clocks of the service, or whose row does not show what it does, counts
        with a warning that names it.
        """
        assert program.intent is not None
        for path in program.objects:
            rows = self._rows_of(program, path)
            if not program.spec.shown_by_rows:
                # A known limit: a task of somebody else of the same second can have the same id and equal rows.
                mine = {row.task_id for row in self.ours[self.programs.index(program)]}
                rows = [row for row in rows if row.task_id in mine]
            complete = any(row.status(self.cloud.now) is Status.COMPLETE for row in rows)
            named = f"  {path}" in self.doubts[program.intent[0]]
            tally["doubted"] += named and not complete
            assert complete or named, f"{path} is called Complete, but since {self._asked_at(program)} there is {rows}"

    def teardown(self) -> None:
        """Nothing is lost: once the world is well, every program ends Complete, and knows all that it submitted."""
        if not hasattr(self, "cloud"):
            return
        self.cloud.ambushes.clear()
        self.cloud.time.forget_plans()
        self.heal()
        self.cloud.origin.add_files({"/gone": "back"})
        self.restart()
        self.cloud.time.pass_by(GRACE_S)
        for place, program in enumerate(self.programs):
            program.options = {"wait": None, "timeout": 900, "on_timeout": "fail", "retry_failed": 0}
            for _ in range(MAX_RUNS_TO_HEAL):
                self._up(program)
                if program.complete:
                    break
                self._take_the_next_step(program)
            assert program.complete, f"not Complete although the world is well: {program}"
            if not program.resubmit:
                self._knows_all(program, self.ours[place])
            assert not program.next_step(), "a second `up` would do something"
        tally.update({f"met {kind}": times for kind, times in self.cloud.faults.met.items()})
        tally["rows"] += sum(len(rows) for rows in self.ours.values())

    def _knows_all(self, program: Program, accepted: list[Row]) -> None:
        since = self._asked_at(program)
        assert program.completion is not None
        known = set(program.completion[1]["task_ids"])
        for row in accepted:
            if row.failure or row.created <= since or self._forgotten(row):
                continue
            others = [one for one in self._rows_of(program, row.target.verbatim) if one not in accepted]
            assert others or row.task_id in known, f"lost: {row}; known are {sorted(known)}"
