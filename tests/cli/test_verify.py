"""`alicdn verify` at the emulator's edges: what a shell pipeline gives it, and what it gets back."""

from __future__ import annotations

import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from cli.command_line import DEADLINE_S, DOMAIN, Begin, Ended, Run
from pulumi_alicdn.cli.app import main
from pulumi_alicdn.cli.commands.verify import COLUMNS, MAX_ROWS
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json

NAMES = ("app.js", "index.html", "sub/a b.txt")


def hexed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def dist(emulator: Emulator, tmp_path: Path) -> Path:
    """A folder that the origin serves as it is."""
    folder = tmp_path / "dist"
    (folder / "sub").mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(f"new {name}")
    emulator.admin("origin", {"files": {f"/{name}": f"new {name}" for name in NAMES} | {"/": "new index.html"}})
    return folder


@pytest.fixture
def edges(emulator: Emulator) -> list[str]:
    return [part for edge in emulator.edges for part in ("--edge", edge.removeprefix("http://"))]


def stale(emulator: Emulator, name: str, edge: int = 1) -> str:
    """Make an edge hold an old copy; return the edge."""
    copy: Json = {"edge": f"edge-{edge}", "url": f"{DOMAIN}/{name}", "body": "old", "age_s": 812.0}
    emulator.admin("edges", {"copies": [copy]})
    return emulator.edges[edge].removeprefix("http://")


def test_a_folder_is_proven_at_every_edge(run: Run, emulator: Emulator, dist: Path, edges: list[str]) -> None:
    ended = run("verify", "--directory", str(dist), "--base-url", DOMAIN, *edges, "--output", "json")
    assert ended.code == 0
    assert tuple(ended.objects[0]) == COLUMNS
    assert {one["url"] for one in ended.objects} == {
        f"{DOMAIN}/{name}" for name in ("app.js", "index.html", "sub/a%20b.txt")
    }
    assert {(one["finding"], one["served"] == one["expected"], one["note"]) for one in ended.objects} == {
        ("fresh", True, "")
    }
    assert ended.err == "alicdn: 3 URLs verified: 9 checks, all fresh\n"
    # Nobody needs the service for it, nor an account.
    assert emulator.calls() == []


def test_files_are_chosen_and_an_index_stands_for_its_folder(run: Run, dist: Path, edges: list[str]) -> None:
    more = ("--exclude", "*.js", "--include", "/index.html", "--include", "*.js", "--index", "index.html")
    ended = run("verify", "--directory", str(dist), "--base-url", f"{DOMAIN}/", *edges[:2], *more, "--output", "csv")
    assert [one["url"] for one in ended.records] == [f"{DOMAIN}/index.html", f"{DOMAIN}/"]
    assert ended.code == 0


def test_a_stale_edge_fails_and_is_named(run: Run, emulator: Emulator, dist: Path, edges: list[str]) -> None:
    edge = stale(emulator, "app.js")
    more = ("--origin", emulator.origin, "--patience", "0")
    ended = run("verify", "--directory", str(dist), "--base-url", DOMAIN, *edges, *more)
    assert ended.code == 1
    lines = ended.err.splitlines()
    assert lines[0] == "alicdn: the release is not proven: 1 of 3 URLs at 1 of 3 edges:"
    assert lines[1].startswith(f"  {edge}: {DOMAIN}/app.js: serves {hexed('old')[:8]}… (3 bytes, Age 812, X-Cache HIT")
    assert lines[1].endswith("the origin serves the release: this edge is stale")
    assert lines[2].startswith("Refresh these URLs again")
    table = ended.out.splitlines()
    assert (len(table), sum(row.startswith("fresh ") for row in table)) == (10, 8)
    (wrong,) = [row.split() for row in table if row.startswith("stale-edge")]
    assert wrong[1:] == [edge, "200", "HIT", "812", hexed("old")[:8], f"{DOMAIN}/app.js"]


def test_of_many_checks_people_see_what_differs_and_programs_see_all(
    run: Run, emulator: Emulator, dist: Path, edges: list[str]
) -> None:
    files = {f"/many/{n}.js": f"{n}" for n in range(600)}
    emulator.admin("origin", {"files": files})
    for path, text in files.items():
        (dist / path[1:]).parent.mkdir(exist_ok=True)
        (dist / path[1:]).write_text(text)
    stale(emulator, "many/599.js")
    more = ("--include", "many/", "--patience", "0")
    asked = ("verify", "--directory", str(dist), "--base-url", DOMAIN, *edges[:4], *more)
    people = run(*asked)
    assert people.out.count("\nfresh ") == MAX_ROWS
    assert people.out.count("\nstale ") == 1
    assert "alicdn: 199 more checks counted, but not listed: all fresh" in people.err
    assert len(run(*asked, "--output", "json").objects) == 1200


def test_a_stale_origin_is_distinguished(run: Run, emulator: Emulator, dist: Path, edges: list[str]) -> None:
    (dist / "app.js").write_text("newer, and not uploaded")
    more = ("--origin", emulator.origin, "--output", "json")
    ended = run("verify", "--directory", str(dist), "--base-url", DOMAIN, *edges, *more)
    assert ended.code == 1
    assert [one["finding"] for one in ended.objects if one["url"].endswith("app.js")] == 3 * ["stale-origin"]
    assert "Upload the release to the origin" in ended.err


def piped(begin: Begin, text: str, *arguments: str) -> Ended:
    child = begin("verify", "--from-file", "-", *arguments, stdin=subprocess.PIPE)
    out, err = child.communicate(text, timeout=DEADLINE_S)
    return Ended(child.returncode, out, err)


def test_sums_come_from_a_pipe(begin: Begin, emulator: Emulator, dist: Path, edges: list[str]) -> None:
    assert dist.is_dir()
    text = f"# today\n{hexed('new app.js')}  {DOMAIN}/app.js\n{hexed('new index.html').upper()} *{DOMAIN}/\n"
    gone = f"removed  {DOMAIN}/gone.js\n"
    good = piped(begin, text + gone, *edges, "--output", "json")
    stale(emulator, "gone.js")
    bad = piped(begin, gone, *edges, "--patience", "0")
    assert (good.code, [one["finding"] for one in good.objects]) == (0, 18 * ["fresh"])
    assert bad.code == 1
    assert "gone.js: answers 200 for what was removed (3 bytes, Age 812, X-Cache HIT); the origin was not" in bad.err
    for ended in (good, bad):
        assert "Of 1 removed URL, the old bytes are not known, so that 404, 410 and 403 alone count" in ended.err


def test_a_single_url_is_reported_with_its_sum(run: Run, dist: Path, edges: list[str]) -> None:
    assert dist.is_dir()
    good = run("verify", f"{DOMAIN}/app.js", "--sha256", hexed("new app.js"), *edges)
    bad = run("verify", f"{DOMAIN}/app.js", "--sha256", hexed("x"), *edges, "--patience", "0")
    gone = run("verify", f"{DOMAIN}/none", f"{DOMAIN}/neither", "--removed", *edges)
    assert [ended.code for ended in (good, bad, gone)] == [0, 1, 0]


def test_hosts_are_resolved_to_their_own_edges(run: Run, emulator: Emulator, dist: Path) -> None:
    assert dist.is_dir()
    first, second, _ = (edge.removeprefix("http://") for edge in emulator.edges)
    more = ("--resolve", f"media.example.com={first},{second}", "--output", "csv")
    ended = run("verify", f"{DOMAIN}/app.js", "--sha256", hexed("new app.js"), *more)
    assert [one["edge"] for one in ended.records] == [first, second]


def test_a_sample_is_bounded_and_large_files_are_compared_by_length(run: Run, dist: Path, edges: list[str]) -> None:
    more = ("--sample", "1", "--head-over", "0", "--output", "json")
    ended = run("verify", "--directory", str(dist), "--base-url", DOMAIN, *edges, *more)
    assert ended.code == 0
    assert {(one["url"], one["method"]) for one in ended.objects} == {(f"{DOMAIN}/index.html", "HEAD")}
    assert ended.objects[0]["note"].startswith("compared by length")


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_an_edge_that_is_down_ends_with_5_and_time_that_is_up_with_3(run: Run, silent: str) -> None:
    url = ("verify", f"{DOMAIN}/app.js", "--removed", "--patience", "0")
    down, late = run(*url, "--edge", "127.0.0.1:9"), run(*url, "--edge", silent, "--timeout", "0.3")
    assert (down.code, late.code) == (5, 3)
    assert f"127.0.0.1:9: {DOMAIN}/app.js: no connection" in down.err
    assert "had not answered when the time for the proof was up" in late.err
    assert "Give the proof more time" in late.err


def test_an_interrupt_ends_it_at_once(begin: Begin, silent: str) -> None:
    ours, theirs = pty.openpty()
    child = begin("verify", f"{DOMAIN}/app.js", "--removed", "--edge", silent, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"Looking" not in shown:
        shown += os.read(ours, 4096)
    child.terminate()
    assert child.wait(120) == 143
    os.close(ours)


def test_what_an_edge_says_is_shown_as_it_is(run: Run, emulator: Emulator, dist: Path, edges: list[str]) -> None:
    assert dist.is_dir()
    odd = {"Last-Modified": "[red]now[/red]"}
    copy: Json = {"edge": "edge-0", "url": f"{DOMAIN}/app.js", "body": "x", "headers": odd}
    emulator.admin("edges", {"copies": [copy]})
    ended = run("verify", f"{DOMAIN}/app.js", "--sha256", hexed("new app.js"), *edges, "--patience", "0")
    assert "Last-Modified [red]now[/red]" in ended.err


WRONG = [
    ([], "name what to verify: URLs with --sha256 or --removed, or --from-file, or --directory with --base-url"),
    ([f"{DOMAIN}/a"], "URLs need either --sha256 or --removed"),
    ([f"{DOMAIN}/a", "--sha256", "12"], "--sha256 is '12', but must be 64 hexadecimal digits"),
    ([f"{DOMAIN}/a", "--sha256", "zz" * 32], "but must be 64 hexadecimal digits"),
    ([f"{DOMAIN}/a", f"{DOMAIN}/b", "--sha256", "00" * 32], "--sha256 is for a single URL, not for 2"),
    (["a.js", "--removed"], "URL 1 is 'a.js', but must begin with http:// or https://"),
    ([f"{DOMAIN}/a", "--removed", "--base-url", DOMAIN], "need --directory"),
    ([f"{DOMAIN}/a", "--removed", "--directory", "."], "name what to verify: URLs"),
    (["--directory", "."], "--base-url is [], but must be a list of at least one URL"),
    (["--directory", ".", "--base-url", "a.js"], "--base-url 1 is 'a.js', but must begin with http:// or https://"),
    (["--directory", "/nowhere", "--base-url", DOMAIN], "--directory is '/nowhere', which cannot be read"),
    (["--directory", ".", "--base-url", DOMAIN, "--include", "*.nothing"], "--directory is '.', which has no matching"),
    ([f"{DOMAIN}/a", "--removed", "--origin-host", "a"], "--origin-host is 'a', but goes with --origin only"),
    (["--from-file", "/nowhere"], "--from-file /nowhere cannot be read"),
    ([f"{DOMAIN}/a", "--removed", "--edge", "a/b"], "--edge 1 is 'a/b', but must be an edge such as"),
    ([f"{DOMAIN}/a", "--removed", "--edge", "http://203.0.113.7"], "plain http:// is for this machine only"),
    ([f"{DOMAIN}/a", "--removed", "--origin", "a.example.com"], "--origin is 'a.example.com', but must begin with"),
    ([f"{DOMAIN}/a", "--removed", "--resolve", "a"], "--resolve is 'a', but must be HOST=EDGE"),
    ([f"{DOMAIN}/a", "--removed", "--timeout", "0"], "--timeout is 0.0, but must be a number of seconds above 0"),
    ([f"{DOMAIN}/a", "--removed", "--patience", "nan"], "--patience is nan, but must be a number of seconds from 0"),
    ([f"{DOMAIN}/a", "--removed", "--sample", "0"], "--sample"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_bad_input_is_reported_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setattr("pulumi_alicdn.cli.interrupt.heed_signals", lambda: None)
    code = main(["verify", *arguments])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("alicdn: ")
    assert sentence in err


def test_lines_that_are_no_sums_are_reported_with_their_number(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sums"
    file.write_text(f"{'0' * 64}  {DOMAIN}/a\n12 {DOMAIN}/b\n{'0' * 64}  c.js\n{'1' * 64}  {DOMAIN}/a\n")
    ended = run("verify", "--from-file", str(file), "--edge", "127.0.0.1:9")
    assert ended.code == 2
    assert [line.removeprefix("alicdn: ").split(" but ")[0] for line in ended.err.splitlines()] == [
        f"line 2 of {file} is '12 {DOMAIN}/b',",
        f"the URL in line 3 of {file} is 'c.js',",
        f"{file} names '{DOMAIN}/a' more than once, with different contents",
    ]


def test_a_sum_twice_counts_once_and_a_comment_is_ignored(begin: Begin, dist: Path, edges: list[str]) -> None:
    assert dist.is_dir()
    line = f"{hexed('new app.js')}  {DOMAIN}/app.js"
    ended = piped(begin, f"{line} # the script\n{line}\n", *edges, "--output", "json")
    assert (ended.code, [one["finding"] for one in ended.objects]) == (0, 3 * ["fresh"])
    assert f"1 line of standard input names a URL again, which counts once: '{DOMAIN}/app.js'" in ended.err


def test_the_http_client_is_loaded_only_when_it_is_needed() -> None:
    program = "import sys, pulumi_alicdn.cli.app; print({'aiohttp', 'httpx2'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "set()\n"
