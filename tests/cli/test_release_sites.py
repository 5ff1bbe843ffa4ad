"""`alicdn release` of sites whose edges and origins are configured as real ones: does it pass, and what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command_line import Ended, Run
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from support.call_log import NewSubmits

SITE = "http://www.example.com"
FILES = {
    "index.html": "<!doctype html>\n<!-- home -->\n<p>\n  Home\n</p>\n",
    "docs/index.html": "<!doctype html>\n<!-- docs -->\n<p>\n  Docs\n</p>\n",
    "app.js": "console.log(1)\n",
}
AGAIN = "Refresh these URLs again"
Release = Callable[..., Ended]


@pytest.fixture
def release(emulator: Emulator, tmp_path: Path, run: Run) -> Release:
    """Release the files, whose uploads also brought what a Mac and git left beside them nowhere."""
    emulator.admin("clock", {"frozen": False, "speed": 30})
    dist = tmp_path / "dist"
    for name, text in {**FILES, ".DS_Store": "mac", "docs/.DS_Store": "mac", ".git/config": "git"}.items():
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).write_text(text)
    emulator.admin("origin", {"files": {f"/{name}": text for name, text in FILES.items()}})
    edges = [part for edge in emulator.edges for part in ("--edge", edge.removeprefix("http://"))]
    where = ["--directory", str(dist), "--base-url", SITE, "--origin", emulator.origin, *edges]
    given = ["--manifest", str(tmp_path / "site.json"), "--service", "cdn", *where, "--proof-patience", "0"]
    return lambda *more: run("release", *given, *more)


def rules(emulator: Emulator, **changed: Json) -> None:
    emulator.admin("rules", {**changed})


def test_files_of_a_mac_and_of_git_are_left_out_and_the_plan_says_so(release: Release) -> None:
    ended = release()
    assert ended.code == 0, ended.err
    assert "first release of 3 files" in ended.err
    said = "3 files and folders left out, as a site does not serve them ('.DS_Store', '.git'); --include can name them"
    assert said in ended.err
    assert "left out" not in release().err


def test_what_include_names_is_a_file_of_the_site(release: Release) -> None:
    ended = release("--include", "**", "--include", ".git/config")
    assert ended.code == 1
    assert f"{SITE}/.git/config: answers 404" in ended.err
    assert "DS_Store: " not in ended.err


@pytest.mark.parametrize("folders", ["first-page", "none"])
def test_an_origin_that_does_not_serve_its_folders_passes_unless_they_are_required(
    emulator: Emulator, release: Release, folders: str
) -> None:
    rules(emulator, folders=folders)
    submitted = NewSubmits(emulator).take
    required = release("--index", "index.html")
    assert (required.code, submitted()) == (1, [])
    assert f"{SITE}/docs/: " in required.err
    assert "the origin does not serve the index file of this folder" in required.err
    assert "leave --index out" in required.err
    assert "Upload the release to the origin first" not in required.err
    ended = release("--output", "json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    served = {one["url"]: one["finding"] for one in found["evidence"]}
    assert (served[f"{SITE}/docs/"], served[f"{SITE}/docs/index.html"]) == ("not-required", "fresh")
    counted = [one for one in found["evidence"] if one["finding"] == "fresh" and not one.get("copy")]
    assert sum(one["fresh"] for one in found["evidence_summary"]) == len(counted)
    assert "more checks of folders found no index file, as the site serves none." in ended.err


def test_a_folder_at_which_the_site_serves_its_first_page_is_refreshed_and_proven_with_that_page(
    emulator: Emulator, release: Release, tmp_path: Path
) -> None:
    rules(emulator, folders="first-page")
    assert release().code == 0
    submits = NewSubmits(emulator)
    submits.take()
    three = [("RefreshObjectCaches", [f"{SITE}/index.html", f"{SITE}/", f"{SITE}/docs/"])]

    def put(name: str, text: str) -> None:
        (tmp_path / "dist" / name).write_text(text)
        emulator.admin("origin", {"files": {f"/{name}": text}})

    # A proof that does not ask for the folder forgets nothing.
    put("app.js", "console.log(2)\n")
    assert release().code == 0
    assert submits.take() == [("RefreshObjectCaches", [f"{SITE}/app.js"])]
    put("index.html", "<p>New home</p>")
    planned = release("--plan").out
    assert "the page of / is served at 1 folder, too, refreshed and proven with it: docs" in planned
    ended = release("--output", "json")
    assert ended.code == 0, ended.err
    assert submits.take() == three
    served = {one["url"]: one["finding"] for one in json.loads(ended.out)["evidence"]}
    assert served == {f"{SITE}/": "fresh", f"{SITE}/docs/": "not-required", f"{SITE}/index.html": "fresh"}
    assert {answer.body for answer in emulator.get_everywhere(f"{SITE}/docs/")} == {b"<p>New home</p>"}

    # Once the site serves the folder's own page, that one counts there.
    rules(emulator, folders="own")
    put("index.html", "<p>Newer home</p>")
    ended = release("--output", "json")
    assert ended.code == 0, ended.err
    assert submits.take() == three
    put("index.html", "<p>Newest home</p>")
    assert "served at 1 folder" not in release("--plan").out


def test_what_was_removed_is_gone_by_its_bytes_where_the_site_answers_every_name(
    emulator: Emulator, release: Release, run: Run, tmp_path: Path
) -> None:
    assert release().code == 0
    rules(emulator, unknown="first-page")
    edges = [part for edge in emulator.edges for part in ("--edge", edge.removeprefix("http://"))]
    verify = ["verify", f"{SITE}/app.js", "--removed", *edges, "--patience", "0"]
    known = [*verify, "--manifest", str(tmp_path / "site.json")]
    kept = run(*known)
    assert kept.code == 1
    assert "app.js: still serves what was removed" in kept.err

    # Its name is unknown to the site by now, which serves its first page there.
    emulator.admin("origin", {"files": {"/app.js": FILES["index.html"]}})
    by_status = [*verify[:1], f"{SITE}/never.js", *verify[2:]]
    assert "Of 1 removed URL, the old bytes are not known" in run(*by_status).err
    assert run("refresh", "--service", "cdn", f"{SITE}/app.js").code == 0
    gone = run(*known)
    assert gone.code == 0, gone.err
    assert "not known" not in gone.err
    other = run(*by_status, "--manifest", str(tmp_path / "site.json"))
    assert (other.code, f"in whose release is no file for '{SITE}/never.js'" in other.err) == (2, True)


def test_a_redirect_to_https_is_named_with_its_way_out(emulator: Emulator, release: Release) -> None:
    rules(emulator, redirect_https=True)
    ended = release()
    assert ended.code == 1
    assert "answers 301; it redirects to https://www.example.com/app.js" in ended.err
    assert "Write --base-url with https: these edges redirect plain http." in ended.err
    assert AGAIN not in ended.err
    assert "--again" not in ended.err


def test_page_optimization_is_named_with_its_way_out(emulator: Emulator, release: Release) -> None:
    rules(emulator, page_optimization=True)
    assert release("--exclude", "*.html").code == 0
    ended = release()
    assert ended.code == 1
    assert "this edge rewrites the page" in ended.err
    assert f"{SITE}/app.js: " not in ended.err
    assert "Switch page optimization off for this domain" in ended.err
    assert AGAIN not in ended.err


def test_edges_that_compress_everything_or_answer_206_are_proven(emulator: Emulator, release: Release) -> None:
    rules(emulator, force_gzip=True, head_refused=True)
    assert release().code == 0
    rules(emulator, force_gzip=False, partial="whole")
    assert release("--again").code == 0
    rules(emulator, partial="half")
    ended = release("--again")
    assert ended.code == 1
    assert "answers with a part of the file, though the whole was requested: bytes 0-" in ended.err


def test_edges_for_browsers_only_are_asked_as_a_browser(emulator: Emulator, release: Release) -> None:
    rules(emulator, browsers_only=True)
    ended = release()
    assert ended.code == 1
    assert "Set --user-agent browser" in ended.err
    ended = release("--user-agent", "browser")
    assert ended.code == 0, ended.err


def test_a_stale_compressed_copy_fails_a_release_that_is_fresh_without_compression(
    emulator: Emulator, release: Release, run: Run, tmp_path: Path
) -> None:
    emulator.admin("modes", {"copies_by_encoding": True})
    assert release().code == 0
    edges = [part for edge in emulator.edges for part in ("--edge", edge.removeprefix("http://"))]
    verify = ("verify", "--directory", str(tmp_path / "dist"), "--base-url", SITE, *edges, "--patience", "0")
    assert run(*verify).code == 0
    copy: Json = {"edge": "edge-1", "url": f"{SITE}/app.js", "body": "old", "encoding": "gzip"}
    emulator.admin("edges", {"copies": [copy]})
    ended = run(*verify, "--origin", emulator.origin)
    assert ended.code == 1
    assert "app.js: compressed copy (gzip): serves " in ended.err
    assert "has an old compressed copy (gzip); without compression, it serves the release" in ended.err
