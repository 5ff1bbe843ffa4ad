"""The example pipelines: linted, and the scripts of all their jobs run on the real engine against the local cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support import linters, pipelines
from support.pipelines import PIPELINES, Settings, Step, github_steps, gitlab_steps
from support.projects import Project
from support.stack import Stack

GITHUB, GITLAB = PIPELINES / "github-actions.yml", PIPELINES / "gitlab-ci.yml"
PREVIEW = PIPELINES / "github-preview.yml"
SUMMARY = "summary.md"
SITE = "https://www.example.com/"
PAGES = {f"{SITE}{path}" for path in ("", "index.html", "docs/", "docs/index.html", "app.js", "style.css")}
WARMED = {f"{SITE}app.js", f"{SITE}style.css"}

Steps = Callable[[str, Settings], Iterator[Step]]
SERVICES = pytest.mark.parametrize("steps", [github_steps, gitlab_steps])


@pytest.fixture
def project(emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path) -> Project:
    """The static site in a checkout, its origin and all edges with an older release."""
    (origin / "index.html").write_text("old")
    cloud = emulators(origin=origin, effect_s=0.5)
    for url in (SITE, f"{SITE}index.html"):
        cloud.get_everywhere(url)
    made = Project(stacks("", cloud), cloud, origin, "static-site")
    made.configure("domain=www.example.com", f"origin={cloud.origin}", *made.edges())
    return made


def settings(project: Project, **variables: str) -> Settings:
    cloud = project.cloud
    (project.stack.folder / "requirements.txt").write_text("pulumi-alicdn\n")
    usual = {
        "BASE_URL": SITE,
        "EDGES": " ".join(cloud.edges),
        "STACK": "dev",
        "UPLOAD": f"cp -R dist/. '{project.origin}'",
    }
    secrets = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.access_key_secret,
        "PULUMI_ACCESS_TOKEN": "not-used-with-a-state-on-disk",
    }
    return Settings(secrets, {**usual, **variables})


def ran(project: Project, steps: Steps, job: str, **variables: str) -> pipelines.Ran:
    folder = project.stack.folder
    runner = pipelines.runner(project.stack.environment)
    if steps is github_steps:
        runner["GITHUB_STEP_SUMMARY"] = str(folder / SUMMARY)
    done = pipelines.run(steps(job, settings(project, **variables)), folder, runner)
    assert project.cloud.access_key_secret not in done.output
    return done


@SERVICES
def test_a_release_with_pulumi_fails_while_the_upload_is_missing_and_then_is_live(
    project: Project, steps: Steps
) -> None:
    forgotten = ran(project, steps, "release", UPLOAD="true")

    assert forgotten.failed.lower() == "release"
    assert "the origin does not have the release: 5 of 6 URLs; nothing was submitted" in forgotten.output
    assert "URLs verified" not in forgotten.output  # the step after it was not reached
    assert project.submitted() == []

    done = ran(project, steps, "release")

    assert not done.failed, done.output
    assert project.submitted() == [("RefreshObjectCaches", PAGES), ("PushObjectCache", WARMED)]
    index = (project.assets / "index.html").read_bytes()
    project.expect_everywhere({SITE: index, f"{SITE}index.html": index})
    assert "6 URLs verified: 18 checks, all fresh" in done.output
    assert (project.stack.folder / "release.html").is_file()
    if steps is github_steps:
        assert "Release is live: <code>site</code>" in (project.stack.folder / SUMMARY).read_text()


@SERVICES
def test_a_release_without_pulumi(project: Project, steps: Steps) -> None:
    done = ran(project, steps, "release-without-pulumi")

    assert not done.failed, done.output
    assert project.submitted() == [("RefreshObjectCaches", PAGES)]
    index = (project.assets / "index.html").read_bytes()
    project.expect_everywhere({SITE: index, f"{SITE}index.html": index})
    assert "6 URLs verified: 18 checks, all fresh" in done.output
    assert (project.stack.folder / "release.html").is_file()
    if steps is github_steps:
        assert "Release is live: <code>www&#46;" in (project.stack.folder / SUMMARY).read_text()

    # What the cache brings back: only what changed since is refreshed.
    (project.assets / "app.js").write_text("new")
    again = ran(project, steps, "release-without-pulumi")
    assert not again.failed, again.output
    assert project.submitted() == [("RefreshObjectCaches", {f"{SITE}app.js"})]
    project.expect_everywhere({f"{SITE}app.js": b"new"})


def test_a_preview_shows_the_plan_on_the_page_of_the_run_and_submits_nothing(project: Project) -> None:
    cloud = project.cloud
    # What the vendor's action leaves for the steps after it.
    keys = {name: text for name, text in cloud.environment().items() if name.startswith("ALIBABA_CLOUD_")}
    runner = {**pipelines.runner(project.stack.environment), **keys}
    runner["GITHUB_STEP_SUMMARY"] = str(project.stack.folder / SUMMARY)

    done = pipelines.run(github_steps("preview", settings(project), PREVIEW.name), project.stack.folder, runner)

    assert not done.failed, done.output
    assert "first release of 4 files" in (project.stack.folder / SUMMARY).read_text()
    assert project.submitted() == []


def test_all_steps_of_the_workflow_run_here_but_for_the_actions_of_others() -> None:
    jobs: dict[str, Any] = pipelines.load("github-actions.yml")["jobs"]
    used = {step["uses"].partition("@")[0] for job in jobs.values() for step in job["steps"] if "uses" in step}
    assert used == {
        "actions/cache/restore",
        "actions/cache/save",
        "actions/checkout",
        "actions/setup-python",
        "actions/upload-artifact",
        "pulumi/actions",
    }
    assert set(jobs) == {"release", "release-without-pulumi"}


def test_the_pipelines_keep_to_their_schema() -> None:
    check = linters.installed("check-jsonschema")
    assert linters.complaints(check, "--builtin-schema", "vendor.github-workflows", str(GITHUB), str(PREVIEW)) == ""
    assert linters.complaints(check, "--builtin-schema", "vendor.gitlab-ci", str(GITLAB)) == ""


def test_the_workflow_passes_actionlint(tmp_path: Path) -> None:
    complaints = linters.actionlint_or_skip()
    assert (complaints(GITHUB), complaints(PREVIEW)) == ("", "")

    unquoted = tmp_path / "unquoted.yml"
    unquoted.write_text(GITHUB.read_text().replace('--stack "$STACK"', "--stack $STACK"))
    assert "SC2086" in complaints(unquoted)


@pytest.mark.parametrize("job", ["release", "release-without-pulumi"])
def test_the_scripts_for_gitlab_pass_shellcheck(job: str, tmp_path: Path) -> None:
    script = tmp_path / "job.sh"
    script.write_text(pipelines.gitlab_script(job))
    assert linters.complaints(linters.installed("shellcheck"), "--shell=bash", str(script)) == ""


def test_credentials_come_from_secrets_only() -> None:
    workflows = [pipelines.load(name)["jobs"] for name in (GITHUB.name, PREVIEW.name)]
    for job in (job for jobs in workflows for job in jobs.values()):
        for step in job["steps"]:
            for name, value in step.get("env", {}).items():
                kind = "secrets" if name.startswith(("ALIBABA_CLOUD_", "PULUMI_")) else "vars"
                assert value == f"${{{{ {kind}.{name} }}}}"
    for job in pipelines.load("gitlab-ci.yml").values():
        assert isinstance(job, list) or "variables" not in job
