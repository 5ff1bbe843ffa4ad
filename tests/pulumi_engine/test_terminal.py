"""What `pulumi up` shows of a wait in a terminal, by its width: what the page about trouble says of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.stack import Stack
from support.terminal import Shown, show

WITHIN_S = 240.0
PROGRAM = """
alicdn.RefreshTask(
    "homepage", service="cdn", object_paths=[f"https://cdn.example.com/{n}.html" for n in range(3)],
    triggers=[config.get("version")],
)
"""
DONE = r"3/3 URLs effective after \d+ s"
COLORS = re.compile(r"\x1b\[[\d;]*m")
WAITS = rf"Refreshing \d+% · [0-3]/3 URLs · ~\d+ s left|{DONE}"


def up(stack: Stack, columns: int, *options: str) -> Shown:
    command = ["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", *options]
    return show(command, columns, stack.folder, stack.environment, WITHIN_S)


def test_progress_has_a_row_at_120_columns_and_a_line_without_the_tree_at_80(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    stack = stacks(PROGRAM, emulators(effect_s=4))
    first = up(stack, 120)
    assert first.code == 0, first.drawn
    rows = first.rows("pulumi-python:alicdn:Completion")
    assert any(re.search(rf"(?:{WAITS})$", row) for row in rows), rows

    # A later update has no diff in the place of the progress.
    stack.configure(version="2")
    later = up(stack, 120)
    assert later.code == 0, later.drawn
    rows = later.rows("pulumi-python:alicdn:Completion")
    assert any(re.search(rf"(?:{WAITS})$", row) for row in rows), rows
    assert not [row for row in rows if "[diff:" in row]

    # Each line is whole: the terminal breaks it, and nothing cuts it.
    stack.configure(version="3")
    narrow = up(stack, 80, "--non-interactive")
    assert narrow.code == 0, narrow.drawn
    lines = COLORS.sub("", narrow.drawn)
    assert re.search(rf"pulumi-python:alicdn:Completion homepage updated \(\S+\) {DONE}", lines), lines
