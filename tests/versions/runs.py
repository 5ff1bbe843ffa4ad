"""The runs of the tests that show which versions work, and the record of what each found when it was last green."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from support.terraform_program import found
from versions import pins

FILE: Final = Path(__file__).with_name("tested.json")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the tests: a target of `make`, with its variables, and which versions of the packages it installs."""

    target: str
    packages: str


RUNS: Final[Mapping[str, Run]] = {
    "lowest": Run("test-lowest", "the lowest"),
    "newest": Run("test-newest", "the newest"),
    "engine": Run("test ENGINE=newest", "as in uv.lock"),
    "terraform": Run("test", "as in uv.lock"),
    "opentofu": Run("test TEST_TERRAFORM=$(make tofu)", "as in uv.lock"),
}
"""Each run. With `TESTED=NAME`, it notes its versions and its `ARGS` when all of its tests have passed."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What a green run ran with: the day, the tests (empty: those of the target), and the version of each part."""

    day: str
    of: str
    python: str
    engine: str
    terraform: str
    packages: Mapping[str, str]


def here(of: str) -> Tested:
    """What tests run with in this environment, and with this PATH."""
    said = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout
    program = found()
    shown = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout if program else ""
    return Tested(
        of=of,
        day=datetime.now(UTC).date().isoformat(),
        python=platform.python_version(),
        engine=re.sub(r"^v|-.*", "", said.strip()),
        terraform=shown.partition("\n")[0].replace(" v", " "),
        packages={name: metadata.version(name) for name in pins.needs()},
    )


def tested() -> dict[str, Tested]:
    """The record, run by run."""
    return {name: Tested(**one) for name, one in json.loads(FILE.read_text(encoding="utf-8")).items()}


def command(name: str) -> str:
    """What a contributor types for a run, as it was noted."""
    of = tested()[name].of
    return f"make {RUNS[name].target}" + (f' ARGS="{of}"' if of else "")


def note(name: str, of: str) -> None:
    """Write into the record that the run *name* was green with what is here."""
    record = {**(tested() if FILE.exists() else {}), name: here(of)}
    plain = {run: asdict(record[run]) for run in RUNS if run in record}
    FILE.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
