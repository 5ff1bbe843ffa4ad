"""The output of rows as table, JSON or csv, with the field names of the Pulumi outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.table import Table

from pulumi_alicdn.api.rows import ListedTask, Row, RowStatus, TaskEntry, entry, listed
from pulumi_alicdn.cli import console
from pulumi_alicdn.tasks.verdict import Verdict

COLUMNS: Final = tuple(entry("", None))
"""The values of an object, in the order of the columns."""

_STYLES: Final[Mapping[str, str]] = {
    RowStatus.COMPLETE: "green",
    RowStatus.FAILED: "bold red",
    RowStatus.REFRESHING: "cyan",
}


def of_rows(rows: Iterable[Row]) -> Iterable[ListedTask]:
    """Yield one object for each row, as the rows arrive, with the service's words where they are odd."""
    return (listed(row) for row in rows)


def of_verdict(verdict: Verdict, task_ids: Sequence[str] = ()) -> list[TaskEntry]:
    """Return one object for each path of ours.

    A path that the service does not list yet gets the task id of *task_ids*, if they are a single one.
    """
    task_id = task_ids[0] if len(task_ids) == 1 else None
    return [entry(path, row, task_id) for path, row in verdict.rows.items()]


def show(entries: Iterable[TaskEntry | ListedTask], output: str) -> int:
    """Write the objects to stdout, and return their number; *output* is ``table``, ``json`` or ``csv``.

    Lines of csv are written as the objects arrive; the other forms need all objects. Without objects, no table is
    written.
    """
    if output == "csv":
        return console.show_csv(COLUMNS, entries)
    objects = list(entries)
    if output == "json":
        console.show_json(objects)
    elif objects:
        console.show(_table(objects))
    return len(objects)


def _table(entries: Sequence[TaskEntry | ListedTask]) -> Table:
    columns = {"STATUS": "status", "DONE": "process", "TYPE": "object_type", "CREATED": "creation_time"}
    columns |= {"TASK": "task_id", "OBJECT": "object_path"}
    if any(one["description"] for one in entries):
        columns["REASON"] = "description"
    table = console.table({title: "right" if title == "DONE" else "left" for title in columns})
    for one in entries:
        fields: Mapping[str, object] = one
        cells = [console.text(fields[name] or "-") for name in columns.values()]
        cells[0].stylize(_STYLES.get(one["status"], "dim"))
        table.add_row(*cells)
    return table
