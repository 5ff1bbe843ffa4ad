"""What a release has to do, as the state keeps it, and what edges are to serve then."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.releases.plan import plan
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy
from pulumi_alicdn.releases.urls import urls
from pulumi_alicdn.releases.work import Work, expected

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE, OTHER = "https://www.example.com/", "https://media.example.com/a"
POLICY = Policy(service=Service.CDN, base_urls=(SITE, OTHER), prefetch=("*.ts",))

some_trees = st.dictionaries(
    st.sampled_from(["index.html", "docs/index.html", "a.ts", "video/b.ts", "c d#.txt"]), st.sampled_from("123")
)


def manifest(tree: dict[str, str]) -> dict[str, Asset]:
    return {path: Asset(path, len(text), hashlib.sha256(text.encode()).digest()) for path, text in tree.items()}


def work_for(old: dict[str, str] | None, new: dict[str, str], policy: Policy = POLICY) -> Work:
    return Work.of(plan(None if old is None else manifest(old), manifest(new), policy, None, NOW))


@given(some_trees, some_trees)
def test_work_comes_back_from_json_as_it_was(old: dict[str, str], new: dict[str, str]) -> None:
    work = work_for(old, new)
    assert Work.read(json.loads(json.dumps(work.plain()))) == work


@given(some_trees, some_trees, st.sampled_from(Strategy))
def test_every_url_of_every_file_that_differs_is_expected_once(
    old: dict[str, str], new: dict[str, str], strategy: Strategy
) -> None:
    policy = Policy(service=Service.CDN, base_urls=(SITE, OTHER), prefetch=("*",), strategy=strategy)
    found = expected(work_for(old, new, policy), manifest(new), policy.base_urls, policy.index_files)

    differing = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    wanted = {url for path in differing for base in policy.base_urls for url in urls(base, path, policy.index_files)}
    assert {one.url for one in found} == wanted
    assert len(found) == len(wanted)


def test_a_changed_file_is_expected_with_its_content_and_a_removed_one_not_at_all() -> None:
    new = {"index.html": "2"}
    work = work_for({"index.html": "1", "a.ts": "1"}, new)
    digest = hashlib.sha256(b"2").digest()
    assert expected(work, manifest(new), [SITE], ["index.html"]) == (
        Expected(f"{SITE}index.html", digest, 1),
        Expected(SITE, digest, 1),
        Expected(f"{SITE}a.ts", None),
    )
    assert work.paths == ("a.ts", "index.html")


def test_a_release_that_did_nothing_expects_nothing() -> None:
    policy = Policy(service=Service.CDN, base_urls=(SITE,), first_release=FirstRelease.NOTHING)
    work = work_for(None, {"a.ts": "1"}, policy)
    assert not work.anything
    assert expected(work, manifest({"a.ts": "1"}), [SITE], []) == ()


def test_base_urls_within_one_another_expect_a_url_once() -> None:
    new = {"docs/a.txt": "2"}
    found = expected(work_for({"docs/a.txt": "1"}, new), manifest(new), [SITE, SITE], [])
    assert [one.url for one in found] == [f"{SITE}docs/a.txt"]
