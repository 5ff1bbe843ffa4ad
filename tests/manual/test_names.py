"""What the sentences of the pages name exists: commands, options, targets of make, exports, files, words of code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import click
import pytest

import pulumi_alicdn
from manual.command_line import contexts
from manual.pages import PAGES, ROOT

READ: Final = (*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md")
"""The pages on what is there now; the changelog also names what is gone."""

SOURCES: Final = ("provider/**/*.py", "examples/**/*.*", "tests/conftest.py", "tests/support/*.py", "Makefile")
"""Where words of the project are."""

THEIRS: Final = {
    "Pulumi": ("Info", "stacks", "automation", "CommandError", "monitor", "terminated", "shutting"),
    "pulumi up": ("--yes", "--non-interactive", "--suppress-progress", "--replace", "--target", "--target-dependents"),
    "GitHub and GitLab": ("githubusercontent", "id_tokens", "Get"),
    "AWS": ("aws_cloudfront_create_invalidation",),
    "the shell and pip": ("ls", "whl"),
    "PyPI": ("pypi",),
    "aliyun": ("--waiter",),
}
"""Words and options of other programs, by whose they are."""

_WORD: Final = re.compile(r"(?<![\w-])[A-Za-z]\w*[a-z0-9]|(?<![\w-])[A-Z]+_[A-Z_]*[A-Z]")
"""A name of the code or a variable; a word in capitals without `_` stands for what a user fills in."""

_OPTION: Final = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")

_PATH: Final = re.compile(r"(?:provider|examples|tests|docs)/[\w./-]+")


@cache
def words() -> frozenset[str]:
    """All words of the sources."""
    files = (path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file())
    return frozenset(word for path in files for word in re.findall(r"\w+", path.read_text("utf-8", "replace")))


@cache
def options() -> dict[str, frozenset[str]]:
    """The options of each command, by its name with `alicdn`."""
    return {
        context.command_path: frozenset(
            flag
            for parameter in context.command.get_params(context)
            if isinstance(parameter, click.Option)
            for flag in (*parameter.opts, *parameter.secondary_opts)
        )
        for context in contexts()
    }


def named(page: Path) -> Iterator[str]:
    """What stands between backticks in the sentences of a page. Other tests run its blocks."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", prose)


def wrong(name: str) -> Iterator[str]:
    """What of *name* does not exist."""
    theirs = {word for several in THEIRS.values() for word in several}
    first, _, rest = name.partition(" ")
    if _PATH.fullmatch(name):
        yield from () if (ROOT / name).exists() else (name,)
        return
    if first == "make" and rest:
        inside = re.findall(r"\$\(make ([\w-]+)\)", rest)
        yield from _wrong_for_make([*inside, *shlex.split(re.sub(r"\$\(make [\w-]+\)", "PROGRAM", rest))])
        return
    if first == "alicdn":
        known = [command for command in options() if f"{name} ".startswith(f"{command} ")]
        command = max(known, key=len)
        if command == "alicdn" and re.match(r"[a-z]", rest):
            yield f"the command {name}"
        yield from (one for one in _OPTION.findall(rest) if one not in options()[command] | options()["alicdn"])
    else:
        ours = frozenset().union(*options().values())
        yield from (one for one in _OPTION.findall(name) if one not in ours | theirs and one not in words())
    if re.match(r"(alicdn)\.[A-Za-z]", name):
        export = re.split(r"\W", name.removeprefix("alicdn."))[0]
        if not hasattr(pulumi_alicdn, export):
            yield name
    # Variables of proxies are read in both cases.
    yield from (word for word in _WORD.findall(name) if not {word, word.lower()} & (words() | theirs))


def _wrong_for_make(given: list[str]) -> Iterator[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for one in given:
        variable, assigned, value = one.partition("=")
        if not assigned and not re.search(rf"^{re.escape(one)}:", makefile, re.MULTILINE):
            yield f"make {one}"
        passed_on = variable in words()  # make hands its variables on to what it runs, as the environment
        if assigned and not passed_on and f"$({variable})" not in makefile and f"$(or $({variable})," not in makefile:
            yield one
        if variable == "ARGS":
            yield from (path for path in _PATH.findall(value) if not (ROOT / path).exists())


@pytest.mark.parametrize("page", READ, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_exists(page: Path) -> None:
    assert {name: missing for name in named(page) if (missing := list(wrong(name)))} == {}


@pytest.mark.parametrize(
    "name",
    [
        "alicdn purge",
        "alicdn wait --forever",
        "--no-such-option",
        "make deploy",
        "make test SUITE=quick",
        'make test ARGS="tests/nowhere"',
        "alicdn.PurgeTask",
        "purge_everything",
        "ALICDN_NO_SUCH_VARIABLE",
        "tests/nowhere.py",
    ],
)
def test_a_name_of_nothing_is_found(name: str) -> None:
    assert list(wrong(name))
