"""The options of `alicdn release` that other commands do not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pulumi_alicdn.api.limits import DEFAULT_TIMEOUT_S
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.cli.flags import common_flags
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.release_options import (
    DEFAULT_HEALS,
    DEFAULT_MAX_FILES,
    FirstRelease,
    Removed,
    RequiredProof,
    Strategy,
    Verify,
)

F = TypeVar("F", bound=Callable[..., Any])


def _words(kind: type[FirstRelease | Removed | RequiredProof | Strategy | Verify]) -> click.Choice[str]:
    return click.Choice([str(one) for one in kind])


def decisions(command: F) -> F:
    """Add the options that decide what is submitted."""
    for option in (
        click.option("--allow-mass-removal", is_flag=True, help="Release though more than half of the files are gone."),
        click.option("--allow-empty", is_flag=True, help="Release a folder without files."),
        click.option(
            "--removed",
            type=_words(Removed),
            default=str(Removed.SETTLE),
            show_default=True,
            help="Refresh removed files once the origin has them no longer, fail while it has them, or ignore them.",
        ),
        click.option(
            "--max-files",
            type=common_flags.WHOLE_NUMBER,
            metavar="N",
            default=DEFAULT_MAX_FILES,
            show_default=True,
            help="With --strategy auto: the most files that are refreshed one by one.",
        ),
        click.option(
            "--strategy",
            type=_words(Strategy),
            default=str(Strategy.AUTO),
            show_default=True,
            help="Refresh file by file, as a directory, or whichever suits number and quota.",
        ),
        click.option(
            "--first-release",
            type=_words(FirstRelease),
            default=str(FirstRelease.REFRESH),
            show_default=True,
            help="What to do while no earlier release is known.",
        ),
        click.option(
            "--prefetch",
            metavar="GLOB",
            multiple=True,
            help="Prefetch these files, if added or changed, after the refresh; may be repeated.",
        ),
    ):
        command = option(command)
    return command


def proof(command: F) -> F:
    """Add the options of the proof and of the reports."""
    for option in (
        click.option("--report-file", metavar="FILE", help="Write an HTML report to FILE."),
        click.option(
            "--summary-file", metavar="FILE", help="Append a Markdown summary to FILE; else to GITHUB_STEP_SUMMARY."
        ),
        click.option(
            "--proof-patience",
            type=common_flags.NUMBER,
            metavar="SECONDS",
            default=int(PATIENCE_S),  # the help shows 10, not 10.0
            show_default=True,
            help="How long to retry edges that lag.",
        ),
        click.option(
            "--proof-timeout",
            type=common_flags.NUMBER,
            metavar="SECONDS",
            default=int(TIMEOUT_S),  # the help shows 300, not 300.0
            show_default=True,
            help="How long the whole proof may take.",
        ),
        click.option(
            "--verify",
            type=_words(Verify),
            default=str(Verify.ALL),
            show_default=True,
            help="Check all changed URLs on the edges, 50 of them, or none.",
        ),
        click.option(
            "--proof",
            type=_words(RequiredProof),
            default=str(RequiredProof.REQUIRE),
            show_default=True,
            help="Fail if the release is not proven in the end, or only warn.",
        ),
        click.option(
            "--heal",
            type=common_flags.WHOLE_NUMBER,
            metavar="N",
            default=DEFAULT_HEALS,
            show_default=True,
            help="How often URLs are refreshed again that are stale at an edge and right at the origin.",
        ),
        click.option(
            "--check-origin/--no-check-origin",
            default=True,
            show_default=True,
            help="Whether the origin must have the release before anything is submitted.",
        ),
    ):
        command = option(command)
    return command


def waiting(command: F) -> F:
    """Add the options of submit and wait."""
    for option in (
        common_flags.retry_failed,
        click.option(
            "--timeout",
            type=common_flags.NUMBER,
            metavar="SECONDS",
            help="How long to wait for the refresh, and then for the prefetch; "
            f"else {DEFAULT_TIMEOUT_S[Kind.REFRESH]:.0f} and {DEFAULT_TIMEOUT_S[Kind.PREFETCH]:.0f}.",
        ),
        click.option(
            "--again", is_flag=True, help="If nothing changed, do the refresh and prefetch of the last release again."
        ),
        click.option(
            "--force",
            is_flag=True,
            default=None,
            help="Refresh also what the origin has not modified; if nothing changed, once more the last release.",
        ),
    ):
        command = option(command)
    return command
