"""The plan of a release: it covers the difference exactly, leaves nothing stale, and keeps within the quota."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from math import ceil
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.releases.globs import Globs
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.releases.plan import Plan, plan
from pulumi_alicdn.releases.quota_use import renewal, renews_at
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE = "https://www.example.com/"
PLENTY = {"Url": Allowance(10_000, 10_000), "Dir": Allowance(100, 100), "Preload": Allowance(1000, 1000)}
POLICY = Policy(service=Service.CDN, base_urls=(SITE,))

T = TypeVar("T")
Tree = dict[str, str]
"""Contents by path."""

BASES = [
    SITE,
    "https://www.example.com/docs/",
    "https://media.example.com/assets",
    *(f"https://host-{number}.example.com/" for number in range(12)),
]
names = st.sampled_from(["a.ts", "b.m3u8", "c d.ts", "index.html", "index.htm", "été"])
some_paths = st.lists(st.sampled_from(["docs", "video", "a"]), max_size=2).flatmap(
    lambda folders: names.map(lambda name: "/".join([*folders, name]))
)
some_trees = st.dictionaries(some_paths, st.sampled_from(["1", "2", "3"]), max_size=8)
some_globs = st.lists(st.sampled_from(["*.ts", "**", "/*", "docs/**", "video/", "*.m3u8", "index.*"]), max_size=2)
some_policies = st.builds(
    Policy,
    service=st.sampled_from(Service),
    base_urls=st.lists(st.sampled_from(BASES), min_size=1, max_size=14, unique=True).map(tuple),
    prefetch=some_globs.map(tuple),
    first_release=st.sampled_from(FirstRelease),
    strategy=st.sampled_from(Strategy),
    max_files=st.integers(0, 6),
    index_files=st.sampled_from([(), ("index.html",), ("index.html", "index.htm")]),
)
some_allowances = st.none() | st.dictionaries(
    st.sampled_from(["Url", "Dir", "Preload"]), st.integers(0, 40).map(lambda left: Allowance(40, left))
)


def manifest(tree: Tree) -> dict[str, Asset]:
    return {path: Asset(path, len(text), hashlib.sha256(text.encode()).digest()) for path, text in tree.items()}


def made(old: Tree | None, new: Tree, policy: Policy, allowances: dict[str, Allowance] | None = None) -> Plan:
    return plan(None if old is None else manifest(old), manifest(new), policy, allowances, NOW)


def slashed(base: str) -> str:
    return base if base.endswith("/") else f"{base}/"


def escaped(path: str) -> str:
    return path.replace(" ", "%20").replace("é", "%C3%A9")


def folder_of(path: str) -> str:
    return path[: path.rfind("/") + 1]


def is_index(path: str, policy: Policy) -> bool:
    return path[path.rfind("/") + 1 :] in policy.index_files


def served(tree: Tree, policy: Policy) -> dict[str, str]:
    """What the origin answers. Where base URLs lie within one another, the longer one says which file is meant."""
    found: dict[str, str] = {}
    for base in sorted(policy.base_urls, key=len):
        below = {url for url in found if url.startswith(slashed(base))}
        for url in below:
            del found[url]
        for path, text in tree.items():
            found[slashed(base) + escaped(path)] = text
        for name in reversed(policy.index_files):
            for path in tree:
                if path == folder_of(path) + name:
                    found[slashed(base) + escaped(folder_of(path))] = tree[path]
    return found


def apply(planned: Plan, cache: dict[str, str], origin: dict[str, str]) -> dict[str, str]:
    """What an edge holds once the plan has taken effect."""
    kept = dict(cache)
    for url in planned.refresh:
        if planned.refresh_type is ObjectType.DIRECTORY:
            assert url.endswith("/")
            kept = {held: text for held, text in kept.items() if not held.startswith(url)}
        else:
            kept.pop(url, None)
    # An edge that holds a file already is not asked to fetch it again for sure.
    return {**{url: origin[url] for url in planned.prefetch if url in origin}, **kept}


def stale_urls(old: Tree | None, new: Tree, policy: Policy) -> set[str]:
    """Each URL that must be refreshed, worked out one by one."""
    found: set[str] = set()
    if old is None and policy.first_release is not FirstRelease.REFRESH:
        return found
    for base, path in product(map(slashed, policy.base_urls), {*(old or {}), *new}):
        added = old is not None and path not in old
        if old is not None and old.get(path) == new.get(path):
            continue
        if not added:
            found.add(base + escaped(path))
        if is_index(path, policy):
            found.add(base + escaped(folder_of(path)))
    return found


def warm_urls(old: Tree | None, new: Tree, policy: Policy) -> set[str]:
    if old is None and policy.first_release is FirstRelease.NOTHING:
        return set()
    globs = Globs(policy.prefetch)
    return {
        slashed(base) + escaped(path)
        for base, path in product(policy.base_urls, new)
        if (old or {}).get(path) != new[path] and globs.matches(path)
    }


def naive_calls(urls: set[str], service: Service, objects: int) -> int:
    """The fewest calls that can carry *urls*."""
    hosts = len({url.split("/")[2] for url in urls})
    return max(ceil(len(urls) / objects), ceil(hosts / 10) if service is Service.CDN else 0)


@given(some_trees, some_trees, some_policies)
def test_a_plan_by_files_covers_exactly_the_difference(old: Tree, new: Tree, policy: Policy) -> None:
    planned = made(old, new, replace(policy, strategy=Strategy.FILES))

    assert sorted(planned.refresh) == sorted(stale_urls(old, new, policy))
    assert sorted(planned.prefetch) == sorted(warm_urls(old, new, policy))
    assert planned.refresh_type is ObjectType.FILE
    assert set(planned.difference.added) == new.keys() - old.keys()
    assert set(planned.difference.removed) == old.keys() - new.keys()
    assert set(planned.difference.changed) == {path for path in old.keys() & new.keys() if old[path] != new[path]}
    assert planned.difference.unchanged + len(planned.difference.added) + len(planned.difference.changed) == len(new)


@given(some_trees, some_trees, some_policies)
def test_a_plan_by_directories_covers_the_difference_with_one_for_each_base_url(
    old: Tree, new: Tree, policy: Policy
) -> None:
    planned = made(old, new, replace(policy, strategy=Strategy.DIRECTORY))
    stale = stale_urls(old, new, policy)

    assert bool(planned.refresh) == bool(stale)
    assert len(planned.refresh) <= len(policy.base_urls)
    assert all(any(url.startswith(refreshed) for refreshed in planned.refresh) for url in stale)
    assert all(any(url.startswith(refreshed) for url in stale) for refreshed in planned.refresh)
    assert sorted(planned.prefetch) == sorted(warm_urls(old, new, policy))


@given(st.none() | some_trees, some_trees, some_policies, some_allowances)
def test_whatever_the_strategy_no_edge_holds_anything_stale_afterwards(
    old: Tree | None, new: Tree, policy: Policy, allowances: dict[str, Allowance] | None
) -> None:
    planned = made(old, new, policy, allowances)
    origin = served(new, policy)
    if old is not None:
        cache = served(old, policy)
    elif policy.first_release is FirstRelease.REFRESH:
        cache = dict.fromkeys(origin, "from before the first release")
    else:
        cache = {}

    held = apply(planned, cache, origin)

    assert {url: text for url, text in held.items() if origin.get(url) != text} == {}


@given(st.none() | some_trees, some_trees, some_policies, some_allowances)
def test_no_plan_makes_more_calls_than_each_url_by_itself_in_full_batches(
    old: Tree | None, new: Tree, policy: Policy, allowances: dict[str, Allowance] | None
) -> None:
    planned = made(old, new, policy, allowances)
    naive = naive_calls(stale_urls(old, new, policy), policy.service, 1000)
    naive += naive_calls(warm_urls(old, new, policy), policy.service, 100)

    assert sum(one.count for one in planned.calls) <= naive
    assert sum(one.object_count for one in planned.calls) == len(planned.refresh) + len(planned.prefetch)


@given(st.none() | some_trees, some_trees, some_policies, some_allowances)
def test_a_plan_keeps_within_the_quota_or_says_that_it_cannot(
    old: Tree | None, new: Tree, policy: Policy, allowances: dict[str, Allowance] | None
) -> None:
    planned = made(old, new, policy, allowances)
    left = {name: one.remaining for name, one in (allowances or {}).items()}
    taken = {"Dir" if planned.refresh_type is ObjectType.DIRECTORY else "Url": len(planned.refresh)}
    taken["Preload"] = len(planned.prefetch)
    short = {name for name, count in taken.items() if count > left.get(name, count)}

    assert {problem.option for problem in planned.problems} == {
        "prefetch" if name == "Preload" else "strategy" for name in short
    }
    assert {use.name: use.needed for use in planned.quota} == {name: count for name, count in taken.items() if count}
    if policy.strategy is Strategy.AUTO and short - {"Preload"}:
        by = {way: made(old, new, replace(policy, strategy=way), allowances) for way in Strategy}
        assert all(any(problem.option == "strategy" for problem in one.problems) for one in by.values())


@given(st.none() | some_trees, some_trees, some_policies)
def test_auto_names_files_up_to_the_threshold_and_directories_beyond(
    old: Tree | None, new: Tree, policy: Policy
) -> None:
    planned = made(old, new, replace(policy, strategy=Strategy.AUTO))
    alone = made(old, new, replace(policy, strategy=Strategy.FILES, base_urls=(SITE,), index_files=()))
    indexes = [path for path in planned.difference.added if old is not None and is_index(path, policy)]
    few = len(alone.refresh) + len(indexes) <= policy.max_files

    assert planned.strategy is (Strategy.FILES if few or not planned.refresh else Strategy.DIRECTORY)


@given(some_trees, some_policies)
def test_the_same_folder_again_costs_nothing(tree: Tree, policy: Policy) -> None:
    planned = made(tree, dict(reversed(tree.items())), policy, {"Url": Allowance(1, 0), "Dir": Allowance(1, 0)})

    assert (planned.refresh, planned.prefetch, planned.calls, planned.quota, planned.problems) == ((), (), (), (), ())
    assert planned.difference.unchanged == len(tree)


def many(count: int, text: str = "1") -> Tree:
    return {f"video/episode-{number // 100:03}/segment-{number:05}.ts": text for number in range(count)}


def test_three_of_ten_thousand_files() -> None:
    old = many(10_000)
    new = dict(old) | {"video/episode-000/segment-00007.ts": "2", "video/new.ts": "1"}
    del new["video/episode-000/segment-00009.ts"]
    planned = made(old, new, replace(POLICY, prefetch=("*.ts",)), PLENTY)

    assert planned.refresh == (
        f"{SITE}video/episode-000/segment-00007.ts",
        f"{SITE}video/episode-000/segment-00009.ts",
    )
    assert planned.prefetch == (f"{SITE}video/episode-000/segment-00007.ts", f"{SITE}video/new.ts")
    assert planned.sentences() == (
        (
            "3 of 10,000 files changed (1 added, 1 changed, 1 removed): 1 RefreshObjectCaches call for 2 URLs, then "
            "1 PushObjectCache call for 2 URLs; today's quota after that: Url 9,998 of 10,000 left, "
            "Preload 998 of 1,000 left"
        ),
        "file by file: 2 files, and max_files allows 1,000",
    )


def test_an_added_file_is_prefetched_and_not_refreshed_but_an_added_index_refreshes_its_folder() -> None:
    planned = made({}, {"docs/index.html": "1", "a.ts": "1"}, replace(POLICY, prefetch=("**",)))

    assert planned.refresh == (f"{SITE}docs/",)
    assert planned.refresh_type is ObjectType.FILE
    assert planned.prefetch == (f"{SITE}a.ts", f"{SITE}docs/index.html")


def test_a_changed_index_refreshes_both_of_its_urls_under_each_base_url() -> None:
    bases = ("https://a.example.com/x", "https://b.example.com/")
    policy = Policy(service=Service.VOD, base_urls=bases)
    planned = made({"docs/index.html": "1"}, {"docs/index.html": "2"}, policy, PLENTY)

    assert planned.refresh == (
        "https://a.example.com/x/docs/index.html",
        "https://a.example.com/x/docs/",
        "https://b.example.com/docs/index.html",
        "https://b.example.com/docs/",
    )
    assert [(one.action, one.count) for one in planned.calls] == [("RefreshVodObjectCaches", 1)]


def test_more_files_than_the_threshold_take_the_deepest_directory_that_holds_them() -> None:
    planned = made(many(2000), many(1500, "2") | {"index.html": "1"}, replace(POLICY, index_files=()), PLENTY)

    assert (planned.strategy, planned.refresh_type) == (Strategy.DIRECTORY, ObjectType.DIRECTORY)
    assert planned.refresh == (f"{SITE}video/",)
    assert planned.sentences() == (
        (
            "2,001 of 2,001 files changed (1 added, 1,500 changed, 500 removed): 1 RefreshObjectCaches call for "
            "1 directory; today's quota after that: Dir 99 of 100 left"
        ),
        (
            "as a directory: 2,000 files, and max_files allows 1,000; 1 directory instead, "
            "so edges fetch everything below again"
        ),
    )


def test_too_few_urls_left_take_a_directory_and_the_plan_says_why() -> None:
    scarce = PLENTY | {"Url": Allowance(10_000, 19)}
    planned = made(many(20), many(20, "2"), POLICY, scarce)

    assert planned.refresh == (f"{SITE}video/episode-000/",)
    assert planned.problems == ()
    assert planned.sentences()[1] == (
        "as a directory: today's quota does not suffice for 20 URLs (19 of 10,000 left); 1 directory instead, "
        "so edges fetch everything below again"
    )


def test_too_few_directories_left_take_the_urls_even_beyond_the_threshold() -> None:
    planned = made(many(1500), many(1500, "2"), POLICY, PLENTY | {"Dir": Allowance(100, 0)})

    assert (planned.strategy, len(planned.refresh), planned.problems) == (Strategy.FILES, 1500, ())
    assert planned.reason == (
        "1,500 files are more than the 1,000 that max_files allows, but today's quota does not suffice for 1 directory "
        "(0 of 100 left)"
    )


def test_too_little_of_either_is_a_problem_with_the_numbers_and_the_time_of_renewal() -> None:
    scarce = {"Url": Allowance(10_000, 19), "Dir": Allowance(100, 0)}
    planned = made(many(20), many(20, "2"), POLICY, scarce)

    assert [problem.sentence for problem in planned.problems] == [
        (
            "today's quota suffices neither for 20 URLs (19 of 10,000 left) nor for 1 directory (0 of 100 left); "
            "the quota renews at 2026-11-24 00:00 UTC+8 (2026-11-23 16:00 UTC), in 11 h 40 min"
        )
    ]
    assert planned.sentences()[-1] == planned.problems[0].sentence


@pytest.mark.parametrize(
    ("strategy", "quota", "says"),
    [
        (Strategy.FILES, {"Url": Allowance(2000, 1)}, "strategy is 'files', but today's quota does not suffice for 20"),
        (Strategy.DIRECTORY, {"Dir": Allowance(100, 0)}, "strategy is 'directory', but today's quota does not suffice"),
    ],
)
def test_a_strategy_that_is_named_is_kept_to(strategy: Strategy, quota: dict[str, Allowance], says: str) -> None:
    planned = made(many(20), many(20, "2"), replace(POLICY, strategy=strategy), PLENTY | quota)

    assert planned.strategy is strategy
    assert [problem.sentence.startswith(says) for problem in planned.problems] == [True]
    assert "the quota renews at" in planned.problems[0].sentence


def test_too_little_quota_to_prefetch_is_a_problem_of_its_own() -> None:
    policy = replace(POLICY, prefetch=("*.ts",))
    planned = made({}, many(20), policy, PLENTY | {"Preload": Allowance(500, 3)})

    assert planned.refresh == ()
    assert [(problem.option, problem.sentence) for problem in planned.problems] == [
        (
            "prefetch",
            (
                "today's quota does not suffice for 20 URLs to prefetch (3 of 500 left); the quota renews at "
                "2026-11-24 00:00 UTC+8 (2026-11-23 16:00 UTC), in 11 h 40 min, "
                "and narrower globs in prefetch need less"
            ),
        )
    ]


def test_more_than_a_whole_days_quota_says_that_waiting_does_not_help() -> None:
    planned = made({}, many(2000), replace(POLICY, prefetch=("*.ts",)), PLENTY)

    assert "(1,000 of 1,000 left; no day's quota is enough)" in planned.problems[0].sentence
    assert planned.sentences()[0].endswith(
        "20 PushObjectCache calls for 2,000 URLs; today's quota after that: Preload too few left"
    )


def test_a_url_that_is_too_long_to_prefetch_is_a_problem() -> None:
    planned = made({}, {"é" * 200: "1", "è" * 200: "1"}, replace(POLICY, prefetch=("**",)))

    assert len(planned.problems) == 1
    assert "has 1224 characters, but a prefetch takes 1024 at most" in planned.problems[0].sentence
    assert planned.problems[0].sentence.endswith("and so does 1 more")


@pytest.mark.parametrize(
    ("first_release", "refreshed", "prefetched", "says"),
    [
        (FirstRelease.REFRESH, ("index.html", "", "a.ts"), ("a.ts",), "first release of 2 files: 1 RefreshObject"),
        (FirstRelease.PREFETCH, (), ("a.ts",), "first release of 2 files: 1 PushObjectCache call for 1 URL"),
        (FirstRelease.NOTHING, (), (), "first release of 2 files: nothing to refresh or prefetch"),
    ],
)
def test_the_first_release_follows_its_policy(
    first_release: FirstRelease, refreshed: tuple[str, ...], prefetched: tuple[str, ...], says: str
) -> None:
    policy = replace(POLICY, first_release=first_release, prefetch=("*.ts",))
    planned = made(None, {"index.html": "1", "a.ts": "1"}, policy, PLENTY)

    assert set(planned.refresh) == {SITE + path for path in refreshed}
    assert planned.prefetch == tuple(SITE + path for path in prefetched)
    assert planned.sentences()[0].startswith(says)


def test_a_large_first_release_takes_one_directory_for_each_base_url() -> None:
    policy = replace(POLICY, base_urls=("https://a.example.com/x", "https://b.example.com/"))
    planned = made(None, many(5000) | {"index.html": "1"}, policy, PLENTY)

    assert planned.refresh == ("https://a.example.com/x/", "https://b.example.com/")
    assert [(one.action, one.count) for one in planned.calls] == [("RefreshObjectCaches", 1)]


def test_calls_are_cut_at_what_the_service_takes() -> None:
    policy = replace(POLICY, strategy=Strategy.FILES, prefetch=("*.ts",))
    planned = made(many(2500), many(2500, "2"), policy, None)

    assert [(one.action, one.count) for one in planned.calls] == [("RefreshObjectCaches", 3), ("PushObjectCache", 25)]
    assert "quota" not in planned.sentences()[0]


def test_an_unchanged_folder_says_so() -> None:
    assert made(many(3), many(3), POLICY, PLENTY).sentences() == (
        "none of 3 files changed: nothing to refresh or prefetch",
    )


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  Hypothesis asks for naive bounds
def test_the_quota_renews_at_the_next_midnight_in_china(now: datetime) -> None:
    then = renews_at(now)
    assert timedelta(0) < then - now <= timedelta(days=1)
    assert (then + timedelta(hours=8)).time() == datetime.min.time()


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (datetime(2026, 11, 23, 15, 59, 30, tzinfo=UTC), "2026-11-24 00:00 UTC+8 (2026-11-23 16:00 UTC), in 0 h 1 min"),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "2026-11-25 00:00 UTC+8 (2026-11-24 16:00 UTC), in 24 h 0 min"),
    ],
)
def test_the_time_of_renewal_is_reported_in_both_zones(now: datetime, says: str) -> None:
    assert renewal(now) == f"the quota renews at {says}"
