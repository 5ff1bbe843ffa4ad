"""The checks of what several documents state, by the name of the statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance import answers as a
from conformance import questions as q
from conformance import refusals as r
from conformance.documents import DOMAIN
from conformance.statements import Checks, Statement, both

CHECKS: Final[Mapping[str, Checks]] = {
    # What the call is for.
    "purpose/refresh": both(q.complete_when_a_refresh_is_effective),
    "purpose/prefetch": both(q.complete_when_a_prefetch_is_effective),
    "notes/by-task-id": both(q.by_task_id),
    "notes/by-url": both(q.by_object_path),
    "notes/by-neither": both(q.by_neither),
    "notes/by-neither-window": both(q.nothing_older_is_listed),
    "notes/by-both": both(q.by_both),
    "notes/window": both(q.nothing_older_can_be_asked_for),
    "notes/casing": Checks(q.parameters_in_the_table_s_casing, "no document says whether other casings are taken"),
    # Request parameters.
    "request/action": Checks(q.client_names_the_action, q.emulator_wants_the_action),
    "request/optional": both(q.all_optional),
    "request/domain-name": both(q.by_domain),
    "request/end-time": both(q.to_end),
    "request/end-time/format": both(q.time_format("EndTime")),
    "request/object-path": both(q.by_object_path),
    "request/object-type/file": both(q.by_type("file")),
    "request/object-type/directory": both(q.by_type("directory")),
    "request/object-type/preload": both(q.by_type("preload")),
    "request/object-type/no-other-by-itself": Checks(
        q.only_documented_types_by_itself, "how the client waits is its own affair"
    ),
    "request/page-number": both(q.page_number),
    "request/page-number/whole": both(q.page_number_is_whole),
    "request/page-number/example": both(q.first_page_example),
    "request/page-size/default": both(q.page_size_default),
    "request/page-size/most": both(q.page_size_most),
    "request/page-size/most-by-itself": Checks(q.page_size_most_by_itself, "how the client lists is its own affair"),
    "request/page-size/most-in-waiting": Checks(q.page_size_most_in_waiting, "how the client waits is its own affair"),
    "request/page-size/whole": both(q.page_size_is_whole),
    "request/resource-group": both(q.resource_group),
    "request/start-time": both(q.from_start),
    "request/start-time/format": both(q.time_format("StartTime")),
    "request/status/complete": both(q.by_status("Complete")),
    "request/status/refreshing": both(q.by_status("Refreshing")),
    "request/status/failed": both(q.by_status("Failed")),
    "request/status/no-other": both(q.pending_cannot_be_asked_for),
    "request/task-id": both(q.by_task_id),
    "request/object-type/domain": both(q.needs_type("DomainName", DOMAIN)),
    "request/object-type/status": both(q.status_is_meant),
    "request/object-type/path": both(q.by_type("path")),
    "request/page-number/range": both(q.page_number_range),
    "request/page-size/range": both(q.page_size_range),
    "request/object-path/example": both(q.accepts(ObjectPath="http://aaa.com/1.txt")),
    "request/page-size/example": both(q.accepts(PageSize=20)),
    "request/start-time/example": both(q.old_example_time("StartTime", "2017-01-01T12:12:20Z")),
    # Answers.
    "answer/request-id": Checks(a.client_reads_request_id(), a.emulator_sends_request_id),
    "answer/tasks": Checks(a.client_reads_container, a.emulator_writes_container),
    "answer/creation-time": Checks(a.client_reads_times_as_utc, a.emulator_dates_rows),
    "answer/description": both(a.only_failures_are_described),
    "answer/description/internal-error": both(a.fails_with("Internal Error")),
    "answer/description/origin-timeout": both(a.fails_with("Origin Timeout")),
    "answer/description/origin-5xx": both(a.fails_with("Origin Return StatusCode 5XX")),
    "answer/process": both(a.percent_of_progress),
    "answer/status/complete": both(a.shows_status("Complete")),
    "answer/status/refreshing": both(a.shows_status("Refreshing")),
    "answer/status/failed": both(a.shows_status("Failed")),
    "answer/status/pending": both(a.shows_status("Pending")),
    "answer/status/no-other": both(a.no_other_status),
    "answer/total-count": both(a.total_counts_all),
    "answer/object-type/file": both(q.by_type("file")),
    "answer/object-type/preload": both(q.by_type("preload")),
    "answer/object-type/path": both(q.by_type("path")),
    "answer/numbers-together": both(a.swapped_numbers),
    "answer/page-number": both(a.has_number("PageNumber", 1)),
    "answer/page-size": both(a.has_number("PageSize", 10)),
    "answer/object-path": Checks(a.client_reads("ObjectPath", "http://aaa.com/1.txt"), a.emulator_repeats_paths),
    "answer/process/example": Checks(a.client_reads("Process", "100%"), a.emulator_writes("Process", r"[0-9]{1,3}%")),
    "answer/task-id": Checks(a.client_reads("TaskId", "704225667"), a.emulator_names_ids_of_submits),
    "answer/total-count/example": both(a.has_number("TotalCount", 2)),
    # Samples.
    "sample/format": Checks(a.client_wants_json, a.emulator_writes_json),
    "sample/json": Checks(a.client_reads_its_sample, a.emulator_writes_its_sample),
    "sample/host": Checks(r.central_host, "the emulator is one address on this machine"),
    "sample/request-empty-path": both(q.empty_path_is_no_question),
    "sample/error-body": both(r.error_body),
    "sample/internal-error": both(r.internal_error),
    "sample/error-without-status": Checks(
        r.error_without_status, "the emulator gives every error the status of its table"
    ),
    # Errors.
    "errors/elsewhere": both(r.other_codes),
    "errors/throttling": both(r.throttling),
    "errors/operation-denied": both(r.account("not-open", "OperationDenied")),
    "errors/suspended": both(r.account("suspended", "OperationDenied.Suspended")),
    "errors/names-vod": Checks(r.client_keeps_to_codes, r.names_vod),
    "errors/task-id-malformed": both(r.task_id_malformed),
}
"""A check with a value that only one or two texts have, such as an example, stands beside that text."""


def statements(lines: Mapping[str, str | tuple[str, Checks]]) -> tuple[Statement, ...]:
    """The statements of a document from names and texts; a text without checks has those of its name."""
    return tuple(
        Statement(name, line, CHECKS[name]) if isinstance(line, str) else Statement(name, *line)
        for name, line in lines.items()
    )
