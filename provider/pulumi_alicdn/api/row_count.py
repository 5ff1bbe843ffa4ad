"""Whether the pages of a listing hold every row that the service counts; pure.

The service can answer a page empty, once more, in another order or without some rows. Rows that were not seen must not
count as Complete, nor as not submitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, NamedTuple

from pulumi_alicdn.api.rows import Page, Query, Row
from pulumi_alicdn.api.spec import ObjectType

SAFE_PAGE_SIZE: Final = 50
"""The page size that every document of DescribeVodRefreshTasks and DescribeRefreshTasks allows."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Rows that a listing may lack.

    ``seen``: the number of rows that were seen.
    ``total``: the number of rows that the service counts; None if it states none.
    ``task_id``: the task that was listed; empty for a listing of anything else.
    """

    seen: int
    total: int | None
    task_id: str = ""

    @property
    def missing(self) -> int:
        """The number of rows that are counted and were not seen; 0 if the count does not tell."""
        return max(0, (self.total or 0) - self.seen)

    def __str__(self) -> str:
        """Format as `50 of 60 rows were seen`."""
        if self.missing:
            return f"{self.seen:,} of {self.total:,} rows were seen"
        counted = "states no number of rows" if self.total is None else f"counts {self.total:,}"
        return f"{self.seen:,} rows were seen, but the service {counted}, so that there may be more"


class Name(NamedTuple):
    """What distinguishes a row in a listing: its task, its object and its type."""

    task_id: str
    object_path: str
    object_type: ObjectType | None
    word: str | None


def name(row: Row) -> Name:
    """Return what distinguishes *row* in a listing."""
    return Name(row.task_id, row.object_path, row.object_type, row.words.object_type)


def numbers(rows: Sequence[Row]) -> list[int]:
    """Return a number for each row of one page: equal rows have the same one.

    Two rows of the same hash seem to be one, so that one seems to be missing.
    """
    return [hash(name(row)) for row in rows]


def real(rows: Iterable[Row]) -> list[Row]:
    """Return *rows* without what is no row at all: something without a task and an object may stand in its place."""
    return [row for row in rows if row.task_id or row.object_path]


@dataclass(slots=True)
class Reading:
    """The pages of one listing, from the first one on, and what they show of their completeness.

    ``seen``: the rows that were seen, each once, as :func:`numbers` names them.
    ``totals``: the count of each page; None for a page without one.
    ``doubled``: for rows that one page has several times, how often.
    """

    seen: set[int] = field(default_factory=set[int])
    totals: list[int | None] = field(default_factory=list[int | None])
    doubled: dict[Name, int] = field(default_factory=dict[Name, int])
    _longest: int = 0
    """The most rows of a page."""
    _obeyed: bool = True
    """Whether no page was longer than the query asked for."""
    _numbered: bool = True
    """Whether no page stated another number than its own."""
    _stated: bool = True
    """Whether every page states a count, be it smaller than the rows that it has."""
    _ended: bool = False
    """Whether the last page showed the end of the listing."""
    _overlapping: bool = False
    """Whether the next page must repeat one row."""
    _doubtful: bool = False
    """Whether a page that had to repeat a row did not."""

    def following(self, page: Page, asked: Query) -> Query | None:
        """Add *page*, the answer to *asked*; return the query for the next page, None if there is no use in it.

        A page that is not full need not be the last one: the service may allow smaller pages than the query names.
        Neither is a full page whose count is that of its own rows: a service that counts each page by itself would hide
        the others. The next page is then one row shorter, so that it must repeat the last row: an empty page in its
        place shows nothing.
        """
        rows = real(page.rows)
        fresh, length = self._add(rows, page, asked), len(rows)
        if self._overlapping and fresh == 0:
            self._ended = length == 1
            self._doubtful = not self._ended
            return None
        self._overlapping = False
        if fresh == 0:
            self._ended = length == 0
            return None
        full = length in (asked.page_size, SAFE_PAGE_SIZE, page.size)
        counted = self._stated and len(self.seen) >= max(self._counts, default=0)
        if counted and full and asked.page == 1 and self.all_counted and length > 1:
            self._overlapping = True
            return replace(asked, page=2, page_size=length - 1)
        if counted and (not full or (self.all_counted and len(self.seen) == max(self._counts))):
            self._ended = True
            return None
        return replace(asked, page=asked.page + 1)

    def _add(self, rows: Sequence[Row], page: Page, asked: Query) -> int:
        """Add *page* with its *rows*; return the number of those that no page before had."""
        before = len(self.seen)
        self.seen.update(numbers(rows))
        for one, times in Counter(map(name, rows)).items():
            if times > 1:
                self.doubled[one] = max(times, self.doubled.get(one, 0))
        self.totals.append(page.total if page.counted else None)
        self._stated = self._stated and (page.counted or page.undercounted)
        self._longest = max(self._longest, len(rows))
        self._obeyed = self._obeyed and len(rows) <= asked.page_size
        self._numbered = self._numbered and page.number in (None, asked.page)
        return len(self.seen) - before

    @property
    def _counts(self) -> list[int]:
        return [total for total in self.totals if total is not None]

    @property
    def all_counted(self) -> bool:
        """Whether every page has a count."""
        return None not in self.totals

    @property
    def total(self) -> int | None:
        """The largest count; None if no page has one."""
        return max(self._counts, default=None)

    @property
    def more(self) -> int:
        """The number of rows that equal another one of their page."""
        return sum(times - 1 for times in self.doubled.values())

    def whole(self, more: int = 0) -> bool:
        """Whether the pages alone show that no row is missing: they agree on a count, and it was seen.

        *more*: the number of rows that equal another one of their page and are known to be there.
        """
        return self.sound and self._ended and set(self.totals) == {len(self.seen) + more}

    @property
    def sound(self) -> bool:
        """Whether no page has another number than its own, or lacks a row that it had to repeat."""
        return self._numbered and not self._doubtful

    def whole_at_its_begin(self, more: int = 0) -> bool:
        """Whether no row is missing that was there when the first page was answered; *more* as in :meth:`whole`.

        Rows that came since push others to later pages, and raise the count.
        """
        counts = self._counts
        if len(self.totals) == 1 and not counts:
            # Nothing tells of another page: this one is not full, and its count is smaller than its rows.
            return self.sound and self._ended and self._stated
        grows = self.all_counted and all(before <= after for before, after in pairwise(counts))
        return self.sound and self._ended and grows and counts[0] <= len(self.seen) + more <= counts[-1]

    def confirms(self, earlier: Reading) -> bool:
        """Whether this listing shows the same rows as an *earlier* one in longer pages, each up to an end.

        It stands in for a count that is missing or wrong: what is cut off at the end of a page lies elsewhere here.
        """
        return self._obeyed and self.at_end and earlier.at_end and self.seen == earlier.seen

    @property
    def at_end(self) -> bool:
        """Whether the pages went on to an end, and no page counts more rows than were seen."""
        return self._ended and len(self.seen) >= max(self._counts, default=0)

    @property
    def other_size(self) -> int:
        """The size of pages whose ends lie elsewhere than those of this listing."""
        return max(1, min(self._longest, SAFE_PAGE_SIZE) - 1)


def shortfall(readings: Sequence[Reading]) -> Shortfall | None:
    """Return what *readings*, all of the same rows, may lack together; None if they lack nothing.

    Each single one can lack rows that another has: the service need not list equally old rows in the same order twice.
    """
    *before, last = readings
    if last.whole() or (before and all(last.confirms(one) for one in before)):
        return None
    sound = [one for one in readings if one.sound and one.all_counted]
    seen = set[int]().union(*(one.seen for one in sound))
    if len(sound) > 1 and len(seen) == max(one.total or 0 for one in sound):
        return None
    counts = [one.total for one in readings if one.total is not None]
    return Shortfall(len(set[int]().union(*(one.seen for one in readings))), max(counts, default=None))
