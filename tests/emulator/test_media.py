"""Refreshing and prefetching by media id, through the official client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_vod20170321 import models
from alibabacloud_vod20170321.client import Client as VodClient

from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator, EmulatorError
from pulumi_alicdn.emulator.values import Json, JsonObject

SITE = "https://a.example.com/"


def stream(name: str, definition: str = "HD", **more: Json) -> JsonObject:
    return {"url": SITE + name, "format": name.rpartition(".")[2], "definition": definition, **more}


def register(emulator: Emulator, media_id: str, *streams: JsonObject, **more: Json) -> None:
    emulator.admin("media", {"media": [{"media_id": media_id, "urls": list(streams), **more}]})


def submit(vod: VodClient, media_ids: str = "m1", task_type: str = "Refresh", **more: Any) -> Any:  # noqa: ANN401
    request = models.RefreshMediaPlayUrlsRequest(media_ids=media_ids, task_type=task_type, **more)
    return vod.refresh_media_play_urls(request).body


def jobs(vod: VodClient, job_id: str, media_id: str | None = None) -> list[Any]:
    request = models.GetMediaRefreshJobsRequest(media_refresh_job_id=job_id, media_id=media_id)
    return list(vod.get_media_refresh_jobs(request).body.media_refresh_jobs)


def urls(vod: VodClient, **more: Any) -> list[str]:  # noqa: ANN401
    (job,) = jobs(vod, submit(vod, **more).media_refresh_job_id)
    return [url.removeprefix(SITE) for url in str(job.success_play_urls).split(",")]


def row(vod: VodClient, task_id: str) -> Any:  # noqa: ANN401
    body = vod.describe_vod_refresh_tasks(models.DescribeVodRefreshTasksRequest(task_id=task_id)).body
    (only,) = body.tasks.task
    return only


def test_one_task_per_url_and_media_by_media(vod: VodClient, emulator: Emulator) -> None:
    register(emulator, "m1", stream("a.js", format="mp4"), stream("b.js", format="m3u8"))
    register(emulator, "m2", stream("c.mp4"))
    emulator.get(0, SITE + "a.js")
    answer = submit(vod, "m1,m2,gone", formats="mp4,m3u8", user_data='{"a": 1}')
    assert (answer.non_exist_media_ids, answer.forbidden_media_ids) == ("gone", None)
    first, second = jobs(vod, answer.media_refresh_job_id)
    assert (first.media_id, first.status, first.task_type, first.error_code) == ("m1", "success", "Refresh", None)
    assert (first.success_play_urls, first.user_data) == (f"{SITE}a.js,{SITE}b.js", '{"a": 1}')
    policy = json.loads(first.filter_policy)
    assert policy == {"Formats": "mp4,m3u8", "ResultType": "Single", "SliceFlag": False, "SliceCount": 5}
    assert first.gmt_create == emulator.admin("clock")["now"]
    assert [job.media_id for job in jobs(vod, answer.media_refresh_job_id, "m2")] == ["m2"]
    assert jobs(vod, "41d465e31957ffff") == []
    ids = [*first.task_ids.split(","), *second.task_ids.split(",")]
    assert len(set(ids)) == 3
    assert [row(vod, task_id).object_path for task_id in ids] == [SITE + name for name in ("a.js", "b.js", "c.mp4")]
    emulator.advance(6)
    assert {row(vod, task_id).status for task_id in ids} == {"Complete"}
    assert emulator.get(0, SITE + "a.js").cache == "MISS"


def test_a_prefetch(vod: VodClient, emulator: Emulator) -> None:
    register(emulator, "m1", stream("a.js", format="mp4"), stream("none.mp4", "SD"))
    (job,) = jobs(vod, submit(vod, task_type="Preload").media_refresh_job_id)
    assert (job.status, job.task_type) == ("success", "Preload")
    emulator.advance(6)
    good, bad = (row(vod, task_id) for task_id in job.task_ids.split(","))
    assert (good.object_type, good.status) == ("preload", "Complete")
    assert (bad.status, bad.description) == ("Failed", "Internal Error")
    assert emulator.get(0, SITE + "a.js").cache == "HIT"


def test_which_streams(vod: VodClient, emulator: Emulator) -> None:
    slices: list[Json] = [f"{SITE}{number:02}.ts" for number in range(30)]
    register(
        emulator,
        "m1",
        stream("old.m3u8"),
        stream("new.m3u8", slices=slices),
        stream("sd.mp4", "SD"),
        stream("sound.mp3", "SQ", stream_type="audio"),
    )
    assert urls(vod) == ["new.m3u8", "sd.mp4", "sound.mp3"]
    assert urls(vod, result_type="Multiple") == ["old.m3u8", "new.m3u8", "sd.mp4", "sound.mp3"]
    assert urls(vod, formats="mp4,mp3") == ["sd.mp4", "sound.mp3"]
    assert urls(vod, definitions="SD") == ["sd.mp4"]
    assert urls(vod, stream_type="audio") == ["sound.mp3"]
    assert urls(vod, formats="m3u8", slice_flag=True) == ["new.m3u8", *(f"{number:02}.ts" for number in range(5))]
    assert len(urls(vod, formats="m3u8", slice_flag=True, slice_count=20)) == 21
    assert urls(vod, formats="m3u8", slice_count=20) == ["new.m3u8"]


def test_a_job_that_fails_says_why(vod: VodClient, emulator: Emulator) -> None:
    register(emulator, "m1", stream("1.mp4"), stream("2.mp4", "SD"))
    emulator.admin("quota", {"UrlRemain": 1})
    (job,) = jobs(vod, submit(vod).media_refresh_job_id)
    assert (job.status, job.error_code, job.success_play_urls) == ("fail", "QuotaExceeded.Refresh", SITE + "1.mp4")
    assert job.error_message
    assert len(job.task_ids.split(",")) == 1
    (job,) = jobs(vod, submit(vod, formats="flv").media_refresh_job_id)
    assert (job.status, job.error_code, job.task_ids) == ("fail", "InvalidParameter", "")


def test_media_that_are_missing_or_forbidden(vod: VodClient, emulator: Emulator) -> None:
    register(emulator, "m1", stream("1.mp4"), forbidden=True)
    answer = submit(vod, "m1,gone")
    assert (answer.forbidden_media_ids, answer.non_exist_media_ids) == ("m1", "gone")
    assert answer.media_refresh_job_id is None
    assert emulator.tasks() == []


def test_a_hidden_job(vod: VodClient, emulator: Emulator) -> None:
    register(emulator, "m1", stream("1.mp4"))
    emulator.admin("faults", {"faults": [{"kind": "hide", "seconds": 10, "action": "RefreshMediaPlayUrls"}]})
    job_id = submit(vod).media_refresh_job_id
    assert jobs(vod, job_id) == []
    emulator.advance(10)
    assert len(jobs(vod, job_id)) == 1


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"media_ids": ""}, "MissingParameter"),
        ({"task_type": ""}, "MissingParameter"),
        ({"task_type": "Purge"}, "InvalidParameter"),
        ({"media_ids": ","}, "InvalidParameter"),
        ({"media_ids": ",".join(map(str, range(21)))}, "InvalidParameter"),
        ({"formats": "mp4,avi"}, "InvalidParameter"),
        ({"stream_type": "smell"}, "InvalidParameter"),
        ({"result_type": "Some"}, "InvalidParameter"),
        ({"slice_flag": "perhaps"}, "InvalidParameter"),
        ({"slice_count": 0}, "InvalidParameter"),
        ({"slice_count": 21}, "InvalidParameter"),
    ],
)
def test_refusals(vod: VodClient, asked: dict[str, Any], expected: str) -> None:
    assert code_of(lambda: submit(vod, **asked)) == (expected, 400)
    assert code_of(lambda: jobs(vod, "")) == ("MissingParameter", 400)


def test_what_can_be_registered(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="should match pattern"):
        register(emulator, "m,1", stream("1.mp4"))
    with pytest.raises(EmulatorError, match="Input should be"):
        register(emulator, "m1", stream("1.avi"))
    register(emulator, "m1", stream("1.mp4"))
    register(emulator, "m1", stream("2.mp4"))
    listed = emulator.admin("media")["media"]
    assert isinstance(listed, list)
    assert [medium["media_id"] for medium in listed if isinstance(medium, dict)] == ["m1"]
    assert "2.mp4" in json.dumps(listed)
