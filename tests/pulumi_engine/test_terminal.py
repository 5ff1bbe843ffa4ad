"""What `pulumi up` shows of a wait in a terminal, by its width: what the page about trouble says of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from manual.captures import EFFECT_S, captures, on_page, progress, shape, up
from pulumi_alicdn.emulator.running import Emulator
from support.stack import Stack

DONE = r"3/3 URLs effective after \d+ s"
COLORS = re.compile(r"\x1b\[[\d;]*m")
MOVES = r"\d+% · [0-3]/3 URLs(?: · ~\d+ s left)?(?: · Pending)?"


def test_progress_is_seen_at_every_width_as_the_page_shows_it(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=EFFECT_S)
    made: list[Stack] = []

    def make(program: str) -> tuple[Stack, Emulator]:
        made.append(stacks(program, cloud))
        return made[-1], cloud

    shown = on_page()
    names = set()
    for name, rows, whole in captures(make):
        names.add(name)
        assert shape(rows) == shape(shown[name]), f"`make captures` renews docs/troubleshooting.md: {rows}"
        # An update has no diff in the place of the progress, and the number of a row is whole at each width.
        (said,) = [found for row in rows if (found := progress(row))]
        assert re.match(r"\d+%(?: ·|$)", said), said
        # The names that the page allows for: those of a first update, of which Pulumi's provider has the longest.
        left = 79 - rows[0].index("Info") + len("alicdn-waits")
        assert left >= 14 + len("96%")
        assert left + 40 >= 20 + len("96% · 0/3 URLs · ~1 s left · Pending")
        ended = whole.rows("pulumi-python:cdn:Wait")
        assert any(re.search(r"ed \(\d+s\) +3/3 ", row) for row in ended), ended
        if name.endswith("200"):
            assert re.fullmatch(MOVES, said), said
            # In a terminal of 120 columns, the same rows are cut after 119.
            assert all(len(row) < 120 for row in rows)
            assert re.search(rf" {DONE}$", whole.last("URLs effective after"))
    assert names == set(shown) == {"first 80", "first 200", "later 80", "later 200"}

    # Each line is whole: the terminal breaks it, and nothing cuts it.
    made[0].configure(version="third")
    narrow = up(made[0], 80, cloud, "--non-interactive")
    assert narrow.code == 0, narrow.drawn
    lines = COLORS.sub("", narrow.drawn)
    assert re.search(rf"pulumi-python:cdn:Wait homepage updated \(\S+\) {DONE}", lines), lines
