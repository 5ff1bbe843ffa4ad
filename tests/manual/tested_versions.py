"""What is needed and what was tested, from the files that pin versions and the record of the runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median
from typing import Final

from packaging.version import Version

from manual.pages import ROOT
from versions import pins, runs

FIGURES: Final = ROOT / "tests" / "bench" / "results.json"
"""What the benchmark found when it last ran."""

UNITS: Final = ("wall_s", "cpu_s")


def needed() -> str:
    """A row for each part that a user brings."""
    pulumi = pins.lowest("pulumi")
    rows = [
        f"| Python | {pins.oldest_python()} or later |",
        f"| package `pulumi` | {_short(pulumi)} or later, below {pulumi.major + 1}; it is installed with this one |",
        f"| Pulumi's engine, the program `pulumi` | {pins.oldest('engine.py')} or later |",
        f"| Terraform or OpenTofu, in place of Pulumi | {pins.oldest('tofu.py')} or later |",
    ]
    return "\n".join(["| part | versions |", "| --- | --- |", *rows])


def tested() -> str:
    """A row for each run of the tests."""
    always = [
        "`make test`, with each change",
        pins.oldest_python(),
        "as in uv.lock",
        f"{pins.engine('pinned')}, or that of PATH",
        f"that of PATH, or OpenTofu {pins.opentofu()}",
        "always",
    ]
    rows = [
        f"| {' | '.join(always)} |",
        *_runs(),
    ]
    heads = "| run | Python | packages | Pulumi's engine | Terraform, OpenTofu | last green |"
    return "\n".join([heads, "| --- " * 6 + "|", *rows])


def _runs() -> Iterator[str]:
    record = runs.tested()
    for name, run in runs.RUNS.items():
        one = record[name]
        engine = one.engine if _of(one.of, "pulumi_engine", "examples", "recorded", "crash") else "none"
        terraform = one.terraform if _of(one.of, "terraform") else "none"
        parts = [f"`{runs.command(name)}`", one.python, run.packages, engine, terraform, one.day]
        yield f"| {' | '.join(parts)} |"


def _of(tests: str, *folders: str) -> bool:
    """Whether a run was of one of these folders of tests; all runs that name none are."""
    return not tests or any(f"tests/{folder}" in tests for folder in folders)


def packages() -> str:
    """A row for each package that is needed: the lowest that is allowed, the one of uv.lock, the newest."""
    record = runs.tested()
    rows = [
        f"| {name} | {record['lowest'].packages[name]} | {pins.locked()[name]} | {record['newest'].packages[name]} |"
        for name in pins.needs()
    ]
    return "\n".join(["| package | lowest | uv.lock | newest |", "| --- " * 4 + "|", *rows])


def engines() -> str:
    """A row for each thing that the benchmark had both engines do: the newest as a part of the pinned."""
    found = json.loads(FIGURES.read_text(encoding="utf-8"))["engines"]
    pinned, newest = (found["versions"][name].removeprefix("v") for name in ("pinned", "newest"))

    def row(what: str, part: str) -> str:
        medians = {(name, of): median(one[of] for one in found[part][name]) for name in found[part] for of in UNITS}
        ratios = [f"{medians['newest', of] / medians['pinned', of]:.2f}" for of in UNITS]
        return f"| {what} | {' | '.join(ratios)} |"

    return "\n".join(
        [
            f"| {newest} / {pinned} | time | computing |",
            "| --- | --- | --- |",
            row("`pulumi version`", "start"),
            row("first `pulumi up`", "first_up"),
            row("`pulumi up` without changes", "unchanged_up"),
        ]
    )


def _short(version: Version) -> str:
    """A version without a last zero: `3.230`."""
    return str(version).removesuffix(".0")
