"""DescribeVodRefreshTasks of VOD 2017-03-21, the English text of 2024: one region, and an error table."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance import refusals as r
from conformance.documents import DOMAIN, Document, Statement, both

DOCUMENT = Document(
    name="vod-2024-en",
    title="VOD 2017-03-21, DescribeVodRefreshTasks, English of 2024",
    service="vod",
    action="DescribeVodRefreshTasks",
    version="2017-03-21",
    container="Task",
)

STATEMENTS = (
    both("purpose/refresh", "The call tells how refreshes are doing.", q.tells_when_a_refresh_is_effective),
    both("purpose/prefetch", "It tells how prefetches are doing.", q.tells_when_a_prefetch_is_effective),
    both("purpose/several", "It tells of one task or of several at once.", q.by_neither),
    Statement(
        "notes/region",
        "Only China (Shanghai) has it.",
        r.shanghai,
        "one address stands for all regions",
    ),
    both("notes/by-neither", "Without id and path, the first page comes back, of up to 20 rows.", q.by_neither),
    both("notes/by-neither-window", "Those rows are of the last three days.", q.nothing_older_is_listed),
    both("notes/by-both", "Id and path may stand in one question.", q.by_both),
    both("notes/debugging", "Requests are signed, and the vendor's tools do it.", q.vendor_signs),
    # Request parameters.
    both("request/optional", "No parameter is required.", q.all_optional),
    both("request/task-id", "TaskId, text: rows of that task.", q.by_task_id),
    both("request/task-id/example", "The example hides digits behind stars, and is no id.", q.starred_id),
    both("request/object-path", "ObjectPath, text: rows of exactly that path.", q.by_object_path),
    both("request/object-path/example", "Stars in a path stand for themselves, too.", q.starred_path),
    both("request/page-number", "PageNumber, a whole number: which page.", q.page_number),
    both("request/page-number/whole", "It is whole, and a number.", q.page_number_is_whole),
    both("request/page-number/example", "Such as 1.", q.first_page_example),
    both("request/object-type/file", "ObjectType, text: file, the example, for refreshed files.", q.by_type("file")),
    both("request/object-type/directory", "directory for what is in directories.", q.by_type("directory")),
    both("request/object-type/preload", "preload for prefetched files.", q.by_type("preload")),
    both(
        "request/object-type/no-other",
        "There are no more: path and regex are words of others.",
        q.no_other_type("path", "regex"),
    ),
    Statement(
        "request/object-type/no-other-by-itself",
        "Waiting, too, asks in these words.",
        q.only_documented_types_by_itself,
        "how the client waits is its own affair",
    ),
    both("request/object-type/domain", "DomainName needs it.", q.needs_type("DomainName", DOMAIN)),
    both("request/object-type/status", "Status needs it.", q.needs_type("Status", "Complete")),
    both("request/domain-name", "DomainName, text: rows of that domain.", q.by_domain),
    both(
        "request/domain-name/example",
        "Such as example.com.",
        q.accepts(DomainName="example.com", ObjectType="file"),
    ),
    both("request/status/complete", "Status, text: Complete, the example, is done.", q.by_status("Complete")),
    both("request/status/refreshing", "Refreshing is under way.", q.by_status("Refreshing")),
    both("request/status/failed", "Failed did not work.", q.by_status("Failed")),
    both("request/status/no-other", "There are no more to ask for; Pending is not one.", q.pending_cannot_be_asked_for),
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
    both("request/page-size/whole", "It is whole, and a number.", q.page_size_is_whole),
    both("request/page-size/example", "Such as 20.", q.accepts(PageSize=20)),
    both("request/start-time", "StartTime, text: rows from then on.", q.from_start),
    both("request/start-time/format", "Seconds, T and Z; always UTC.", q.time_format("StartTime")),
    both("request/start-time/window", "It reaches three days back.", q.nothing_older_can_be_asked_for),
    both(
        "request/start-time/example",
        "The example is of 2017, which is out of reach.",
        q.old_example_time("StartTime", "2017-01-01T12:12:20Z"),
    ),
    both("request/end-time", "EndTime, text: rows up to then.", q.to_end),
    both("request/end-time/format", "Seconds, T and Z; always UTC.", q.time_format("EndTime")),
    both(
        "request/end-time/example",
        "The example is of 2017, which is out of reach.",
        q.old_example_time("EndTime", "2017-01-01T12:30:20Z"),
    ),
    Statement(
        "request/no-resource-group",
        "The table has no ResourceGroupId.",
        q.no_resource_group,
        "the Chinese text has it, and one service answers to both",
    ),
    # Answer.
    Statement(
        "answer/request-id",
        "RequestId, text: names the request.",
        a.client_tells_request_id(),
        a.emulator_tells_request_id,
    ),
    Statement(
        "answer/request-id/example",
        "The example hides a part behind stars; it is text all the same.",
        a.client_tells_request_id("174F6032-AA26-470D-****-36F0EB205BEE"),
        "stars are the document's; the emulator hides nothing",
    ),
    Statement(
        "answer/page-number",
        "PageNumber, a whole number such as 1: which page it is.",
        a.client_tells_number("PageNumber", 1),
        a.emulator_tells_number("PageNumber", 1),
    ),
    Statement(
        "answer/page-size",
        "PageSize, a whole number such as 10: rows of a page.",
        a.client_tells_number("PageSize", 10),
        a.emulator_tells_number("PageSize", 10),
    ),
    both("answer/total-count", "TotalCount: how many rows there are in all.", a.total_counts_all),
    Statement(
        "answer/total-count/example",
        "A whole number such as 2.",
        a.client_tells_number("TotalCount", 2),
        a.emulator_tells_number("TotalCount", 2),
    ),
    Statement(
        "answer/tasks",
        "Tasks is called an array in the table, and is an object around one in the sample.",
        a.client_reads_flat_rows,
        a.emulator_writes_container,
    ),
    both("answer/status/complete", "Status, text: Complete, the example, when done.", a.shows_status("Complete")),
    both("answer/status/refreshing", "Refreshing while under way.", a.shows_status("Refreshing")),
    both("answer/status/failed", "Failed when it did not work.", a.shows_status("Failed")),
    both("answer/status/pending", "Pending until it begins.", a.shows_status("Pending")),
    both("answer/status/no-other", "There are no more.", a.no_other_status),
    Statement(
        "answer/creation-time",
        "CreationTime, text: when the task began to be, in UTC.",
        a.client_reads_times_as_utc,
        a.emulator_dates_rows,
    ),
    Statement(
        "answer/creation-time/format",
        "Seconds, T and Z, such as 2014-11-27T08:23:22Z.",
        a.client_reads("CreationTime", "2014-11-27T08:23:22Z"),
        a.emulator_writes("CreationTime", a.TIME),
    ),
    both(
        "answer/object-type/default",
        "ObjectType, text, is file by default.",
        a.type_defaults_to_file,
    ),
    both("answer/object-type/file", "file, the example, for refreshed files.", q.by_type("file")),
    both("answer/object-type/directory", "directory for what is in directories.", q.by_type("directory")),
    both("answer/object-type/preload", "preload for prefetched files.", q.by_type("preload")),
    both("answer/process", "Process, text: how far it is, in percent.", a.percent_of_progress),
    Statement(
        "answer/process/example",
        "Such as 100%.",
        a.client_reads("Process", "100%"),
        a.emulator_writes("Process", r"[0-9]{1,3}%"),
    ),
    both("answer/description", "Description, text: why a task failed.", a.only_failures_are_described),
    both(
        "answer/description/internal-error",
        "Internal Error, the example: the service broke.",
        a.fails_with("Internal Error"),
    ),
    both(
        "answer/description/origin-timeout",
        "Origin Timeout: the origin took too long.",
        a.fails_with("Origin Timeout"),
    ),
    both(
        "answer/description/origin-5xx",
        "Origin Return StatusCode 5XX: the origin broke.",
        a.fails_with("Origin Return StatusCode 5XX"),
    ),
    Statement(
        "answer/object-path",
        "ObjectPath, text, the URL; the example has stars.",
        a.client_reads("ObjectPath", "http://example.com/****.txt"),
        a.emulator_repeats_paths,
    ),
    Statement(
        "answer/task-id",
        "TaskId, text such as 704225667: which task it is.",
        a.client_reads("TaskId", "704225667"),
        a.emulator_names_ids_of_submits,
    ),
    # The sample.
    Statement(
        "sample/json",
        "The sample's shape: rows under Tasks.Task, page 1 in pages of 10.",
        a.client_reads_its_sample,
        a.emulator_writes_its_sample,
    ),
    both("sample/total-above-rows", "The sample counts two rows and holds one.", a.total_above_rows),
    Statement(
        "sample/total-above-rows-for-ever",
        "Even if that is the answer to every page, a listing ends.",
        a.total_above_rows_for_ever,
        "the emulator's pages behind the last are empty",
    ),
    both(
        "sample/complete-beside-internal-error",
        "The sample's row is Complete and has the description Internal Error.",
        a.complete_beside_a_description,
    ),
    # Errors.
    both("errors/elsewhere", "More codes are listed elsewhere.", r.other_codes),
    both("errors/throttling", "Throttling, 503: too many requests.", r.throttling),
    both("errors/operation-denied", "OperationDenied, 403: VOD is not open.", r.account("not-open", "OperationDenied")),
    both(
        "errors/suspended",
        "OperationDenied.Suspended, 403: the account owes money.",
        r.account("suspended", "OperationDenied.Suspended"),
    ),
    Statement(
        "errors/names-vod",
        "Both say that it is VOD that is not to be had.",
        r.client_keeps_to_codes,
        r.names_vod,
    ),
    both("errors/task-id-malformed", "InvalidTaskId.Malformed, 400: TaskId is no id.", r.task_id_malformed),
)
