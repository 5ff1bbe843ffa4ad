"""DescribeRefreshTasks of CDN, the international text of May 2020: a domain and a type in every query."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance.documents import DOMAIN, Document
from conformance.shared import statements
from conformance.statements import Checks, both

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

STATEMENTS = statements(
    {
        "purpose/refresh": "The call tells whether a refresh is in force everywhere.",
        "purpose/prefetch": "It tells the same of a prefetch.",
        "notes/by-task-id": "A task can be looked up by its id.",
        "notes/by-url": "A task can be looked up by a URL of it.",
        "notes/by-neither": "Without id and path, page 1 with up to 20 rows comes back.",
        "notes/by-neither-window": "Those rows are of the last three days.",
        "notes/by-both": "Id and path together: rows that fit both.",
        "notes/window": "What is older than three days cannot be asked for.",
        # Request parameters.
        "request/action": "Action is required and is DescribeRefreshTasks.",
        "request/optional": "What the table does not require can be left out.",
        "request/task-id": "TaskId, text, optional: rows of that task.",
        "request/object-path": ("ObjectPath, text, optional: by directory, whose path it is.", both(q.by_directory)),
        "request/domain-name": "DomainName, text: rows of that domain.",
        "request/domain-name/required": ("Every question needs it.", both(q.required("DomainName"))),
        "request/object-type/required": ("Every question needs ObjectType, too.", both(q.required("ObjectType"))),
        "request/required-in-waiting": (
            "Waiting gives both, too.",
            Checks(q.required_in_waiting, "how the client waits is its own affair"),
        ),
        "request/object-type/file": "It is text: file is one.",
        "request/object-type/path": "path, for directories, is one.",
        "request/object-type/preload": "preload is one.",
        "request/object-type/no-other": (
            "There are no more. The client takes directory for path, and sends path.",
            Checks(q.no_other_type_but_directory, q.no_other_type("directory", "regex")),
        ),
        "request/status/complete": "Status, text, optional: Complete is done.",
        "request/status/refreshing": "Refreshing is under way.",
        "request/status/failed": "Failed did not work.",
        "request/status/no-other": "There are no more to ask for; Pending is not one.",
        "request/start-time": "StartTime, text, optional: rows from then on.",
        "request/start-time/format": "It is written like 2017-01-01T12:12:20Z.",
        "request/start-time/example": "That moment itself is out of reach.",
        "request/end-time": "EndTime, text, optional: rows up to then.",
        "request/end-time/format": "It is written like 2017-01-01T12:12:20Z.",
        "request/end-time/example": (
            "That moment itself is out of reach.",
            both(q.old_example_time("EndTime", "2017-01-01T12:12:20Z")),
        ),
        "request/page-size/default": "PageSize, a whole number, is 20 unless given.",
        "request/page-size/most": "It is 50 at most.",
        "request/page-size/most-by-itself": "Listing all pages keeps to 50, too.",
        "request/page-size/most-in-waiting": "And so does waiting.",
        "request/page-size/range": "It is any whole number from 1 on.",
        "request/page-size/whole": "It is whole, and a number.",
        "request/page-number": "PageNumber, a whole number, optional: which page.",
        "request/page-number/range": "It is from 1 to 100,000.",
        "request/page-number/whole": "It is whole, and a number.",
        "request/no-resource-group": (
            "The table has no ResourceGroupId.",
            Checks(q.no_resource_group, "later texts have it, and one service answers to all"),
        ),
        # Answer.
        "answer/tasks": "Tasks holds the list of tasks.",
        "answer/page-size": "PageSize, a whole number: rows of a full page.",
        "answer/page-number": "PageNumber, a whole number: which page it is.",
        "answer/total-count": "TotalCount: how many rows there are in all.",
        "answer/total-count/type": ("It is a whole number.", both(a.has_number("TotalCount", 2))),
        "answer/task-id": "TaskId, text: which task it is.",
        "answer/object-path": "ObjectPath, text: what was refreshed.",
        "answer/status/complete": "Status, text: Complete when done.",
        "answer/status/refreshing": "Refreshing while under way.",
        "answer/status/failed": "Failed when it did not work.",
        "answer/status/pending": "Pending until it begins.",
        "answer/status/no-other": "There are no more.",
        "answer/process": "Process, text: how far it is, in percent.",
        "answer/object-type/file": "ObjectType, text: file is one.",
        "answer/object-type/path": "path, for directories, is one.",
        "answer/object-type/preload": "preload is one.",
        "answer/creation-time": "CreationTime: when the task began to be, in UTC.",
        "answer/creation-time/type": (
            "It is called a date and time; the sample has text such as 2014-11-27T08:23:22Z.",
            Checks(a.client_reads("CreationTime", "2014-11-27T08:23:22Z"), a.emulator_writes("CreationTime", a.TIME)),
        ),
        "answer/description": "Description, text: why a task failed; called a code.",
        "answer/description/internal-error": "Internal Error is one.",
        "answer/description/origin-timeout": "Origin Timeout is one.",
        "answer/description/origin-5xx": "Origin Return StatusCode 5XX is one.",
        # Samples.
        "sample/request": (
            "The sample is of what all requests carry and no more, against the table, which requires two parameters.",
            both(q.bare_request_is_refused),
        ),
        "sample/json": "The JSON sample: two rows under Tasks.Task, page 1 in pages of 10.",
        "sample/json-empty-path": (
            "Its rows have empty paths.",
            Checks(
                a.client_reads_pathless_sample, "the paths were taken out in print; the emulator has no row without one"
            ),
        ),
        "sample/json-numbered": (
            "As printed, its lines are numbered, and it is no JSON.",
            Checks(a.client_refuses_numbered_lines, a.emulator_writes_json),
        ),
        "sample/request-id": (
            "It names the request, though the table does not.",
            Checks(a.client_reads_request_id(), a.emulator_sends_request_id),
        ),
        "sample/format": "There are two formats, JSON and XML.",
        "sample/xml": (
            "The XML sample: DescribeRefreshTasksResponse around Tasks and one Task per row.",
            Checks(
                a.client_reads_xml(a.FIRST | {"ObjectPath": ""}, a.SECOND | {"ObjectPath": ""}), a.emulator_writes_xml
            ),
        ),
        # Errors.
        "errors/throttling": "Throttling, 503: too many requests.",
        "errors/operation-denied": "OperationDenied, 403: the service is not open.",
        "errors/suspended": "OperationDenied.Suspended, 403: the account owes money.",
        "errors/names-vod": "Both speak of VOD, in a text about CDN.",
        "errors/task-id-malformed": "InvalidTaskId.Malformed, 400: TaskId is no id.",
    }
)
