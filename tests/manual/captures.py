"""`python -m manual.captures`: what `pulumi up` shows of a wait in a terminal, for the page about trouble.

The clock of the cloud stands still until the terminal shows progress: a capture does not depend on a quick machine.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from manual.pages import DOCS
from pulumi_alicdn.emulator.running import Emulator, start
from support.stack import Stack, alone
from support.terminal import Shown, show

PAGE: Final = DOCS / "troubleshooting.md"
PROGRAM: Final = """
alicdn.RefreshTask(
    "homepage", service="cdn", object_paths=[f"https://cdn.example.com/{n}.html" for n in range(3)],
    triggers=[config.get("version")],
)
"""
EFFECT_S: Final = 6.0
"""How long a task takes. [chosen: longer than the terminal needs to show that the wait has begun]"""
WITHIN_S: Final = 240.0

_ORDERS: Final = ((80, 200), (200, 80))
"""The columns of the first and of the second `up` of each stack."""
_CAPTURED: Final = re.compile(r"(<!-- captured: (\w+ \d+) -->\n\n```text\n)(.*?)(```\n)", re.DOTALL)
_ROW: Final = re.compile(r"pulumi-python:cdn:Wait +\S+ +(?:creating|updating) \(\d+s\)\.* +(\d+%.*)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


def up(stack: Stack, columns: int, cloud: Emulator, *options: str) -> Shown:
    """Deploy in a terminal of that many columns."""
    command = ["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", *options]
    frozen: list[bool] = []

    def look(rows: Sequence[str]) -> None:
        begun, moves = any("cdn:Wait" in row for row in rows), any(progress(row) for row in rows)
        if begun and not frozen:
            cloud.admin("clock", {"frozen": True})
            frozen.append(True)
        if moves and frozen == [True]:
            cloud.admin("clock", {"frozen": False})
            frozen.append(False)

    return show(command, columns, stack.folder, stack.environment, WITHIN_S, look)


def progress(row: str) -> str:
    """What the row of a wait says while it waits; empty for any other row."""
    found = _ROW.search(row)
    return found[1] if found is not None else ""


def tree(shown: Shown) -> list[str]:
    """The rows of Pulumi's tree when it last showed progress."""
    rows = next(screen for screen in reversed(shown.screens) if any(progress(row) for row in screen))
    first = next(number for number, row in enumerate(rows) if re.match(r" +Type +Name +Status", row))
    return [row for row in rows[first:] if re.search(r"Type|:", row) and "Resources:" not in row]


def shape(rows: Sequence[str]) -> list[str]:
    """The rows without what differs from run to run: numbers, moving dots, and where the terminal cuts them."""
    same = [re.sub(r"\.+(?= |$)", "", _NUMBER.sub("0", row)) for row in rows]
    return [re.sub(r"(?<= 0%).*$|(?<= \[diff: ~tr).*$", "", re.sub(r" +", " ", row)).rstrip() for row in same]


def captures(make: Callable[[str], tuple[Stack, Emulator]]) -> Iterator[tuple[str, list[str], Shown]]:
    """Deploy twice in each of two stacks: names of captures, the rows of the tree, and all that was shown."""
    for columns in _ORDERS:
        stack, cloud = make(PROGRAM)
        for name, width in zip(("first", "later"), columns, strict=True):
            stack.configure(version=name)
            shown = up(stack, width, cloud)
            if shown.code:
                raise RuntimeError(shown.drawn)
            yield f"{name} {width}", tree(shown), shown


def on_page() -> dict[str, list[str]]:
    """The captures that the page shows, by their names."""
    return {match[2]: match[3].splitlines() for match in _CAPTURED.finditer(PAGE.read_text(encoding="utf-8"))}


def main() -> None:
    """Renew the captures of the page."""
    with tempfile.TemporaryDirectory() as folder, start(effect_s=EFFECT_S) as cloud:
        found = {
            name: rows for name, rows, _ in captures(lambda program: (_stack(Path(folder), cloud, program), cloud))
        }
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_CAPTURED.sub(lambda match: _filled(match, found), text), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")


def _filled(match: re.Match[str], found: Mapping[str, Sequence[str]]) -> str:
    rows = "".join(f"{row}\n" for row in found[match[2]])
    return f"{match[1]}{rows}{match[4]}"


def _stack(above: Path, cloud: Emulator, program: str) -> Stack:
    folder = Path(tempfile.mkdtemp(dir=above))
    return Stack(folder, {**alone(folder), **cloud.environment()}, program)


if __name__ == "__main__":
    main()
