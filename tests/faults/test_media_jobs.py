"""A refresh by media id is not Complete before its job names every medium of the submit, each with ids of tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from faults.odd import OddCloud
from faults.program import Program
from pulumi_alicdn.api.rows import Job
from pulumi_alicdn.api.spec import Kind, Media, ObjectType, Service, TaskSpec
from pulumi_alicdn.emulator.faults import Fault, PageFault
from pulumi_alicdn.emulator.service.media import Medium, PlayUrl
from pulumi_alicdn.errors import TaskTimeoutError
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from support.in_process_cloud import START
from support.virtual_clock import Listener

JOBS = "GetMediaRefreshJobs"


@pytest.fixture
def cloud() -> Iterator[OddCloud]:
    with asyncio.Runner() as runner:
        cloud = OddCloud(runner)
        urls = {f"m{number}": f"https://media.example.com/{number}.mp4" for number in range(25)}
        cloud.world.media.register(Medium(name, (PlayUrl(url, "mp4", "HD"),)) for name, url in urls.items())
        yield cloud


def by_media(count: int) -> Program:
    media = [f"m{number}" for number in range(count)]
    return Program({"kind": "refresh", "service": "vod", "media_ids": media}, {"timeout": 120})


@pytest.mark.parametrize("count", [2, 25])
@pytest.mark.parametrize("how", ["empty", "short", "repeat"])
def test_a_job_that_lacks_media_is_asked_again_until_it_names_all(cloud: OddCloud, how: PageFault, count: int) -> None:
    cloud.world.faults.replace([Fault("pages", JOBS, times=5, how=how, page=1)])
    program = by_media(count)
    program.up(cloud.process(), Listener())
    assert program.complete
    assert program.completion is not None
    assert len(program.completion[1]["objects"]) == count


@pytest.mark.parametrize("how", ["empty", "short", "repeat"])
def test_a_job_that_never_names_all_media_ends_at_the_timeout_and_says_which_are_missing(
    cloud: OddCloud, how: PageFault
) -> None:
    cloud.world.faults.replace([Fault("pages", JOBS, times=-1, how=how, page=1)])
    with pytest.raises(TaskTimeoutError, match=r"\(job \w+, media (m0 and )?m1\): not listed by the service yet"):
        by_media(2).up(cloud.process(), Listener())


def job(*named: str, ready: tuple[str, ...] | None = None, ids: tuple[str, ...] = ("1",)) -> Job:
    media = frozenset(named)
    return Job(
        "J", media == frozenset(named if ready is None else ready), ids, (), START, media, frozenset(ready or named)
    )


@pytest.mark.parametrize(
    "odd",
    [
        job("m1"),
        job("m1", "m2", "m3"),
        job("m1", "m3"),
        job("m3", "m4"),
        job(),
        job("m1", "m2", ready=("m1",)),
    ],
    ids=["too few", "too many", "another", "others", "none", "without ids"],
)
def test_a_job_with_other_media_than_were_submitted_is_not_replaced_by_its_tasks(odd: Job) -> None:
    spec = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, (), media=Media(("m1", "m2")))
    awaited = AwaitedTasks(spec, [], job_ids=["J"])
    awaited.note_job(odd)
    assert (awaited.task_ids, awaited.job_ids) == ([], ["J"])
    awaited.note_job(job("m1", "m2", ids=("1", "2")))
    assert (awaited.task_ids, awaited.job_ids) == (["1", "2"], [])


def test_the_failure_of_a_medium_that_was_not_submitted_ends_no_wait() -> None:
    spec = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, (), media=Media(("m1",)))
    failed = Job("J", True, (), (("m1", "no stream"), ("m9", "gone")), START)
    assert AwaitedTasks(spec, [], job_ids=["J"]).failures(failed) == [("m1", "no stream")]
