"""`alicdn quota`: what is left for today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click
from rich.progress_bar import ProgressBar
from rich.table import Table

from pulumi_alicdn.cli import console, options
from pulumi_alicdn.cli.reach import Reach, pass_reach
from pulumi_alicdn.core.rows import Allowance
from pulumi_alicdn.core.tasks import Service

BAR_WIDTH: Final = 24
"""Columns of a bar."""

_MEANING: Final = {
    "Url": "URLs to refresh",
    "Dir": "directories to refresh",
    "Regex": "regular expressions to refresh",
    "IgnoreParams": "URLs to refresh, parameters ignored",
    "Preload": "URLs to prefetch",
    "PreloadEdge": "URLs to prefetch to edges",
    "Block": "URLs to block",
}


@click.command()
@options.service
@options.output
@pass_reach
def quota(reach: Reach, *, service: Service, output: str) -> None:
    """Show today's quota, by the sort of object; the day begins at midnight in China."""
    found = reach.caller().read(reach.api(service).quota)
    if output == "json":
        console.show_json(
            [{"name": name, "total": one.total, "remaining": one.remaining} for name, one in found.items()]
        )
    elif found:
        console.show(_table(found))
    else:
        console.say(f"No quota: {service} answered none.")


def _table(found: Mapping[str, Allowance]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("QUOTA", "USED", "", "LEFT", "OF"):
        table.add_column(title, justify="right" if title in ("LEFT", "OF") else "left")
    for name, one in found.items():
        used = min(one.total, max(0, one.total - one.remaining))
        # A bar over nothing would be drawn full of nothing: no quota at all counts as used up.
        bar = ProgressBar(total=max(1, one.total), completed=used if one.total else 1, width=BAR_WIDTH)
        share = f"{100 * used / one.total:.0f}%" if one.total else "100%"
        table.add_row(_MEANING.get(name, name), bar, share, str(one.remaining), str(one.total))
    return table
