"""`alicdn release` against the emulator: what is submitted for what changed, and what a kill at any point costs."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import DOMAIN, Begin, Ended, Run, until
from pulumi_alicdn.cli.app import main
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json, JsonObject
from support.call_log import NewSubmits, submits
from support.loopback import silent_edge

UNCHANGED = "nothing changed since the last release"
A, B, INDEX, ROOT = f"{DOMAIN}/a.txt", f"{DOMAIN}/b.txt", f"{DOMAIN}/index.html", f"{DOMAIN}/"


class Site:
    """A folder, the origin that has it, and a manifest file."""

    def __init__(self, emulator: Emulator, folder: Path, run: Run, begin: Begin) -> None:
        self.emulator = emulator
        self.dist = folder / "dist"
        self.dist.mkdir()
        self.manifest = folder / "site.json"
        self.edges = [edge.removeprefix("http://") for edge in emulator.edges]
        self.run = run
        self._begin = begin
        self.submitted = NewSubmits(emulator).take

    def put(self, *, upload: bool = True, **files: str) -> None:
        """Write files, named by their path without a suffix (`.txt`), and upload them."""
        self.write({f"{name}.txt" if name != "index" else "index.html": text for name, text in files.items()}, upload)

    def write(self, named: dict[str, str], upload: bool = True) -> None:
        """Write files by their names, and upload them."""
        for name, text in named.items():
            (self.dist / name).write_text(text)
        if upload:
            served = {f"/{name}": text for name, text in named.items()}
            index = {"/": named["index.html"]} if "index.html" in named else {}
            self.emulator.admin("origin", {"files": {**served, **index}})

    def arguments(self, *more: str, edges: list[str] | None = None) -> list[str]:
        named = [part for edge in edges or self.edges for part in ("--edge", edge)]
        where = ["--directory", str(self.dist), "--base-url", DOMAIN, "--origin", self.emulator.origin]
        proof = ["--proof-patience", "0"]
        return ["release", "--manifest", str(self.manifest), "--service", "cdn", *where, *named, *proof, *more]

    def release(self, *more: str) -> Ended:
        return self.run(*self.arguments(*more))

    def start(self, *more: str, edges: list[str] | None = None) -> subprocess.Popen[str]:
        return self._begin(*self.arguments(*more, edges=edges))

    def kill_in_its_proof(self) -> None:
        """Release, and kill that once its tasks have taken effect and it asks the edges."""
        with silent_edge() as (edge, asked):
            child = self.start(edges=[edge])
            until(asked, "a proof under way")
            child.kill()
            child.wait(120)

    def steps(self) -> dict[str, Any]:
        """What the manifest file holds; it is whole whenever it is read."""
        if not self.manifest.exists():
            return {}
        found: dict[str, Any] = json.loads(self.manifest.read_text())["steps"]
        return found

    def served(self, url: str) -> set[bytes]:
        return {answer.body for answer in self.emulator.get_everywhere(url)}

    def stale(self, url: str, edge: int = 1, outlives: int = 0) -> str:
        """Make an edge hold an old copy, which so many refreshes do not reach; return the edge."""
        copy: Json = {"edge": f"edge-{edge}", "url": url, "body": "old", "age_s": 812_000.0, "outlives": outlives}
        self.emulator.admin("edges", {"copies": [copy]})
        return self.edges[edge]


@pytest.fixture
def site(emulator: Emulator, tmp_path: Path, run: Run, begin: Begin) -> Site:
    """A site whose refreshes take 0.3 s."""
    emulator.admin("clock", {"frozen": False, "speed": 30})
    return Site(emulator, tmp_path, run, begin)


def test_the_first_release_is_submitted_proven_and_kept(site: Site, tmp_path: Path) -> None:
    site.put(a="1", index="1")
    reports = ("--report-file", str(tmp_path / "page.html"), "--summary-file", str(tmp_path / "summary.md"))
    ended = site.release("--prefetch", "a.*", *reports)

    assert ended.code == 0, ended.err
    assert site.submitted() == [("RefreshObjectCaches", [A, INDEX, ROOT]), ("PushObjectCache", [A])]
    assert [row.split() for row in ended.out.splitlines()] == [
        ["EDGE", "FRESH", "OTHER"],
        *([edge, "3", "0"] for edge in sorted(site.edges)),
    ]
    said = ended.err.splitlines()
    assert said[0].startswith("first release of 2 files: 1 RefreshObjectCaches call for 3 URLs, then 1 PushObjectCache")
    assert [line.split(" (")[0] for line in said if line.startswith("Submitted")] == [
        f"Submitted task {row['TaskId']}" for row in (site.emulator.tasks()[0], site.emulator.tasks()[-1])
    ]
    assert said[-1] == "alicdn: Release is live. 3 URLs on 3 edges: 9 checks, all fresh."
    assert "Release is live: <code>media&#46;" in (tmp_path / "summary.md").read_text()
    assert A in (tmp_path / "page.html").read_text()
    assert site.steps()["record"]["status"] == "live"


def test_without_a_change_nothing_is_called_and_nothing_written(site: Site) -> None:
    site.put(a="1")
    site.release()
    calls, kept = len(site.emulator.calls()), site.manifest.read_bytes()
    ended = site.release("--output", "json")

    proven_at = max(one["at"] for one in site.steps()["record"]["evidence"])
    sentence = f"{UNCHANGED}; proven at {proven_at}, the edges were not asked now\n"
    assert (ended.code, ended.err) == (0, sentence)
    lists = (
        "plan",
        "changed",
        "refreshed",
        "prefetched",
        "removed_pending",
        "task_ids",
        "evidence_summary",
        "evidence",
        "unproven",
        "healed",
    )
    nothing = dict.fromkeys(lists)
    assert json.loads(ended.out) == {name: [] for name in nothing} | {"status": "unchanged", "proven_at": proven_at}
    assert (table := site.release()).out == ""
    assert table.err == sentence
    assert len(site.emulator.calls()) == calls
    assert site.manifest.read_bytes() == kept


def test_of_several_files_only_the_one_that_changed_is_submitted(site: Site) -> None:
    site.put(a="1", b="1")
    site.release()
    assert site.served(A) == {b"1"}
    site.submitted()
    site.put(a="2")
    ended = site.release("--output", "json")

    assert ended.code == 0
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    assert site.served(A) == {b"2"}
    shown = json.loads(ended.out)
    assert (shown["changed"], shown["task_ids"]) == (["a.txt"], [site.emulator.tasks()[-1]["TaskId"]])


def test_a_plan_is_shown_and_nothing_is_submitted_or_written(site: Site) -> None:
    site.put(a="1")
    first, again = site.release("--plan"), site.release("--plan", "--output", "json")
    assert (first.code, again.code) == (0, 0)
    assert first.out.startswith(
        "first release of 1 file: 1 RefreshObjectCaches call for 1 URL; today's quota after that: Url "
    )
    shown = json.loads(again.out)
    assert (shown["status"], shown["refreshed"], shown["evidence"]) == ("planned", [A], [])
    assert list(site.dist.parent.iterdir()) == [site.dist]

    site.release()
    site.submitted()
    assert site.release("--plan").out.startswith(f"{UNCHANGED}; proven at ")
    site.put(a="2", b="1")
    assert site.release("--plan").out.startswith("2 of 2 files changed (1 added, 1 changed, 0 removed): 1 Refresh")
    assert site.submitted() == []


def test_what_the_quota_does_not_allow_is_refused_before_anything_is_submitted(site: Site) -> None:
    site.put(a="1")
    site.emulator.admin("quota", {"service": "cdn", "UrlRemain": 0, "DirRemain": 0})
    for more in ((), ("--plan",)):
        ended = site.release(*more)
        assert ended.code == 2
        assert "today's quota suffices neither for 1 URL (0 of 10,000 left) nor for 1 directory" in ended.err
    assert site.submitted() == []


KILLS: dict[str, tuple[str | None, Callable[[Site], object]]] = {
    "before the intent is answered": ("DescribeRefreshTasks", lambda site: site.emulator.calls("DescribeRefreshTasks")),
    "with the intent stored": (None, lambda site: "intent" in site.steps().get("refresh", {})),
    "with the refresh sent": ("RefreshObjectCaches", lambda site: submits(site.emulator)),
    "with the refresh stored": (None, lambda site: "submission" in site.steps().get("refresh", {})),
    "with the refresh effective": (None, lambda site: "completion" in site.steps().get("refresh", {})),
    "with the prefetch sent": ("PushObjectCache", lambda site: len(submits(site.emulator)) == 2),
    "with the prefetch stored": (None, lambda site: "submission" in site.steps().get("prefetch", {})),
}
"""Which call is held up, so that the moment does not pass, and how the moment is seen."""


@pytest.mark.parametrize("moment", KILLS)
def test_a_run_that_is_killed_goes_on_with_the_next_and_submits_nothing_again(site: Site, moment: str) -> None:
    held, reached = KILLS[moment]
    site.put(a="1", b="1")
    if held is not None:
        site.emulator.admin("faults", {"faults": [{"kind": "delay", "action": held, "seconds": 20}]})
    child = site.start("--prefetch", "*.txt")
    until(lambda: reached(site), moment)
    assert child.poll() is None
    child.kill()
    child.wait(120)
    site.emulator.admin("faults", {"faults": []})

    ended = site.release("--prefetch", "*.txt")

    assert ended.code == 0, ended.err
    assert site.submitted() == [("RefreshObjectCaches", [A, B]), ("PushObjectCache", [A, B])]
    assert site.served(A) == {b"1"}
    assert site.release("--prefetch", "*.txt").code == 0
    assert site.submitted() == []


def test_killed_in_its_proof_the_next_run_proves_only(site: Site) -> None:
    site.put(a="1")
    site.kill_in_its_proof()
    assert "record" not in site.steps()
    calls = len(site.emulator.calls())
    ended = site.release()
    assert ended.code == 0
    assert len(site.emulator.calls()) == calls
    assert site.steps()["record"]["status"] == "live"


def test_what_an_interrupted_run_touched_is_refreshed_by_the_next_one_too(site: Site) -> None:
    site.put(a="1", b="1")
    site.release()
    site.submitted()
    # Edges get the second b; the run is killed before its proof.
    site.put(b="2")
    site.kill_in_its_proof()
    assert site.submitted() == [("RefreshObjectCaches", [B])]
    assert site.served(B) == {b"2"}

    site.put(b="1")
    ended = site.release()
    assert ended.code == 0
    assert site.submitted() == [("RefreshObjectCaches", [B])]
    assert site.served(B) == {b"1"}


def test_an_interrupt_says_how_to_go_on(site: Site) -> None:
    site.emulator.admin("clock", {"speed": 1})
    site.put(a="1")
    child = site.start()
    until(lambda: "submission" in site.steps().get("refresh", {}), "a wait under way")
    child.send_signal(signal.SIGTERM)
    _, err = child.communicate(timeout=120)
    assert child.returncode == 143
    assert err.splitlines()[-1].startswith("alicdn: interrupted; what was submitted goes on in the cloud: run the same")
    site.emulator.advance(9)
    assert site.release().code == 0
    assert len(site.submitted()) == 1


def test_a_stale_edge_fails_the_release_until_it_is_refreshed_with_force(site: Site) -> None:
    site.put(a="1")
    site.kill_in_its_proof()
    site.submitted()
    # The refresh has taken effect, and now the edge gets its old copy back.
    bad = site.stale(A)

    for _ in range(2):
        ended = site.release("--heal", "0")
        assert ended.code == 1
        assert "the release is not proven: 1 of 1 URL at 1 of 3 edges:" in ended.err
        assert f"  {bad}: {A}: serves cba06b57… (3 bytes, Age 81" in ended.err
        assert [bad, "0", "1"] in [row.split() for row in ended.out.splitlines()]
        assert f"By hand: `alicdn refresh --service cdn --force {A}`." in ended.err
        assert "record" not in site.steps()
    assert site.submitted() == []

    assert site.release("--force").code == 0
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    assert site.served(A) == {b"1"}
    # The flag is part of that release: leaving it out does not refresh the same files once more.
    assert site.release().code == 0
    assert site.submitted() == []


def test_what_failed_is_submitted_again_by_the_next_run_and_nothing_else(site: Site) -> None:
    site.put(a="1", b="1")
    site.emulator.admin("faults", {"faults": [{"kind": "fail", "action": "RefreshObjectCaches", "paths": [B]}]})
    failed = site.release()
    assert failed.code == 1
    assert f"{B}: Failed, Internal Error" in failed.err
    assert "run the same `alicdn release` again: it submits only what failed" in failed.err
    site.submitted()
    assert site.release().code == 0
    assert site.submitted() == [("RefreshObjectCaches", [B])]


def test_what_is_not_effective_in_time_ends_with_3_and_goes_on(site: Site) -> None:
    site.emulator.admin("clock", {"speed": 1})
    site.put(a="1")
    late = site.release("--timeout", "0.5")
    assert late.code == 3
    assert "run the same `alicdn release` again to go on waiting, nothing is submitted twice" in late.err
    site.emulator.advance(9)
    assert site.release().code == 0
    assert len(site.submitted()) == 1


def test_a_release_that_was_left_waiting_four_days_ago_is_submitted_again_and_says_so(site: Site) -> None:
    site.emulator.admin("clock", {"speed": 1})
    site.put(a="1")
    assert site.release("--timeout", "0.5").code == 3
    site.submitted()
    site.emulator.advance(4 * 24 * 3600)
    ended = site.release()
    assert ended.code == 0, ended.err
    assert "cdn lists tasks for 3 days only and has forgotten those of 1 of 1 URLs" in ended.err
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    assert site.release().code == 0
    assert site.submitted() == []


def test_a_release_that_was_refused_four_days_ago_is_submitted_by_the_next_run(site: Site) -> None:
    site.put(a="1")
    refused: JsonObject = {
        "kind": "error",
        "action": "RefreshObjectCaches",
        "code": "OperationDenied",
        "http_status": 403,
        "times": 1,
    }
    site.emulator.admin("faults", {"faults": [refused]})
    assert site.release().code == 4
    site.submitted()
    site.emulator.admin("clock", {"speed": 1})
    site.emulator.advance(4 * 24 * 3600)
    ended = site.release()
    assert ended.code == 0, ended.err
    assert "cdn lists tasks for 3 days only" in ended.err
    assert site.submitted() == [("RefreshObjectCaches", [A])]


def test_an_origin_without_the_release_fails_before_anything_is_submitted(site: Site) -> None:
    site.put(a="1")
    site.release()
    site.submitted()
    site.put(a="2", upload=False)
    ended = site.release()
    assert ended.code == 1
    assert "the origin does not have the release: 1 of 1 URL; nothing was submitted:" in ended.err
    assert site.submitted() == []
    # Without the check it is submitted, and the proof finds the origin.
    unchecked = site.release("--no-check-origin")
    assert unchecked.code == 1
    assert "the origin serves the same: it does not have the release yet" in unchecked.err
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    site.put(a="2")
    site.emulator.admin("edges", {"copies": [{"edge": f"edge-{at}", "url": A, "body": "2"} for at in range(3)]})
    assert site.release().code == 0
    assert site.submitted() == []


def test_a_damaged_manifest_file_is_refused_and_once_it_is_restored_the_release_goes_on(site: Site) -> None:
    site.put(a="1")
    site.release()
    site.submitted()
    whole = site.manifest.read_text()
    site.manifest.write_text(whole[:-40])
    site.put(a="2")
    for more in ((), ("--plan",)):
        ended = site.release(*more)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(
            f"alicdn: the manifest file '{site.manifest}' is damaged. Nothing was submitted. Restore"
        )
        assert ended.err.count("\n") == 1
    assert site.submitted() == []
    assert site.manifest.read_text() == whole[:-40]

    site.manifest.write_text(whole)
    assert site.release().code == 0
    assert site.submitted() == [("RefreshObjectCaches", [A])]


def test_two_runs_with_one_manifest_file_keep_out_of_each_others_way(site: Site) -> None:
    site.emulator.admin("clock", {"speed": 1})
    site.put(a="1")
    first = site.start()
    until(lambda: "submission" in site.steps().get("refresh", {}), "a wait under way")
    linked = site.manifest.with_name("link.json")
    linked.symlink_to(site.manifest)
    for name in (site.manifest, linked):
        second = site.run(*[str(name) if part == str(site.manifest) else part for part in site.arguments()])
        assert second.code == 1
        assert second.err == (
            f"alicdn: another `alicdn release` is under way with the manifest file '{name}'; "
            "run it again once that one has ended; nothing was submitted\n"
        )
    first.kill()
    first.wait(120)
    site.emulator.advance(9)
    assert site.release().code == 0
    assert len(site.submitted()) == 1


def test_a_manifest_file_keeps_its_rights_and_leaves_nothing_beside_it_but_its_lock(site: Site) -> None:
    site.put(a="1")
    site.release()
    site.manifest.chmod(0o600)
    site.put(a="2")
    site.release()
    assert site.manifest.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in site.manifest.parent.iterdir()} == {"dist", "site.json", "site.json.lock"}


GIVEN = {"--manifest": "m.json", "--directory": ".", "--base-url": DOMAIN}
WRONG: list[tuple[dict[str, str], str]] = [
    ({"--manifest": ""}, "Missing option '--manifest'"),
    ({"--directory": ""}, "Missing option '--directory'"),
    ({"--base-url": ""}, "Missing option '--base-url'"),
    ({"--base-url": "a.js"}, "--base-url 1 is 'a.js', but must begin with http:// or https://"),
    ({"--directory": "/nowhere"}, "alicdn: --directory is '/nowhere', which cannot be read: No such file or directory"),
    ({"--include": "/a//b"}, "--include 1 is '/a//b', but"),
    ({"--prefetch": "!a"}, "--prefetch 1 is '!a', but"),
    ({"--index": "a/b"}, "--index 1 is 'a/b', but must be a file name such as index.html"),
    ({"--max-files": "-1"}, "--max-files is -1, but must be a whole number from 0"),
    ({"--edge": "http://203.0.113.7"}, "--edge 1 is 'http://203.0.113.7', but plain http:// is for this machine only"),
    ({"--resolve": "a"}, "--resolve is 'a', but must be HOST=EDGE"),
    ({"--origin": "a.example.com"}, "--origin is 'a.example.com', but must begin with"),
    (
        {"--proof-timeout": "0"},
        "--proof-timeout is 0.0, but must be a number of seconds above 0 and up to 86400 (24 hours)",
    ),
    ({"--proof-patience": "nan"}, "--proof-patience is nan, but must be a number of seconds from 0"),
    ({"--timeout": "0"}, "--timeout is 0.0, but must be a number of seconds above 0"),
    ({"--retry-failed": "11"}, "--retry-failed is 11, but must be a whole number from 0 to 10"),
    ({"--strategy": "all"}, "Invalid value for '--strategy'"),
    ({"--first-release": "all"}, "Invalid value for '--first-release'"),
    ({"--verify": "some"}, "Invalid value for '--verify'"),
    ({"--manifest": "/dev/zero"}, "the manifest file '/dev/zero' is not a file; name one"),
    ({"--manifest": "/nowhere/m.json"}, "the manifest file '/nowhere/m.json' cannot be written: No such file"),
    ({"--manifest=": ""}, "--manifest is '', but must be the path of a file"),
    ({"--include": "*.nothing"}, "--directory is '.', which has no matching files"),
    ({"--origin-host": "a.example.com"}, "--origin-host is 'a.example.com', but goes with --origin only"),
    ({"--report-file": "/nowhere/r.html"}, "--report-file is '/nowhere/r.html', which cannot be written: there is no"),
    ({"--summary-file": "/nowhere/s.md"}, "--summary-file is '/nowhere/s.md', which cannot be written: there is no"),
    ({"--report-file": "."}, "--report-file is '.', which cannot be written: it is a folder"),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=[" ".join(map(" ".join, one.items())) for one, _ in WRONG])
def test_wrong_options_are_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: dict[str, str],
    sentence: str,
) -> None:
    monkeypatch.setattr("pulumi_alicdn.cli.interrupt.heed_signals", lambda: None)
    monkeypatch.chdir(tmp_path)
    pairs = {**GIVEN, **options}.items()
    given = [part for name, value in pairs if value or "=" in name for part in ((name, value) if value else (name,))]
    for more in ((), ("--plan",)):
        code = main(["release", *given, *more])
        out, err = capsys.readouterr()
        assert (code, out) == (2, "")
        assert sentence in err
        assert list(tmp_path.iterdir()) == []


def test_names_with_spaces_end_at_the_edges(site: Site) -> None:
    stale: JsonObject = {"edge": "edge-0", "url": f"{DOMAIN}/a%20b.txt", "body": "old"}
    site.write({"a b.txt": "1"})
    site.emulator.admin("edges", {"copies": [stale]})
    assert site.release().code == 0
    assert site.submitted() == [("RefreshObjectCaches", [f"{DOMAIN}/a%20b.txt"])]
    assert site.served(f"{DOMAIN}/a%20b.txt") == {b"1"}


ODD_NAMES = {
    "a,b;.js": "a,b;.js",
    "a*.js": "a%2A.js",
    "100%.js": "100%25.js",
    "a%20b.js": "a%2520b.js",
    "c#1?v=2.js": "c%231%3Fv=2.js",
    "图 片.js": "%E5%9B%BE%20%E7%89%87.js",
    "[0-9]{a,b}.js": "%5B0-9%5D%7Ba,b%7D.js",
    "a\\b.js": "a%5Cb.js",
    "ends,": "ends%2C",
}


def test_odd_names_of_files_are_encoded_and_end_at_the_edges(site: Site) -> None:
    site.write(dict.fromkeys(ODD_NAMES, "1"))
    ended = site.release("--prefetch", "*.js")
    assert ended.code == 0, ended.err
    refreshed, prefetched = site.submitted()
    assert set(refreshed[1]) == {f"{DOMAIN}/{name}" for name in ODD_NAMES.values()}
    assert set(prefetched[1]) == {f"{DOMAIN}/{name}" for name in ODD_NAMES.values() if name.endswith(".js")}
    assert all(site.served(url) == {b"1"} for url in refreshed[1])


def test_a_removed_file_waits_while_the_origin_has_it_and_is_proven_gone_after_that(site: Site) -> None:
    site.put(a="1", b="1", c="1")
    site.release()
    assert site.served(B) == {b"1"}
    site.submitted()
    (site.dist / "b.txt").unlink()
    site.put(a="2")
    waits = "1 removed file is still at the origin: b.txt; the next run after it has left refreshes it"
    assert site.release("--plan").out.splitlines()[-1] == waits
    ended = site.release("--output", "json")
    found = json.loads(ended.out)
    assert (ended.code, found["removed_pending"], found["refreshed"]) == (0, ["b.txt"], [A])
    assert found["plan"][-1] == waits
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    again = site.release("--output", "json")
    assert (again.code, again.err.splitlines()[-1]) == (0, waits)
    assert (json.loads(again.out)["removed_pending"], site.submitted()) == (["b.txt"], [])

    required = site.release("--removed", "require")
    assert (required.code, site.submitted()) == (1, [])
    assert "b.txt: still serves what was removed (1 bytes" in required.err
    assert "or set --removed settle: then the release goes on" in required.err
    ignored = site.release("--removed", "ignore")
    assert ignored.err.splitlines() == [line for line in again.err.splitlines() if line != waits]

    site.put(c="2")
    site.release()
    site.submitted()
    (site.dist / "b.txt").write_text("1")
    site.release()
    (site.dist / "b.txt").unlink()
    site.release()
    assert site.steps()["record"]["removed_pending"]
    site.emulator.admin("origin", {"rules": [{"path": "/b.txt", "status": 404}]})
    ended = site.release("--output", "json")
    assert json.loads(ended.out)["plan"][1] == "1 file removed earlier, to be gone from every edge now: b.txt"
    assert site.submitted() == [("RefreshObjectCaches", [B])]
    assert {answer.status for answer in site.emulator.get_everywhere(B)} == {404}
    assert site.release().err.startswith(UNCHANGED)
    assert "removed_pending" not in site.steps()["record"]


def test_what_looks_like_a_mistake_is_refused_with_the_flag_that_allows_it(site: Site) -> None:
    site.put(a="1", b="1", c="1")
    site.release()
    site.submitted()
    for path in list(site.dist.iterdir())[:2]:
        path.unlink()
    says = "--directory lacks 2 of the 3 files of the last release, more than half; with --allow-mass-removal, it is"
    assert (refused := site.release("--plan")).code == 2
    assert says in refused.err
    assert site.release("--plan", "--allow-mass-removal").code == 0
    for path in site.dist.iterdir():
        path.unlink()
    assert "which has no matching files; with --allow-empty, an empty folder is released" in site.release().err
    assert site.release("--plan", "--allow-empty").code == 0
    assert site.submitted() == []


def test_a_host_that_dns_does_not_know_is_refused_unless_its_edges_are_named(site: Site) -> None:
    site.put(a="1")
    site.emulator.admin("world", {"empty_list": True})  # the nodes that the service lists need no DNS
    nowhere = ("release", "--manifest", str(site.manifest), "--directory", str(site.dist), "--plan")
    url = ("--base-url", "https://nowhere.invalid/")
    refused = site.run(*nowhere, *url)
    assert refused.code == 2
    assert (
        "--base-url names 'nowhere.invalid', which has no address in DNS; correct it, or name its edges with --edge"
        in (refused.err)
    )
    assert site.run(*nowhere, *url, "--resolve", f"NOWHERE.invalid={site.edges[0]}").code == 0
    assert site.run(*nowhere, *url, "--edge", site.edges[0]).code == 0
    assert site.run(*nowhere, "--base-url", "https://localhost/", *url).code == 2
    assert site.run(*nowhere, *url, "--first-release", "nothing").code == 0
    assert site.run(*nowhere, *url, "--verify", "off").code == 0
    assert site.emulator.calls("RefreshObjectCaches") == []


def test_force_does_an_unchanged_release_again_once_and_says_so(site: Site) -> None:
    site.put(a="1", b="1")
    site.release("--prefetch", "a.txt")
    site.submitted()
    sentence = "nothing changed since the last release, which is done again: 1 RefreshObjectCaches call for 2 URLs"
    planned = site.release("--prefetch", "a.txt", "--force", "--plan")
    assert planned.out.startswith(sentence)
    assert site.submitted() == []
    ended = site.release("--prefetch", "a.txt", "--force", "--output", "json")
    assert ended.code == 0
    assert ended.err.startswith(sentence)
    shown = json.loads(ended.out)
    assert (shown["status"], [shown["plan"][0].startswith(sentence)]) == ("live", [True])
    assert site.submitted() == [("RefreshObjectCaches", [A, B])]
    for more in ((), ("--force",)):
        assert site.release("--prefetch", "a.txt", *more).err.startswith(UNCHANGED + ";")
    assert site.submitted() == []


def test_at_another_service_it_is_a_first_release_and_says_so(site: Site) -> None:
    site.put(a="1")
    site.release()
    site.submitted()
    planned = site.release("--service", "vod", "--plan")
    assert planned.out.startswith("first release of 1 file: 1 RefreshVodObjectCaches call for 1 URL")
    assert site.submitted() == []
    assert site.release("--service", "vod").err.startswith(planned.out.split(", quota")[0])
    assert site.submitted() == [("RefreshVodObjectCaches", [A])]
    assert site.release("--service", "vod").err.startswith(UNCHANGED)
    assert site.submitted() == []


def test_again_does_the_last_release_again_each_time(site: Site) -> None:
    site.put(a="1")
    site.release("--prefetch", "*.txt")
    site.submitted()
    sentence = "nothing changed since the last release, which is done again: 1 RefreshObjectCaches call for 1 URL, then"
    both = [("RefreshObjectCaches", [A]), ("PushObjectCache", [A])]
    kept = site.manifest.read_bytes()
    assert site.release("--prefetch", "*.txt", "--again", "--plan").out.startswith(sentence)
    assert (site.submitted(), site.manifest.read_bytes()) == ([], kept)
    for _ in range(2):
        ended = site.release("--prefetch", "*.txt", "--again")
        assert ended.code == 0
        assert ended.err.startswith(sentence)
        assert site.submitted() == both
        assert site.release("--prefetch", "*.txt").err.startswith(UNCHANGED + ";")
        assert site.submitted() == []


def test_again_heals_a_stale_edge_after_a_proof_that_failed(site: Site) -> None:
    site.put(a="1")
    with silent_edge() as (edge, asked):
        child = site.start(edges=[edge])
        until(asked, "a proof under way")
        child.kill()
        child.wait(120)
    site.stale(A)
    assert site.release("--heal", "0").code == 1
    site.submitted()
    assert site.release("--again").code == 0
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    assert site.served(A) == {b"1"}


def test_a_stale_edge_heals_in_the_same_run(site: Site, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    site.put(a="1", b="1")
    site.stale(A, outlives=2)
    ended = site.release("--heal", "2", "--summary-file", str(summary), "--output", "json")

    assert ended.code == 0, ended.err
    assert site.submitted() == [("RefreshObjectCaches", urls) for urls in ([A, B], [A], [A])]
    assert site.served(A) == {b"1"}
    found = json.loads(ended.out)
    assert (found["status"], found["unproven"], found["healed"]) == ("live", [], [A])
    assert [(one["fresh"], one["other"]) for one in found["evidence_summary"]] == [(2, 0)] * 3
    assert ended.err.splitlines()[-1].endswith("6 checks, all fresh. 1 URL had to be refreshed again.")
    assert summary.read_text().count("Release is live") == 1
    assert sorted(site.steps()) == ["origin_check", "record", "refresh"]
    assert site.release().err.startswith(UNCHANGED)


def test_an_edge_that_stays_stale_fails_and_the_next_run_refreshes_that_url_once_more(site: Site) -> None:
    site.put(a="1", b="1")
    bad = site.stale(A, outlives=2)
    failed = site.release()
    assert failed.code == 1
    assert f"  {bad}: {A}: serves cba06b57" in failed.err
    assert "Run the same `alicdn release` again: it refreshes exactly the stale URLs once more." in failed.err
    assert f"By hand: `alicdn refresh --service cdn --force {A}`." in failed.err
    assert site.submitted() == [("RefreshObjectCaches", [A, B]), ("RefreshObjectCaches", [A])]

    sentence = "1 URL is refreshed again, with force: it was stale at 1 edge: 1 RefreshObjectCaches call for 1 URL"
    assert site.release("--plan").out.startswith(sentence)
    healed = site.release()
    assert healed.code == 0, healed.err
    assert healed.err.startswith(sentence)
    assert site.submitted() == [("RefreshObjectCaches", [A])]


def test_a_run_that_is_killed_while_it_heals_submits_once(site: Site) -> None:
    site.put(a="1", b="1")
    site.stale(A, outlives=1)
    late: Json = {"kind": "delay", "action": "RefreshObjectCaches", "nth": 2, "seconds": 20}
    site.emulator.admin("faults", {"faults": [late]})
    child = site.start()
    until(lambda: len(submits(site.emulator)) == 2, "a heal under way")
    child.kill()
    child.wait(120)
    site.emulator.admin("faults", {"faults": []})

    ended = site.release()
    assert ended.code == 0, ended.err
    assert "this continues an interrupted release of the same files; nothing is submitted twice" in ended.err
    assert site.submitted() == [("RefreshObjectCaches", [A, B]), ("RefreshObjectCaches", [A])]
    assert site.release().err.startswith(UNCHANGED)


def test_a_warning_ends_with_0_and_the_next_run_tries_again(site: Site) -> None:
    site.put(a="1", b="1")
    site.stale(A, outlives=2)
    ended = site.release("--proof", "warn", "--output", "json")
    assert ended.code == 0
    assert "alicdn: the release is not proven: 1 of 1 URL at 1 of 3 edges:" in ended.err
    found = json.loads(ended.out)
    assert (found["status"], found["unproven"], found["healed"]) == ("unproven", [A], [])
    site.submitted()
    assert json.loads(site.release("--proof", "warn", "--output", "json").out)["status"] == "live"
    assert site.submitted() == [("RefreshObjectCaches", [A])]


def test_where_a_warning_is_enough_so_it_is_for_a_heal_that_fails(site: Site) -> None:
    site.put(a="1", b="1")
    site.stale(A, outlives=1)
    site.emulator.admin("faults", {"faults": [{"kind": "fail", "action": "RefreshObjectCaches", "nth": 2}]})
    ended = site.release("--proof", "warn", "--output", "json")
    assert ended.code == 0, ended.err
    assert "refresh of 1 of 1 URLs failed on cdn:" in ended.err
    assert "alicdn: the release is not proven: 1 of 1 URL at 1 of 3 edges:" in ended.err
    assert "an edge still serves the old file" not in ended.err
    assert "Run the same `alicdn release` again: it refreshes these URLs again." in ended.err
    found = json.loads(ended.out)
    assert (found["status"], found["unproven"], found["healed"]) == ("unproven", [A], [])
    assert json.loads(site.release("--proof", "warn", "--output", "json").out)["healed"] == [A]


def test_a_url_for_which_no_quota_is_left_is_not_refreshed_again(site: Site) -> None:
    site.put(a="1", b="1")
    site.stale(A, outlives=1)
    site.emulator.admin("quota", {"service": "cdn", "UrlRemain": 2})
    failed = site.release()
    assert failed.code == 1
    assert "Today's quota is used up, so nothing was refreshed again; the quota renews at" in failed.err
    assert site.submitted() == [("RefreshObjectCaches", [A, B])]


AGAIN_KILLS: dict[str, tuple[str, Callable[[Site], object]]] = {
    "before the intent is answered": ("DescribeRefreshTasks", lambda site: "again" in site.steps()),
    "with the refresh sent": ("RefreshObjectCaches", lambda site: len(submits(site.emulator)) == 2),
}


@pytest.mark.parametrize("moment", AGAIN_KILLS)
@pytest.mark.parametrize("more", [(), ("--again",)], ids=["plain", "again"])
def test_a_run_that_does_it_again_and_is_killed_submits_once(site: Site, moment: str, more: tuple[str, ...]) -> None:
    held, reached = AGAIN_KILLS[moment]
    site.put(a="1")
    site.release()
    site.submitted()
    site.emulator.admin("faults", {"faults": [{"kind": "delay", "action": held, "seconds": 20}]})
    child = site.start("--again")
    until(lambda: reached(site), moment)
    child.kill()
    child.wait(120)
    site.emulator.admin("faults", {"faults": []})

    planned = site.release("--plan", *more)
    ended = site.release(*more)

    assert ended.code == 0, ended.err
    sent = "refresh sent" in moment
    assert planned.out.startswith(UNCHANGED if sent else f"{UNCHANGED}, which is done again: "), planned.out
    assert ("done again" in planned.out) is not sent
    assert ended.err.splitlines()[0] == planned.out.splitlines()[0]
    assert "not asked now" not in ended.err
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    assert site.release().err.startswith(UNCHANGED + ";")
    assert site.submitted() == []


def test_other_options_of_the_proof_ask_the_edges_again_and_say_so(site: Site) -> None:
    site.put(a="1")
    site.release()
    site.submitted()
    more = ("--origin-host", "media.example.com")
    sentence = f"{UNCHANGED}; the edges are asked again, since options of the proof changed\n"
    assert site.release("--plan", *more).out == sentence
    ended = site.release(*more)
    assert ended.code == 0
    assert ended.err.startswith(sentence)
    assert ended.out.startswith("EDGE")
    assert site.submitted() == []


def test_manifest_and_reports_within_the_folder_are_none_of_its_files(site: Site, tmp_path: Path) -> None:
    site.put(a="1")
    site.manifest = site.dist / "site.json"
    linked = tmp_path / "link"
    linked.symlink_to(site.dist)
    reports = ("--report-file", str(linked / "page.html"), "--summary-file", str(site.dist / "summary.md"))
    assert site.release(*reports).code == 0
    assert site.submitted() == [("RefreshObjectCaches", [A])]
    assert {path.name for path in site.dist.iterdir()} >= {"site.json", "site.json.lock", "page.html", "summary.md"}
    assert site.release(*reports).err.startswith(UNCHANGED)
    assert site.submitted() == []


def test_a_report_that_cannot_be_written_in_the_end_fails_a_release_that_is_kept(site: Site, tmp_path: Path) -> None:
    site.put(a="1")
    reports = tmp_path / "reports"
    reports.mkdir()
    site.emulator.admin("faults", {"faults": [{"kind": "delay", "action": "RefreshObjectCaches", "seconds": 2}]})
    child = site.start("--report-file", str(reports / "page.html"))
    until(lambda: submits(site.emulator), "a submit under way")
    reports.rmdir()
    out, err = child.communicate(timeout=120)
    assert child.returncode == 1
    assert out.startswith("EDGE")
    assert err.splitlines()[-1].startswith(f"alicdn: the report file '{reports / 'page.html'}' cannot be written: No")
    assert site.steps()["record"]["status"] == "live"
    assert site.release().err.startswith(UNCHANGED)


def test_edges_and_an_origin_that_do_not_answer_end_as_they_do_for_verify(site: Site) -> None:
    site.put(a="1")
    origin = site.release("--origin", "http://127.0.0.1:9")
    assert origin.code == 5
    assert "the origin could not be asked: 1 of 1 URL; nothing was submitted:" in origin.err
    assert "Check that the address in --origin is right" in origin.err.splitlines()[-1]
    assert origin.err.splitlines()[-1].endswith("or turn this check off with --no-check-origin.")
    assert site.submitted() == []
    edges = site.edges
    site.edges = ["127.0.0.1:9"]
    assert site.release().code == 5
    with silent_edge() as (edge, _):
        site.edges = [edge]
        assert site.release("--proof-timeout", "0.3").code == 3
    site.edges = edges
    assert site.release().code == 0
    assert len(site.submitted()) == 1
