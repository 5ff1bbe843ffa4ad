"""The writing of a release's reports to the files that the user or the pipeline names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.phrases import show
from pulumi_alicdn.releases.report.pipeline import run_of
from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.validation import Problem

SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
"""The variable with the path of the file whose Markdown GitHub shows for a run (GitHub: workflow commands)."""


def write_reports(
    story: Story, summary_file: str | None, report_file: str | None, environment: Mapping[str, str]
) -> None:
    """Append the Markdown summary to one file, and write the HTML page to another one.

    *summary_file*: a path; None for the one in :data:`SUMMARY_VARIABLE` of *environment*; without both, no summary
    *report_file*: a path; None for no page

    Raises AlicdnError if a file cannot be written.
    """
    summary = summary_file or environment.get(SUMMARY_VARIABLE)
    if summary:
        from pulumi_alicdn.releases.report.markdown import markdown  # noqa: PLC0415  load it only if it is needed

        _append(summary, markdown(story, run_of(environment)))
    if report_file:
        from pulumi_alicdn.releases.report.page import page  # noqa: PLC0415  its templates load slowly

        _replace(report_file, page(story, run_of(environment)))


def check_reports(
    summary_file: str | None, report_file: str | None, environment: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem for each report that cannot be written; nothing is written.

    A release that was submitted and proven must not fail because of a folder that is missing.
    """
    from_pipeline = None if summary_file else environment.get(SUMMARY_VARIABLE)
    if summary_file:
        yield from _unwritable("summary_file", Path(summary_file), beside=False)
    elif from_pipeline:
        for problem in _unwritable("", Path(from_pipeline), beside=False):
            yield Problem("summary_file", (f"{SUMMARY_VARIABLE} {problem.says}",))
    if report_file:
        yield from _unwritable("report_file", Path(report_file), beside=True)


def _unwritable(option: str, path: Path, *, beside: bool) -> Iterator[Problem]:
    """The problem of a file that is appended to or, with *beside*, replaced by one that is written beside it."""
    writable = os.W_OK | os.X_OK
    reason = ""
    try:
        if path.is_dir():
            reason = "it is a folder"
        elif path.exists() and not beside:
            reason = "" if os.access(path, os.W_OK) else "permission denied"
        elif not path.parent.is_dir():
            reason = "there is no such folder"
        elif not os.access(path.parent, writable):
            reason = "permission denied"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    if reason:
        yield Problem(option, f"is {show(str(path))}, which cannot be written: {reason}")


def report_paths(summary_file: str | None, report_file: str | None, environment: Mapping[str, str]) -> frozenset[str]:
    """The real paths of the reports: in a folder that is released, they are none of its files."""
    named = (summary_file or environment.get(SUMMARY_VARIABLE), report_file)
    return frozenset(os.path.realpath(path) for path in named if path)


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
    except OSError as error:
        raise AlicdnError(f"the summary file {path!r} cannot be written: {error.strerror}") from None


def _replace(path: str, text: str) -> None:
    """Write a second file and rename it, so that a reader never finds half a page."""
    target = Path(path)
    written: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            written = Path(file.name)
            file.write(text)
        written.chmod(0o666 & ~_umask())
        written.replace(target)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        raise AlicdnError(f"the report file {path!r} cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
