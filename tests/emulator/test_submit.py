"""Submissions through the official clients: ids, merging, refusals, quotas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alibabacloud_cdn20180510 import models as cdn_models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient

from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator


def refresh_vod(vod: VodClient, *paths: str, object_type: str | None = "File") -> str:
    request = vod_models.RefreshVodObjectCachesRequest(object_path="\n".join(paths), object_type=object_type)
    return str(vod.refresh_vod_object_caches(request).body.refresh_task_id)


def preload_vod(vod: VodClient, *paths: str) -> str:
    request = vod_models.PreloadVodObjectCachesRequest(object_path="\n".join(paths))
    return str(vod.preload_vod_object_caches(request).body.preload_task_id)


def refresh_cdn(cdn: CdnClient, *paths: str, object_type: str = "File") -> str:
    request = cdn_models.RefreshObjectCachesRequest(object_path="\r\n".join(paths), object_type=object_type)
    return str(cdn.refresh_object_caches(request).body.refresh_task_id)


def preload_cdn(cdn: CdnClient, *paths: str, **more: str) -> str:
    request = cdn_models.PushObjectCacheRequest(object_path="\n".join(paths), **more)
    return str(cdn.push_object_cache(request).body.push_task_id)


def urls(amount: int, domain: str = "a.example.com", first: int = 0) -> list[str]:
    return [
        f"https://{domain}/assets/a-rather-long-name-of-a-file-{number:06}.js"
        for number in range(first, first + amount)
    ]


def test_one_id_per_domain_joined_by_commas(vod: VodClient, emulator: Emulator) -> None:
    ids = refresh_vod(vod, "https://b.example.com/1", "https://a.example.com/1", "https://B.example.com/2").split(",")
    assert len(ids) == 2
    assert all(task_id.isdecimal() for task_id in ids)
    assert [(row["ObjectPath"], row["TaskId"]) for row in emulator.tasks()] == [
        ("https://b.example.com/1", ids[0]),
        ("https://a.example.com/1", ids[1]),
        ("https://B.example.com/2", ids[0]),
    ]


def test_submissions_of_one_second_domain_and_type_share_an_id(vod: VodClient, emulator: Emulator) -> None:
    first = refresh_vod(vod, "https://a.example.com/1")
    assert refresh_vod(vod, "https://a.example.com/2", object_type=None) == first
    assert refresh_vod(vod, "https://a.example.com/d/", object_type="directory") != first
    assert refresh_vod(vod, "https://b.example.com/2") != first
    emulator.advance(1)
    assert refresh_vod(vod, "https://a.example.com/3") != first


def test_vod_gets_a_new_id_per_2000_urls(vod: VodClient, emulator: Emulator) -> None:
    emulator.admin("quota", {"UrlRemain": 5000})
    answered = [refresh_vod(vod, *urls(750, first=first)) for first in (0, 750, 1500)]
    one, two = answered[2].split(",")
    assert answered[:2] == [one, one]
    ids = [row["TaskId"] for row in emulator.tasks()]
    assert (ids.count(one), ids.count(two)) == (2000, 250)


def test_cdn_gets_a_new_id_per_500_prefetches(cdn: CdnClient, emulator: Emulator) -> None:
    answered = [preload_cdn(cdn, *urls(90, first=90 * number)) for number in range(6)]
    assert len(answered[5].split(",")) == 2
    ids = [row["TaskId"] for row in emulator.tasks()]
    assert ids.count(answered[0]) == 500


def test_a_thousand_urls_fit_into_one_call(vod: VodClient, cdn: CdnClient, emulator: Emulator) -> None:
    assert refresh_vod(vod, *urls(1000))
    assert refresh_cdn(cdn, *urls(1000))
    assert len(emulator.tasks()) == 2000


@pytest.mark.parametrize(
    ("paths", "object_type", "expected"),
    [
        ([""], "File", ("MissingParameter", 400)),
        (["a.example.com/1"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["ftp://a.example.com/1"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a_.-/1"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com/1 2"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com:8443/1"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com:80/1"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com:/1"], "File", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com/dir"], "Directory", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com/("], "Regex", ("InvalidObjectPath.Malformed", 400)),
        (["https://a.example.com/1"], "Everything", ("InvalidObjectType.ValueNotSupported", 400)),
        (["https://a.example.com/1"], "ExQuery", ("InvalidObjectType.ValueNotSupported", 400)),
        (["https://*.example.com/1"], "File", ("InvalidExtensiveDomain.ValueNotSupported", 400)),
        (urls(1001), "File", ("InvalidObjectPath.Size.Malformed", 400)),
        ([f"https://a.example.com/{n}/" for n in range(101)], "Directory", ("InvalidObjectPath.Size.Malformed", 400)),
        (["https://a.example.com/1", "https://a.example.com/2"], "Regex", ("InvalidObjectPath.Size.Malformed", 400)),
    ],
)
def test_vod_refusals(
    vod: VodClient, emulator: Emulator, paths: list[str], object_type: str, expected: tuple[str, int]
) -> None:
    assert code_of(lambda: refresh_vod(vod, *paths, object_type=object_type)) == expected
    assert emulator.tasks() == []


def test_cdn_refusals(cdn: CdnClient) -> None:
    assert refresh_cdn(cdn, "a.example.com/dir/", object_type="DIRECTORY")
    assert refresh_cdn(cdn, "https://a.example.com/1?x", object_type="ExQuery")
    ten = [f"https://d{number}.example.com/" for number in range(11)]
    assert code_of(lambda: refresh_cdn(cdn, *ten)) == ("SingleRequest.OverLimit", 400)
    assert code_of(lambda: refresh_cdn(cdn, *urls(1001))) == ("SingleRequest.OverLimit", 400)
    assert code_of(lambda: preload_cdn(cdn, *urls(101))) == ("InvalidObjectPath.ExceedsMaximum", 400)
    long = "https://a.example.com/" + 1010 * "x"
    assert code_of(lambda: preload_cdn(cdn, long)) == ("InvalidObjectPath.Malformed", 400)
    assert code_of(lambda: preload_cdn(cdn, *urls(1), area="moon")) == ("InvalidArea.ValueNotSupported", 400)
    assert code_of(lambda: preload_cdn(cdn, *urls(1), with_header="[")) == ("InvalidWithHeader.Malformed", 400)
    assert preload_cdn(cdn, *urls(1), area="overseas", with_header='{"X-One": ["a", "b"]}')


@pytest.mark.parametrize("path", ["https://a.example.com:443/a.js", "HTTP://A.example.com:80/a.js"])
def test_the_default_port_is_the_same_object_as_without_a_port(vod: VodClient, emulator: Emulator, path: str) -> None:
    emulator.get(0, "https://a.example.com/a.js")
    task_id = refresh_vod(vod, path)
    assert [(row["ObjectPath"], row["TaskId"]) for row in emulator.tasks()] == [(path, task_id)]
    assert refresh_vod(vod, "https://a.example.com/b.js") == task_id
    emulator.advance(6)
    assert emulator.get(0, "https://a.example.com/a.js").cache == "MISS"


def test_a_path_without_a_scheme_may_have_either_default_port(cdn: CdnClient) -> None:
    assert len({refresh_cdn(cdn, f"a.example.com{port}/1") for port in ("", ":80", ":443")}) == 1
    assert code_of(lambda: refresh_cdn(cdn, "a.example.com:8080/1")) == ("InvalidObjectPath.Malformed", 400)


def test_the_daily_quota(vod: VodClient, cdn: CdnClient, emulator: Emulator) -> None:
    emulator.admin("quota", {"UrlRemain": 2, "PreloadRemain": 1, "RegexRemain": 0, "service": "vod"})
    emulator.admin("quota", {"PreloadRemain": 1, "RegexRemain": 0, "service": "cdn"})
    three = urls(3)
    assert code_of(lambda: refresh_vod(vod, *three)) == ("QuotaExceeded.Refresh", 400)
    assert emulator.tasks() == []
    refresh_vod(vod, *urls(2))
    quota = vod.describe_vod_refresh_quota(vod_models.DescribeVodRefreshQuotaRequest()).body
    assert (quota.url_quota, quota.url_remain, quota.dir_remain, quota.block_remain) == ("2000", "0", "100", "100")
    assert code_of(lambda: preload_vod(vod, *urls(2))) == ("QuotaExceeded.Refresh", 400)
    assert code_of(lambda: preload_cdn(cdn, *urls(2))) == ("QuotaExceeded.Preload", 400)
    pattern = "https://a.example.com/.*"
    assert code_of(lambda: refresh_cdn(cdn, pattern, object_type="Regex")) == ("QuotaExceeded.Refresh", 400)
    assert cdn.describe_refresh_quota(cdn_models.DescribeRefreshQuotaRequest()).body.url_remain == "10000"
    emulator.advance(86400)
    assert refresh_vod(vod, *three)


def test_urls_per_minute_and_domain(cdn: CdnClient, emulator: Emulator) -> None:
    emulator.admin("limits", {"urls_per_minute": 10})
    refresh_cdn(cdn, *urls(10))
    assert code_of(lambda: refresh_cdn(cdn, *urls(1))) == ("QuotaPerMinuteExceeded.Refresh", 400)
    assert refresh_cdn(cdn, *urls(10, "b.example.com"))
    emulator.advance(60)
    assert refresh_cdn(cdn, *urls(1))


@pytest.mark.parametrize(
    ("state", "refreshing", "prefetching"),
    [
        ("online", None, None),
        ("offline", ("InvalidDomain.Offline", 404), ("InvalidDomain.Offline", 404)),
        ("configuring", ("ServiceBusy", 403), None),
        ("failed", ("InvalidDomain.Configure_failed", 500), ("InvalidDomain.Configure_failed", 500)),
        ("illegal", ("IllegalOperation", 403), ("IllegalOperation", 403)),
    ],
)
def test_states_of_a_domain(
    vod: VodClient,
    cdn: CdnClient,
    emulator: Emulator,
    state: str,
    refreshing: tuple[str, int] | None,
    prefetching: tuple[str, int] | None,
) -> None:
    assert emulator.admin("domains", {"domains": {"A.example.com": state}}) == {"domains": {"a.example.com": state}}
    both = ["https://b.example.com/1", "https://a.example.com/1"]
    calls: list[tuple[Callable[[], object], tuple[str, int] | None]] = [
        (lambda: refresh_vod(vod, *both), refreshing),
        (lambda: refresh_cdn(cdn, *both), refreshing),
        (lambda: preload_vod(vod, *both), prefetching),
        (lambda: preload_cdn(cdn, *both), prefetching),
    ]
    for call, expected in calls:
        if expected is None:
            assert call()
        else:
            assert code_of(call) == expected
    assert refresh_vod(vod, "https://b.example.com/1")
    emulator.admin("domains", {"domains": {"a.example.com": "online"}})
    assert refresh_vod(vod, *both)


def test_queues(vod: VodClient, cdn: CdnClient, emulator: Emulator) -> None:
    emulator.admin("limits", {"preload_queue": 3, "refresh_queue": 2})
    assert preload_vod(vod, *urls(3))
    assert code_of(lambda: preload_vod(vod, *urls(1))) == ("PreloadQueueFull", 403)
    assert code_of(lambda: preload_cdn(cdn, *urls(4))) == ("PreloadQueueFull", 403)
    assert refresh_cdn(cdn, *urls(2))
    assert code_of(lambda: refresh_cdn(cdn, *urls(1))) == ("TooMany.Refresh", 400)
    assert refresh_cdn(cdn, *urls(1, "b.example.com"))
    assert refresh_vod(vod, *urls(3)), "no document names this refusal for VOD"
    emulator.advance(6)
    assert preload_vod(vod, *urls(1))
    assert refresh_cdn(cdn, *urls(1))
    emulator.admin("limits", {"refresh_queue": None})
    assert refresh_cdn(cdn, *urls(3))


def test_directories_never_share_an_id(vod: VodClient) -> None:
    ids = refresh_vod(vod, "https://a.example.com/1/", "https://a.example.com/2/", object_type="Directory").split(",")
    assert len(set(ids)) == 2
    regex = refresh_vod(vod, "https://a.example.com/.*", object_type="Regex")
    assert regex != refresh_vod(vod, "https://a.example.com/.*", object_type="Regex")
