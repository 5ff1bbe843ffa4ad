"""What the state keeps of a plan, and what edges have to serve once it is done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.releases.plan import Plan, plan
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.expected import expected, home_folders
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy
from pulumi_alicdn.releases.urls import urls

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE, OTHER = "https://www.example.com/", "https://media.example.com/a"
POLICY = Policy(service=Service.CDN, base_urls=(SITE, OTHER), prefetch=("*.ts",))

some_trees = st.dictionaries(
    st.sampled_from(["index.html", "docs/index.html", "a.ts", "video/b.ts", "c d#.txt"]), st.sampled_from("123")
)


def manifest(tree: dict[str, str]) -> dict[str, Asset]:
    return {path: Asset(path, len(text), hashlib.sha256(text.encode()).digest()) for path, text in tree.items()}


def planned(old: dict[str, str] | None, new: dict[str, str], policy: Policy = POLICY) -> Plan:
    return plan(None if old is None else manifest(old), manifest(new), policy, None, NOW)


@given(st.none() | some_trees, some_trees)
def test_a_plan_comes_back_from_the_state_without_what_matters_before_a_submit_only(
    old: dict[str, str] | None, new: dict[str, str]
) -> None:
    found = planned(old, new)
    again = Plan.read(json.loads(json.dumps(found.stored())))
    assert again == replace(found, calls=(), quota=(), problems=())
    assert again.strategy is found.strategy


@given(some_trees, some_trees, st.sampled_from(Strategy))
def test_every_url_of_every_file_that_differs_is_expected_once(
    old: dict[str, str], new: dict[str, str], strategy: Strategy
) -> None:
    policy = Policy(service=Service.CDN, base_urls=(SITE, OTHER), prefetch=("*",), strategy=strategy)
    found = planned(old, new, policy).expected(manifest(new), policy.base_urls, policy.index_files)

    differing = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    wanted = {url for path in differing for base in policy.base_urls for url in urls(base, path, policy.index_files)}
    assert {one.url for one in found} == wanted
    assert len(found) == len(wanted)


def test_a_changed_file_is_expected_with_its_content_and_a_removed_one_with_what_must_be_gone() -> None:
    new = {"index.html": "2"}
    found = planned({"index.html": "1", "a.ts": "1"}, new)
    digest = hashlib.sha256(b"2").digest()
    assert found.expected(manifest(new), [SITE], ["index.html"]) == (
        Expected(f"{SITE}index.html", digest, 1),
        Expected(SITE, digest, 1),
        Expected(f"{SITE}a.ts", None, 1, hashlib.sha256(b"1").digest()),
    )
    assert found.difference.paths == ("a.ts", "index.html")


def test_a_release_that_did_nothing_expects_nothing() -> None:
    policy = Policy(service=Service.CDN, base_urls=(SITE,), first_release=FirstRelease.NOTHING)
    found = planned(None, {"a.ts": "1"}, policy)
    assert not found.anything
    assert found.expected(manifest({"a.ts": "1"}), [SITE], []) == ()


def test_base_urls_within_one_another_expect_a_url_once() -> None:
    found = planned({"docs/a.txt": "1"}, {"docs/a.txt": "2"}).expected(manifest({"docs/a.txt": "2"}), [SITE, SITE], [])
    assert [one.url for one in found] == [f"{SITE}docs/a.txt"]


@given(some_trees)
def test_by_default_all_files_are_expected(tree: dict[str, str]) -> None:
    found = expected(manifest(tree), [SITE, OTHER], ["index.html"])
    assert {one.url for one in found} == {
        url for path in tree for base in (SITE, OTHER) for url in urls(base, path, ["index.html"])
    }
    assert {one.sha256 for one in found} == {asset.sha256 for asset in manifest(tree).values()}


def test_a_folder_serves_the_first_page_as_long_as_a_proof_shows_nothing_else() -> None:
    def seen(url: str, finding: Finding, status: int = 200) -> Evidence:
        return Evidence("e", url, finding, "GET", "", "", status, 1, "", "", "", "", datetime(2026, 3, 1, tzinfo=UTC))

    files = ["a/index.html", "b/index.html", "c/index.html", "index.html", "d.js"]
    bases, index = ["https://e.com", "https://e.com/sub/"], ["index.html"]
    not_required = Finding.NOT_REQUIRED
    first = [seen("https://e.com/a/", not_required), seen("https://e.com/b/", not_required, 404)]
    assert home_folders((), first, files, bases, index) == ("a/index.html",)
    before = ["c/index.html", "gone/index.html"]
    assert home_folders(before, first, files, bases, index) == ("a/index.html", "c/index.html")
    assert home_folders(["c/index.html"], [seen("https://e.com/c/", Finding.FRESH)], files, bases, index) == ()
    # An edge that is stale shows nothing of the site, and below another path `/` is not ours.
    assert home_folders(["c/index.html"], [seen("https://e.com/c/", Finding.STALE)], files, bases, index) != ()
    assert home_folders((), [seen("https://e.com/sub/a/", not_required)], files, bases, index) == ()
