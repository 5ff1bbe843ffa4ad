"""Edges and origin: what the edges store, when a task changes it, and how a prefetch fails."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cdn20180510 import models as cdn_models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json

URL = "https://a.example.com/a.js"


def refresh(vod: VodClient, *paths: str, object_type: str = "File") -> None:
    vod.refresh_vod_object_caches(
        vod_models.RefreshVodObjectCachesRequest(object_path="\n".join(paths), object_type=object_type)
    )


def preload(vod: VodClient, *paths: str, **more: str) -> None:
    vod.preload_vod_object_caches(vod_models.PreloadVodObjectCachesRequest(object_path="\n".join(paths), **more))


def rows(vod: VodClient) -> list[Any]:  # the clients have no types
    body = vod.describe_vod_refresh_tasks(vod_models.DescribeVodRefreshTasksRequest(page_size=50)).body
    return list(body.tasks.task)


def served(emulator: Emulator, url: str = URL) -> list[tuple[str, bytes]]:
    return [(answer.cache, answer.body) for answer in emulator.get_everywhere(url)]


def held(emulator: Emulator, edge: str = "edge-0") -> set[str]:
    listed = emulator.admin("edges")["edges"]
    assert isinstance(listed, list)
    return {str(copy["url"]) for copy in listed if isinstance(copy, dict) and copy["edge"] == edge}


def test_an_edge_keeps_what_it_fetched(emulator: Emulator, origin: Path) -> None:
    assert served(emulator) == 3 * [("MISS", b"old a.js")]
    (origin / "a.js").write_text("new")
    emulator.advance(86400)
    answer = emulator.get(1, URL)
    assert (answer.status, answer.cache, answer.body) == (200, "HIT", b"old a.js")
    assert (answer.headers["age"], answer.headers["x-edge"]) == ("86400", "edge-1")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["etag"].startswith('"')
    assert "last-modified" in answer.headers


def test_copies_are_per_domain_and_query(emulator: Emulator) -> None:
    for url in (URL, URL + "?v=1", URL + "?v=2", "https://b.example.com/a.js"):
        assert emulator.get(0, url).cache == "MISS"
        assert emulator.get(0, url).cache == "HIT"
    assert held(emulator) == {URL, URL + "?v=1", URL + "?v=2", "https://b.example.com/a.js"}


def test_head_fills_the_cache_too(emulator: Emulator) -> None:
    head = emulator.get(0, URL, "HEAD")
    assert (head.cache, head.body, head.headers["content-length"]) == ("MISS", b"", "8")
    assert emulator.get(0, URL).cache == "HIT"
    assert emulator.get(0, URL, "DELETE").status == 405


def test_only_200_is_kept(emulator: Emulator, origin: Path) -> None:
    assert emulator.get(0, "https://a.example.com/later.js").status == 404
    (origin / "later.js").write_text("now")
    assert emulator.get(0, "https://a.example.com/later.js").body == b"now"
    emulator.admin("origin", {"rules": [{"path": "/b.js", "status": 503}]})
    assert emulator.get(0, "https://a.example.com/b.js").status == 503
    emulator.admin("origin", {"rules": []})
    assert emulator.get(0, "https://a.example.com/b.js").status == 200


def test_a_refresh_reaches_one_edge_after_the_other(emulator: Emulator, origin: Path, vod: VodClient) -> None:
    served(emulator)
    (origin / "a.js").write_text("new")
    refresh(vod, URL)
    old, new = ("HIT", b"old a.js"), ("MISS", b"new")
    assert served(emulator) == [old, old, old]
    emulator.advance(2)
    assert served(emulator) == [new, old, old]
    emulator.advance(2)
    assert rows(vod)[0].status == "Refreshing"
    assert served(emulator) == [("HIT", b"new"), new, old]
    emulator.advance(2)
    assert rows(vod)[0].status == "Complete"
    assert served(emulator) == [("HIT", b"new"), ("HIT", b"new"), new]


def test_a_task_takes_effect_without_calls_of_ours(emulator: Emulator, vod: VodClient) -> None:
    served(emulator)
    refresh(vod, URL)
    emulator.admin("clock", {"frozen": False, "speed": 100})
    for _ in range(10_000):
        if rows(vod)[0].status == "Complete":
            break
    emulator.admin("clock", {"speed": 1})
    assert [cache for cache, _ in served(emulator)] == 3 * ["MISS"]


@pytest.mark.parametrize(
    ("object_type", "path", "left"),
    [
        ("File", "/dir/one.css", {"/dir/one.css?v=1", "/dir/deep/two.css", "/a.js", "/a.js?v=1"}),
        ("File", "/a.js?v=1", {"/dir/one.css", "/dir/one.css?v=1", "/dir/deep/two.css", "/a.js"}),
        ("Directory", "/dir/", {"/a.js", "/a.js?v=1"}),
        ("Directory", "/", set()),
        ("Regex", "/dir/.*\\.css", {"/a.js", "/a.js?v=1"}),
        ("Regex", "/[a-z]", {"/dir/one.css", "/dir/one.css?v=1", "/dir/deep/two.css", "/a.js", "/a.js?v=1"}),
        ("IgnoreParams", "/a.js?v=9", {"/dir/one.css", "/dir/one.css?v=1", "/dir/deep/two.css"}),
    ],
)
def test_what_each_type_covers(emulator: Emulator, vod: VodClient, object_type: str, path: str, left: set[str]) -> None:
    domain, other = "https://a.example.com", "https://b.example.com/a.js"
    for name in ("/dir/one.css", "/dir/one.css?v=1", "/dir/deep/two.css", "/a.js", "/a.js?v=1"):
        emulator.get(0, domain + name)
    emulator.get(0, other)
    refresh(vod, domain + path, object_type=object_type)
    emulator.advance(6)
    assert held(emulator) == {domain + name for name in left} | {other}


def test_two_spellings_of_a_path_are_one_object(emulator: Emulator, origin: Path, vod: VodClient) -> None:
    (origin / "中 文.js").write_text("x")
    emulator.get(0, "https://a.example.com/%E4%B8%AD%20%E6%96%87.js")
    refresh(vod, "https://a.example.com/中%20文.js")
    emulator.advance(6)
    assert held(emulator) == set()


def test_exquery_of_cdn(emulator: Emulator, cdn: CdnClient) -> None:
    emulator.get(0, URL + "?v=1")
    cdn.refresh_object_caches(cdn_models.RefreshObjectCachesRequest(object_path=URL, object_type="ExQuery"))
    emulator.advance(6)
    assert held(emulator) == set()


def test_a_prefetch_replaces_the_copies(emulator: Emulator, origin: Path, vod: VodClient) -> None:
    served(emulator)
    (origin / "a.js").write_text("new")
    preload(vod, URL, with_header='{"X-Test": "1"}', area="domestic")
    emulator.advance(4)
    assert served(emulator) == [("HIT", b"new"), ("HIT", b"new"), ("HIT", b"old a.js")]
    assert (rows(vod)[0].status, rows(vod)[0].object_type) == ("Refreshing", "preload")
    emulator.advance(2)
    assert served(emulator) == 3 * [("HIT", b"new")]
    assert (rows(vod)[0].status, rows(vod)[0].process) == ("Complete", "100%")


@pytest.mark.parametrize(
    ("rule", "description"),
    [
        ({"status": 503}, "Origin Return StatusCode 5XX"),
        ({"status": 404}, "Internal Error"),
        ({"delay_s": 30}, "Origin Timeout"),
        ({"reset": True}, "Internal Error"),
    ],
)
def test_how_a_prefetch_fails(
    emulator: Emulator, vod: VodClient, rule: dict[str, int | bool], description: str
) -> None:
    emulator.admin("origin", {"rules": [{"path": "/a.js", **rule}]})
    preload(vod, URL, "https://a.example.com/b.js")
    emulator.advance(6)
    good, bad = rows(vod)
    assert (good.status, good.description) == ("Complete", None)
    assert (bad.status, bad.description) == ("Failed", description)
    assert bad.process != "100%"
    emulator.admin("origin", {"rules": []})
    preload(vod, URL)
    emulator.advance(6)
    assert rows(vod)[0].status == "Complete"


def test_an_edge_says_when_the_origin_is_silent(emulator: Emulator) -> None:
    emulator.admin("origin", {"rules": [{"path": "/a.js", "reset": True}]})
    assert emulator.get(0, URL).status == 502


def test_the_origin_serves_its_folder_only(emulator: Emulator, origin: Path) -> None:
    (origin.parent / "secret.txt").write_text("secret")
    (origin / "link.txt").symlink_to(origin.parent / "secret.txt")
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/link.txt", "/dir", "/a.js%00"):
        assert emulator.get(0, f"https://a.example.com{path}").status == 404
    assert emulator.get(0, "https://a.example.com/").body == b"old index.html"


def test_added_files(emulator: Emulator) -> None:
    emulator.admin("origin", {"files": {"/given.txt": "text"}})
    assert emulator.get(0, "https://a.example.com/given.txt").body == b"text"


def test_a_copy_can_be_planted_without_a_task(emulator: Emulator, vod: VodClient) -> None:
    served(emulator)
    copy: Json = {"edge": "edge-1", "url": URL, "body": "older", "age_s": 812, "headers": {"Last-Modified": "long ago"}}
    listed = emulator.admin("edges", {"copies": [copy]})["edges"]
    assert isinstance(listed, list)
    assert len(listed) == 3
    stale = emulator.get(1, URL)
    assert (stale.status, stale.cache, stale.body, stale.headers["age"]) == (200, "HIT", b"older", "812")
    assert stale.headers["last-modified"] == "long ago"
    assert [emulator.get(edge, URL).body for edge in (0, 2)] == [b"old a.js", b"old a.js"]
    refresh(vod, URL)
    emulator.advance(6)
    assert emulator.get(1, URL).body == b"old a.js"


def test_a_copy_is_planted_under_its_query(emulator: Emulator) -> None:
    emulator.admin("edges", {"copies": [{"edge": "edge-0", "url": URL + "?v=1", "body": "with query"}]})
    assert emulator.get(0, URL + "?v=1").body == b"with query"
    assert emulator.get(0, URL).body == b"old a.js"


def test_everything_listens_on_loopback_only(emulator: Emulator) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    outside = {str(address) for address in addresses if not str(address).startswith("127.")}
    for url in (emulator.endpoint, emulator.origin, *emulator.edges):
        assert url.startswith("http://127.0.0.1:")
        for address in outside:
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((address, int(url.rpartition(":")[2])), timeout=5).close()
