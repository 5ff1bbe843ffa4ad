"""The project's own workflow: linted, with no rights but to read, and running what a contributor runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from support import linters

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
PUBLISH = WORKFLOW.with_name("publish.yml")


@pytest.fixture
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(WORKFLOW)
    return loaded


def test_the_workflow_fits_its_schema() -> None:
    check = linters.installed("check-jsonschema")
    assert linters.complaints(check, "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)) == ""


def test_the_forms_of_issues_fit_their_schema() -> None:
    check = linters.installed("check-jsonschema")
    forms = ROOT / ".github" / "ISSUE_TEMPLATE"
    files = sorted(str(form) for form in forms.glob("*.yml") if form.name != "config.yml")
    assert linters.complaints(check, "--builtin-schema", "vendor.github-issue-forms", *files) == ""
    config = str(forms / "config.yml")
    assert linters.complaints(check, "--builtin-schema", "vendor.github-issue-config", config) == ""


def test_the_workflow_passes_actionlint() -> None:
    assert linters.actionlint_or_skip()(WORKFLOW) == ""


def test_publishing_has_a_token_in_the_job_alone_that_runs_no_code_of_the_project() -> None:
    check = linters.installed("check-jsonschema")
    assert linters.complaints(check, "--builtin-schema", "vendor.github-workflows", str(PUBLISH)) == ""
    assert linters.actionlint_or_skip()(PUBLISH) == ""
    loaded: dict[str, Any] = YAML(typ="safe").load(PUBLISH)
    jobs = loaded["jobs"]
    assert loaded["permissions"] == {}
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert (jobs["publish"]["permissions"], jobs["publish"]["environment"]) == ({"id-token": "write"}, "pypi")
    assert [step for step in jobs["publish"]["steps"] if "run" in step] == []
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []
    assert "secrets." not in PUBLISH.read_text(encoding="utf-8")


def test_the_guide_tells_the_owner_of_the_name_what_the_workflow_needs() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## A release")[1].split("\n## ")[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    loaded: dict[str, Any] = YAML(typ="safe").load(PUBLISH)
    (publisher,) = [line for line in guide.split("\n- ") if "pending publisher" in line]
    environment = loaded["jobs"]["publish"]["environment"]
    for name in (project["name"], PUBLISH.name, environment):
        assert f"`{name}`" in publisher
    assert f"the environment `{environment}`" in guide.split("settings of the repository")[1]
    (compared,) = [step for step in loaded["jobs"]["build"]["steps"] if "TAG" in step.get("env", {})]
    assert "${TAG#v}" in compared["run"]
    assert "`vVERSION`" in guide


def test_jobs_may_read_the_sources_and_nothing_else(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        (checkout,) = [step for step in job["steps"] if "actions/checkout" in step.get("uses", "")]
        assert checkout["with"] == {"persist-credentials": False}
    assert "secrets." not in WORKFLOW.read_text(encoding="utf-8")


def test_jobs_run_targets_of_the_makefile_with_the_oldest_python_that_is_supported(workflow: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    pythons = {step["with"]["python-version"] for step in steps if "actions/setup-python" in step.get("uses", "")}
    assert {f">={version}" for version in pythons} == {project["requires-python"]}
    commands = [step["run"] for step in steps if "run" in step]
    assert commands == ["make lint types layers", "make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for command in commands for name in command.split()[1:] if f"\n{name}: " not in makefile] == []
