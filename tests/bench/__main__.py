"""`python -m bench [SECTION …]`: measure, print tables with verdicts, write figures and picture.

A figure that is short of its goal is reported, and is no failure: the exit code is 0.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from bench import network
from bench.sections import ASKED_FOR, SECTIONS, keep

HERE = Path(__file__).parent
PICTURE = HERE.parents[1] / "docs" / "images" / "calls-and-lag.svg"


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for, all by default."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="|".join(SECTIONS),
        help=f"what to measure; all but {', '.join(ASKED_FOR)} by default",
    )
    parser.add_argument("--json", type=Path, default=HERE / "results.json", help="where the figures go")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where the picture goes")
    parser.add_argument("--lives", type=int, default=2000, help="simulated tasks per family")
    parser.add_argument("--processes", type=int, default=2, help="processes that simulate; 1: this one")
    parser.add_argument(
        "--size",
        type=_size,
        default=(network.URLS, network.NODES),
        metavar="URLSxNODES",
        help=f"of the section network, {network.URLS}x{network.NODES} by default; 100x30 takes some seconds",
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"{', '.join(unknown)}: no section; there are {', '.join(SECTIONS)}")
    # A file or a log has no width of its own; the widest table needs 120 columns.
    console = Console(width=None if sys.stdout.isatty() else 130)
    chosen = options.sections or SECTIONS.keys() - ASKED_FOR
    done = [SECTIONS[name](options, console) for name in SECTIONS if name in chosen]
    keep(options.json, [section for section in done if section is not None])
    return 0


def _size(text: str) -> tuple[int, int]:
    urls, _, nodes = text.partition("x")
    return int(urls), int(nodes)


if __name__ == "__main__":
    sys.exit(main())
