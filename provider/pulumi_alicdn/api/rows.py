"""The service's answers as values: rows, pages of rows, and rows as users read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypedDict, cast

from pulumi_alicdn.api.literals import RowObjectType, TaskStatus
from pulumi_alicdn.api.spec import ObjectType


class RowStatus(StrEnum):
    """The four states of the DescribeVodRefreshTasks and DescribeRefreshTasks documents."""

    PENDING = "Pending"
    REFRESHING = "Refreshing"
    COMPLETE = "Complete"
    FAILED = "Failed"

    @property
    def final(self) -> bool:
        """Whether the row will never change again."""
        return self in (RowStatus.COMPLETE, RowStatus.FAILED)


_MEANINGS: Final = {
    **{str(one).lower(): one for one in RowStatus},
    # A prefetch that waits, and one that is under way: the vendor's own refresh tool lists both.
    "preloadpending": RowStatus.PENDING,
    "preloading": RowStatus.REFRESHING,
    # Deployment scripts of other projects count both as final failures.
    "timeout": RowStatus.FAILED,
    "canceled": RowStatus.FAILED,
    "cancelled": RowStatus.FAILED,
}
"""The known words for a status, in lower case: those of the documents, and those that users have seen beside them."""


def parse_status(word: str) -> RowStatus | None:
    """Read the service's word for a status, in any case, such as `preload-pending`; None if it is unknown."""
    return _MEANINGS.get("".join(word.lower().split()).replace("-", "").replace("_", ""))


@dataclass(frozen=True, slots=True)
class RowWords:
    """The service's own words of a row that differ from how this package writes what it understood; else None."""

    status: str | None = None
    process: str | None = None
    created: str | None = None
    object_type: str | None = None


DOCUMENTED: Final = RowWords()
"""The words of a row as the documents describe it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object path within one task.

    ``task_id``, ``object_path``: empty if the service does not state them.
    ``object_type``: None if no document names the service's word for it.
    ``status``: Refreshing if the service's word for it is unknown: such a row is neither a success nor final.
    ``percent``: 0..100; 0 if it is unknown.
    ``created``: aware UTC, whole seconds; None if it is unreadable.
    ``description``: the reason of a failure.
    ``words``: the service's own words, for a listing.
    """

    task_id: str
    object_path: str
    object_type: ObjectType | None
    status: RowStatus
    percent: float
    created: datetime | None
    description: str = ""
    words: RowWords = DOCUMENTED

    @property
    def unknown_status(self) -> str | None:
        """The service's word for the status if it is unknown, else None."""
        word = self.words.status
        return word if word is not None and parse_status(word) is None else None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a Describe call.

    ``total``: the number of all matching rows, not of those of this page; at least those of this page that are rows.
    ``counted``: whether the answer states ``total``. Otherwise it states no count, or none that can be read.
    ``undercounted``: whether the count that it states is smaller than its own rows; then it is not ``counted``.
    ``number``, ``size``: PageNumber and PageSize as the answer states them; None if it does not.
    """

    rows: tuple[Row, ...]
    total: int
    request_id: str
    server_time: datetime
    counted: bool = field(default=True, compare=False)
    undercounted: bool = field(default=False, compare=False)
    number: int | None = field(default=None, compare=False)
    size: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a submit: the ids of its tasks, in the service's order.

    A submit by media id returns ``job_ids`` instead; their task ids follow a little later.
    """

    task_ids: tuple[str, ...]
    request_id: str
    server_time: datetime
    job_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job in which the service finds the URLs of media. ``failures`` maps a media id to the reason.

    ``task_ids`` has one id for each URL once the job is ``done``: every medium that it names succeeded and has ids, or
    failed. ``named`` and ``ready``: the media that it names, and those of them with an id or a failure.
    """

    job_id: str
    done: bool
    task_ids: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    server_time: datetime
    named: frozenset[str] = frozenset()
    ready: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowance:
    """A day's quota for one sort of object: the total, and what is left of it."""

    total: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a Describe call; None does not restrict the rows. Instants are aware UTC.

    ``object_type`` is the service's word, such as an :class:`ObjectType`.

    The service accepts ``domain`` and ``status`` only together with ``object_type``, and not the status Pending.
    """

    task_id: str | None = None
    object_path: str | None = None
    object_type: str | None = None
    domain: str | None = None
    status: RowStatus | None = None
    start: datetime | None = None
    end: datetime | None = None
    resource_group_id: str | None = None
    page: int = 1
    page_size: int = 20


class ListedTask(TypedDict):
    """A row as the service lists it: what this package does not understand stays as it came.

    object_path: the URL. object_type: a :data:`RowObjectType`, or the service's word; None if it states none. status: a
    :data:`TaskStatus`, or the service's word, such as `Preloading` or `Timeout`. process: percent of the edges, such as
    `62%`. description: the reason of a failure, else mostly empty. creation_time: UTC, such as `2026-01-02T03:04:05Z`.
    object_path and task_id are empty if the service states none.
    """

    object_path: str
    object_type: str | None
    status: str
    process: str
    description: str
    creation_time: str | None
    task_id: str


class TaskEntry(TypedDict):
    """A row of a task that is waited for: one object path within the task.

    object_path: the URL. object_type: None if the service does not state it. status: Pending while there is no row.
    A status that no document names counts as Refreshing. process: percent of the edges, such as `62%`. description: the
    reason of a failure, else mostly empty. creation_time: UTC, such as `2026-01-02T03:04:05Z`; None if it is
    unreadable. creation_time and task_id: None while there is no row yet.
    """

    object_path: str
    object_type: RowObjectType | None
    status: TaskStatus
    process: str
    description: str
    creation_time: str | None
    task_id: str | None


def instant_text(at: datetime) -> str:
    """Format aware UTC as the API does, in whole seconds: `2026-01-02T03:04:05Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """The inverse of :func:`instant_text`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def entry(path: str, row: Row | None, task_id: str | None = None) -> TaskEntry:
    """Return the entry for the object *path* from its *row*, None if the service does not list it yet.

    *task_id*: the task of the object, if it is known without a row.
    """
    return {
        "object_path": path,
        "object_type": _object_type(row.object_type) if row is not None and row.object_type is not None else None,
        "status": _status(row.status if row is not None else RowStatus.PENDING),
        "process": f"{row.percent if row is not None else 0.0:.0f}%",
        "description": row.description if row is not None else "",
        "creation_time": instant_text(row.created) if row is not None and row.created is not None else None,
        "task_id": row.task_id if row is not None else task_id,
    }


def row_of(found: TaskEntry) -> Row | None:
    """Return the row of a Complete entry as the state holds it; None for any other entry."""
    task_id, created = found.get("task_id"), found.get("creation_time")
    if found["status"] != "Complete" or task_id is None:
        return None
    # The Pulumi engine drops None.
    word = found.get("object_type")
    return Row(
        task_id=task_id,
        object_path=found["object_path"],
        object_type=ObjectType(word) if word is not None else None,
        status=RowStatus.COMPLETE,
        percent=100.0,
        created=instant(created) if created is not None else None,
        description=found["description"],
    )


def listed(row: Row) -> ListedTask:
    """Return *row* for a listing, with the service's own words where they are not understood."""
    known, words = entry(row.object_path, row), row.words
    return {
        "object_path": row.object_path,
        "object_type": words.object_type or known["object_type"],
        "status": known["status"] if words.status is None else words.status,
        "process": words.process or known["process"],
        "description": row.description,
        "creation_time": known["creation_time"] if words.created is None else words.created,
        "task_id": row.task_id,
    }


def _object_type(value: ObjectType) -> RowObjectType:
    return cast("RowObjectType", str(value))


def _status(value: RowStatus) -> TaskStatus:
    return cast("TaskStatus", str(value))
