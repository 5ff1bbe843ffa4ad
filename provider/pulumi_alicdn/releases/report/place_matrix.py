"""The matrix of places: a line for each province or country, a column for each large provider; a drawing, as positions.

A cell has a number and a sign, so that what is stale or silent stands out without color. Blocks stand side by side
where the page is wide enough.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.phrases import clipped, counted, foreign
from pulumi_alicdn.releases.report.place_table import NodeState, PlaceCount

MAX_PROVIDERS: Final = 3
"""The most providers that have a column each. [chosen: as many as China has large ones; three blocks fit the page]"""

MAX_LINES: Final = 16
"""The most lines of a block. [chosen: a screen; all provinces of China and 12 countries make three blocks]"""

OTHERS: Final = "Others"
"""The column of all other providers."""

LINE: Final = 24
LABEL: Final = 144
COLUMN: Final = 50
"""The height of a line, and the widths of its label and of a column, in pixels."""

_INDENT: Final = 12
"""How far a province is moved to the right below its country, in pixels."""

_MAX_LABEL: Final = 21
_MAX_HEAD: Final = 7
"""The most characters of a label and of the head of a column. [chosen: they fit these widths]"""

_SIGNS: Final = {NodeState.FRESH: "", NodeState.STALE: "✗ ", NodeState.SILENT: "? "}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text at its place. ``hint``: the whole text, and what it means."""

    x: int
    text: str
    hint: str
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A line: the name of a country above its provinces, or a place and its cells."""

    y: int
    label: Drawn
    cells: tuple[Drawn, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines below the heads of the columns."""

    width: int
    height: int
    heads: tuple[Drawn, ...]
    lines: tuple[MatrixLine, ...]


_Line = tuple[Drawn, tuple[Drawn, ...]]
"""The label of a line and its cells; the name of a country has none."""


def matrix(places: Sequence[PlaceCount]) -> tuple[Block, ...]:
    """Return the blocks of the matrix, all of the same width: the largest country first."""
    if not places:
        return ()
    named = _named(places)
    rest = any(one.provider not in named for one in places)
    heads = (
        *(_head(name, index, places) for index, name in enumerate(named)),
        *([_others(len(named))] if rest else []),
    )
    lines = list(_lines(places, named))
    blocks = -(-len(lines) // MAX_LINES)
    length = -(-len(lines) // blocks)
    width = LABEL + COLUMN * len(heads)
    return tuple(_block(width, heads, _from(lines, at, length)) for at in range(0, len(lines), length))


def _from(lines: Sequence[_Line], at: int, length: int) -> Sequence[_Line]:
    """Return *length* lines from the one at *at*, below the name of their country, which the block before may have."""
    found = lines[at : at + length]
    if not found[0][0].x:
        return found
    return [next(line for line in reversed(lines[:at]) if not line[1]), *found]


def _named(places: Iterable[PlaceCount]) -> tuple[str, ...]:
    """Return the providers that have a column each: those in several places, by their number of nodes."""
    nodes: Counter[str] = Counter()
    at: defaultdict[str, set[str]] = defaultdict(set)
    for one in places:
        nodes[one.provider] += one.nodes
        at[one.provider].add(one.place)
    several = [name for name in nodes if len(at[name]) > 1]
    return tuple(sorted(sorted(several, key=lambda name: (-nodes[name], name))[:MAX_PROVIDERS]))


def _lines(places: Iterable[PlaceCount], named: Sequence[str]) -> Iterator[_Line]:
    """Yield each line: a country with several provinces has one of its own, above theirs."""
    countries: defaultdict[str, defaultdict[str, list[PlaceCount]]] = defaultdict(lambda: defaultdict(list))
    for one in places:
        countries[one.country][one.place].append(one)
    for country, found in sorted(countries.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(found) > 1:
            yield Drawn(0, _short(country, _MAX_LABEL), country, "country"), ()
        for place, counts in found.items():
            inside = len(found) > 1 and counts[0].province
            wrong = next((one.state for one in counts if one.wrong), "")
            label = Drawn(_INDENT if inside else 0, _short(inside or place, _MAX_LABEL), place, str(wrong))
            yield label, tuple(_cells(counts, named))


def _cells(counts: Iterable[PlaceCount], named: Sequence[str]) -> Iterator[Drawn]:
    columns: defaultdict[int, list[PlaceCount]] = defaultdict(list)
    for one in counts:
        columns[named.index(one.provider) if one.provider in named else len(named)].append(one)
    for column, found in sorted(columns.items()):
        stale, silent = sum(one.stale for one in found), sum(one.silent for one in found)
        state = NodeState.STALE if stale else NodeState.SILENT if silent else NodeState.FRESH
        number = {NodeState.STALE: stale, NodeState.SILENT: silent}.get(state, sum(one.nodes for one in found))
        hint = "; ".join(map(sentence, found))
        yield Drawn(LABEL + COLUMN * column, f"{_SIGNS[state]}{number:,}", hint, str(state))


def sentence(one: PlaceCount) -> str:
    """Return `China, Guangdong, China Telecom: 5 nodes, 2 stale, 1 without an answer`."""
    said = [
        counted(one.nodes, "node"),
        *([f"{one.stale:,} stale"] if one.stale else []),
        *([f"{one.silent:,} without an answer"] if one.silent else []),
    ]
    return f"{one.place}, {one.provider}: {', '.join(said)}"


def _block(width: int, heads: tuple[Drawn, ...], lines: Sequence[_Line]) -> Block:
    placed = tuple(MatrixLine(LINE * (index + 1), label, cells) for index, (label, cells) in enumerate(lines))
    return Block(width, LINE * (len(lines) + 1), heads, placed)


def _head(provider: str, column: int, places: Iterable[PlaceCount]) -> Drawn:
    """Return the head of a column, without the name of the country: all providers of China begin with it."""
    countries = {one.country for one in places if one.provider == provider}
    shown = provider.removeprefix(f"{countries.pop()} ") if len(countries) == 1 else provider
    return Drawn(LABEL + COLUMN * column, _short(shown, _MAX_HEAD), provider, "head")


def _others(column: int) -> Drawn:
    return Drawn(LABEL + COLUMN * column, OTHERS, "all other providers", "head")


def _short(text: str, most: int) -> str:
    return clipped(foreign(text), most)
