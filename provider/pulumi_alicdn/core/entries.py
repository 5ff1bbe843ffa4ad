"""Rows and instants as users get them: plain JSON values with the names of the Pulumi outputs."""

from __future__ import annotations

from datetime import UTC, datetime

from pulumi_alicdn.core.rows import Row, RowStatus

Entry = dict[str, str | None]


def instant_text(at: datetime) -> str:
    """Aware UTC as the API writes it, in whole seconds: `2026-01-02T03:04:05Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """The inverse of :func:`instant_text`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def entry(path: str, row: Row | None) -> Entry:
    """The object *path* as *row* tells of it; None stands for an object that the service does not list yet."""
    return {
        "object_path": path,
        "object_type": str(row.object_type) if row is not None and row.object_type is not None else None,
        "status": str(row.status if row is not None else RowStatus.PENDING),
        "process": f"{row.percent if row is not None else 0.0:.0f}%",
        "description": row.description if row is not None else "",
        "creation_time": instant_text(row.created) if row is not None else None,
        "task_id": row.task_id if row is not None else None,
    }
