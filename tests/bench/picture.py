"""The picture: calls against median lag, one small panel per family, readable on light and dark pages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.lag import Figures, Found
from bench.lives import FAMILIES
from bench.strategies import EVERY_5_S, EVERY_10_S, EVERY_30_S, FIRST_RUN, WITH_HISTORY, Exponential

COLUMNS, PANEL_W, PANEL_H, GAP_X, GAP_Y = 4, 196, 150, 22, 64
LEFT, TOP, RIGHT, BOTTOM = 62, 124, 18, 44
TICKS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
PERIODS = (EVERY_5_S, EVERY_10_S, EVERY_30_S)

# Page, ink, soft ink, grid, peers, first run, history. The last three: Okabe and Ito's set, which colour-blind readers
# can tell apart, lightened for dark pages.
LIGHT = ("#ffffff", "#1f2328", "#59636e", "#e4e7eb", "#7a8590", "#d55e00", "#0072b2")
DARK = ("#0d1117", "#e6edf3", "#9aa4ae", "#262c34", "#8b949e", "#f0883e", "#58a6ff")
FONT = """
text { font-family: "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; font-size: 11px; }
.title { font-size: 15px; font-weight: 600; }
.name { font-size: 12px; font-weight: 600; }
.tick { font-size: 10px; }
.halo { paint-order: stroke; stroke-width: 3px; stroke-linejoin: round; }
.line { fill: none; stroke-width: 1.5; }
.open { stroke-width: 1.8; }
.first, .history { stroke-width: 1.2; }
"""


def _colours(palette: tuple[str, ...]) -> str:
    """Rules without variables, which not every viewer of SVG knows."""
    page, ink, soft, grid, peer, first, history = palette
    return (
        f"text {{ fill: {soft}; }} .title, .name, .key {{ fill: {ink}; }} .halo {{ stroke: {page}; }}\n"
        f".page {{ fill: {page}; }} .grid {{ stroke: {grid}; }} .peer {{ fill: {peer}; }} .line {{ stroke: {peer}; }}\n"
        f".open {{ fill: {page}; stroke: {peer}; }} .first {{ fill: {first}; stroke: {page}; }}\n"
        f".history {{ fill: {history}; stroke: {page}; }}\n"
    )


STYLE = f"{FONT}{_colours(LIGHT)}@media (prefers-color-scheme: dark) {{\n{_colours(DARK)}}}\n"


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where *value* is drawn; what is beyond the axis is drawn at its end."""
        share = math.log(min(max(value, self.low), self.high) / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Values worth a line."""
        return [tick for tick in TICKS if self.low <= tick <= self.high]


def _span(values: list[float]) -> tuple[float, float]:
    low = max((tick for tick in TICKS if tick <= min(values)), default=TICKS[0])
    return low, min((tick for tick in TICKS if tick >= max(values)), default=TICKS[-1])


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _dot(x: float, y: float, kind: str) -> str:
    """Each kind has a shape of its own, so that colour is never needed to tell them apart."""
    if kind == "first":
        return f'<path d="M{x:.1f} {y - 9.5:.1f}l8.6 15h-17.2z" class="first"/>'
    if kind == "history":
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" rx="1.5" class="history"/>'
    if kind == "open":
        return f'<path d="M{x:.1f} {y - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" class="open"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" class="peer"/>'


def _axes(x: Scale, y: Scale, *, first: bool) -> list[str]:
    drawn = []
    for tick in x.ticks():
        at = x.at(tick)
        drawn.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y.end:.1f}" y2="{y.start:.1f}" class="grid"/>')
        drawn.append(_text(at, y.start + 15, f"{tick:g}", "tick", "middle"))
    for tick in y.ticks():
        at = y.at(tick)
        drawn.append(f'<line x1="{x.start:.1f}" x2="{x.end:.1f}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>')
        if first:
            drawn.append(_text(x.start - 7, at + 3.5, f"{tick:g} s", "tick", "end"))
    return drawn


def _points(by_strategy: dict[str, Figures], x: Scale, y: Scale) -> list[str]:
    def place(name: str) -> tuple[float, float]:
        figures = by_strategy[name]
        return x.at(figures.calls), y.at(figures.median_lag_s)

    periods = [(place(one.name), one) for one in PERIODS]
    line = " ".join(f"{px:.1f},{py:.1f}" for (px, py), _ in periods)
    drawn = [f'<polyline points="{line}" class="line"/>', *(_dot(px, py, "peer") for (px, py), _ in periods)]
    # Where neither the line nor the usual place of other points is.
    beside = ((-7, 11, "end"), (6, -4, "start"), (-7, 4, "end"))
    for ((px, py), one), (dx, dy, anchor) in zip(periods, beside, strict=True):
        drawn.append(_text(px + dx, py + dy, f"{one.period_s:g} s", "tick halo", anchor))
    for name, kind in ((Exponential().name, "open"), (FIRST_RUN.name, "first"), (WITH_HISTORY.name, "history")):
        drawn.append(_dot(*place(name), kind))
    return drawn


def _legend(x: float, y: float) -> list[str]:
    entries = (
        ("peer", "poll every 5, 10, 30 s", 168),
        ("open", "exponential, 1 to 30 s", 160),
        ("first", FIRST_RUN.name, 122),
        ("history", WITH_HISTORY.name, 0),
    )
    drawn = []
    for kind, words, width in entries:
        drawn += [_dot(x, y - 4, kind), _text(x + 11, y, words, "key")]
        x += width
    return drawn


def draw(found: Found, lives: int) -> str:
    """The whole picture as SVG."""
    rows = math.ceil(len(FAMILIES) / COLUMNS)
    width = LEFT + COLUMNS * PANEL_W + (COLUMNS - 1) * GAP_X + RIGHT
    height = TOP + rows * PANEL_H + (rows - 1) * GAP_Y + BOTTOM
    every = [figures for by_strategy in found.values() for figures in by_strategy.values()]
    calls, lags = _span([one.calls for one in every]), _span([one.median_lag_s for one in every])
    title = "How soon the end of a task is seen, and how many calls that takes"
    below = f"{lives:,} simulated tasks per panel, both axes logarithmic; left is fewer calls, down is sooner"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" class="page"/>',
        _text(16, 26, title, "title"),
        _text(16, 44, below),
        *_legend(24, 72),
    ]
    for index, family in enumerate(FAMILIES):
        row, column = divmod(index, COLUMNS)
        left, top = LEFT + column * (PANEL_W + GAP_X), TOP + row * (PANEL_H + GAP_Y)
        x = Scale(*calls, start=left, end=left + PANEL_W)
        y = Scale(*lags, start=top + PANEL_H, end=top)
        parts += _axes(x, y, first=column == 0)
        parts += [_text(left, top - 22, family.name, "name"), _text(left, top - 8, family.says, "tick")]
        parts += _points(dict(found[family.name]), x, y)
    parts += [
        _text(LEFT + (width - LEFT - RIGHT) / 2, height - 8, "calls per task", anchor="middle"),
        f'<g transform="translate(14 {TOP + (height - TOP - BOTTOM) / 2:.0f}) rotate(-90)">',
        _text(0, 0, "median lag", anchor="middle"),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
