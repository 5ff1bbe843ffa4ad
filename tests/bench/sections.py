"""The sections of a run: measure, show, judge, keep."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench import engines, growth, lag, network, overhead, picture, release, tables, terraform_plan
from bench.goals import Verdict


@dataclass(frozen=True, slots=True)
class Section:
    """What was measured in one go: its figures as JSON, and what they are worth."""

    name: str
    figures: Mapping[str, Any]
    verdicts: list[Verdict]

    def plain(self) -> dict[str, Any]:
        """As JSON takes it; when and where is part of the figures."""
        return {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            **self.figures,
            "verdicts": [verdict.plain() for verdict in self.verdicts],
        }


def _lag(options: argparse.Namespace, console: Console) -> Section:
    found, cost_s = lag.run(options.lives, processes=options.processes)
    tables.show_lag(console, found, cost_s, options.lives)
    judged = lag.verdicts(found)
    tables.show_verdicts(console, "lag", judged)
    options.picture.write_text(picture.draw(found, options.lives), encoding="utf-8")
    return Section("lag", lag.plain(found, cost_s, options.lives), judged)


def _growth(options: argparse.Namespace, console: Console) -> Section:
    del options
    costs = list(growth.run())
    tables.show_growth(console, costs)
    judged = growth.verdicts(costs)
    tables.show_verdicts(console, "growth", judged)
    return Section("growth", growth.plain(costs), judged)


def _overhead(options: argparse.Namespace, console: Console) -> Section:
    del options
    found = overhead.run()
    tables.show_overhead(console, found)
    judged = overhead.verdicts(found)
    tables.show_verdicts(console, "overhead", judged)
    return Section("overhead", overhead.plain(found), judged)


def _release(options: argparse.Namespace, console: Console) -> Section:
    del options
    found = release.run()
    tables.show_release(console, found)
    judged = release.verdicts(found)
    tables.show_verdicts(console, "release", judged)
    return Section("release", release.plain(found), judged)


def _network(options: argparse.Namespace, console: Console) -> Section:
    urls, nodes = options.size
    found = network.run(urls, nodes)
    tables.show_network(console, found)
    judged = network.verdicts(found)
    tables.show_verdicts(console, "network", judged)
    return Section("network", network.plain(found), judged)


def _engines(options: argparse.Namespace, console: Console) -> Section:
    del options
    found = engines.run()
    tables.show_engines(console, found)
    judged = engines.verdicts(found)
    tables.show_verdicts(console, "engines", judged)
    return Section("engines", engines.plain(found), judged)


def _terraform(options: argparse.Namespace, console: Console) -> Section | None:
    del options
    if lacking := terraform_plan.lacking():
        console.print(lacking)
        return None
    found = terraform_plan.run()
    tables.show_terraform(console, found)
    judged = terraform_plan.verdicts(found)
    tables.show_verdicts(console, "terraform", judged)
    return Section("terraform", terraform_plan.plain(found), judged)


SECTIONS: Final[Mapping[str, Callable[[argparse.Namespace, Console], Section | None]]] = {
    "lag": _lag,
    "growth": _growth,
    "overhead": _overhead,
    "release": _release,
    "network": _network,
    "engines": _engines,
    "terraform": _terraform,
}

ASKED_FOR: Final = {"engines", "terraform"}
"""Sections that run only if they are named: they build the newest engine or a provider in Go first, for minutes."""


def _short(value: object) -> object:
    """The same with four significant digits, which is more than any of these figures is worth."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {name: _short(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_short(part) for part in value]
    return value


def keep(path: Path, sections: list[Section]) -> None:
    """Write the figures to *path*; sections that were not run keep those that are there."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept |= {section.name: _short(section.plain()) for section in sections}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
