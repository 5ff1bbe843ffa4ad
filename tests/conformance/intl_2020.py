"""DescribeRefreshTasks of CDN, the international text of May 2020: a domain and a type in every question."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance import refusals as r
from conformance.documents import DOMAIN, Document, Statement, both

DOCUMENT = Document(
    name="intl-2020",
    title="CDN, DescribeRefreshTasks, international of May 2020",
    service="intl-2020",
    action="DescribeRefreshTasks",
    version="2018-05-10",
    container="Task",
    directory="path",
    dialect="intl-2020",
    always={"DomainName": DOMAIN, "ObjectType": "file"},
)

STATEMENTS = (
    both(
        "purpose/refresh",
        "The call tells whether a refresh is in force everywhere.",
        q.tells_when_a_refresh_is_effective,
    ),
    both("purpose/prefetch", "It tells the same of a prefetch.", q.tells_when_a_prefetch_is_effective),
    both("notes/by-task-id", "A task can be looked up by its id.", q.by_task_id),
    both("notes/by-url", "A task can be looked up by a URL of it.", q.by_object_path),
    both("notes/by-neither", "Without id and path, page 1 with up to 20 rows comes back.", q.by_neither),
    both("notes/by-neither-window", "Those rows are of the last three days.", q.nothing_older_is_listed),
    both("notes/by-both", "Id and path together: rows that fit both.", q.by_both),
    both("notes/window", "What is older than three days cannot be asked for.", q.nothing_older_can_be_asked_for),
    # Request parameters.
    Statement(
        "request/action",
        "Action is required and is DescribeRefreshTasks.",
        q.client_names_the_action,
        q.emulator_wants_the_action,
    ),
    both("request/optional", "What the table does not require can be left out.", q.all_optional),
    both("request/task-id", "TaskId, text, optional: rows of that task.", q.by_task_id),
    both("request/object-path", "ObjectPath, text, optional: by directory, whose path it is.", q.by_directory),
    both("request/domain-name", "DomainName, text: rows of that domain.", q.by_domain),
    both("request/domain-name/required", "Every question needs it.", q.required("DomainName")),
    both("request/object-type/required", "Every question needs ObjectType, too.", q.required("ObjectType")),
    Statement(
        "request/required-in-waiting",
        "Waiting gives both, too.",
        q.required_in_waiting,
        "how the client waits is its own affair",
    ),
    both("request/object-type/file", "It is text: file is one.", q.by_type("file")),
    both("request/object-type/path", "path, for directories, is one.", q.by_type("path")),
    both("request/object-type/preload", "preload is one.", q.by_type("preload")),
    Statement(
        "request/object-type/no-other",
        "There are no more. The client takes directory for path, and sends path.",
        q.no_other_type_but_directory,
        q.no_other_type("directory", "regex"),
    ),
    both("request/status/complete", "Status, text, optional: Complete is done.", q.by_status("Complete")),
    both("request/status/refreshing", "Refreshing is under way.", q.by_status("Refreshing")),
    both("request/status/failed", "Failed did not work.", q.by_status("Failed")),
    both("request/status/no-other", "There are no more to ask for; Pending is not one.", q.pending_cannot_be_asked_for),
    both("request/start-time", "StartTime, text, optional: rows from then on.", q.from_start),
    both("request/start-time/format", "It is written like 2017-01-01T12:12:20Z.", q.time_format("StartTime")),
    both(
        "request/start-time/example",
        "That moment itself is out of reach.",
        q.old_example_time("StartTime", "2017-01-01T12:12:20Z"),
    ),
    both("request/end-time", "EndTime, text, optional: rows up to then.", q.to_end),
    both("request/end-time/format", "It is written like 2017-01-01T12:12:20Z.", q.time_format("EndTime")),
    both(
        "request/end-time/example",
        "That moment itself is out of reach.",
        q.old_example_time("EndTime", "2017-01-01T12:12:20Z"),
    ),
    both("request/page-size/default", "PageSize, a whole number, is 20 unless given.", q.page_size_default),
    both("request/page-size/most", "It is 50 at most.", q.page_size_most),
    Statement(
        "request/page-size/most-by-itself",
        "Listing all pages keeps to 50, too.",
        q.page_size_most_by_itself,
        "how the client lists is its own affair",
    ),
    Statement(
        "request/page-size/most-in-waiting",
        "And so does waiting.",
        q.page_size_most_in_waiting,
        "how the client waits is its own affair",
    ),
    both("request/page-size/range", "It is any whole number from 1 on.", q.page_size_range),
    both("request/page-size/whole", "It is whole, and a number.", q.page_size_is_whole),
    both("request/page-number", "PageNumber, a whole number, optional: which page.", q.page_number),
    both("request/page-number/range", "It is from 1 to 100,000.", q.page_number_range),
    both("request/page-number/whole", "It is whole, and a number.", q.page_number_is_whole),
    Statement(
        "request/no-resource-group",
        "The table has no ResourceGroupId.",
        q.no_resource_group,
        "later texts have it, and one service answers to all",
    ),
    # Answer.
    Statement("answer/tasks", "Tasks holds the list of tasks.", a.client_reads_container, a.emulator_writes_container),
    Statement(
        "answer/page-size",
        "PageSize, a whole number: rows of a full page.",
        a.client_tells_number("PageSize", 10),
        a.emulator_tells_number("PageSize", 10),
    ),
    Statement(
        "answer/page-number",
        "PageNumber, a whole number: which page it is.",
        a.client_tells_number("PageNumber", 1),
        a.emulator_tells_number("PageNumber", 1),
    ),
    both("answer/total-count", "TotalCount: how many rows there are in all.", a.total_counts_all),
    Statement(
        "answer/total-count/type",
        "It is a whole number.",
        a.client_tells_number("TotalCount", 2),
        a.emulator_tells_number("TotalCount", 2),
    ),
    Statement(
        "answer/task-id",
        "TaskId, text: which task it is.",
        a.client_reads("TaskId", "704225667"),
        a.emulator_names_ids_of_submits,
    ),
    Statement(
        "answer/object-path",
        "ObjectPath, text: what was refreshed.",
        a.client_reads("ObjectPath", "http://aaa.com/1.txt"),
        a.emulator_repeats_paths,
    ),
    both("answer/status/complete", "Status, text: Complete when done.", a.shows_status("Complete")),
    both("answer/status/refreshing", "Refreshing while under way.", a.shows_status("Refreshing")),
    both("answer/status/failed", "Failed when it did not work.", a.shows_status("Failed")),
    both("answer/status/pending", "Pending until it begins.", a.shows_status("Pending")),
    both("answer/status/no-other", "There are no more.", a.no_other_status),
    both("answer/process", "Process, text: how far it is, in percent.", a.percent_of_progress),
    both("answer/object-type/file", "ObjectType, text: file is one.", q.by_type("file")),
    both("answer/object-type/path", "path, for directories, is one.", q.by_type("path")),
    both("answer/object-type/preload", "preload is one.", q.by_type("preload")),
    Statement(
        "answer/creation-time",
        "CreationTime: when the task began to be, in UTC.",
        a.client_reads_times_as_utc,
        a.emulator_dates_rows,
    ),
    Statement(
        "answer/creation-time/type",
        "It is called a date and time; the sample has text such as 2014-11-27T08:23:22Z.",
        a.client_reads("CreationTime", "2014-11-27T08:23:22Z"),
        a.emulator_writes("CreationTime", a.TIME),
    ),
    both("answer/description", "Description, text: why a task failed; called a code.", a.only_failures_are_described),
    both("answer/description/internal-error", "Internal Error is one.", a.fails_with("Internal Error")),
    both("answer/description/origin-timeout", "Origin Timeout is one.", a.fails_with("Origin Timeout")),
    both(
        "answer/description/origin-5xx",
        "Origin Return StatusCode 5XX is one.",
        a.fails_with("Origin Return StatusCode 5XX"),
    ),
    # Samples.
    both(
        "sample/request",
        "The sample is of what all requests carry and no more, against the table, which requires two parameters.",
        q.bare_request_is_refused,
    ),
    Statement(
        "sample/json",
        "The JSON sample: two rows under Tasks.Task, page 1 in pages of 10.",
        a.client_reads_its_sample,
        a.emulator_writes_its_sample,
    ),
    Statement(
        "sample/json-empty-path",
        "Its rows have empty paths.",
        a.client_reads_pathless_sample,
        "the paths were taken out in print; the emulator has no row without one",
    ),
    Statement(
        "sample/json-numbered",
        "As printed, its lines are numbered, and it is no JSON.",
        a.client_refuses_numbered_lines,
        a.emulator_writes_json,
    ),
    Statement(
        "sample/request-id",
        "It names the request, though the table does not.",
        a.client_tells_request_id(),
        a.emulator_tells_request_id,
    ),
    Statement("sample/format", "There are two formats, JSON and XML.", a.client_wants_json, a.emulator_writes_json),
    Statement(
        "sample/xml",
        "The XML sample: DescribeRefreshTasksResponse around Tasks and one Task per row.",
        a.client_reads_xml(a.FIRST | {"ObjectPath": ""}, a.SECOND | {"ObjectPath": ""}),
        a.emulator_writes_xml,
    ),
    # Errors.
    both("errors/throttling", "Throttling, 503: too many requests.", r.throttling),
    both(
        "errors/operation-denied",
        "OperationDenied, 403: the service is not open.",
        r.account("not-open", "OperationDenied"),
    ),
    both(
        "errors/suspended",
        "OperationDenied.Suspended, 403: the account owes money.",
        r.account("suspended", "OperationDenied.Suspended"),
    ),
    Statement(
        "errors/names-vod",
        "Both speak of VOD, in a text about CDN.",
        r.client_keeps_to_codes,
        r.names_vod,
    ),
    both("errors/task-id-malformed", "InvalidTaskId.Malformed, 400: TaskId is no id.", r.task_id_malformed),
)
