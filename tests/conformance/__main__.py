"""`python -m conformance [--write]`: run all checks, print a line for each statement, and keep the table."""

from __future__ import annotations

import argparse
import sys
import warnings

from conformance.documents import Document
from conformance.harness import Harness, opened
from conformance.lines import DOCUMENTS, SIDES, Cell, SideName, line_id
from conformance.statements import Statement
from conformance.table import PATH, render

GOOD = ("pass", "known", "-")


def outcome(harness: Harness, cell: Cell) -> tuple[str, str]:
    """How the check ended, and its message."""
    if cell.absent:
        return "-", cell.absent
    try:
        cell.run(harness)
    except Exception as error:  # noqa: BLE001  with any error the statement does not hold
        message = " ".join(str(error).split()) or type(error).__name__
        return ("known", cell.known) if cell.known else ("FAIL", message[:300])
    return ("FIXED", "it holds now: take the mark away") if cell.known else ("pass", "")


def run_line(harness: Harness, doc: Document, statement: Statement) -> str:
    """Check and print one statement; it is `pass`, `known` to fail on a side, or `FAIL`: not as expected."""
    ended: dict[SideName, tuple[str, str]] = {side: outcome(harness, Cell(doc, statement, side)) for side in SIDES}
    found = {word for word, _ in ended.values()}
    verdict = "FAIL" if found - set(GOOD) else "known" if "known" in found else "pass"
    words = "  ".join(f"{side} {word:<5}" for side, (word, _) in ended.items())
    sys.stdout.write(f"{verdict:<5}  {words}  {line_id(doc, statement)}: {statement.text}\n")
    for side, (word, message) in ended.items():
        if word not in ("pass", "-"):
            sys.stdout.write(f"      {side}: {message}\n")
    return verdict


def main() -> int:
    """Run everything; 0 if all is as expected."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write CONFORMANCE.md if every check ends as expected")
    write = parser.parse_args().write
    warnings.simplefilter("ignore", ResourceWarning)
    summary = []
    failed = 0
    with opened() as harness:
        for doc, statements in DOCUMENTS:
            ended = [run_line(harness, doc, statement) for statement in statements]
            failed += ended.count("FAIL")
            counts = ", ".join(f"{ended.count(word)} {word}" for word in ("pass", "known", "FAIL"))
            summary.append(f"{doc.name}: {len(ended)} lines: {counts}")
    sys.stdout.write("\n".join(["", *summary, ""]))
    if failed:
        return 1
    if write:
        PATH.write_text(render(), encoding="utf-8")
    elif not PATH.exists() or PATH.read_text(encoding="utf-8") != render():
        sys.stdout.write(f"{PATH.name} is stale: write it with --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
