"""Broken rules as sentences, unknown values, and the rules that many options share.

The checks yield nothing for :data:`UNKNOWN`. None stands for an option that was left out: it breaks a rule only if the
option is *required*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show, show_address


class Unknown:
    """A value that is not known during a preview; no rule applies to it."""


UNKNOWN: Final = Unknown()
"""The only such value."""

Part = int | str
"""One step into a value: an index of a list, from 0, or a key of a mapping."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An option or, with ``parts``, an element of its value; each front end has its own name for it."""

    option: str
    parts: tuple[Part, ...] = ()

    def __str__(self) -> str:
        """The name in a Pulumi program: `object_paths[1]`."""
        return self.option + "".join(f"[{show_address(part)}]" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule.

    ``option``: the option at fault. ``says``: the rest of the sentence, which begins with the option's name; or, as a
    tuple, the whole sentence, in which each :class:`Subject` becomes its name. ``parts``: the way into the value.
    """

    option: str
    says: str | tuple[str | Subject, ...]
    parts: tuple[Part, ...] = ()

    @property
    def subject(self) -> Subject:
        """The option or element at fault."""
        return Subject(self.option, self.parts)

    @property
    def sentence(self) -> str:
        """The sentence with the names of a Pulumi program."""
        return self.spelled(str)

    def spelled(self, name: Callable[[Subject], str]) -> str:
        """Return the sentence with the names of a front end; *name* returns the one of a subject."""
        if isinstance(self.says, str):
            return f"{name(self.subject)} {self.says}"
        return "".join(word if isinstance(word, str) else name(word) for word in self.says)


def refuse(problems: Iterable[Problem], name: Callable[[Subject], str] = str, between: str = "; ") -> None:
    """Raise InputError with one sentence for each of *problems*; do nothing without any."""
    sentences = [problem.spelled(name) for problem in problems]
    if sentences:
        raise InputError(between.join(sentences))


def _open(value: object, *, required: bool) -> bool:
    """Whether no rule applies to *value*, because it is unknown, or left out and not *required*."""
    return value is UNKNOWN or (value is None and not required)


def one_of(option: str, value: object, allowed: Iterable[str], *, required: bool = False) -> Iterator[Problem]:
    """Check that a word is one of *allowed*."""
    words = [str(word) for word in allowed]
    if not _open(value, required=required) and not (isinstance(value, str) and value in words):
        yield Problem(option, f"is {show(value)}, but must be one of: {', '.join(words)}")


def boolean(option: str, value: object, *, required: bool = False) -> Iterator[Problem]:
    """Check that a value is true or false."""
    if not _open(value, required=required) and not isinstance(value, bool):
        yield Problem(option, f"is {show(value)}, but must be true or false")


def text(option: str, value: object, wanted: str, *, required: bool = False) -> Iterator[Problem]:
    """Check that a text is not empty; *wanted* describes it in the sentence."""
    if not _open(value, required=required) and not (isinstance(value, str) and value):
        yield Problem(option, f"is {show(value)}, but must be {wanted}")


def number(
    option: str, value: object, wanted: str, accept: Callable[[float], bool], *, required: bool = False
) -> Iterator[Problem]:
    """Check that a number is finite and that *accept* is true for it; *wanted* describes it in the sentence."""
    if _open(value, required=required):
        return
    finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if isinstance(value, bool) or not isinstance(value, int | float) or not finite or not accept(value):
        yield Problem(option, f"is {show(value)}, but must be {wanted}")


def whole(
    option: str, value: object, least: int, most: int | None = None, more: str = "", *, required: bool = False
) -> Iterator[Problem]:
    """Check that a number is whole and from *least* to *most* (None: no limit); *more* ends the sentence."""
    wanted = f"a whole number from {least}" + (f" to {most}" if most is not None else "") + more

    def accept(found: float) -> bool:
        return least <= found and (most is None or found <= most) and found % 1 == 0

    return number(option, value, wanted, accept, required=required)


def list_of(
    option: str,
    value: object,
    wanted: str,
    problem: Callable[[object], str] = lambda _: "",
    *,
    parts: tuple[Part, ...] = (),
    filled: bool = False,
    required: bool = False,
) -> Iterator[Problem]:
    """Check a list and its elements; if *filled*, it must not be empty.

    *wanted* describes the list in the sentence. *problem* returns the rule that an element breaks, as the end of a
    sentence that starts with the element's name, else an empty text; it is not called for unknown elements.
    """
    if _open(value, required=required):
        return
    if not isinstance(value, list | tuple) or (filled and not value):
        yield Problem(option, f"is {show_address(value)}, but must be {wanted}", parts)
        return
    for index, element in enumerate(value):
        reason = "" if element is UNKNOWN else problem(element)
        if reason:
            yield Problem(option, reason, (*parts, index))


def named_once(option: str, repeated: Iterable[tuple[int, int, str]], what: str) -> Iterator[Problem]:
    """Check that no element is repeated; *repeated*: positions (first, again) and the second spelling."""
    for first, again, spelling in repeated:
        says = f" is {show_address(spelling)}, which "
        subject = Subject(option, (again,))
        yield Problem(
            option, (subject, says, Subject(option, (first,)), f" names already; name each {what} once"), (again,)
        )


def elements(value: object) -> Sequence[object]:
    """Return the elements of a list; none for any other value."""
    return value if isinstance(value, list | tuple) else ()
