"""The table CONFORMANCE.md, which lies beside the checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.documents import Document
from conformance.lines import DOCUMENTS, SIDES, Cell, SideName, line_id
from conformance.statements import Statement

PATH = Path(__file__).with_name("CONFORMANCE.md")
_HEAD = """\
# Conformance

What each API document states, in our own words, and whether the client and the emulator keep to it. The last part is
what users met and no document states. It names where each case was seen: in public repositories, issues, help pages,
or just often. `pass`: a check shows it, over real HTTP; `fails`: it is known not to hold, and why; `-`: it does not
concern that side, and why. Written by `make conformance WRITE=1`; `make test` runs every check and compares this file.

A question of the client goes through `describe_refresh_tasks` and its kin; one of the emulator is plain HTTP, signed
by the vendor's library. Where a statement can be obeyed by both, one check asks both. In the last part the client
makes whole deployments at virtual time, and commands run in processes of their own.
"""


def render() -> str:
    """The whole file, as it is when every check ends as expected."""
    return "\n".join([_HEAD, _summary(), *(_section(doc, statements) for doc, statements in DOCUMENTS)])


def _summary() -> str:
    rows = ["| document | lines | checks | known to fail |", "|---|---|---|---|"]
    for doc, statements in DOCUMENTS:
        found = [Cell(doc, statement, side) for statement in statements for side in SIDES]
        checks = sum(not cell.absent for cell in found)
        rows.append(f"| {doc.title} | {len(statements)} | {checks} | {sum(bool(cell.known) for cell in found)} |")
    return "\n".join([*rows, ""])


def _section(doc: Document, statements: tuple[Statement, ...]) -> str:
    seen = any(one.seen for one in statements)
    names = ["line", "statement", *(["seen in"] if seen else []), "client", "emulator"]
    rows = [f"## {doc.title}", "", _row(names), "|---" * len(names) + "|"]
    for one in statements:
        where = [one.seen] if seen else []
        shown = (_shown(doc, one, side) for side in SIDES)
        rows.append(_row([f"`{line_id(doc, one)}`", one.text, *where, *shown]))
    return "\n".join([*rows, ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _shown(doc: Document, statement: Statement, side: SideName) -> str:
    cell = Cell(doc, statement, side)
    if cell.absent:
        return f"- ({cell.absent})"
    return f"fails: {cell.known}" if cell.known else "pass"
