"""What becomes of removed files, decided on plain values: the origin's answers are an argument."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.decision import GOING_ON, Decision, PreviousRelease, decide
from pulumi_alicdn.releases.globs import Selection
from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.packed import pack
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.release_options import Policy, Removed, Strategy
from pulumi_alicdn.releases.removed import Held, OldFiles, Why, pending_sentence, settled_sentence, undecided
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.releases.steps import origin_check_inputs, record_inputs
from pulumi_alicdn.state import ReleaseRecordState
from pulumi_alicdn.validation import UNKNOWN
from support.release_options import OPTIONS

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
SITE = "https://www.example.com/"
POLICY = Policy(service=Service.CDN, base_urls=(SITE,), allow_mass_removal=True)

Tree = Mapping[str, str]
some_trees = st.dictionaries(st.sampled_from(["index.html", "docs/index.html", "a.ts", "b.txt"]), st.sampled_from("12"))


def asset(path: str, text: str) -> Asset:
    return Asset(path, len(text), hashlib.sha256(text.encode()).digest())


def manifest(tree: Tree) -> dict[str, Asset]:
    return {path: asset(path, text) for path, text in tree.items()}


class Origin:
    """An origin with these files; it remembers for which it was asked."""

    def __init__(self, files: Tree) -> None:
        self.files = files
        self.asked: list[str] = []

    def __call__(self, removed: OldFiles) -> dict[str, Held]:
        self.asked += removed
        found: dict[str, Held] = {}
        for path, old in removed.items():
            if path in self.files:
                served = asset(path, self.files[path])
                if old is None or served.sha256 == old.sha256:
                    found[path] = Held(served)
        return found


class Folder:
    """A folder through several releases: each one leaves a record and tasks, as a stack keeps them."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.record: ReleaseRecordState | None = None
        self.started: dict[Kind, StartedTask] = {}
        self._count = 0

    def decided(self, tree: Tree, origin: Origin | None = None, *triggers: object, **policy: Any) -> Decision:  # noqa: ANN401
        previous = PreviousRelease(self.record, self.started)
        self.policy = replace(self.policy, **policy)
        return decide(self.policy, manifest(tree), triggers, previous, dict, NOW, UNKNOWN, origin)

    def begun(self, found: Decision, *triggers: object) -> None:
        """The tasks of *found* begin."""
        self._count += 1
        for kind in Kind:
            task = found.task(kind)
            if task is not None:
                paths = tuple(task["object_paths"])
                typ = str(task.get("object_type", "file"))
                self.started[kind] = StartedTask(typ, paths, (found.digest, *triggers), f"{self._count}")

    def ended(self, found: Decision, *, more: Manifest | None = None) -> None:
        """The release *found* is proven; its proof found *more* to be pending."""
        record = cast("ReleaseRecordState", record_inputs("site", found, OPTIONS, NOW))
        if more:
            record["removed_pending"] = manifests.pack({**found.pending, **more})
        self.record = record
        self.started = {kind: task for kind, task in self.started.items() if found.task(kind) is not None}

    def released(self, tree: Tree, origin: Origin | None = None, *triggers: object, **policy: Any) -> Decision:  # noqa: ANN401
        found = self.decided(tree, origin, *triggers, **policy)
        if found.summary:
            self.begun(found, *triggers)
        self.ended(found)
        return found


BEFORE = {"a.txt": "1", "b.txt": "1", "c.txt": "1"}
AFTER = {"a.txt": "2", "b.txt": "1"}


def test_a_removed_file_that_the_origin_has_is_pending_and_once_it_has_left_it_is_refreshed() -> None:
    folder, origin = Folder(), Origin(BEFORE)
    folder.released(BEFORE, origin)
    assert origin.asked == []

    found = folder.released(AFTER, origin)
    assert found.plan.refresh == (f"{SITE}a.txt",)
    assert found.summary.startswith("2 of 3 files changed (0 added, 1 changed, 1 removed): 1 RefreshObjectCaches call ")
    assert found.summary.splitlines()[-1] == (
        "1 removed file is still at the origin: c.txt; the next run after it has left refreshes it"
    )
    assert (found.pending, found.plan.gone) == ({"c.txt": asset("c.txt", "1")}, {})
    check = origin_check_inputs(found, OPTIONS)
    assert check is not None
    assert check["expected"] == pack([[f"{SITE}a.txt", manifest(AFTER)["a.txt"].sha256.hex(), 1]])

    for _ in range(2):
        found = folder.released(AFTER, origin)
        assert (found.summary, found.waiting != "", list(found.pending)) == ("", True, ["c.txt"])
        assert found.plan.refresh == (f"{SITE}a.txt",)

    found = folder.released(AFTER, Origin(AFTER))
    assert found.plan.refresh == (f"{SITE}c.txt",)
    assert found.summary.splitlines()[:2] == [
        "none of 2 files changed: 1 RefreshObjectCaches call for 1 URL",
        "1 file removed earlier, to be gone from every edge now: c.txt",
    ]
    (expected,) = found.plan.expected(found.manifest, [SITE], [])
    assert (expected.removed, expected.old, expected.size) == (True, asset("c.txt", "1").sha256, 1)
    assert (found.pending, found.waiting) == ({}, "")

    nothing = Origin(AFTER)
    found = folder.released(AFTER, nothing)
    assert (found.summary, nothing.asked, found.plan.refresh) == ("", [], (f"{SITE}c.txt",))


def test_a_site_that_serves_its_index_for_anything_settles_at_once() -> None:
    folder = Folder()
    folder.released({"index.html": "1", "app.1.js": "1"})
    found = folder.decided({"index.html": "2", "app.2.js": "2"}, Origin({"app.1.js": "<html>", "index.html": "2"}))
    assert f"{SITE}app.1.js" in found.plan.refresh
    assert found.pending == {}


def test_a_pending_file_that_comes_back_needs_nothing_and_another_version_of_it_a_refresh() -> None:
    folder, origin = Folder(), Origin(BEFORE)
    folder.released(BEFORE, origin)
    folder.released(AFTER, origin)
    same = folder.decided({**AFTER, "c.txt": "1"}, origin)
    assert (same.plan.refresh, same.pending, same.plan.difference.added) == ((), {}, ("c.txt",))
    other = folder.decided({**AFTER, "c.txt": "2"}, origin)
    assert (other.plan.refresh, other.pending, other.plan.difference.changed) == ((f"{SITE}c.txt",), {}, ("c.txt",))


@pytest.mark.parametrize("selection", [Selection(exclude=("c.*",)), Selection(include=("a*", "b*"))])
def test_a_file_that_globs_leave_out_was_not_removed(selection: Selection) -> None:
    folder, origin = Folder(), Origin(BEFORE)
    folder.released(BEFORE, origin)
    found = folder.decided({"a.txt": "1", "b.txt": "1"}, origin, selection=selection)
    assert (found.plan.difference.count, found.plan.anything, found.pending, origin.asked) == (0, False, {}, [])

    folder = Folder()
    folder.released(BEFORE, origin)
    folder.released(AFTER, origin)
    found = folder.decided(AFTER, origin, selection=selection)
    assert (found.summary, found.pending) == ("", {})


def test_removed_files_can_be_required_to_be_gone_or_be_ignored() -> None:
    for mode, refresh in ((Removed.REQUIRE, (f"{SITE}a.txt", f"{SITE}c.txt")), (Removed.IGNORE, (f"{SITE}a.txt",))):
        folder, origin = Folder(), Origin(BEFORE)
        folder.released(BEFORE, origin)
        found = folder.decided(AFTER, origin, removed=mode)
        assert (found.plan.refresh, found.pending, found.waiting, origin.asked) == (refresh, {}, "", [])

        # The same for what was pending before the option changed.
        folder = Folder()
        folder.released(BEFORE, origin)
        folder.released(AFTER, origin)
        found = folder.decided(AFTER, origin, removed=mode)
        assert found.pending == {}
        assert bool(found.summary) == (mode is Removed.REQUIRE)
        assert found.plan.refresh == ((f"{SITE}c.txt",) if mode is Removed.REQUIRE else (f"{SITE}a.txt",))


def test_without_an_origin_a_removed_file_is_refreshed_with_each_release_until_the_edges_let_go() -> None:
    folder = Folder()
    folder.released(BEFORE)
    found = folder.decided(AFTER)
    assert found.plan.refresh == (f"{SITE}a.txt", f"{SITE}c.txt")
    folder.begun(found)
    folder.ended(found, more={"c.txt": asset("c.txt", "1")})

    found = folder.released(AFTER)
    assert (found.summary, list(found.pending)) == ("", ["c.txt"])
    assert found.waiting == "1 removed file is still served: c.txt; the next release with changes refreshes it again"
    found = folder.released({"a.txt": "3", "b.txt": "1"})
    assert found.plan.refresh == (f"{SITE}a.txt", f"{SITE}c.txt")
    assert found.pending == {}


def test_what_settles_is_refreshed_together_with_a_release_that_is_done_again() -> None:
    folder = Folder()
    folder.released(BEFORE)
    folder.released(AFTER, Origin(BEFORE))
    both = folder.decided(AFTER, Origin(AFTER), "emergency")
    assert both.plan.refresh == (f"{SITE}a.txt", f"{SITE}c.txt")
    only = folder.decided(AFTER, Origin(BEFORE), "emergency")
    assert (only.plan.refresh, list(only.pending)) == ((f"{SITE}a.txt",), ["c.txt"])


def test_an_interrupted_release_goes_on_and_what_left_the_origin_meanwhile_has_to_wait() -> None:
    folder = Folder()
    folder.released(BEFORE)
    first = folder.decided(AFTER, Origin(BEFORE))
    folder.begun(first)
    again = folder.decided(AFTER, Origin(AFTER))
    assert again.plan.reason == GOING_ON
    assert (again.task(Kind.REFRESH), list(again.pending)) == (first.task(Kind.REFRESH), ["c.txt"])
    assert again.waiting == (
        "1 removed file has left the origin since this release began: c.txt; the next run refreshes it"
    )
    folder.ended(again)
    assert folder.decided(AFTER, Origin(AFTER)).plan.refresh == (f"{SITE}c.txt",)


def test_an_interrupted_settling_goes_on() -> None:
    folder = Folder()
    folder.released(BEFORE)
    folder.released(AFTER, Origin(BEFORE))
    first = folder.decided(AFTER, Origin(AFTER))
    folder.begun(first)
    again = folder.decided(AFTER, Origin(AFTER))
    assert again.plan.reason == GOING_ON
    assert again.task(Kind.REFRESH) == first.task(Kind.REFRESH)


def test_a_file_of_an_interrupted_release_whose_bytes_nobody_kept_settles_too() -> None:
    folder = Folder()
    folder.released(BEFORE)
    folder.begun(folder.decided({**BEFORE, "a.txt": "2", "c.txt": "new"}))
    # Its c.txt took effect, and was at the origin; now it is to go, and the origin serves what nobody has the hash of.
    origin = Origin({**BEFORE, "c.txt": "new"})
    found = folder.released(AFTER, origin)
    assert found.pending == {"c.txt": asset("c.txt", "new")}
    found = folder.released(AFTER, Origin({**AFTER, "c.txt": "<html>"}))
    assert (found.plan.refresh, found.pending) == ((f"{SITE}c.txt",), {})


def test_a_directory_refresh_waits_for_no_pending_file() -> None:
    folder = Folder(replace(POLICY, strategy=Strategy.DIRECTORY))
    folder.released({"v/a": "1", "w/b": "1"})
    found = folder.released({"v/a": "2"}, Origin({"v/a": "2", "w/b": "1"}))
    assert found.plan.refresh == (f"{SITE}v/",)
    assert folder.released({"v/a": "2"}, Origin({"v/a": "2"})).plan.refresh == (f"{SITE}w/",)


@given(st.lists(st.tuples(some_trees, st.booleans()), min_size=1, max_size=5), st.sampled_from(Strategy))
def test_after_any_releases_with_uploads_that_delete_late_or_never_no_edge_keeps_what_left_the_origin(
    history: list[tuple[Tree, bool]], strategy: Strategy
) -> None:
    folder = Folder(replace(POLICY, strategy=strategy))
    at_origin: dict[str, str] = {}
    edges: dict[str, str] = {}

    def run(tree: Tree) -> Decision:
        """Release while the origin has these files; each edge asks for all of them before, and after the refresh."""
        edges.update({path: text for path, text in at_origin.items() if path not in edges})
        found = folder.released(tree, Origin(at_origin))
        named = found.plan.refresh if found.summary else ()
        for path in [path for path in edges if any(f"{SITE}{path}".startswith(url) for url in named)]:
            edges.pop(path)
        edges.update({path: text for path, text in at_origin.items() if path not in edges})
        assert all(path not in edges for path in found.plan.gone)
        assert found.pending.keys() == at_origin.keys() - tree.keys()
        return found

    for tree, deletes in history:
        at_origin |= tree
        run(tree)
        if deletes:
            at_origin = dict(tree)
    last = history[-1][0]
    at_origin = dict(last)
    run(last)
    assert edges == last
    assert run(last).summary == ""


def seen(path: str, finding: Finding, served: bytes = b"", expected: str = "") -> Evidence:
    digest = hashlib.sha256(served).hexdigest() if served else ""
    url, size = f"{SITE}{path}", len(served)
    return Evidence("203.0.113.7", url, finding, "GET", expected, digest, 200, size, "", "", "", "note", NOW)


def test_a_mismatch_of_a_removed_file_that_may_be_at_the_origin_fails_nothing() -> None:
    old = asset("gone.txt", "old")
    gone: OldFiles = {"gone.txt": old, "unknown.txt": None, "docs/index.html": asset("docs/index.html", "x")}
    fine = [seen("a.txt", Finding.FRESH), seen("gone.txt", Finding.FRESH)]
    bad = [seen("gone.txt", finding) for finding in Finding if finding.startswith("stale")]
    assert undecided([*fine, *bad], gone, [SITE], (), asked=True) == (
        (*fine, seen("gone.txt", Finding.STALE_EDGE)),
        {"gone.txt": Held(old, Why.SILENT)},
    )
    other = seen("b.txt", Finding.STALE, b"b", "0" * 64)
    silent = seen("unknown.txt", Finding.STALE)
    assert undecided([other, silent], gone, [SITE], (), asked=True) == ((other, silent), {})
    found = undecided(
        [seen("unknown.txt", Finding.STALE, b"new"), seen("docs/", Finding.STALE)],
        gone,
        [SITE],
        ["index.html"],
        asked=False,
    )
    assert found[0] == ()
    assert {path: one.file for path, one in found[1].items()} == {
        "unknown.txt": asset("unknown.txt", "new"),
        "docs/index.html": gone["docs/index.html"],
    }


def test_a_file_is_pending_for_the_reason_that_is_known() -> None:
    held = {"a.js": Why.THERE, "b.js": Why.SILENT, "c.js": Why.SILENT, "d.js": Why.REFUSED, "e.js": Why.LEFT}
    assert pending_sentence(held, asked=True).splitlines() == [
        "1 removed file is still at the origin: a.js; the next run after it has left refreshes it",
        "the origin did not answer, or with an error, for 2 removed files: b.js, c.js; the next run asks again",
        "the origin refuses requests (403), and may have 1 removed file: d.js; the next run asks again",
        "1 removed file has left the origin since this release began: e.js; the next run refreshes it",
    ]
    assert pending_sentence(held, asked=False).startswith("5 removed files are still served: a.js, b.js, c.js,")


def test_sentences_name_a_few_files_and_count_the_others() -> None:
    assert pending_sentence({}, asked=True) == settled_sentence(()) == ""
    names = [f"{number}.js" for number in range(1234)]
    assert pending_sentence(dict.fromkeys(names, Why.THERE), asked=True) == (
        "1,234 removed files are still at the origin: 0.js, 1.js, 10.js, 100.js, 1000.js and 1,229 more; "
        "the next run after they have left refreshes them"
    )


@pytest.mark.parametrize(
    ("old", "new", "policy", "says"),
    [
        (BEFORE, {"a.txt": "1"}, {}, "lacks 2 of the 3 files of the last release, more than half; with allow_mass_rem"),
        (
            None,
            {"index.html": "1", "index.htm": "2"},
            {"index_files": ("index.html", "index.htm")},
            "index_files names 'index.htm' and 'index.html', which are both in one folder, but https://www.example.com/",
        ),
        (
            None,
            {"a.js": "1", "docs/a.js": "2"},
            {"base_urls": (f"{SITE}docs", "https://WWW.example.com:443")},
            "base_urls overlap: https://www.example.com/docs/a.js would have to serve both 'a.js' and 'docs/a.js'",
        ),
    ],
)
def test_what_looks_like_a_mistake_is_refused_before_anything_is_submitted(
    old: Tree | None, new: Tree, policy: dict[str, Any], says: str
) -> None:
    folder = Folder()
    if old is not None:
        folder.released(old)
    careful = {"allow_mass_removal": False, **policy}
    with pytest.raises(InputError) as said:
        folder.decided(new, **careful)
    assert says in str(said.value)


@pytest.mark.parametrize(
    ("old", "new", "policy"),
    [
        (BEFORE, {"a.txt": "1", "b.txt": "1"}, {}),
        ({"a": "1", "b": "1"}, {"a": "1"}, {}),
        # A build that names its files by their content.
        (
            {"i.html": "1", "x.1.js": "1", "y.1.js": "1", "z.1.css": "1"},
            {"i.html": "2", "x.2.js": "2", "y.2.js": "2", "z.2.css": "2"},
            {},
        ),
        ({"a/1": "1", "a/2": "1", "b": "1"}, {"b": "1"}, {"selection": Selection(exclude=("a/",))}),
        (BEFORE, {}, {}),  # the scan of the folder refuses that
        (BEFORE, {"a.txt": "1"}, {"allow_mass_removal": True}),
        (None, {"index.html": "1", "index.htm": "1"}, {"index_files": ("index.html", "index.htm")}),
        (None, {"a/index.html": "1", "b/index.htm": "2"}, {"index_files": ("index.html", "index.htm")}),
        (None, {"a.js": "1", "docs/a.js": "1"}, {"base_urls": (SITE, f"{SITE}docs/")}),
        (None, {"a.js": "1", "docs/b.js": "2"}, {"base_urls": (SITE, f"{SITE}docs/")}),
    ],
)
def test_what_is_no_mistake_is_not_refused(old: Tree | None, new: Tree, policy: dict[str, Any]) -> None:
    folder = Folder()
    if old is not None:
        folder.released(old)
    assert folder.decided(new, **{"allow_mass_removal": False, **policy}).summary


def test_a_file_settles_by_itself_where_its_directory_was_refreshed_with_the_same_files() -> None:
    """The same directory with the same files would be the task of the last release, which is Complete."""
    folder = Folder(replace(POLICY, strategy=Strategy.DIRECTORY))
    folder.released({"a.ts": "1", "b.txt": "1"}, Origin({"a.ts": "1", "b.txt": "1"}))
    changed = folder.released({"a.ts": "2"}, Origin({"a.ts": "2", "b.txt": "1"}))
    assert (changed.plan.refresh, set(changed.pending)) == ((SITE,), {"b.txt"})
    found = folder.decided({"a.ts": "2"}, Origin({"a.ts": "2"}))
    assert (str(found.plan.refresh_type), found.plan.refresh) == ("file", (f"{SITE}b.txt",))
    assert "1 RefreshObjectCaches call for 1 URL" in found.summary
