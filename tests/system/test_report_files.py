"""The reports of a release on disk: a summary grows, a page is replaced, and nothing half-written is ever seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.system.report_files import SUMMARY_VARIABLE, write_reports
from support.release_stories import failed, live, urls


def test_a_summary_is_appended_and_a_page_replaced(tmp_path: Path) -> None:
    summary, page = tmp_path / "summary.md", tmp_path / "release.html"
    summary.write_text("what another step wrote\n")
    for story in (live(urls(2)), failed(urls(2), [0])):
        write_reports(story, str(summary), str(page), {})

    lines = summary.read_text().splitlines()
    assert lines[0] == "what another step wrote"
    assert [line for line in lines if line.startswith("## ")] == [
        "## ✅ Release is live: courses",
        "## ❌ Release failed: courses",
    ]
    assert page.read_text().count("<!DOCTYPE html>") == 1
    assert "connection refused" in page.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["release.html", "summary.md"]


def test_the_pipeline_names_the_summary_unless_the_user_does(tmp_path: Path) -> None:
    own, step = tmp_path / "own.md", tmp_path / "step.md"
    environment = {SUMMARY_VARIABLE: str(step)}
    write_reports(live(urls(1)), None, None, environment)
    assert step.read_text().count("Release is live") == 1
    write_reports(live(urls(1)), str(own), None, environment)
    assert step.read_text().count("Release is live") == 1
    assert own.read_text().count("Release is live") == 1
    write_reports(live(urls(1)), None, None, {SUMMARY_VARIABLE: ""})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.md", "step.md"]


def test_a_page_can_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    page = tmp_path / "release.html"
    before = os.umask(0o027)
    try:
        write_reports(live(urls(1)), None, str(page), {})
    finally:
        os.umask(before)
    assert page.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["summary_file", "report_file"])
def test_a_file_that_cannot_be_written_is_reported_by_its_option(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / "absent" / "file")
    files = {"summary_file": None, "report_file": None, name: path}
    with pytest.raises(InputError, match=f"{name} is '{path}', which cannot be written: No such file or directory"):
        write_reports(live(urls(1)), environment={}, **files)


def test_a_page_in_the_place_of_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "release.html").mkdir()
    with pytest.raises(InputError, match="report_file is"):
        write_reports(live(urls(1)), None, str(tmp_path / "release.html"), {})
    assert [path.name for path in tmp_path.iterdir()] == ["release.html"]
