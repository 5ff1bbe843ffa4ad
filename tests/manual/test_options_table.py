"""The table of Pulumi's own options: each row is shown by a test on the real engine, and no option is forgotten."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pulumi

from manual.pages import DOCS, ROOT
from pulumi_alicdn.resources.component.pulumi_options import WITHOUT_EFFECT
from support import options_shown
from support.options_shown import RELEASE, TASKS

ENGINE_TESTS: Final = ROOT / "tests" / "pulumi_engine"

ELSEWHERE: Final = {
    *("providers", "version", "plugin_download_url", "urn", "env_var_mappings"),
    *("hide_diffs", "state_migrations"),
}
"""Options that the table leaves out: they are those of a provider or of the engine, and we do nothing about them."""


def rows() -> dict[str, dict[str, str]]:
    """What the table says: by column, then by option."""
    lines = [line for line in (DOCS / "pulumi-options.md").read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    heads = cells[0][1:]
    return {
        head: {option: row[at] for row in cells[2:] for option in re.findall(r"`(\w+)`", row[0])}
        for at, head in enumerate(heads, 1)
    }


def shown() -> Iterator[tuple[Path, str, str]]:
    """File, column and option of each claim of a test."""
    for path in sorted(ENGINE_TESTS.glob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                yield from ((path, *claim) for one in test.decorator_list for claim in _claims(one))


def _claims(decorator: ast.expr) -> Iterator[tuple[str, str]]:
    if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "shows":
        column, *options = decorator.args
        assert isinstance(column, ast.Name), ast.dump(column)
        for option in options:
            assert isinstance(option, ast.Constant), ast.dump(option)
            yield getattr(options_shown, column.id), str(option.value)


def test_every_row_of_the_table_is_shown_by_a_test_that_gives_the_option() -> None:
    table = rows()
    assert set(table) == {TASKS, RELEASE}
    claimed = {(column, option) for _, column, option in shown()}
    assert claimed == {(column, option) for column, of in table.items() for option in of}
    for path, _, option in shown():
        assert re.search(rf"\b{option}=", path.read_text(encoding="utf-8")), f"{path.name} never gives {option}"


def test_no_option_of_pulumi_is_forgotten() -> None:
    known = set(inspect.signature(pulumi.ResourceOptions).parameters)
    table = set(rows()[TASKS])
    assert set(WITHOUT_EFFECT) <= table
    assert known - table <= ELSEWHERE, "say in the table what it does here, or why not in ELSEWHERE"
    assert not table & ELSEWHERE
