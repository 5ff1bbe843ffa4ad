"""The jobs of the example pipelines as a runner runs them: their scripts in a shell, with the variables of the project.

What a runner itself provides is here: the checkout, Python and Pulumi on PATH, and a package index that is never asked,
since what `pip install` is to install is installed already.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

PIPELINES: Final = Path(__file__).resolve().parents[2] / "examples" / "pipelines"
STEP_S: Final = 120.0

_EXPRESSION = re.compile(r"\$\{\{ (secrets|vars)\.([A-Z_]+) \}\}")


@dataclass(frozen=True)
class Settings:
    """What the project's page at the pipeline's service holds."""

    secrets: Mapping[str, str]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """One shell: what it is called, what it runs, and the variables that it has beside the runner's own."""

    name: str
    script: str
    environment: Mapping[str, str]


@dataclass
class Ran:
    """How a job went: the steps that were run, and the one that failed, if any."""

    steps: list[str] = field(default_factory=list)
    failed: str = ""
    output: str = ""


def load(name: str) -> dict[str, Any]:
    """A pipeline's file."""
    found: dict[str, Any] = YAML(typ="safe").load(PIPELINES / name)
    return found


def github_steps(job: str, settings: Settings, name: str = "github-actions.yml") -> Iterator[Step]:
    """The steps of a job that are scripts. Those that use an action of others are what the runner provides."""
    workflow = load(name)
    assert workflow["defaults"]["run"]["shell"] == "bash"
    for step in workflow["jobs"][job]["steps"]:
        if "run" in step:
            named = {**workflow.get("env", {}), **step.get("env", {})}
            environment = {name: _resolved(text, settings) for name, text in named.items()}
            yield Step(step["name"], step["run"], environment)


def gitlab_steps(job: str, settings: Settings) -> Iterator[Step]:
    """The only step of a job: all its lines in one shell, which has every variable of the project."""
    yield Step(job, gitlab_script(job), {**settings.variables, **settings.secrets})


def gitlab_script(job: str) -> str:
    """All lines of a job, with those of the job that it extends."""
    pipeline = load("gitlab-ci.yml")
    own = pipeline[job]
    whole = {**pipeline[own["extends"]], **own}
    return "\n".join(_flat([whole["before_script"], whole["script"]])) + "\n"


def run(steps: Iterator[Step], folder: Path, runner: Mapping[str, str]) -> Ran:
    """Run *steps* in *folder* until one fails, as both services start bash."""
    ran = Ran()
    for step in steps:
        file = folder.parent / "step.sh"
        file.write_text(step.script)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
            cwd=folder,
            env={**runner, **step.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_S,
            check=False,
        )
        ran.steps.append(step.name)
        ran.output += done.stdout
        if done.returncode:
            ran.failed = step.name
            break
    return ran


def runner(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a runner: that of a stack without the credentials, which are the pipeline's to give."""
    own = {name: value for name, value in environment.items() if not name.startswith("ALIBABA_CLOUD_ACCESS_KEY")}
    pip = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    return {**own, **pip, "CI": "true"}


def _resolved(text: str, settings: Settings) -> str:
    """An expression's value; a variable that is not set is empty, as the service has it."""
    found = _EXPRESSION.fullmatch(text)
    assert found is not None, text
    return settings.secrets[found[2]] if found[1] == "secrets" else settings.variables.get(found[2], "")


def _flat(lines: object) -> Iterator[str]:
    if isinstance(lines, str):
        yield lines
    elif isinstance(lines, list):
        for line in lines:
            yield from _flat(line)
