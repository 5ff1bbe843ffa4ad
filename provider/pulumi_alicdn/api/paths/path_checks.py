"""The rules of an object path: each broken one is one sentence, with the corrected form to copy where it is clear.

A refresh of an object that nobody holds is Complete at the service, so what only looks like a URL must not be sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.limits import MAX_PREFETCH_PATH_LENGTH
from pulumi_alicdn.api.object_paths import duplicates, split
from pulumi_alicdn.api.paths.path_forms import (
    begins_properly,
    corrected,
    domain_of,
    dot_segments,
    separated,
    stray_percent,
    without_comment,
)
from pulumi_alicdn.api.paths.path_patterns import as_pattern, broken_pattern, expanded, folder_of, glob_sign, is_pattern
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.phrases import listed, redacted, show_address
from pulumi_alicdn.validation import Problem, elements, list_of, named_once

MAX_FORM_LENGTH: Final = 2000
"""Characters of the longest form that a sentence offers to copy. [chosen: longer than nearly every URL; a form that is
cut off is none]"""

MAX_FORMS: Final = 5
"""The most forms that a sentence offers. [chosen: a few lines]"""

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)
"""One part of a domain name (RFC 1123, section 2.1, and the underscore that some names have)."""

_ESCAPES: Final = {"{": "%7B", "}": "%7D", "<": "%3C", ">": "%3E"}
"""Letters that no client sends in a path as they are: most often they belong to a placeholder or to a pattern."""


_SPACE: Final = re.compile(r"[^\S\x00-\x1f]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Controls of ASCII except tabs and line breaks, which have sentences of their own."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What a path is for. ``object_type``: None if it is not known or does not matter.

    ``pattern``: whether it is or may be a regular expression. ``typed``: whether the user chooses the type.
    """

    object_type: ObjectType | None
    pattern: bool
    typed: bool


def path_problem(path: object, object_type: ObjectType | None) -> str:
    """Return the rule that *path* breaks, as the end of a sentence that starts with its name; else empty.

    If *object_type* is None, the rules that depend on it are skipped: the path may be a regular expression.
    """
    pattern = object_type in (None, ObjectType.REGEX)
    return _problem(path, _Use(object_type, pattern, typed=object_type not in (None, ObjectType.PRELOAD)))


def url_problem(url: object) -> str:
    """Like :func:`path_problem`, for a URL that is requested as it is, as visitors do: a page or an object."""
    return _problem(url, _Use(None, pattern=False, typed=False))


def domain_problem(domain: object) -> str:
    """Return the rule that the name of a domain breaks, as the end of a sentence; else empty.

    A dot in front of it stands for all domains below it, as the service writes them.
    """
    quoted = show_address(domain)
    if isinstance(domain, str) and is_domain(domain.removeprefix(".")):
        return ""
    if isinstance(domain, str) and len(re.findall(r"[^\s,;|\uff0c\uff1b\u3001]+", domain)) > 1:
        return f"is {quoted}, but must be one domain"
    form = domain_of(domain) if isinstance(domain, str) and redacted(domain) == domain else ""
    way_out = f"; write '{form}'" if is_domain(form) else " such as 'media.example.com'"
    return f"is {quoted}, but must be a domain{way_out}"


def is_domain(text: str) -> bool:
    """Whether *text* is a full domain name as DNS and the service know it."""
    labels = text.split(".")
    return all(map(_LABEL.fullmatch, labels)) and (len(labels) > 1 or labels == ["localhost"])


def listed_path_problem(path: object) -> str:
    """Return what is wrong with *path* as the object whose rows are listed, as the end of a sentence; else empty.

    Rows are listed whatever they hold, so that only what can be in no row is refused.
    """
    if isinstance(path, str) and len(separated(path, pattern=True)) > 1:
        return f"is {show_address(path)}, which holds several URLs; ask for each by itself"
    if not isinstance(path, str) or not path or any(map(str.isspace, path)):
        form = _form(path, _Use(None, pattern=True, typed=False)) if isinstance(path, str) else ""
        return f"is {show_address(path)}, but must be text without white space" + (f"; write {form}" if form else "")
    return ""


def check_object_paths(option: str, value: object, object_type: ObjectType | None) -> Iterator[Problem]:
    """Check *option*, a list of object paths, and yield each broken rule; *object_type* as in :func:`path_problem`."""
    if value in ([], ()):
        yield Problem(option, "is empty, but must name at least one URL")
    yield from list_of(option, value, "a list of URLs", lambda path: path_problem(path, object_type))
    yield from named_once(option, duplicates(elements(value)), "object")


def _problem(path: object, use: _Use) -> str:
    if not isinstance(path, str):
        return f"is {show_address(path)}, but must be a URL"
    quoted = show_address(path)
    if not path.strip():
        return f"is {quoted}, but must be a URL such as 'https://media.example.com/index.html'"
    urls = separated(path, pattern=use.pattern)
    if len(urls) > 1:
        forms = [_accepted(_corrected(url, use), use) or url for url in urls]
        return f"is {quoted}, which holds {len(urls):,} URLs; write them separately{_forms(path, forms)}"
    reason, advice = next(filter(None, (rule(path, use) for rule in _RULES)), ("", ""))
    if not reason:
        return ""
    form = _form(path, use)
    return f"is {quoted}, {reason}" + (f"; write {form}" if form else f"; {advice}" if advice else "")


_Broken = tuple[str, str] | None
"""A broken rule, and the advice of a sentence that offers no form to copy."""


def _form(path: str, use: _Use) -> str:
    """Return the corrected form of *path*, quoted; empty if it is too long, still wrong, or may hold a password."""
    form = _accepted(_corrected(path, use), use)
    return _quoted(form) if form and form != path and redacted(path) == path else ""


def _corrected(path: str, use: _Use) -> str:
    return corrected(path, pattern=use.pattern, directory=use.object_type is ObjectType.DIRECTORY)


def _accepted(form: str, use: _Use) -> str:
    """Return *form*; empty if it breaks a rule itself, or is too long."""
    sound = len(separated(form, pattern=use.pattern)) == 1 and not any(rule(form, use) for rule in _RULES)
    return form if sound and len(form) <= MAX_FORM_LENGTH else ""


def _quoted(form: str) -> str:
    """Quote a URL without escaping anything in it, so that it can be copied."""
    mark = '"' if "'" in form else "'"
    return f"{mark}{form}{mark}"


def _forms(path: str, forms: list[str]) -> str:
    if redacted(path) != path or any(redacted(form) != form or len(form) > MAX_FORM_LENGTH for form in forms):
        return ""
    more = len(forms) - MAX_FORMS
    return ": " + ", ".join(map(_quoted, forms[:MAX_FORMS])) + (f" and {more:,} more" if more > 0 else "")


def _beginning(path: str, _use: _Use) -> _Broken:
    # White space in front of a URL is reported as white space.
    return None if begins_properly(path.lstrip()) else ("but must begin with http:// or https://", "")


def _domain(path: str, _use: _Use) -> _Broken:
    authority = re.split(r"[/?#\\]", path.lstrip().split("://", 1)[1], maxsplit=1)[0]
    if "*" in authority:
        return "but the domain must not be a wildcard", "name each accelerated domain"
    parts = split(path.strip())
    if parts is None or not parts.hostname:
        return "which names no domain", ""
    if parts.username is not None or parts.password is not None:
        return "but must not hold a user name or password", ""
    return None


def _letters(path: str, use: _Use) -> _Broken:
    """Return which letters *path* holds that no URL has, all of them in one sentence."""
    before_query = _before_query(path)
    text = without_comment(path)
    rules = (
        ("a comment", text != path, "leave it out"),
        ("a line break", "\r" in text or "\n" in text, "write it on one line"),
        ("a tab", "\t" in text, "leave it out"),
        ("white space", _SPACE.search(text), "percent-encode it as %20"),
        ("control characters", _CONTROL.search(text), "leave them out"),
        ("letters outside ASCII", not path.isascii(), "percent-encode them as UTF-8, and write a domain as xn--…"),
        ("quotation marks", not use.pattern and any(mark in before_query for mark in '"`'), "percent-encode them"),
        (
            "a % that begins no escape",
            not use.pattern and stray_percent(before_query),
            "write %25 for the letter itself",
        ),
        (
            "a backslash",
            not use.pattern and "\\" in before_query and not is_pattern(before_query),
            "a URL has / instead",
        ),
        (
            "'.' or '..' as a part of its path",
            not use.pattern and dot_segments(before_query),
            "write the path to which it leads",
        ),
    )
    found = [(name, advice) for name, broken, advice in rules if broken]
    return (f"which holds {listed([name for name, _ in found])}", found[0][1]) if found else None


def _name(path: str, _use: _Use) -> _Broken:
    parts = split(path)
    host = (parts.hostname or "") if parts is not None else ""
    return None if is_domain(host) else (f"whose domain {host!r} is not a full domain name", "")


def _before_query(path: str) -> str:
    return re.split(r"[?#]", path, maxsplit=1)[0]


def _glob(path: str, use: _Use) -> _Broken:
    """Return what is wrong with a pattern where only names are read."""
    if use.pattern:
        return None
    before_query, mark, query = path.partition("?")
    if mark and query == "*" and use.object_type is not ObjectType.DIRECTORY:
        return "but a * in the query is a letter here", _any_query(_corrected(before_query, use), use)
    sign = glob_sign(before_query)
    if not sign:
        return None
    escaped = "".join(f"%{ord(letter):02X}" if letter in "*[]" else letter for letter in sign)
    own = f"write {escaped} for {'a *' if sign == '*' else 'letters'} of the name itself"
    reason = f"but {'a * is a letter' if sign == '*' else f'{sign} are letters'} here"
    if not use.typed:
        return reason, f"name each object by itself, or {own}"
    folder, regex = folder_of(path), as_pattern(path)
    ways: list[str] = []
    if folder and not path_problem(folder, ObjectType.DIRECTORY):
        typed = "" if use.object_type is ObjectType.DIRECTORY else " with the type directory"
        ways.append(f"{_quoted(folder)}{typed}")
    if not path_problem(regex, ObjectType.REGEX):
        ways.append(f"{_quoted(regex)} with the type regex")
    if not ways or redacted(path) != path or len(path) > MAX_FORM_LENGTH:
        return reason, f"name a directory or a regular expression with its type, or {own}"
    return reason, f"write {ways[0]}, or {own}"


def _any_query(url: str, use: _Use) -> str:
    if not use.typed:
        return "name each object by itself"
    typed = "" if use.object_type is ObjectType.IGNORE_PARAMS else " with the type ignore-params"
    return f"write {_quoted(url)}{typed}" if redacted(url) == url else "leave it out, with the type ignore-params"


def _placeholder(path: str, use: _Use) -> _Broken:
    found = [letter for letter in _ESCAPES if not use.pattern and letter in _before_query(path)]
    if not found:
        return None
    own = f"percent-encode letters of the name as {listed([_ESCAPES[letter] for letter in found])}"
    urls = expanded(path)
    if len(urls) > 1:
        return f"but {listed(found)} are letters here", f"write the URLs separately{_forms(path, urls)}; or {own}"
    return f"which holds {listed(found)}", f"fill in the placeholder, or {own}"


def _ending(path: str, use: _Use) -> _Broken:
    if use.pattern or "?" in path or path[-1] not in ",;|":
        return None
    return f"which ends with {path[-1]!r}", f"leave it out, or write %{ord(path[-1]):02X} if the name ends so"


def _expression(path: str, use: _Use) -> _Broken:
    broken = broken_pattern(path) if use.object_type is ObjectType.REGEX else ""
    return (
        (f"which is no regular expression: it has {broken}", "write a backslash before a letter itself")
        if broken
        else None
    )


def _by_type(path: str, use: _Use) -> _Broken:  # noqa: PLR0911  one return a rule
    if use.object_type in (None, ObjectType.REGEX):
        return None
    if "#" in path:
        return "but a fragment (#...) never reaches an edge", "leave it out"
    after_domain = path.split("://", 1)[1]
    authority = re.split(r"[/?]", after_domain, maxsplit=1)[0]
    if use.object_type is ObjectType.DIRECTORY:
        if "?" in path:
            return "but a directory has no query", "leave out what follows the ?"
        return None if path.endswith("/") else ("but a directory must end with /", "")
    if not after_domain[len(authority) :].startswith("/"):
        return "which names a domain but no object", "its root ends with /"
    if use.object_type is ObjectType.PRELOAD:
        if len(path) > MAX_PREFETCH_PATH_LENGTH:
            return f"which has {len(path)} characters, but a prefetch takes {MAX_PREFETCH_PATH_LENGTH} at most", ""
        if path.endswith("/") and after_domain.count("/") > 1:
            return "but a directory cannot be prefetched", "name the objects in it"
    return None


_RULES: Final = (_beginning, _domain, _letters, _name, _glob, _placeholder, _ending, _expression, _by_type)
"""The rules in the order in which they are reported: the first broken one makes the sentence."""
