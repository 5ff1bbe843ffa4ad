"""URLs from a file or a pipe: one per line, or lines as `sha256sum` writes them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.api.object_paths import duplicates
from pulumi_alicdn.api.paths.path_checks import url_problem
from pulumi_alicdn.api.paths.path_forms import without_comment
from pulumi_alicdn.cli.console import say
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import counted, show_address
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.validation import Subject

F = TypeVar("F", bound=Callable[..., Any])

REMOVED: Final = "removed"
"""The word that replaces the hash of a removed file."""

MAX_NOTED: Final = 3
"""The most repeated URLs that a note names. [chosen: one line]"""

MAX_WRONG: Final = 10
"""The most wrong lines that an error names. [chosen: a file that is no list has nothing but wrong lines]"""

_SUM: Final = re.compile(r"([0-9a-fA-F]{64}|removed)[ \t]+\*?(\S.*)")


def from_file(what: str) -> Callable[[F], F]:
    """Add ``--from-file``; *what* describes its lines for the help text."""
    return click.option(
        "--from-file",
        metavar="FILE",
        help=f"Read {what} from FILE, - for standard input; empty lines and comments, which begin with #, are ignored.",
    )


@dataclass(frozen=True, slots=True)
class UrlList:
    """URLs in their order, each once. ``places``: where each was named, as the names of list elements."""

    urls: list[str]
    places: dict[Subject, str]


def urls(given: tuple[str, ...], file: str | None) -> UrlList:
    """Return the URLs *given*, then those of *file*. Raises InputError if there is none, or if *file* is unreadable.

    A URL that is named again, in any spelling, counts once; a note on stderr says so.
    """
    lines = list(_lines(file))
    found = [*given, *(text for _, text in lines)]
    if not found and file is not None:
        raise InputError(f"--from-file {file} holds no URL")
    if not found:
        raise InputError("there is no URL: name at least one, or read them with --from-file FILE")
    again = {index for _, index, _ in duplicates(found)}
    _note([found[index] for index in sorted(again) if index < len(given)], "argument")
    _note([found[index] for index in sorted(again) if index >= len(given)], "line", file)
    kept = [index for index in range(len(found)) if index not in again]
    places = {
        Subject("object_paths", (place,)): f"line {lines[index - len(given)][0]} of {_name(file)}"
        if index >= len(given)
        else f"URL {index + 1}"
        for place, index in enumerate(kept)
    }
    return UrlList([found[index] for index in kept], places)


def _name(file: str | None) -> str:
    return "standard input" if file == "-" else str(file)


def _note(again: Sequence[str], what: str, file: str | None = None) -> None:
    """Say which URLs repeat earlier ones; *what* holds each of them, in *file* if they come from one."""
    if again:
        few = ", ".join(map(show_address, again[:MAX_NOTED]))
        more = f" and {len(again) - MAX_NOTED:,} more" if len(again) > MAX_NOTED else ""
        where = "" if file is None else f" of {_name(file)}"
        lines = counted(len(again), f"{what}{where} names", f"{what}s{where} name")
        say(f"alicdn: {lines} a URL again, which counts once: {few}{more}")


def sums(file: str) -> list[Expected]:
    """Read lines `SHA256  URL` of *file*, or `removed  URL` for a removed file. Raises InputError."""
    found, wrong = [], []
    for number, text in _lines(file):
        parts = _SUM.fullmatch(text)
        if parts is None:
            wrong.append(
                f"line {number} of {_name(file)} is {show_address(text)}, but must be 'SHA256  URL' or '{REMOVED}  URL'"
            )
            continue
        problem = url_problem(parts[2])
        if problem:
            wrong.append(f"the URL in line {number} of {_name(file)} {problem}")
        found.append(Expected(parts[2], None if parts[1] == REMOVED else bytes.fromhex(parts[1])))
    again = [(found[first], found[index], index) for first, index, _ in duplicates([one.url for one in found])]
    wrong += [
        f"{_name(file)} names {show_address(one.url)} more than once, with different contents"
        for before, one, _ in again
        if one.sha256 != before.sha256
    ]
    if wrong:
        raise InputError("\n".join(wrong[:MAX_WRONG]))
    if not found:
        raise InputError(f"--from-file {file} holds no URL")
    _note([one.url for _, one, _ in again], "line", file)
    repeated = {index for _, _, index in again}
    return [one for index, one in enumerate(found) if index not in repeated]


def _lines(file: str | None) -> Iterator[tuple[int, str]]:
    """Yield the number (from 1) and the text, without outer space and comment, of each line that is not ignored."""
    if file is None:
        return
    try:
        # A byte-order mark, as Windows editors leave it, is not part of the first URL.
        text = (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"--from-file {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"--from-file {file} is no text in UTF-8") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, without_comment(line.strip())
