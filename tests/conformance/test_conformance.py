"""Every statement of every document, on both sides; and the table about them."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.harness import Harness
from conformance.lines import DOCUMENTS, Cell, cells, line_id
from conformance.table import PATH, render


def _parameter(cell: Cell) -> object:
    marks = [pytest.mark.xfail(reason=cell.known, strict=True)] if cell.known else []
    return pytest.param(cell, id=cell.name, marks=marks)


@pytest.mark.parametrize("cell", [_parameter(cell) for cell in cells()])
def test_statement(cell: Cell, harness: Harness) -> None:
    cell.run(harness)


def test_every_line_has_a_name_of_its_own_and_a_check() -> None:
    names = Counter(line_id(doc, statement) for doc, statements in DOCUMENTS for statement in statements)
    assert [name for name, count in names.items() if count > 1] == []
    absent = Counter(line_id(cell.doc, cell.statement) for cell in cells(with_absent=True) if cell.absent)
    assert [name for name, count in absent.items() if count > 1] == []


def test_the_table_is_not_stale() -> None:
    assert PATH.read_text(encoding="utf-8") == render(), "write it with `make conformance WRITE=1`"
