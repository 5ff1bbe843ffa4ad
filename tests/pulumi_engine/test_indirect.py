"""Refreshing by media id and by cache tag on the real engine, through the same gate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths
from support.stack import Stack

SITE = "https://media.example.com/"

MEDIA = """
release = alicdn.RefreshTask(
    "film", service="vod", media_ids=["film-1", "film-2"], formats=["mp4"], timeout=config.get_float("timeout"),
    retry_failed=config.get_int("retry_failed"),
)
pulumi.export("status", release.status)
pulumi.export("task_ids", release.task_ids)
pulumi.export("paths", release.objects.apply(lambda rows: sorted(row.object_path for row in rows)))
"""

TAGS = """
release = alicdn.RefreshTask("news", service="cdn", cache_tags=["news", "sport"], domain_name="cdn.example.com")
pulumi.export("status", release.status)
"""


def media(cloud: Emulator) -> list[str]:
    """Register two films, of which two mp4 and one m3u8 stream are played; return the mp4 ones."""
    urls = [f"{SITE}{name}" for name in ("one.mp4", "two.mp4", "two.m3u8")]
    streams = [{"url": url, "format": url.rpartition(".")[2], "definition": "HD"} for url in urls]
    cloud.admin(
        "media",
        {"media": [{"media_id": "film-1", "urls": streams[:1]}, {"media_id": "film-2", "urls": streams[1:]}]},
    )
    return urls[:2]


def calls(cloud: Emulator, action: str) -> int:
    return len(cloud.calls(action))


def test_what_is_played_of_media_is_live_on_every_edge_when_up_returns(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    for name in ("one.mp4", "two.mp4", "two.m3u8"):
        (origin / name).write_text("old")
    cloud = emulators(origin=origin, effect_s=3)
    played = media(cloud)
    for url in played:
        cloud.get_everywhere(url)
    for name in ("one.mp4", "two.mp4"):
        (origin / name).write_text("new")
    stack = stacks(MEDIA, cloud)

    stack.up().expect_ok()

    for url in played:
        assert [answer.body for answer in cloud.get_everywhere(url)] == [b"new"] * 3
    outputs = stack.outputs()
    assert (outputs["status"], outputs["paths"], len(outputs["task_ids"])) == ("Complete", played, 2)
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    stack.refresh().expect_ok()
    assert stack.completion()["status"] == "Complete"
    assert calls(cloud, "RefreshMediaPlayUrls") == 1


def test_a_timeout_goes_on_and_unknown_media_are_reported(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(MEDIA, cloud)
    said = stack.up().expect_failure().output
    assert "the service knows no media film-1, film-2" in said

    media(cloud)
    stack.configure(timeout="3")
    assert "not effective after 3 s" in stack.up().expect_failure().output
    cloud.advance(600)
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert calls(cloud, "RefreshMediaPlayUrls") == 2, "the refused one, and the one that was accepted"


def test_a_lost_answer_of_a_submit_by_media_id_is_reported_and_not_sent_again(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    media(cloud)
    cloud.admin("faults", {"faults": [{"action": "RefreshMediaPlayUrls", "kind": "reset-after"}]})
    stack = stacks(MEDIA, cloud)

    said = stack.up().expect_failure().output

    assert "the refresh by media ids was sent once and no answer came" in said
    assert calls(cloud, "RefreshMediaPlayUrls") == 1


def test_a_failed_url_of_media_is_submitted_again_by_its_path(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    played = media(cloud)
    fault = {"action": "RefreshMediaPlayUrls", "kind": "fail", "description": "Internal Error", "paths": [played[1]]}
    cloud.admin("faults", {"faults": [fault]})
    stack = stacks(MEDIA, cloud)
    stack.configure(retry_failed="1")

    stack.up().expect_ok()

    assert stack.outputs()["status"] == "Complete"
    (again,) = cloud.calls("RefreshVodObjectCaches")
    assert paths(dict(again)) == [played[1]]


def test_objects_with_a_cache_tag_are_gone_from_every_edge_when_up_returns(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    for name in ("a.html", "b.html"):
        (origin / name).write_text("old")
    cloud = emulators(origin=origin, effect_s=3)
    cloud.admin("origin", {"headers": {"/a.html": {"Cache-Tag": "news,today"}, "/b.html": {"Cache-Tag": "weather"}}})
    urls = [f"https://cdn.example.com/{name}" for name in ("a.html", "b.html")]
    for url in urls:
        cloud.get_everywhere(url)
    (origin / "a.html").write_text("new")
    (origin / "b.html").write_text("new")
    stack = stacks(TAGS, cloud)

    stack.up().expect_ok()

    assert [[answer.body for answer in cloud.get_everywhere(url)] for url in urls] == [[b"new"] * 3, [b"old"] * 3]
    assert stack.outputs()["status"] == "Complete"
    assert calls(cloud, "RefreshObjectCacheByCacheTag") == 1
