"""`alicdn quota`: shows today's quota and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click
from rich.progress_bar import ProgressBar
from rich.table import Table

from pulumi_alicdn.api.dialects import Dialect
from pulumi_alicdn.api.limits import QUOTAS
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.cli import console
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.flags import common_flags
from pulumi_alicdn.cli.found_service import USUAL, say_usual

BAR_WIDTH: Final = 24
"""Columns of a bar. [chosen: one column is about 4%]"""

SCARCE: Final = 0.8
"""The used share from which a bar is yellow. [chosen: a fifth of the day's quota is left]"""


@click.command()
@common_flags.dialect
@common_flags.output
@pass_cloud_options
def quota(cloud: CloudOptions, *, dialect: Dialect | None, output: str) -> None:
    """Show today's quota for each sort of object; the day begins at midnight in China."""
    found = cloud.caller().read(cloud.api(dialect.service if dialect is not None else USUAL).quota)
    say_usual(dialect)
    entries = [{"name": name, "total": one.total, "remaining": one.remaining} for name, one in found.items()]
    if output == "json":
        console.show_json(entries)
    elif output == "csv":
        console.show_csv(("name", "total", "remaining"), entries)
    else:
        console.show(_table(found))


def _table(found: Mapping[str, Allowance]) -> Table:
    titles = ("QUOTA", "USED", "", "LEFT", "OF")
    table = console.table({title: "left" if title in ("QUOTA", "USED") else "right" for title in titles})
    for name, one in found.items():
        # The service may return a total of 0, which is shown as used up, or more left than the total, shown as unused.
        total = max(1, one.total)
        used = total if one.remaining <= 0 else max(0, total - one.remaining)
        bar = ProgressBar(
            total=total,
            completed=used,
            width=BAR_WIDTH,
            complete_style="yellow" if used >= SCARCE * total else "green",
            finished_style="bold red",
        )
        # Round down, so that 99.6% is not shown as used up.
        table.add_row(
            console.text(QUOTAS[name]), bar, *map(console.text, (f"{100 * used // total}%", one.remaining, one.total))
        )
    return table
