"""Refreshing by cache tag, and refreshes without Force, at the edges."""

from __future__ import annotations

from pathlib import Path

import pytest
from alibabacloud_cdn20180510 import models
from alibabacloud_cdn20180510.client import Client as CdnClient

from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator

SITE = "https://a.example.com/"


def refresh(cdn: CdnClient, tags: str | None, domain: str | None = "a.example.com", *, force: bool = False) -> str:
    request = models.RefreshObjectCacheByCacheTagRequest(cache_tag=tags, domain_name=domain, force=force)
    return str(cdn.refresh_object_cache_by_cache_tag(request).body.refresh_task_id)


def held(emulator: Emulator) -> set[str]:
    listed = emulator.admin("edges")["edges"]
    assert isinstance(listed, list)
    return {str(copy["url"]).removeprefix("https://") for copy in listed if isinstance(copy, dict)}


@pytest.fixture
def tagged(emulator: Emulator) -> Emulator:
    """An emulator whose edges hold tagged objects, and one without tags."""
    tags = {"/a.js": "one, two", "/b.js": "two,three", "/dir/one.css": "four"}
    emulator.admin("origin", {"headers": {path: {"Cache-Tag": text} for path, text in tags.items()}})
    for url in (*(SITE + path[1:] for path in tags), SITE + "index.html", "https://b.example.com/a.js"):
        emulator.get_everywhere(url)
    return emulator


@pytest.mark.parametrize(
    ("tags", "left"),
    [
        ("two", {"dir/one.css"}),
        ("one", {"b.js", "dir/one.css"}),
        ("one, four", {"b.js"}),
        ("Two,tw", {"a.js", "b.js", "dir/one.css"}),
    ],
)
def test_objects_with_any_of_the_tags_are_purged(cdn: CdnClient, tagged: Emulator, tags: str, left: set[str]) -> None:
    refresh(cdn, tags)
    tagged.advance(6)
    always = {"a.example.com/index.html", "b.example.com/a.js"}
    assert held(tagged) == {f"a.example.com/{path}" for path in left} | always


def test_the_row_and_its_id(cdn: CdnClient, emulator: Emulator) -> None:
    task_id = refresh(cdn, "one, two")
    assert refresh(cdn, "three") != task_id
    asked = models.DescribeRefreshTasksRequest(object_type="cachetag", object_path="one, two")
    (row,) = cdn.describe_refresh_tasks(asked).body.tasks.cdntask
    assert (row.task_id, row.object_type, row.object_path) == (task_id, "cachetag", "one, two")
    emulator.advance(6)
    (row,) = cdn.describe_refresh_tasks(asked).body.tasks.cdntask
    assert (row.status, row.process) == ("Complete", "100%")
    assert cdn.describe_refresh_quota(models.DescribeRefreshQuotaRequest()).body.dir_remain == "97"


@pytest.mark.parametrize(
    ("tags", "domain", "expected"),
    [
        (None, "a.example.com", ("MissingParameter", 400)),
        ("one", None, ("MissingParameter", 400)),
        ("one,,two", "a.example.com", ("InvalidObjectPath.Malformed", 400)),
        ("one", "*.example.com", ("InvalidExtensiveDomain.ValueNotSupported", 400)),
        (",".join(map(str, range(101))), "a.example.com", ("SingleRequest.OverLimit", 400)),
        ("one", "off.example.com", ("InvalidDomain.Offline", 404)),
    ],
)
def test_refusals(
    cdn: CdnClient,
    emulator: Emulator,
    tags: str | None,
    domain: str | None,
    expected: tuple[str, int],
) -> None:
    emulator.admin("domains", {"domains": {"off.example.com": "offline"}})
    assert code_of(lambda: refresh(cdn, tags, domain)) == expected
    assert emulator.tasks() == []


def test_without_force_what_is_unmodified_may_stay(cdn: CdnClient, tagged: Emulator, origin: Path) -> None:
    tagged.admin("quirks", {"keeps_unmodified": True})

    def answer_after(*, force: bool) -> tuple[str, bytes]:
        refresh(cdn, "one", force=force)
        tagged.advance(6)
        answer = tagged.get(0, SITE + "a.js")
        assert tagged.get(0, SITE + "a.js").cache == "HIT"
        return answer.cache, answer.body

    modified = tagged.get(0, SITE + "a.js").headers["last-modified"]
    tagged.admin("origin", {"headers": {"/a.js": {"Cache-Tag": "one", "Last-Modified": modified}}})
    (origin / "a.js").write_text("new")
    assert answer_after(force=False) == ("HIT", b"old a.js")
    assert answer_after(force=True) == ("MISS", b"new")
    (origin / "a.js").write_text("newer")
    later = {"Cache-Tag": "one", "Last-Modified": "Fri, 02 Jan 2037 03:04:05 GMT"}
    tagged.admin("origin", {"headers": {"/a.js": later}})
    assert answer_after(force=False) == ("MISS", b"newer")


def test_files_are_always_refreshed_in_full(cdn: CdnClient, tagged: Emulator, origin: Path) -> None:
    tagged.admin("quirks", {"keeps_unmodified": True})
    modified = tagged.get(0, SITE + "a.js").headers["last-modified"]
    tagged.admin("origin", {"headers": {"/a.js": {"Last-Modified": modified}}})
    (origin / "a.js").write_text("new")
    cdn.refresh_object_caches(models.RefreshObjectCachesRequest(object_path=SITE, object_type="Directory"))
    tagged.advance(6)
    tagged.admin("origin", {"rules": [{"path": "/a.js", "status": 503}]})
    assert tagged.get(0, SITE + "a.js").status == 503
    tagged.admin("origin", {"rules": []})
    assert tagged.get(0, SITE + "a.js").body == b"old a.js"
    cdn.refresh_object_caches(models.RefreshObjectCachesRequest(object_path=SITE + "a.js", object_type="File"))
    tagged.advance(6)
    assert tagged.get(0, SITE + "a.js").body == b"new"
