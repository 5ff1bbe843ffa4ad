"""The reports of a release on disk: a summary grows, a page is replaced, and nothing half-written is ever seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.system.report_files import SUMMARY_VARIABLE, check_reports, report_paths, write_reports
from support.release_stories import failed, live, urls


def test_a_summary_is_appended_and_a_page_replaced(tmp_path: Path) -> None:
    summary, page = tmp_path / "summary.md", tmp_path / "release.html"
    summary.write_text("what another step wrote\n")
    for story in (live(urls(2)), failed(urls(2), [0])):
        write_reports(story, str(summary), str(page), {})

    lines = summary.read_text().splitlines()
    assert lines[0] == "what another step wrote"
    assert [line for line in lines if line.startswith("## ")] == [
        "## ✅ Release is live: <code>courses</code>",
        "## ❌ Release failed: <code>courses</code>",
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
def test_a_file_that_cannot_be_written_is_found_before_the_release_and_is_no_wrong_option_after_it(
    tmp_path: Path, name: str
) -> None:
    path = str(tmp_path / "absent" / "file")
    files = {"summary_file": None, "report_file": None, name: path}
    assert [one.sentence for one in check_reports(environment={}, **files)] == [
        f"{name} is '{path}', which cannot be written: there is no such folder"
    ]
    what = name.replace("_", " ")
    with pytest.raises(AlicdnError, match=f"the {what} '{path}' cannot be written: No such file") as raised:
        write_reports(live(urls(1)), environment={}, **files)
    assert not isinstance(raised.value, InputError)


def test_files_that_can_be_written_are_no_problem_and_the_pipelines_variable_is_named(tmp_path: Path) -> None:
    summary, page = tmp_path / "summary.md", tmp_path / "release.html"
    for _ in range(2):
        assert list(check_reports(str(summary), str(page), {})) == []
        assert summary.exists() is page.exists()
        write_reports(live(urls(1)), str(summary), str(page), {})
    assert list(check_reports(None, None, {})) == []
    (problem,) = check_reports(None, None, {SUMMARY_VARIABLE: str(tmp_path)})
    assert problem.sentence == f"{SUMMARY_VARIABLE} is '{tmp_path}', which cannot be written: it is a folder"
    assert report_paths(None, str(page), {SUMMARY_VARIABLE: str(summary)}) == {str(summary), str(page)}


def test_a_page_in_the_place_of_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "release.html").mkdir()
    with pytest.raises(AlicdnError, match=r"the report file .* cannot be written"):
        write_reports(live(urls(1)), None, str(tmp_path / "release.html"), {})
    assert [path.name for path in tmp_path.iterdir()] == ["release.html"]
