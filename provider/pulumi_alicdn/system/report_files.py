"""The writing of a release's reports to the files that the user or the pipeline names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.releases.report.story import Story

SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
"""The variable with the path of the file whose Markdown GitHub shows for a run (GitHub: workflow commands)."""


def write_reports(
    story: Story, summary_file: str | None, report_file: str | None, environment: Mapping[str, str]
) -> None:
    """Append the Markdown summary to one file, and write the HTML page to another one.

    *summary_file*: a path; None for the one in :data:`SUMMARY_VARIABLE` of *environment*; without both, no summary
    *report_file*: a path; None for no page

    Raises InputError if a file cannot be written.
    """
    summary = summary_file or environment.get(SUMMARY_VARIABLE)
    if summary:
        from pulumi_alicdn.releases.report.markdown import markdown  # noqa: PLC0415  load it only if it is needed

        _append("summary_file", summary, markdown(story))
    if report_file:
        from pulumi_alicdn.releases.report.page import page  # noqa: PLC0415  its templates load slowly

        _replace("report_file", report_file, page(story))


def _append(name: str, path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
    except OSError as error:
        raise InputError(f"{name} is {path!r}, which cannot be written: {error.strerror}") from None


def _replace(name: str, path: str, text: str) -> None:
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
        raise InputError(f"{name} is {path!r}, which cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
