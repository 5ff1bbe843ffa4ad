"""Answers and rows that no document has: pages of something else, and rows of others with junk in them; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from pydantic import JsonValue

from pulumi_alicdn.emulator.faults import LOGIN_PAGE

T = TypeVar("T")

PAGES: Final = (
    LOGIN_PAGE,
    "",
    '{"message": "no Route matched with those values"}',
    "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please wait<br></body></html>",
    "{}",
    "OK",
)
"""Bodies that something else than the service answers, all with HTTP status 200."""

MAX_AHEAD_S: Final = 9.0
"""How far a Date header runs ahead of the clock of CreationTime: by less than the engine allows for."""

DONE: Final = ("Complete", "Failed", "Timeout", "Canceled")
"""Statuses that end a row."""

UNDER_WAY: Final[Sequence[JsonValue]] = (
    "Refreshing",
    "Pending",
    "Preloading",
    "PreloadPending",
    "Queued",
    "",
    None,
    7,
    {},
)
"""Statuses that end nothing, known or not."""

PROCESSES: Final[Sequence[JsonValue]] = ("100%", "0%", "62", "N/A", "", None, -1, 1e300, ["100%"], "%")
"""Values of Process."""

UNREADABLE: Final[Sequence[JsonValue]] = (
    None,
    "",
    "yesterday",
    7,
    "0000-00-00T00:00:00Z",
    {"seconds": 7},
    "2099-12-31",
)
"""Values of CreationTime that are no instant."""

ODD_COUNTS: Final[Sequence[dict[str, JsonValue]]] = (
    {"TotalCount": None},
    {"TotalCount": -1},
    {"TotalCount": "many"},
    {"TotalCount": 1},
    {"PageNumber": None, "PageSize": None},
    {"PageNumber": 1},
    {"PageNumber": "first", "PageSize": 7},
)
"""Counts and numbers of a page beside its rows. Pages that lack rows are not known by them."""

LONG_AGO: Final = "2020-01-02T03:04:05Z"
"""A CreationTime before every intent."""

NO_ROWS: Final[Sequence[JsonValue]] = ("junk", None, 17, [], {}, True)
"""Elements of a list of rows that are no rows at all."""

DECORATIONS: Final[Sequence[dict[str, JsonValue]]] = (
    *({"Process": value} for value in PROCESSES),
    {"Description": {"reason": None}},
    {"Description": "Complete", "Level": [1]},
    {"Status": "Queued"},
)
"""Changes to rows of ours that make nothing of them Complete, and take nothing of their identity away."""


_UNHEARD: Final = ("cachetag", "image")
"""Words for types that no document has."""

_UNDOCUMENTED: Final = frozenset({"regex", "ignoreparams", "exquery"})
"""Types for which documents do not agree on a word: a row of ours with a word that nobody knows may be of these."""

_WORDS: Final = ("file", "directory", "path", "preload", "block", "unblock", *sorted(_UNDOCUMENTED), *_UNHEARD)
"""Words for types of rows."""


def row_of_others(below: Callable[[int], int], path: str, words: frozenset[str], created: str) -> JsonValue:
    """A row of somebody else that names *path*, whose objects of ours have the types *words*.

    It is not to be taken for a row of ours: it has another type and may be Complete, or it is under way and was not
    created after an intent. *created* is an instant during the test. *below* draws a number below another one.
    """

    def choose(values: Sequence[T]) -> T:
        return values[below(len(values))]

    shape = choose(("other type", "other type", "not since", "other object", "no row"))
    if shape == "no row":
        return choose(NO_ROWS)
    others = [one for one in _WORDS if one not in words and not (one in _UNHEARD and words & _UNDOCUMENTED)]
    row: dict[str, JsonValue] = {
        "TaskId": "999999",
        "ObjectPath": path if shape != "other object" else choose((f"{path}/other", "junk", "", None)),
        "ObjectType": choose(sorted(words)) if shape == "not since" else choose(others),
        "Status": choose(UNDER_WAY if shape == "not since" else (*DONE, *DONE, *UNDER_WAY)),
        "Process": choose(PROCESSES),
        "CreationTime": choose((LONG_AGO, *UNREADABLE) if shape == "not since" else (created, created, *UNREADABLE)),
        "Description": choose((None, "", "Complete")),
    }
    missing = choose((None, None, None, "TaskId", "Status", "Process", "CreationTime"))
    return {name: value for name, value in row.items() if name != missing}
