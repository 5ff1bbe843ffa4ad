"""What is recorded: programs, how a deployment of each is left, and what the next deployment may submit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_alicdn.emulator.values import JsonObject
from recorded.front_ends import StackRun
from recorded.runs import Run

Admin = tuple[str, JsonObject]
"""A call under /_emulator/: its name and its body."""

A, B = "https://media.example.com/a.m3u8", "https://media.example.com/b.m3u8"
MP4: Final = "https://media.example.com/film.mp4"
SITE: Final = "https://www.example.com/"
FILES: Final = {"index.html": "index", "app.js": "app", "same.txt": "same"}
CHANGED: Final = {"index.html": "index 2", "app.js": "app 2", "same.txt": "same"}
WARM: Final = {"a.m3u8": "a", "b.m3u8": "b"}
LATER: Final[Admin] = ("clock", {"advance_s": 600})
DAYS_LATER: Final[Admin] = ("clock", {"advance_s": 4 * 24 * 3600})
FILMS: Final[Admin] = (
    "media",
    {"media": [{"media_id": "film-1", "urls": [{"url": MP4, "format": "mp4", "definition": "HD"}]}]},
)


def stale(outlives: int, name: str = "app.js") -> Admin:
    """Have one edge hold an old copy that so many refreshes do not reach."""
    copy: JsonObject = {"edge": "edge-1", "url": f"{SITE}{name}", "body": "old", "outlives": outlives}
    return "edges", {"copies": [copy]}


HEALED: Final = (("RefreshObjectCaches", (f"{SITE}app.js",)),)
"""What heals it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One state to record.

    ``program`` is that of a stack, or the arguments of `alicdn release`. ``leave`` brings the run into the state.
    ``before`` and ``after`` are calls under /_emulator/ at the start, and before the next deployment; ``submits`` are
    the actions and object paths that this deployment sends. ``effect_s``: how long a
    task takes, in seconds of the emulator. ``nodes``: how many nodes the emulator has.
    """

    program: str
    leave: Callable[[Run], object]
    before: tuple[Admin, ...] = ()
    after: tuple[Admin, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    effect_s: float = 1.0
    submits: tuple[tuple[str, tuple[str, ...]], ...] = ()
    status: str = "Complete"
    nodes: int = 0


def done(run: Run) -> None:
    run.deploy()


def failed(run: Run) -> None:
    run.fail()


def done_at_the_second_run(run: Run) -> None:
    """Release; the first run heals a part, and the next one the rest."""
    failed(run)
    done(run)


def drifted(run: Run) -> None:
    """Release, and refresh the stack once an edge has gone back to an old copy."""
    done(run)
    run.cloud.admin(*stale(0))
    assert isinstance(run, StackRun)
    run.stack.refresh().expect_ok()


def somebody_elses(run: Run) -> None:
    """Wait for a task that was submitted without Pulumi."""
    run.submit("vod", A)
    done(run)


def killed_while_waiting(run: Run) -> None:
    run.kill_once(run.polled, "a wait under way")


def killed_once_begun(step: str) -> Callable[[Run], None]:
    """Kill the deployment of a stack before a step is taken."""

    def kill(run: Run) -> None:
        assert isinstance(run, StackRun)
        run.kill_once(lambda: run.has_begun(step), f"{step} has begun")

    return kill


def second(leave: Callable[[Run], object]) -> Callable[[Run], None]:
    """Release once, change the files, and leave the second release so."""

    def both(run: Run) -> None:
        done(run)
        run.write(CHANGED)
        run.begin_anew()
        leave(run)

    return both


def with_faults(leave: Callable[[Run], object], *faults: JsonObject) -> Callable[[Run], None]:
    """Leave it so while the cloud misbehaves."""

    def misbehaving(run: Run) -> None:
        run.cloud.admin("faults", {"faults": list(faults)})
        leave(run)

    return misbehaving


def with_origin(leave: Callable[[Run], object], rule: JsonObject) -> Callable[[Run], None]:
    """Leave it so while the origin has trouble with one file."""

    def troubled(run: Run) -> None:
        run.cloud.admin("origin", {"rules": [rule]})
        leave(run)

    return troubled


def killed_between_tasks(run: Run) -> None:
    """Kill a release while its prefetch is on the way, before the answer is there."""
    run.cloud.admin("faults", {"faults": [{"kind": "delay", "action": "PushObjectCache", "seconds": 60}]})
    run.kill_once(lambda: run.task_of("preload"), "a prefetch whose answer is under way")


def _program(kind: str, **options: Any) -> str:  # noqa: ANN401  as a user writes them
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"made = alicdn.{kind}('it'{given})\npulumi.export('status', made.status)\n"


def _refresh(**options: Any) -> str:  # noqa: ANN401  the same
    return _program("RefreshTask", **{"service": "vod", "object_paths": [A, B], "triggers": ["1"], **options})


def _prefetch(**options: Any) -> str:  # noqa: ANN401  the same
    headers = {"Accept-Encoding": "gzip"}
    return _program("PrefetchTask", service="cdn", object_paths=[A, B], area="domestic", headers=headers, **options)


def _release(**options: Any) -> str:  # noqa: ANN401  the same
    base = {"service": "cdn", "directory": "dist", "base_url": SITE, "proof_patience": 0}
    return _program("AssetRelease", **base, **options).replace("'it'", "'it', edges=EDGES, origin=ORIGIN", 1)


_HERE: Final = {"service": "cdn", "directory": "dist", "base_url": "http://www.site.test/", "proof_patience": 0}
NETWORK: Final = _program("AssetRelease", **_HERE)
"""A release with next to nothing configured: origin and edges are those that the service names for the domain."""

CONTINUE: Final = {"timeout": 2, "on_timeout": "continue"}
MEDIA: Final = {"service": "vod", "object_paths": None, "triggers": None, "media_ids": ["film-1"], "formats": ["mp4"]}
TAGS: Final = {
    "service": "cdn",
    "object_paths": None,
    "triggers": None,
    "cache_tags": ["news"],
    "domain_name": "www.example.com",
}
DIRECTORY: Final = {
    "service": "cdn",
    "object_paths": [f"{SITE}docs/"],
    "object_type": "directory",
    "force": True,
}
REGEXES: Final = {
    "service": "cdn",
    "object_paths": [f"{SITE}{name}/.*[.]js" for name in ("a", "b", "c")],
    "object_type": "regex",
}
GET: Final = "made = alicdn.RefreshTask.get('it', '15700000001', service='vod')\npulumi.export('status', made.status)\n"
COMPLETION: Final = (
    "made = alicdn.TaskCompletion('it', service='vod', task_ids=['15700000001']{})\n"
    "pulumi.export('status', made.status)\n"
)
FAIL_B: Final[JsonObject] = {"kind": "fail", "description": "Internal Error", "paths": [B]}

COMMAND: Final = f"--service cdn --base-url {SITE} --proof-patience 0"

STATES: Final[dict[str, Scenario]] = {
    "refresh-done": Scenario(program=_refresh(), leave=done),
    "refresh-waiting": Scenario(program=_refresh(**CONTINUE), leave=done, effect_s=600, after=(LATER,)),
    "refresh-not-waited": Scenario(
        program=_refresh(wait=False), leave=done, effect_s=600, after=(LATER,), status="Pending"
    ),
    "refresh-timed-out": Scenario(program=_refresh(timeout=2), leave=failed, effect_s=600, after=(LATER,)),
    "refresh-failed": Scenario(
        program=_refresh(),
        leave=failed,
        before=(("faults", {"faults": [{**FAIL_B, "action": "RefreshVodObjectCaches"}]}),),
        submits=(("RefreshVodObjectCaches", (B,)),),
    ),
    "refresh-killed-before-the-submit": Scenario(
        program=_refresh(),
        leave=with_faults(
            killed_once_begun("Submit"),
            {"kind": "delay", "action": "DescribeVodRefreshTasks", "nth": 2, "seconds": 60},
        ),
        submits=(("RefreshVodObjectCaches", (A, B)),),
    ),
    "refresh-killed-during-the-submit": Scenario(
        program=_refresh(),
        leave=with_faults(
            lambda run: run.kill_once(lambda: bool(run.cloud.tasks()), "a task whose answer is under way"),
            {"kind": "delay", "action": "RefreshVodObjectCaches", "seconds": 60},
        ),
    ),
    "refresh-killed-while-waiting": Scenario(
        program=_refresh(), leave=killed_while_waiting, effect_s=600, after=(LATER,)
    ),
    "refresh-verified-done": Scenario(program=_refresh(verify="network"), leave=done, files=WARM, nodes=3),
    "refresh-verified-killed-while-waiting": Scenario(
        program=_refresh(verify="network"),
        leave=killed_while_waiting,
        files=WARM,
        effect_s=600,
        after=(LATER,),
        nodes=3,
    ),
    "directory-done": Scenario(program=_refresh(**DIRECTORY), leave=done),
    # Recorded when one step made all calls of a submission.
    "three-calls-in-one-step-done": Scenario(program=_refresh(**REGEXES), leave=done),
    "three-calls-in-one-step-waiting": Scenario(
        program=_refresh(**REGEXES, **CONTINUE), leave=done, effect_s=600, after=(LATER,)
    ),
    "three-calls-done": Scenario(program=_refresh(**REGEXES), leave=done),
    "three-calls-killed-during-the-second": Scenario(
        program=_refresh(**REGEXES),
        leave=with_faults(
            lambda run: run.kill_once(lambda: len(run.cloud.tasks()) > 1, "the second call, whose answer is under way"),
            {"kind": "delay", "action": "RefreshObjectCaches", "nth": 2, "seconds": 60},
        ),
        submits=(("RefreshObjectCaches", (REGEXES["object_paths"][2],)),),
    ),
    "prefetch-done": Scenario(program=_prefetch(), leave=done, files=WARM),
    "prefetch-waiting": Scenario(program=_prefetch(**CONTINUE), leave=done, files=WARM, effect_s=600, after=(LATER,)),
    "prefetch-failed": Scenario(
        program=_prefetch(),
        leave=failed,
        before=(("faults", {"faults": [{**FAIL_B, "action": "PushObjectCache"}]}),),
        files=WARM,
        submits=(("PushObjectCache", (B,)),),
    ),
    "prefetch-killed-while-waiting": Scenario(
        program=_prefetch(), leave=killed_while_waiting, files=WARM, effect_s=600, after=(LATER,)
    ),
    "media-done": Scenario(program=_refresh(**MEDIA), leave=done, before=(FILMS,)),
    "media-waiting": Scenario(
        program=_refresh(**MEDIA, **CONTINUE), leave=done, before=(FILMS,), effect_s=600, after=(LATER,)
    ),
    "media-killed-while-waiting": Scenario(
        program=_refresh(**MEDIA), leave=killed_while_waiting, before=(FILMS,), effect_s=600, after=(LATER,)
    ),
    "cache-tags-done": Scenario(program=_refresh(**TAGS), leave=done),
    "cache-tags-waiting": Scenario(program=_refresh(**TAGS, **CONTINUE), leave=done, effect_s=600, after=(LATER,)),
    # The types of the steps are shorter than in the states above.
    "refresh-waiting-short-types": Scenario(program=_refresh(**CONTINUE), leave=done, effect_s=600, after=(LATER,)),
    "attachment-done-short-types": Scenario(program=GET, leave=somebody_elses),
    "release-changed-short-types": Scenario(
        program=_release(prefetch=["*.js"]), leave=second(done), files=FILES, status="live"
    ),
    "attachment-done": Scenario(program=GET, leave=somebody_elses),
    "task-completion-done": Scenario(program=COMPLETION.format(""), leave=somebody_elses),
    "task-completion-waiting": Scenario(
        program=COMPLETION.format(", timeout=2, on_timeout='continue'"),
        leave=somebody_elses,
        effect_s=600,
        after=(LATER,),
    ),
    "refresh-forgotten": Scenario(
        program=_refresh(),
        leave=killed_while_waiting,
        effect_s=6,
        after=(DAYS_LATER,),
        submits=(("RefreshVodObjectCaches", (A, B)),),
    ),
    "release-done": Scenario(program=_release(prefetch=["*.js"]), leave=done, files=FILES, status="live"),
    "release-changed": Scenario(program=_release(prefetch=["*.js"]), leave=second(done), files=FILES, status="live"),
    "release-of-the-network-done": Scenario(program=NETWORK, leave=done, files=FILES, status="live", nodes=3),
    "release-of-the-network-changed": Scenario(
        program=NETWORK, leave=second(done), files=FILES, status="live", nodes=3
    ),
    "release-killed-while-refreshing": Scenario(
        program=_release(first_release="nothing"),
        leave=second(killed_while_waiting),
        files=FILES,
        effect_s=600,
        after=(LATER,),
        status="live",
    ),
    "release-killed-between-its-tasks": Scenario(
        program=_release(first_release="nothing", prefetch=["*.js"]),
        leave=second(killed_between_tasks),
        files=FILES,
        status="live",
    ),
    "release-killed-before-the-proof": Scenario(
        program=_release(check_origin=False),
        leave=with_origin(
            killed_once_begun("Proof"),
            {"path": "/app.js", "delay_s": 60},
        ),
        files=FILES,
        status="live",
    ),
    "release-healed": Scenario(
        program=_release(),
        before=(stale(1),),
        leave=done,
        files=FILES,
        status="live",
    ),
    "release-stale-after-a-heal": Scenario(
        program=_release(),
        before=(stale(2),),
        leave=failed,
        files=FILES,
        submits=HEALED,
        status="live",
    ),
    "release-healed-by-two-runs": Scenario(
        program=_release(),
        before=(stale(2), stale(1, "index.html")),
        leave=done_at_the_second_run,
        files=FILES,
        status="live",
    ),
    "release-drifted": Scenario(
        program=_release(),
        leave=drifted,
        after=(stale(0),),
        files=FILES,
        submits=HEALED,
        status="live",
    ),
    "release-not-proven": Scenario(
        program=_release(check_origin=False),
        leave=with_origin(failed, {"path": "/app.js", "status": 503}),
        files=FILES,
        status="live",
    ),
}
"""Of the state of a stack."""

MANIFESTS: Final[dict[str, Scenario]] = {
    "command-done": Scenario(program=f"{COMMAND} --prefetch *.js", leave=done, files=FILES, status="unchanged"),
    "command-changed": Scenario(
        program=f"{COMMAND} --prefetch *.js", leave=second(done), files=FILES, status="unchanged"
    ),
    "command-killed-while-refreshing": Scenario(
        program=f"{COMMAND} --first-release nothing",
        leave=second(killed_while_waiting),
        files=FILES,
        effect_s=600,
        after=(LATER,),
        status="live",
    ),
    "command-killed-between-its-tasks": Scenario(
        program=f"{COMMAND} --first-release nothing --prefetch *.js",
        leave=second(killed_between_tasks),
        files=FILES,
        status="live",
    ),
    "command-healed": Scenario(
        program=COMMAND,
        before=(stale(1),),
        leave=done,
        files=FILES,
        status="unchanged",
    ),
    "command-stale-after-a-heal": Scenario(
        program=COMMAND,
        before=(stale(2),),
        leave=failed,
        files=FILES,
        submits=HEALED,
        status="live",
    ),
    "command-not-proven": Scenario(
        program=f"{COMMAND} --no-check-origin",
        leave=with_origin(failed, {"path": "/app.js", "status": 503}),
        files=FILES,
        status="live",
    ),
}
"""Of the manifest file of `alicdn release`."""
