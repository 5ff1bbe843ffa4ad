"""The pipeline's run that made a release, from the variables of its environment; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.releases.report.wording import plain_url


@dataclass(frozen=True, slots=True)
class Link:
    """A text, and the address that it leads to; empty if the environment states no sound one."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The commit that was released and the run that released it; None if the environment names none."""

    commit: Link | None = None
    run: Link | None = None


NO_RUN: Final = Run()
"""The run of a release that no pipeline made."""


def run_of(environment: Mapping[str, str]) -> Run:
    """Read the run from the variables of GitHub Actions or GitLab CI.

    Sources: GitHub, "Default environment variables"; GitLab, "Predefined CI/CD variables reference".
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment)
    return _gitlab(environment) if environment.get("GITLAB_CI") == "true" else NO_RUN


def _github(environment: Mapping[str, str]) -> Run:
    site = f"{environment.get('GITHUB_SERVER_URL', '')}/{environment.get('GITHUB_REPOSITORY', '')}"
    id_ = environment.get("GITHUB_RUN_ID", "")
    number = environment.get("GITHUB_RUN_NUMBER", "")
    named = f"{environment.get('GITHUB_WORKFLOW', '')} #{number}" if number else id_
    address = f"{site}/actions/runs/{id_}"
    return Run(
        _commit(environment.get("GITHUB_SHA", ""), environment.get("GITHUB_REF_NAME", ""), f"{site}/commit/"),
        _link(named.strip(), address) if id_ else None,
    )


def _gitlab(environment: Mapping[str, str]) -> Run:
    site = environment.get("CI_PROJECT_URL", "")
    number, address = environment.get("CI_PIPELINE_IID", ""), environment.get("CI_PIPELINE_URL", "")
    return Run(
        _commit(environment.get("CI_COMMIT_SHA", ""), environment.get("CI_COMMIT_REF_NAME", ""), f"{site}/-/commit/"),
        _link(f"{environment.get('CI_JOB_NAME', '')} #{number}".strip(), address) if number else None,
    )


def _commit(sha: str, ref: str, site: str) -> Link | None:
    if not sha:
        return None
    return _link(f"{sha[:12]} ({ref})" if ref else sha[:12], f"{site}{sha}")


def _link(text: str, address: str) -> Link:
    return Link(text, address if plain_url(address) else "")
