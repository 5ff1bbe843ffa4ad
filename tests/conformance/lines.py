"""All documents with their statements, and how one check runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conformance import cdn_en, cdn_zh, intl_2020, vod_2017_zh, vod_2024_en
from conformance.documents import Document
from conformance.harness import Harness
from conformance.sides import ClientSide, EmulatorSide
from conformance.statements import Statement
from conformance.wild import document as wild

SideName = Literal["client", "emulator"]
SIDES: tuple[SideName, SideName] = ("client", "emulator")
DOCUMENTS = tuple(
    (module.DOCUMENT, module.STATEMENTS) for module in (vod_2017_zh, vod_2024_en, cdn_zh, cdn_en, intl_2020, wild)
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of one statement. ``absent`` says why there is no check, ``known`` what is known to fail."""

    doc: Document
    statement: Statement
    side: SideName

    @property
    def absent(self) -> str:
        check = self.statement.checks.client if self.side == "client" else self.statement.checks.emulator
        return check if isinstance(check, str) else ""

    @property
    def known(self) -> str:
        return self.statement.checks.client_fails if self.side == "client" else self.statement.checks.emulator_fails

    @property
    def name(self) -> str:
        return f"{line_id(self.doc, self.statement)}/{self.side}"

    def run(self, harness: Harness) -> None:
        """Reset the harness and run the check. Raises AssertionError, or any error of the side."""
        harness.reset(self.doc)
        if self.side == "client" and not isinstance(self.statement.checks.client, str):
            self.statement.checks.client(ClientSide(harness, self.doc))
        elif self.side == "emulator" and not isinstance(self.statement.checks.emulator, str):
            self.statement.checks.emulator(EmulatorSide(harness, self.doc))


def line_id(doc: Document, statement: Statement) -> str:
    """The name of a line in the table."""
    return f"{doc.name}/{statement.name}"


def cells(with_absent: bool = False) -> Iterator[Cell]:
    """Both sides of all statements."""
    for doc, statements in DOCUMENTS:
        for statement in statements:
            for side in SIDES:
                cell = Cell(doc, statement, side)
                if with_absent or not cell.absent:
                    yield cell
