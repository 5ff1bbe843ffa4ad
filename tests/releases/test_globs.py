"""Globs: what they mean, beside a slow and plain reading of the same rules."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.releases.globs import Globs, Selection, check_globs, left_out_sentence
from pulumi_alicdn.validation import UNKNOWN

names = st.text("aB.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
some_paths = st.lists(names, min_size=1, max_size=4).map("/".join)
parts = st.just("**") | st.text("aB.*?", min_size=1, max_size=3).filter(
    lambda part: "**" not in part and part not in (".", "..")
)
some_globs = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "/"]),
    st.lists(parts, min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "/"]),
).filter(lambda glob: not glob.endswith("**/"))


def fits(glob: list[str], path: list[str]) -> bool:
    if not glob:
        return not path
    if glob == ["**"]:
        return bool(path)
    if glob[0] == "**":
        return any(fits(glob[1:], path[skipped:]) for skipped in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], glob[0]) and fits(glob[1:], path[1:])


def means(glob: str, path: str) -> bool:
    folders_only = glob.endswith("/")
    body = glob.removesuffix("/")
    wanted = body.removeprefix("/").split("/")
    if "/" not in body:
        wanted = ["**", *wanted]
    found = path.split("/")
    return any(fits(wanted, found[:depth]) for depth in range(1, len(found) + (0 if folders_only else 1)))


@given(some_globs, some_paths)
@example("**/a/", "a")
@example("/**", "a")
def test_a_glob_means_what_the_rules_say(glob: str, path: str) -> None:
    assert Globs([glob]).matches(path) == means(glob, path)


@given(st.lists(some_globs, max_size=3), some_paths, some_paths)
def test_a_folder_that_is_covered_holds_nothing_that_does_not_match(globs: list[str], folder: str, below: str) -> None:
    chosen = Globs(globs)
    if chosen.covers(folder):
        assert chosen.matches(f"{folder}/{below}")


@given(st.lists(some_globs, max_size=4), some_paths)
def test_the_order_of_globs_does_not_count(globs: list[str], path: str) -> None:
    assert (
        Globs(globs).matches(path) == Globs(globs[::-1]).matches(path) == any(Globs([g]).matches(path) for g in globs)
    )


@given(st.lists(some_globs, max_size=2), st.lists(some_globs, max_size=2), some_paths)
def test_a_selection_takes_what_is_included_and_not_excluded(include: list[str], exclude: list[str], path: str) -> None:
    chosen = Selection(tuple(include), tuple(exclude)).compiled()
    included = not include or any(means(glob, path) for glob in include)
    assert chosen.takes(path) == (included and not any(means(glob, path) for glob in exclude))


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("*.m3u8", "video/season-01/index.m3u8", True),
        ("/*.m3u8", "video/index.m3u8", False),
        ("*.M3U8", "video/index.m3u8", False),
        ("video/**/*.ts", "video/a.ts", True),
        ("video/**/*.ts", "video/a/b/c.ts", True),
        ("video/*.ts", "video/a/b.ts", False),
        ("video/*.ts", "more/video/a.ts", False),
        ("node_modules/", "a/node_modules/b/c.js", True),
        ("node_modules/", "a/node_modules", False),
        (".DS_Store", "a/.DS_Store", True),
        ("*", "a/.hidden", True),
        ("segment-0000[0-4].ts", "video/segment-00003.ts", True),
        ("segment-0000[0-4].ts", "video/segment-00005.ts", False),
        (r"\*.ts", "*.ts", True),
        (r"\*.ts", "a.ts", False),
        (r"\[a].ts", "[a].ts", True),
        (r"\#1.ts", "#1.ts", True),
        ("{a,b}.ts", "a.ts", False),
        ("été/*.ts", "été/a b.ts", True),
        ("a+(b).ts", "a+(b).ts", True),
    ],
)
def test_examples(glob: str, path: str, *, expected: bool) -> None:
    assert Globs([glob]).matches(path) == expected


def test_no_glob_matches_nothing() -> None:
    assert not Globs([]).matches("a")


@pytest.mark.parametrize(
    ("glob", "says"),
    [
        ("", "must be a glob"),
        (7, "must be a glob"),
        (" *.ts", "white space"),
        ("*.ts\n", "white space"),
        ("a\0b", "control characters"),
        ("!*.ts", "does not begin with !"),
        ("#*.ts", "does not begin with #"),
        ("a\\", "has no character to escape"),
        ("[ab", "a [ begins a list"),
        ("[!a]b", "a [ begins a list"),
        ("[[:alpha:]]", "a [ begins a list"),
        ("[a--b]", "a [ begins a list"),
        ("[z-a]", "runs upwards"),
        ("/", "empty part"),
        ("a//b", "empty part"),
        ("./a", "'.' or '..'"),
        ("../a", "'.' or '..'"),
        ("a**/b", "must stand alone"),
        ("a/***", "must stand alone"),
        ("a/**/", "leave out the /"),
    ],
)
def test_a_bad_glob_is_reported_in_one_sentence(glob: object, says: str) -> None:
    problems = list(check_globs("prefetch", ["*.ts", glob]))

    assert [str(problem.subject) for problem in problems] == ["prefetch[1]"]
    assert problems[0].sentence.startswith(f"prefetch[1] is {glob!r}, ")
    assert says in problems[0].sentence


@pytest.mark.parametrize("value", [None, UNKNOWN, [], ["*.ts", UNKNOWN], ("**",)])
def test_what_is_not_given_or_not_known_yet_breaks_no_rule(value: object) -> None:
    assert list(check_globs("prefetch", value)) == []


def test_a_text_is_no_list_of_globs() -> None:
    assert [str(problem.subject) for problem in check_globs("include", "*.ts")] == ["include"]


@given(st.text(max_size=8))
def test_any_text_is_either_refused_or_matches_without_fail(glob: str) -> None:
    if list(check_globs("include", [glob])):
        with pytest.raises(InputError, match="include"):
            Globs([glob], "include")
    else:
        Globs([glob]).matches("a/b")


@given(st.text(r"[]a-z!^\/*?&|~+.", max_size=10))
def test_any_brackets_are_either_refused_or_match_within_a_part(glob: str) -> None:
    if not list(check_globs("include", [glob])) and "/" not in glob:
        globs = Globs([glob])
        assert globs.matches("a/b") == (globs.matches("a") or globs.matches("b"))


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        (".DS_Store", True),
        ("img/.DS_Store", True),
        ("img/._logo.png", True),
        ("Thumbs.db", True),
        ("a/b/thumbs.db", True),
        ("desktop.ini", True),
        ("Desktop.ini", True),
        (".git", True),
        (".git/config", True),
        ("sub/.git", True),
        ("sub/.git/HEAD", True),
        (".gitkeep", True),
        (".gitignore", True),
        (".svn/entries", True),
        (".well-known/security.txt", False),
        (".htaccess", False),
        (".nojekyll", False),
        ("_next/app.js", False),
        ("my.git/a.js", False),
        ("DS_Store", False),
    ],
)
def test_what_systems_put_beside_a_site_is_left_out_and_files_of_a_site_are_not(path: str, left_out: bool) -> None:
    chosen = Selection().compiled()
    assert chosen.leaves_out(path) is left_out
    assert chosen.takes(path) is not left_out


@pytest.mark.parametrize(
    ("include", "path", "taken"),
    [
        (("**",), ".DS_Store", False),
        (("*",), ".gitkeep", False),
        (("img/**",), "img/.DS_Store", False),
        (("**", ".DS_Store"), "img/.DS_Store", True),
        (("**", ".DS_Store"), "img/Thumbs.db", False),
        (("**", "/.git"), ".git/config", True),
        (("**", "/.git"), "sub/.git/config", False),
        (("**", ".git/config"), ".git/config", True),
        (("**", ".git/config"), ".git/HEAD", False),
        (("**", "._*"), "._a", True),
        (("**", "img/._logo.png"), "img/._logo.png", True),
        (("**", "img/._logo.png"), "img/._b.png", False),
        (("**", "[Tt]humbs.db"), "Thumbs.db", True),
    ],
)
def test_include_brings_back_what_it_names(include: tuple[str, ...], path: str, taken: bool) -> None:
    assert Selection(include).compiled().takes(path) is taken
    assert not Selection(include, (path,)).compiled().takes(path)


def test_what_was_left_out_is_said_in_one_line() -> None:
    assert left_out_sentence(()) == ""
    assert left_out_sentence((".git",)) == (
        "1 file or folder left out, as a site does not serve them ('.git'); include can name them"
    )
    many = left_out_sentence([f"{number}/._{number}" for number in range(1000)])
    assert many.startswith("1,000 files and folders left out, as a site does not serve them ('._0', '._1', ")
    assert len(many) < 200
