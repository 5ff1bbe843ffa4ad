"""What the pages say of versions is what files pin, and what a run of the tests had when it was last green."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from packaging.version import Version

from manual.pages import DOCS, PAGES, ROOT
from manual.tested_versions import FIGURES
from versions import pins, runs

RECORD = runs.tested()
WRITTEN = [*PAGES, *(DOCS / "terraform").rglob("*.md"), *ROOT.glob("*.md")]
"""The pages, and what contributors read."""

PART = r"(Python|Pulumi|Terraform|OpenTofu|Go)"
NUMBER = r"(\d+\.\d+(?:\.\d+)?)"


def again(name: str) -> str:
    return f"`{runs.command(name)} TESTED={name}`, then `make docs WRITE=1`"


def test_each_run_is_in_the_record_and_each_entry_is_a_run() -> None:
    assert list(RECORD) == list(runs.RUNS)
    for one in RECORD.values():
        assert set(one.packages) == set(pins.needs())
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name, run in runs.RUNS.items():
        assert f"\n{run.target.split()[0]}: " in makefile
        assert [place for place in RECORD[name].of.split() if not (ROOT / place).exists()] == []


def test_the_lowest_versions_that_are_allowed_are_those_that_were_tested() -> None:
    lowest = RECORD["lowest"]
    assert {name: Version(one) for name, one in lowest.packages.items()} == {
        name: pins.lowest(name) for name in pins.needs()
    }, again("lowest")
    assert lowest.python.startswith(f"{pins.oldest_python()}.")
    assert lowest.engine == pins.engine("pinned"), again("lowest")


def test_the_newest_versions_that_were_tested_are_no_older_than_those_of_the_lock() -> None:
    newest = RECORD["newest"]
    older = [name for name, one in newest.packages.items() if Version(one) < pins.locked()[name]]
    assert older == [], again("newest")
    assert [name for name, one in newest.packages.items() if Version(one) not in pins.needs()[name].specifier] == []
    assert newest.python.startswith(f"{pins.newest_python()}."), again("newest")
    assert newest.engine == pins.engine("newest"), again("newest")


def test_the_newest_engine_was_tested_with_the_packages_of_the_lock() -> None:
    engine = RECORD["engine"]
    assert engine.engine == pins.engine("newest"), again("engine")
    assert engine.python.startswith(f"{pins.oldest_python()}.")


def test_both_terraform_and_opentofu_were_tested() -> None:
    assert RECORD["terraform"].terraform.startswith("Terraform ")
    assert RECORD["opentofu"].terraform == f"OpenTofu {pins.opentofu()}", again("opentofu")


@pytest.mark.parametrize("script", ["engine.py", "tofu.py"])
def test_the_oldest_program_that_is_taken_from_path_is_no_newer_than_what_was_tested(script: str) -> None:
    tried = RECORD["lowest"].engine if script == "engine.py" else RECORD["terraform"].terraform.split()[1]
    assert Version(pins.oldest(script)) <= Version(tried)


def test_pulumi_and_its_engine_are_needed_from_the_same_version() -> None:
    assert Version(pins.oldest("engine.py")) == pins.lowest("pulumi")


def test_the_engines_that_were_compared_are_those_that_are_pinned() -> None:
    compared = json.loads(FIGURES.read_text(encoding="utf-8"))["engines"]["versions"]
    again = "`make bench ARGS=engines`, then `make docs WRITE=1`"
    assert compared == {name: f"v{pins.engine(name)}" for name in ("pinned", "newest")}, again


def pinned() -> dict[str, set[str]]:
    """The versions that a sentence may name, by the part that it names them of: whole, or without the last number."""
    whole = {
        "Python": {pins.oldest_python(), *(one.python for one in RECORD.values())},
        "Pulumi": {str(pins.lowest("pulumi")), *map(pins.engine, ("pinned", "newest"))},
        "Terraform": {pins.oldest("tofu.py"), RECORD["terraform"].terraform.split()[1]},
        "OpenTofu": {pins.oldest("tofu.py"), pins.opentofu()},
        "Go": {pins.go()},
    }
    return {part: {*found, *(".".join(one.split(".")[:2]) for one in found)} for part, found in whole.items()}


def claims(text: str) -> list[tuple[str, str]]:
    """Each version that a text names, with the part that it is of: also `Terraform or OpenTofu 1.8`."""
    found = re.findall(rf"{PART}(?:(?:,| or| and) {PART})?(?:'s engine)? v?{NUMBER}", text)
    return [(part, version) for *parts, version in found for part in parts if part]


def test_claims_are_found() -> None:
    assert claims("Python 3.11, with Terraform or OpenTofu 1.8 or later, Pulumi 3.230.") == [
        ("Python", "3.11"),
        ("Terraform", "1.8"),
        ("OpenTofu", "1.8"),
        ("Pulumi", "3.230"),
    ]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_sentence_names_a_version_that_no_file_pins(page: Path) -> None:
    allowed = pinned()
    wrong = [(part, one) for part, one in claims(page.read_text(encoding="utf-8")) if one not in allowed[part]]
    assert wrong == []


def test_the_limits_in_the_readme_are_those_that_files_pin() -> None:
    limits = (ROOT / "README.md").read_text(encoding="utf-8").split("## Limits")[1].split("\n## ")[0]
    assert f"Python {pins.oldest_python()} or later" in limits
    assert f"Pulumi {pins.oldest('engine.py')} or later" in limits
    assert f"Terraform or OpenTofu {pins.oldest('tofu.py')} or later" in limits
    assert "docs/versions.md" in limits
