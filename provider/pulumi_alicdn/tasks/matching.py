"""Which rows are about which objects of ours: by type and path, and under our own task ids in any spelling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.object_paths import canonical, has_scheme, readable, without_scheme
from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.api.spec import CacheTags, ObjectType

_UNDOCUMENTED: Final = (ObjectType.REGEX, ObjectType.IGNORE_PARAMS)
"""Types of a refresh for which not every Describe document names the word in a row."""

_NEVER_OURS: Final = frozenset({"block", "unblock"})
"""Types of rows that no submit of ours makes (DescribeRefreshTasks, help page of November 2025)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What rows of our objects have in common.

    ``object_type``: their type; None if it is unknown, so that any type matches.
    ``own_ids``: whether the task ids of all rows are ours. Then a path may be spelled in another way.
    ``in_window``: whether a row that was created at an instant can be of our submit; None if that is unknown.
    """

    object_type: ObjectType | None = None
    own_ids: bool = False
    in_window: Callable[[datetime], bool] | None = None


ANY_TYPE: Final = Identity()
"""The identity of objects whose type is unknown: their path alone."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The rows of each object, and those that match none.

    ``rows``: for each object path, as the user wrote it, its rows; empty if it has none.
    ``unmatched``: the other rows.
    """

    rows: Mapping[str, tuple[Row, ...]]
    unmatched: tuple[Row, ...]


def match(paths: Iterable[str], rows: Iterable[Row], identity: Identity) -> Matches:
    """Find the rows of the objects *paths*.

    The exact spelling comes first. Rows and objects that are left over are compared in ever looser ways, where that is
    unambiguous. A row of another type never counts, however equal its path: it is about another task.
    """
    objects = {canonical(path): path for path in paths}
    found: dict[str, list[Row]] = {path: [] for path in objects.values()}
    # The best grade of a type comes first: a row of an unknown type counts only for an object without a better one.
    by_grade: defaultdict[int, list[Row]] = defaultdict(list)
    unmatched: list[Row] = []
    for row in rows:
        grade = _grade(row, identity)
        (unmatched if grade is None else by_grade[grade]).append(row)
    for grade in sorted(by_grade):
        open_paths = [path for path, known in found.items() if not known]
        left = by_grade[grade]
        for assign in (_exact, _readable, _schemeless):
            if not left:
                break
            left = assign(open_paths, left, identity, found)
            open_paths = [path for path in open_paths if not found[path]]
        unmatched += left
    kept = {path: _without_others(known, identity.in_window) for path, known in found.items()}
    return Matches(kept, tuple(unmatched))


def _grade(row: Row, identity: Identity) -> int | None:
    """Return how well the type of *row* fits, 0 best; None if it is the type of another task."""
    wanted, stated = identity.object_type, row.words.object_type is None
    if wanted is None or row.object_type is wanted:
        return 0
    if (row.words.object_type or "").lower() in _NEVER_OURS:
        return None
    if not identity.own_ids:
        return 0 if row.object_type is None and wanted in _UNDOCUMENTED else None
    if row.object_type is None or not stated:
        return 1
    return 2 if wanted in _UNDOCUMENTED and row.object_type is not ObjectType.PRELOAD else None


def names_tags(row: Row, tags: CacheTags) -> bool:
    """Whether *row* is about a refresh by these cache tags.

    No document describes such rows; their path is the list of tags that was sent. Documented types have other paths.
    """
    return row.object_type is None and {one.strip() for one in row.object_path.split(",")} == set(tags.tags)


_Found = dict[str, list[Row]]


def _exact(paths: Iterable[str], rows: Iterable[Row], _: Identity, found: _Found) -> list[Row]:
    objects = {canonical(path): path for path in paths}
    left: list[Row] = []
    for row in rows:
        path = objects.get(canonical(row.object_path))
        (left if path is None else found[path]).append(row)
    return left


def _readable(paths: Iterable[str], rows: Iterable[Row], _: Identity, found: _Found) -> list[Row]:
    return _unambiguous(paths, rows, readable, found)


def _schemeless(paths: Iterable[str], rows: Iterable[Row], identity: Identity, found: _Found) -> list[Row]:
    """Compare without schemes. Under ids that are not ours, http and https are two objects if the row states one."""
    left: list[Row] = []
    usable: list[Row] = []
    for row in rows:
        (usable if identity.own_ids or not has_scheme(row.object_path) else left).append(row)
    return left + _unambiguous(paths, usable, without_scheme, found)


def _unambiguous(paths: Iterable[str], rows: Iterable[Row], key: Callable[[str], str], found: _Found) -> list[Row]:
    """Match objects and rows with the same key where one object and one spelling are left; return the other rows."""
    objects: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        objects[key(path)].append(path)
    candidates: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        candidates[key(row.object_path)].append(row)
    left: list[Row] = []
    for name, same in candidates.items():
        spellings = {canonical(row.object_path) for row in same}
        if len(objects.get(name, ())) == len(spellings) == 1:
            found[objects[name][0]] += same
        else:
            left += same
    return left


def _without_others(rows: list[Row], in_window: Callable[[datetime], bool] | None) -> tuple[Row, ...]:
    """Leave out rows of somebody else's task that the service merged into ours, so that they keep no object open.

    Ours is known by the time of its creation. A failed row does not displace others: what replaced it is younger.
    """

    def ours(row: Row) -> bool:
        return in_window is not None and row.created is not None and in_window(row.created)

    known = {row.task_id for row in rows if row.status is not RowStatus.FAILED and ours(row)}
    return tuple(row for row in rows if row.status is RowStatus.FAILED or row.task_id not in known or ours(row))
