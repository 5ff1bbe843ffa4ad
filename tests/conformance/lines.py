"""All documents with their statements, and how one check is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conformance import cdn_en, cdn_zh, intl_2020, vod_2017_zh, vod_2024_en
from conformance.documents import Document, Statement
from conformance.harness import Harness
from conformance.sides import ClientSide, EmulatorSide

SideName = Literal["client", "emulator"]
SIDES: tuple[SideName, SideName] = ("client", "emulator")
DOCUMENTS = tuple(
    (module.DOCUMENT, module.STATEMENTS) for module in (vod_2017_zh, vod_2024_en, cdn_zh, cdn_en, intl_2020)
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of one statement. ``absent`` tells why there is no check, ``known`` what is known to fail."""

    doc: Document
    statement: Statement
    side: SideName

    @property
    def absent(self) -> str:
        check = self.statement.client if self.side == "client" else self.statement.emulator
        return check if isinstance(check, str) else ""

    @property
    def known(self) -> str:
        return self.statement.client_fails if self.side == "client" else self.statement.emulator_fails

    @property
    def name(self) -> str:
        return f"{line_id(self.doc, self.statement)}/{self.side}"

    def run(self, bench: Harness) -> None:
        """Run the check on a bench as new. Raises AssertionError, or whatever else goes wrong."""
        bench.reset(self.doc)
        if self.side == "client" and not isinstance(self.statement.client, str):
            self.statement.client(ClientSide(bench, self.doc))
        elif self.side == "emulator" and not isinstance(self.statement.emulator, str):
            self.statement.emulator(EmulatorSide(bench, self.doc))


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
