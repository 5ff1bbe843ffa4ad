"""The rules for one object path, and for a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_alicdn.core.limits import MAX_PREFETCH_PATH_LENGTH
from pulumi_alicdn.core.paths import canonical, split
from pulumi_alicdn.core.tasks import ObjectType


def _shown(path: str) -> str:
    """The path for a sentence, without a password that stands in it."""
    scheme, separator, rest = path.partition("://")
    authority = rest.split("/", 1)[0]
    if separator and "@" in authority:
        path = f"{scheme}://***@{rest.split('@', 1)[1]}"
    text = repr(path)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004  a line's worth


def path_problem(path: object, object_type: ObjectType | None) -> str:
    """What is wrong with *path*, as the end of a sentence that starts with its name; empty where nothing is.

    With *object_type* None the rules that depend on it are left out.
    """
    if not isinstance(path, str):
        return f"is {path!r}, but must be a URL"
    shown = _shown(path)
    if not path.strip():
        return f"is {shown}, but must be a URL such as 'https://media.example.com/index.html'"
    if "\n" in path or "\r" in path:
        return f"is {shown}, which holds a line break; give each URL an element of its own"
    if any(letter.isspace() or ord(letter) < 32 for letter in path):  # noqa: PLR2004  controls
        return f"is {shown}, which holds white space; percent-encode it as %20"
    if not path.isascii():
        return f"is {shown}, which holds letters outside ASCII; percent-encode them as UTF-8"
    return _url_problem(path, shown) or (_type_problem(path, shown, object_type) if object_type else "")


def _url_problem(path: str, shown: str) -> str:
    scheme, separator, rest = path.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return f"is {shown}, but must begin with http:// or https://"
    if "*" in rest.split("/", 1)[0]:
        return f"is {shown}, but the domain must not be a wildcard; name each accelerated domain"
    parts = split(path)
    if parts is None or not parts.hostname:
        return f"is {shown}, which names no domain"
    if parts.username is not None or parts.password is not None:
        return f"is {shown}, but must not hold a user name or password"
    if "." not in parts.hostname and parts.hostname != "localhost":
        return f"is {shown}, whose domain {parts.hostname!r} is not a full domain name"
    return ""


def _type_problem(path: str, shown: str, object_type: ObjectType) -> str:  # noqa: PLR0911  one return a rule
    if object_type is ObjectType.REGEX:
        return ""
    if "#" in path:
        return f"is {shown}, but a fragment (#...) never reaches an edge; leave it out"
    after_domain = path.split("://", 1)[1]
    if object_type is ObjectType.DIRECTORY:
        if "?" in path:
            return f"is {shown}, but a directory has no query; leave out what follows the ?"
        if not path.endswith("/"):
            return f"is {shown}, but a directory must end with /"
    elif "/" not in after_domain:
        return f"is {shown}, which names a domain but no object; write {path + '/'!r} for its root"
    if object_type is ObjectType.PRELOAD:
        if len(path) > MAX_PREFETCH_PATH_LENGTH:
            return f"has {len(path)} characters, but a prefetch takes {MAX_PREFETCH_PATH_LENGTH} at most"
        if path.endswith("/") and after_domain.count("/") > 1:
            return f"is {shown}, but a directory cannot be prefetched; name the objects in it"
    return ""


def duplicates(paths: Sequence[object]) -> Iterator[tuple[int, int, str]]:
    """Positions (first, again) of objects that are named twice, in whatever spelling, and the second spelling."""
    seen: dict[str, int] = {}
    for index, path in enumerate(paths):
        if not isinstance(path, str):
            continue
        first = seen.setdefault(canonical(path), index)
        if first != index:
            yield first, index, path
