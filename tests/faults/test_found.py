"""What the search has found, each as the smallest scenario that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import JsonValue

from faults.local import Cloud, KilledError
from faults.program import Process, Program
from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.values import wire_time
from pulumi_alicdn.errors import TaskTimeoutError
from pulumi_alicdn.state import IntentInputs
from pulumi_alicdn.tasks.submit import Submitter, declare
from support.in_process_cloud import START
from support.oddities import LONG_AGO
from support.virtual_clock import Listener, seeded_chance


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with asyncio.Runner() as loop:
        yield Cloud(loop, effect_s=8)


def process(cloud: Cloud, run: str = "run-1") -> Process:
    return Process(run, cloud.api, cloud.time, seeded_chance())


def test_a_poll_of_several_pages_is_as_old_as_its_first_one(cloud: Cloud) -> None:
    """The grace must not end with a page that came late, while the page with the newest rows was asked for early."""
    service, host = Service.VOD, "https://a.example.com"
    program = Program(
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": [f"{host}/x"]}, {"timeout": 60}
    )
    submit, poll = SUBMIT_ACTIONS[service, Kind.REFRESH], DESCRIBE_ACTIONS[service]
    ours = process(cloud)
    program.step(ours, Listener())
    cloud.time.pass_by(2)
    crowd = tuple(f"{host}/crowd/{number}" for number in range(55))
    cloud.by_others(TaskSpec(service, Kind.REFRESH, ObjectType.FILE, crowd))
    cloud.world.faults.replace(
        [
            Fault("hide", submit, seconds=14),
            Fault("reset-after", submit),
            # Two pages before the submit; after it, the second one is late.
            Fault("throttle", poll, nth=4, retry_after_s=16),
        ]
    )

    program.up(ours, Listener())

    assert program.complete
    assert len(cloud.sent) == 1


def test_a_poll_for_one_batch_adopts_what_it_sees_of_the_next(cloud: Cloud) -> None:
    """Somebody else refreshed the second batch while the answer of the first one was awaited."""
    service = Service.CDN
    paths = ("https://a.example.com/first.*", "https://a.example.com/second.*")
    spec = TaskSpec(service, Kind.REFRESH, ObjectType.REGEX, paths)
    cloud.world.faults.replace([Fault("http-500", SUBMIT_ACTIONS[service, Kind.REFRESH])])
    theirs = TaskSpec(service, Kind.REFRESH, ObjectType.REGEX, (paths[1],))
    cloud.ambushes.append(lambda: cloud.by_others(theirs))
    context = process(cloud).context()
    api, caller = context.api(service), context.caller()

    submission = Submitter(api, caller).run(spec, declare(api, caller, spec), attempted_before=False)

    assert [tuple(sent.paths) for sent in cloud.sent] == [(paths[0],), (paths[0],)]
    assert submission.adopted == [paths[1]]


def test_a_task_of_the_earlier_intent_that_was_hidden_is_not_taken_for_the_new_one(cloud: Cloud) -> None:
    """The assets change right after a submit whose task is not listed yet, and the new submit never arrives."""
    program = Program(
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": ["https://a.example.com/x"]},
        {"timeout": 60},
    )
    submit = SUBMIT_ACTIONS[Service.VOD, Kind.REFRESH]
    ours = process(cloud)
    program.step(ours, Listener())
    cloud.world.faults.replace([Fault("hide", submit, seconds=9.0)])
    program.step(ours, Listener())
    program.version += 1
    cloud.world.faults.replace([Fault("reset-before", submit)])

    program.up(ours, Listener())

    assert program.complete
    assert len(cloud.sent) == 3, "the first one, the lost one, and the one that had to be sent again"
    assert program.submission is not None
    assert program.submission[1]["adopted"] == []


def test_the_failed_rows_of_an_adopted_task_do_not_count_for_what_was_sent_instead(cloud: Cloud) -> None:
    """Somebody else's task refreshed one of our objects and failed for the other, which is sent and hidden for now."""
    paths = ["https://a.example.com/good", "https://a.example.com/bad"]
    program = Program(
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": paths}, {"timeout": 60}
    )
    ours = process(cloud)
    program.step(ours, Listener())
    cloud.time.pass_by(2)
    theirs = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, tuple(paths))
    cloud.by_others(theirs, Fault("fail", paths=frozenset({paths[1]})))
    cloud.time.pass_by(9)
    cloud.world.faults.replace([Fault("hide", SUBMIT_ACTIONS[Service.VOD, Kind.REFRESH], seconds=10)])

    program.up(ours, Listener())

    assert program.complete
    assert [tuple(sent.paths) for sent in cloud.sent] == [(paths[1],)]


def test_a_wait_too_short_for_the_grace_submits_nothing_again(cloud: Cloud) -> None:
    """The last run died when it had submitted what failed again, and this one has two seconds."""
    submit = SUBMIT_ACTIONS[Service.CDN, Kind.REFRESH]
    task: IntentInputs = {
        "kind": "refresh",
        "service": "cdn",
        "object_type": "file",
        "object_paths": ["https://a.example.com/x"],
    }
    program = Program(task, {"timeout": 60, "retry_failed": 1})
    cloud.world.faults.replace([Fault("fail", submit), Fault("hide", submit, nth=2, seconds=14)])
    dying = process(cloud)
    for _ in ("intent", "submission"):
        program.step(dying, Listener())
    # The second submit is answered, and the process that would have noted that is gone before the next poll.
    cloud.sending = lambda _: cloud.kill_after(2)
    with pytest.raises(KilledError):
        program.step(dying, Listener())
    assert [len(sent.rows) for sent in cloud.sent] == [1, 1]

    cloud.sending = lambda _: None
    program.options = {"timeout": 2}
    with pytest.raises(TaskTimeoutError, match="An earlier run may already have resubmitted 1 of the URLs"):
        program.step(process(cloud, "run-2"), Listener())
    assert len(cloud.sent) == 2

    program.options = {"timeout": 60}
    program.step(process(cloud, "run-3"), Listener())
    assert program.complete
    assert len(cloud.sent) == 2


def test_what_was_submitted_again_just_before_a_wait_was_given_up_is_not_submitted_once_more(cloud: Cloud) -> None:
    """The state has to say which failed rows do not count: the new ones are hidden when the next wait begins."""
    path = "https://a.example.com/x"
    program = Program(
        {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": [path]},
        {"timeout": 12, "on_timeout": "continue", "retry_failed": 1},
    )
    submit = SUBMIT_ACTIONS[Service.VOD, Kind.REFRESH]
    cloud.world.faults.replace(
        [Fault("fail", submit, times=1, paths=frozenset([path])), Fault("hide", submit, nth=2, seconds=14, times=1)]
    )
    ours = process(cloud)
    program.up(ours, Listener())
    assert len(cloud.sent) == 2
    assert program.completion is not None
    assert program.completion[1]["status"] == "Pending"

    program.options["timeout"] = 60
    program.step(ours, Listener())

    assert program.complete
    assert len(cloud.sent) == 2


def test_a_row_of_years_ago_under_our_id_does_not_make_a_wait_poll_without_a_pause(cloud: Cloud) -> None:
    """The pauses follow the age of the task, which only rows of ours tell."""
    path = "https://a.example.com/x"
    task: IntentInputs = {"kind": "refresh", "service": "vod", "object_type": "file", "object_paths": [path]}
    theirs: dict[str, JsonValue] = {
        "ObjectPath": f"{path}/other",
        "ObjectType": "file",
        "Status": "Refreshing",
        "CreationTime": LONG_AGO,
    }
    polls: list[int] = []
    for rows in ((), (theirs,)):
        program = Program(task, {"timeout": 60}, version=len(polls))
        cloud.world.faults.replace([Fault("foreign", times=-1, rows=rows, own_id=True)])
        cloud.faults.met.clear()
        program.up(process(cloud), Listener())
        assert program.complete
        assert program.completion is not None
        assert max(program.completion[1]["durations_s"]) < 60
        polls.append(cloud.faults.met["foreign"])
    assert polls[1] <= polls[0] + 1


@pytest.mark.parametrize("word", ["block", "unblock"])
@pytest.mark.parametrize("object_type", [ObjectType.REGEX, ObjectType.IGNORE_PARAMS])
def test_a_row_that_blocks_a_url_is_not_adopted_for_its_refresh(
    cloud: Cloud, object_type: ObjectType, word: str
) -> None:
    """No document names the word for these types in a row, so that other unknown words may stand for them."""
    path = "https://a.example.com/x"
    task: IntentInputs = {"kind": "refresh", "service": "cdn", "object_type": str(object_type), "object_paths": [path]}
    program = Program(task, {"timeout": 60})
    blocked: dict[str, JsonValue] = {
        "TaskId": "999999",
        "ObjectPath": path,
        "ObjectType": word,
        "Status": "Complete",
        "CreationTime": wire_time(START + timedelta(seconds=5)),
    }
    cloud.world.faults.replace([Fault("foreign", times=-1, rows=(blocked,))])

    program.up(process(cloud), Listener())

    assert program.complete
    assert [tuple(sent.paths) for sent in cloud.sent] == [(path,)]
