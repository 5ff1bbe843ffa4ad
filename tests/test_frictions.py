"""What new users stumbled over, each with the test that shows that it is gone. A test that goes away is missed here."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
LEAST = 20
OPTIONS, TERMINAL = "pulumi_engine/test_pulumi_options.py", "pulumi_engine/test_terminal.py"
QUICKSTART, STREAMS = "examples/test_quickstart.py", "cli/test_streams.py"
PAGES, SUBMIT = "manual/test_pages.py", "cli/test_submit.py"
FOUND, TYPES = "cli/test_found_service.py", "type_checkers/test_public_types.py"
FRICTIONS = [
    # Pulumi's own habits.
    ("ignore_changes and custom_timeouts did nothing", f"{OPTIONS}::test_options_reach_the_steps_of_a_task"),
    ("options without effect were not refused", f"{OPTIONS}::test_options_without_effect_are_refused_by_name"),
    (
        "a protected task took no new trigger",
        "pulumi_engine/test_updates.py::test_a_protected_task_takes_a_new_trigger",
    ),
    (
        "one program had one account only",
        "pulumi_engine/test_accounts.py::test_a_task_goes_to_the_account_of_its_provider_and_an_unfinished_one_is_not_waited_for_at_another",
    ),
    # Progress.
    (
        "a long diff hid the progress",
        f"{TERMINAL}::test_progress_is_seen_at_every_width_as_the_page_shows_it",
    ),
    ("the last row kept an estimate", "tasks/test_messages.py::test_progress_reads_as_one_line"),
    (
        "a proof of thousands of URLs said nothing",
        "resources/test_proof_progress.py::test_thousands_of_urls_in_a_second_take_one_message_and_the_last_one_its_own",
    ),
    (
        "`make up` showed no tree of Pulumi",
        f"{QUICKSTART}::test_make_up_ends_with_every_node_serving_the_new_release_and_shows_the_place_that_lagged",
    ),
    (
        "rows of stale places looked like others",
        f"{QUICKSTART}::test_a_stale_place_comes_first_and_stands_out_with_and_without_colors",
    ),
    ("`make up` took any RELEASE", f"{QUICKSTART}::test_a_wrong_value_is_one_sentence_and_starts_nothing"),
    # README, pages and examples.
    ("README had 333 lines", f"{PAGES}::test_the_readme_fits_on_a_few_screens"),
    ("there was one page for all", f"{PAGES}::test_the_pages_build_without_a_warning_and_are_complete"),
    ("tables of options grew old", f"{PAGES}::test_what_is_made_from_the_code_is_up_to_date"),
    ("links led nowhere", f"{PAGES}::test_every_link_leads_somewhere"),
    ("pages named what does not exist", "manual/test_names.py::test_what_a_page_names_exists"),
    ("commands in the pages had never run", "manual/test_programs.py::test_each_command_runs"),
    ("programs in the pages had never run", "manual/test_programs.py::test_each_program_is_run"),
    (
        "a stranger did not reach a live site in half an hour",
        "manual/test_tutorial.py::test_a_stranger_gets_a_site_onto_every_edge_and_a_forgotten_upload_fails",
    ),
    (
        "no example ran as given",
        "examples/test_examples.py::test_an_example_runs_as_given_and_shows_what_happened",
    ),
    (
        "examples had no page",
        "examples/test_examples.py::test_every_example_has_a_page_of_its_own_and_runs_at_a_local_cloud_or_says_why_not",
    ),
    (
        "the local cloud's settings were typed by hand",
        "emulator/test_process.py::test_its_lines_for_a_shell_set_what_clients_read_and_nothing_else",
    ),
    # The command line.
    (
        "--service of the wrong product found no task",
        f"{FOUND}::test_a_refresh_goes_to_the_product_of_the_domain_and_a_wait_to_the_one_that_lists_the_task",
    ),
    (
        "options had one place only",
        f"{STREAMS}::test_options_that_all_commands_share_come_before_or_after_the_name",
    ),
    ("-h was known to some commands", "cli/test_usage.py::test_each_command_has_the_same_help_with_either_flag"),
    ("help of the emulator looked otherwise", f"{STREAMS}::test_the_emulator_tells_its_own_help_and_usage"),
    (
        "`python -m pulumi_alicdn` and --version were missing",
        "toolchain/test_version.py::test_all_that_is_installed_has_the_version_of_the_project",
    ),
    (
        "a URL that was named twice was refused",
        f"{SUBMIT}::test_a_url_named_twice_as_an_argument_counts_once_with_a_note",
    ),
    ("media ids needed a program", f"{SUBMIT}::test_media_are_refreshed_and_fetched_by_their_ids"),
    ("cache tags needed a program", f"{SUBMIT}::test_objects_are_refreshed_by_their_cache_tags"),
    ("a full disk was a traceback", f"{STREAMS}::test_a_result_that_cannot_be_written_says_why"),
    ("a closed pipe was a traceback", f"{STREAMS}::test_a_reader_that_has_enough_is_no_error"),
    ("a bad id took a minute", "cli/test_wait.py::test_a_wrong_id_costs_seconds_and_one_line"),
    ("completion was not written down", f"{STREAMS}::test_the_shell_completes_names"),
    ("Ctrl-C had no exit code of its own", f"{STREAMS}::test_signals_end_the_command_and_not_the_tasks"),
    # Installation, versions and releases.
    (
        "a deployment installed a web server",
        "toolchain/test_wheel.py::test_the_wheel_works_in_an_empty_environment",
    ),
    ("the command loaded all it might need", "cloud/test_start_up.py::test_nothing_is_loaded_before_it_is_needed"),
    (
        "a misspelt option passed the type checker",
        f"{TYPES}::test_there_are_twenty_wrong_lines",
    ),
    (
        "a change was tested by the whole suite",
        "toolchain/test_quick.py::test_a_changed_file_has_the_places_its_folder",
    ),
    (
        "one engine only was tried",
        "toolchain/test_engine.py::test_the_engine_that_is_asked_for_is_that_very_one",
    ),
    (
        "the version was written in several files",
        "toolchain/test_version.py::test_no_other_file_of_the_project_has_the_number",
    ),
    (
        "two changes met in one line of the changelog",
        "toolchain/test_changelog.py::test_the_next_release_has_each_entry_and_all_that_was_written_before",
    ),
    (
        "two builds of a release differed",
        "toolchain/test_dist.py::test_sdist_and_wheel_are_complete_and_reproducible",
    ),
    ("pages spoke of an index that has no such package", f"{PAGES}::test_nothing_claims_to_be_on_a_public_index"),
]
NEVER_RUN = {"skip", "xfail"}
"""Marks with which a test shows nothing."""


@cache
def those_that_run(name: str) -> frozenset[str]:
    """The tests at the top of a file that no mark keeps from running."""
    found = set()
    for one in ast.parse((TESTS / name).read_text(encoding="utf-8")).body:
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
            marks = {ast.unparse(mark).removeprefix("pytest.mark.").partition("(")[0] for mark in one.decorator_list}
            if not marks & NEVER_RUN:
                found.add(one.name)
    return frozenset(found)


@pytest.mark.parametrize(("friction", "test"), FRICTIONS, ids=[friction for friction, _ in FRICTIONS])
def test_a_friction_has_a_test_that_runs(friction: str, test: str) -> None:
    name, _, function = test.partition("::")
    assert function in those_that_run(name), f"{friction}: no test shows any more that this is gone"


def test_each_friction_is_listed_once_and_there_are_enough() -> None:
    assert len({friction for friction, _ in FRICTIONS}) == len(FRICTIONS) > LEAST
