"""DescribeVodRefreshTasks of VOD 2017-03-21, the Chinese text: the fullest of the five."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance import refusals as r
from conformance.documents import DOMAIN, Document, Statement, both

DOCUMENT = Document(
    name="vod-2017-zh",
    title="VOD 2017-03-21, DescribeVodRefreshTasks, Chinese",
    service="vod",
    action="DescribeVodRefreshTasks",
    version="2017-03-21",
    container="Task",
)

STATEMENTS = (
    both("purpose/refresh", "The call tells whether a refresh is in force.", q.tells_when_a_refresh_is_effective),
    both("purpose/prefetch", "It tells the same of a prefetch.", q.tells_when_a_prefetch_is_effective),
    both("notes/by-task-id", "A task can be looked up by its id.", q.by_task_id),
    both("notes/by-url", "A task can be looked up by a URL of it.", q.by_object_path),
    both("notes/by-neither", "Without id and URL, page 1 with up to 20 rows comes back.", q.by_neither),
    both("notes/by-neither-window", "Those rows, too, are of the last three days.", q.nothing_older_is_listed),
    both("notes/by-both", "Id and URL may stand in one question.", q.by_both),
    both("notes/domain-needs-type", "DomainName goes with ObjectType only.", q.needs_type("DomainName", DOMAIN)),
    both("notes/status-needs-type", "Status goes with ObjectType only.", q.needs_type("Status", "Complete")),
    both("notes/window", "What is older than three days cannot be asked for.", q.nothing_older_can_be_asked_for),
    Statement(
        "explorer/version",
        "The call is of the RPC kind and belongs to version 2017-03-21.",
        q.client_names_the_version,
        q.emulator_wants_the_version,
    ),
    # Request parameters.
    Statement(
        "request/action",
        "Action is required and is DescribeVodRefreshTasks.",
        q.client_names_the_action,
        q.emulator_wants_the_action,
    ),
    both("request/optional", "Nothing but Action is required.", q.all_optional),
    both("request/domain-name", "DomainName, text: rows of that domain.", q.by_domain),
    both(
        "request/domain-name/example",
        "Such as example.com.",
        q.accepts(DomainName="example.com", ObjectType="file"),
    ),
    both("request/end-time", "EndTime, text: rows up to then.", q.to_end),
    both("request/end-time/format", "It is written like 2017-01-01T12:12:20Z.", q.time_format("EndTime")),
    both(
        "request/end-time/example",
        "The example is of 2017, which is out of reach.",
        q.old_example_time("EndTime", "2017-01-01T12:12:20Z"),
    ),
    both("request/object-path", "ObjectPath, text: rows of exactly that path.", q.by_object_path),
    both(
        "request/object-path/example",
        "Such as http://aaa.com/1.txt.",
        q.accepts(ObjectPath="http://aaa.com/1.txt"),
    ),
    both("request/object-type/file", "ObjectType, text: file, the example, is one.", q.by_type("file")),
    both("request/object-type/directory", "directory is one.", q.by_type("directory")),
    both("request/object-type/preload", "preload is one.", q.by_type("preload")),
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
    both("request/page-number", "PageNumber, a whole number: which page.", q.page_number),
    both("request/page-number/whole", "It is whole, and a number.", q.page_number_is_whole),
    both("request/page-number/example", "Such as 1.", q.first_page_example),
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
    both("request/resource-group", "ResourceGroupId, text such as xxxxx: a resource group.", q.resource_group),
    both("request/start-time", "StartTime, text: rows from then on.", q.from_start),
    both("request/start-time/format", "It is written like 2017-01-01T12:12:20Z.", q.time_format("StartTime")),
    both(
        "request/start-time/example",
        "The example is of 2017, which is out of reach.",
        q.old_example_time("StartTime", "2017-01-01T12:12:20Z"),
    ),
    both("request/status/complete", "Status, text: Complete, the example, is done.", q.by_status("Complete")),
    both("request/status/refreshing", "Refreshing is under way.", q.by_status("Refreshing")),
    both("request/status/failed", "Failed did not work.", q.by_status("Failed")),
    both("request/status/no-other", "There are no more to ask for; Pending is not one.", q.pending_cannot_be_asked_for),
    both("request/task-id", "TaskId, text: rows of that task.", q.by_task_id),
    both("request/task-id/example", "Such as 704225667.", q.accepts(TaskId="704225667")),
    # Answer.
    Statement(
        "answer/page-number",
        "PageNumber, a whole number such as 1: which page it is.",
        a.client_tells_number("PageNumber", 1),
        a.emulator_tells_number("PageNumber", 1),
    ),
    Statement(
        "answer/page-size",
        "PageSize, a whole number such as 10: rows of a full page.",
        a.client_tells_number("PageSize", 10),
        a.emulator_tells_number("PageSize", 10),
    ),
    Statement(
        "answer/request-id",
        "RequestId, text: names the request.",
        a.client_tells_request_id(),
        a.emulator_tells_request_id,
    ),
    Statement("answer/tasks", "Tasks lists tasks.", a.client_reads_container, a.emulator_writes_container),
    Statement(
        "answer/creation-time",
        "CreationTime, text such as 2014-11-27T08:23:22Z: when the task began to be.",
        a.client_reads("CreationTime", "2014-11-27T08:23:22Z"),
        a.emulator_dates_rows,
    ),
    both("answer/description", "Description, text: of a task that failed.", a.only_failures_are_described),
    both("answer/description/internal-error", "Internal Error is one.", a.fails_with("Internal Error")),
    both("answer/description/origin-timeout", "Origin Timeout is one.", a.fails_with("Origin Timeout")),
    both(
        "answer/description/origin-5xx",
        "Origin Return StatusCode 5XX is one.",
        a.fails_with("Origin Return StatusCode 5XX"),
    ),
    Statement(
        "answer/object-path",
        "ObjectPath, text: what was refreshed.",
        a.client_reads("ObjectPath", "http://aaa.com/1.txt"),
        a.emulator_repeats_paths,
    ),
    Statement(
        "answer/object-type",
        "ObjectType, text such as file: the kind of task.",
        a.client_reads("ObjectType", "file"),
        a.emulator_writes("ObjectType", "file"),
    ),
    both("answer/process", "Process, text: how far it is, in percent.", a.percent_of_progress),
    Statement(
        "answer/process/example",
        "Such as 100%.",
        a.client_reads("Process", "100%"),
        a.emulator_writes("Process", r"[0-9]{1,3}%"),
    ),
    both("answer/status/complete", "Status, text: Complete when done.", a.shows_status("Complete")),
    both("answer/status/refreshing", "Refreshing while under way.", a.shows_status("Refreshing")),
    both("answer/status/failed", "Failed when it did not work.", a.shows_status("Failed")),
    both("answer/status/pending", "Pending until it begins.", a.shows_status("Pending")),
    both("answer/status/no-other", "There are no more.", a.no_other_status),
    Statement(
        "answer/task-id",
        "TaskId, text such as 704225667: which task it is.",
        a.client_reads("TaskId", "704225667"),
        a.emulator_names_ids_of_submits,
    ),
    both("answer/total-count", "TotalCount: how many rows there are in all.", a.total_counts_all),
    Statement(
        "answer/total-count/example",
        "A whole number such as 2.",
        a.client_tells_number("TotalCount", 2),
        a.emulator_tells_number("TotalCount", 2),
    ),
    # Samples.
    both("sample/endpoint", "The call goes to the root of an endpoint, by http or https.", r.either_protocol),
    Statement(
        "sample/request",
        "Action and what all requests carry make a whole question.",
        q.asks_with(),
        a.emulator_takes_sample_request("Action=DescribeVodRefreshTasks"),
    ),
    Statement(
        "sample/format",
        "There are two formats, XML and JSON.",
        a.client_wants_json,
        a.emulator_writes_json,
    ),
    Statement(
        "sample/xml",
        "The XML sample: DescribeVodRefreshTasksResponse around Tasks and one Task per row.",
        a.client_reads_xml(a.FIRST, a.SECOND),
        a.emulator_writes_xml,
    ),
    Statement(
        "sample/json",
        "The JSON sample: two rows under Tasks.Task, page 1 in pages of 10.",
        a.client_reads_its_sample,
        a.emulator_writes_its_sample,
    ),
    both("errors/elsewhere", "Errors are listed elsewhere, and there are many.", r.other_codes),
)
