r"""Globs that choose files of a folder: what they mean, and what is wrong with a bad one.

A glob is one line of a `.gitignore` (git's documentation, "Pattern format"), matched against a file's path relative to
the folder, with `/` between its parts; upper and lower case differ:

- `*` is any text and `?` any letter, both without `/`; `[a-z0-9_]` is one of the letters listed.
- `**` is any number of folders, and stands alone between slashes: `**/x`, `a/**`, `a/**/b`.
- A glob with a `/` at its beginning or in its middle counts from the folder itself; any other matches at every depth:
  `*.ts` is every such file, `/*.ts` only those at the top.
- A glob that matches a folder means all below it; with a `/` at its end it matches folders only.
- A backslash takes the next letter for what it is: `\*`.

Left out, so that a list of globs means the same in any order: `!` (there is *exclude*), comments, and `[!a]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.base import GitIgnorePatternError

from pulumi_alicdn.phrases import show
from pulumi_alicdn.validation import Problem, list_of, refuse

_ESCAPED = re.compile(r"\\.", re.DOTALL)
# What every regular expression takes for the same: no nested sets, no set operations, no classes by name.
_BRACKET = re.compile(r"\[(?:\w-\w|[\w.,@+= ])+-?\]")


def _glob_problem(glob: object) -> str:  # noqa: PLR0911  one return a rule
    """What is wrong with *glob*, as the end of a sentence that starts with its name; empty where nothing is."""
    quoted = show(glob)
    if not isinstance(glob, str) or not glob.strip():
        return f"is {quoted}, but must be a glob such as '**/*.m3u8'"
    if glob != glob.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in glob):  # noqa: PLR2004  controls
        return f"is {quoted}, but must not begin or end with white space, nor hold line breaks or control characters"
    if glob[0] in "!#":
        return f"is {quoted}, but a glob does not begin with {glob[0]}; write \\{glob[0]} for the letter itself"
    plain = _BRACKET.sub("x", _ESCAPED.sub("x", glob))
    if plain.endswith("\\"):
        return f"is {quoted}, whose last \\ has no letter to stand for"
    if "[" in plain:
        return f"is {quoted}, but a [ begins a list such as [a-z0-9_]; write \\[ for the letter itself"
    parts = plain.removeprefix("/").removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        return f"is {quoted}, but paths are relative to the folder and have no empty part, '.' or '..'"
    if any("**" in part and part != "**" for part in parts):
        return f"is {quoted}, but ** must stand alone between slashes, as in 'a/**/b'"
    if plain.endswith("**/"):
        return f"is {quoted}, but nothing follows its last **; leave out the / at its end"
    try:
        GitIgnoreSpec.from_lines([glob])
    except (GitIgnorePatternError, re.error):
        return f"is {quoted}, but must be a glob such as '**/*.m3u8' (a range in [] runs upwards)"
    return ""


def check_globs(option: str, value: object) -> Iterator[Problem]:
    """All broken rules of *option*, a list of globs; None and what is not known yet break none."""
    return list_of(option, value, "a list of globs such as ['**/*.m3u8']", _glob_problem)


class Globs:
    """A list of globs; a path matches if one of them matches it."""

    def __init__(self, globs: Sequence[str], option: str = "globs") -> None:
        """Take *globs*, the value of *option*. Raises InputError for a bad one."""
        refuse(check_globs(option, list(globs)))
        # One backend everywhere: pathspec would otherwise take any that happens to be installed, and they differ.
        self._spec = GitIgnoreSpec.from_lines(globs, backend="simple")

    def matches(self, path: str) -> bool:
        """Whether *path*, of a file, is meant."""
        return self._spec.match_file(path, separators=())

    def covers(self, folder: str) -> bool:
        """Whether everything below *folder* is meant for sure."""
        return self._spec.match_file(f"{folder}/", separators=())


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files of a folder count: those that *include* means, all without it, except those that *exclude* means."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def compiled(self) -> Chooser:
        """What decides. Raises InputError for a bad glob."""
        return Chooser(Globs(self.include, "include") if self.include else None, Globs(self.exclude, "exclude"))


@dataclass(frozen=True, slots=True)
class Chooser:
    """A :class:`Selection` that is ready to decide; ``include`` is None where everything is included."""

    include: Globs | None
    exclude: Globs

    def takes(self, path: str) -> bool:
        """Whether the file at *path* counts."""
        return (self.include is None or self.include.matches(path)) and not self.exclude.matches(path)

    def skips(self, folder: str) -> bool:
        """Whether nothing below *folder* counts for sure, so that nobody need look."""
        return self.exclude.covers(folder)
