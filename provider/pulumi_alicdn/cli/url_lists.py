"""URLs from a file or a pipe: one per line, or lines as `sha256sum` writes them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.api.object_paths import duplicates, path_problem
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.releases.proof.judge import Expected

F = TypeVar("F", bound=Callable[..., Any])

REMOVED: Final = "removed"
"""The word that replaces the hash of a removed file."""

_SUM: Final = re.compile(r"([0-9a-fA-F]{64}|removed)[ \t]+\*?(\S+)")


def from_file(what: str) -> Callable[[F], F]:
    """Add ``--from-file``; *what* describes its lines for the help text."""
    return click.option(
        "--from-file",
        metavar="FILE",
        help=f"Read {what} from FILE, - for standard input; empty lines and lines that begin with # are ignored.",
    )


def urls(given: tuple[str, ...], file: str | None) -> list[str]:
    """Return the URLs *given*, then those of *file*. Raises InputError if there is none, or if *file* is unreadable."""
    found = [*given, *(text for _, text in _lines(file))]
    if not found and file is not None:
        raise InputError(f"--from-file {file} holds no URL")
    if not found:
        raise InputError("there is no URL: name at least one, or read them with --from-file FILE")
    return found


def sums(file: str) -> list[Expected]:
    """Read lines `SHA256  URL` of *file*, or `removed  URL` for a removed file. Raises InputError."""
    found, wrong = [], []
    for number, text in _lines(file):
        parts = _SUM.fullmatch(text)
        if parts is None:
            wrong.append(
                f"line {number} of {file} is {show_address(text)}, but must be 'SHA256  URL' or '{REMOVED}  URL'"
            )
            continue
        problem = path_problem(parts[2], None)
        if problem:
            wrong.append(f"the URL in line {number} of {file} {problem}")
        found.append(Expected(parts[2], None if parts[1] == REMOVED else bytes.fromhex(parts[1])))
    wrong += [f"{file} names {url} more than once" for _, _, url in duplicates([one.url for one in found])]
    if wrong:
        raise InputError("\n".join(wrong[:10]))
    if not found:
        raise InputError(f"--from-file {file} holds no URL")
    return found


def _lines(file: str | None) -> Iterator[tuple[int, str]]:
    """Yield the number (from 1) and the text, without outer space, of each line that is not ignored."""
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
            yield number, line.strip()
