"""DescribeVodRefreshTasks of VOD 2017-03-21, the Chinese text: the fullest of the five."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance import refusals as r
from conformance.documents import DOMAIN, Document
from conformance.shared import statements
from conformance.statements import Checks, both

DOCUMENT = Document(
    name="vod-2017-zh",
    title="VOD 2017-03-21, DescribeVodRefreshTasks, Chinese",
    service="vod",
    action="DescribeVodRefreshTasks",
    version="2017-03-21",
    container="Task",
)

STATEMENTS = statements(
    {
        "purpose/refresh": "The call tells whether a refresh is in force.",
        "purpose/prefetch": "It tells the same of a prefetch.",
        "notes/by-task-id": "A task can be looked up by its id.",
        "notes/by-url": "A task can be looked up by a URL of it.",
        "notes/by-neither": "Without id and URL, page 1 with up to 20 rows comes back.",
        "notes/by-neither-window": "Those rows, too, are of the last three days.",
        "notes/by-both": "Id and URL may stand in one question.",
        "notes/domain-needs-type": ("DomainName goes with ObjectType only.", both(q.needs_type("DomainName", DOMAIN))),
        "notes/status-needs-type": ("Status goes with ObjectType only.", both(q.needs_type("Status", "Complete"))),
        "notes/window": "What is older than three days cannot be asked for.",
        "explorer/version": (
            "The call is of the RPC kind and belongs to version 2017-03-21.",
            Checks(q.client_names_the_version, q.emulator_wants_the_version),
        ),
        # Request parameters.
        "request/action": "Action is required and is DescribeVodRefreshTasks.",
        "request/optional": "Nothing but Action is required.",
        "request/domain-name": "DomainName, text: rows of that domain.",
        "request/domain-name/example": (
            "Such as example.com.",
            both(q.accepts(DomainName="example.com", ObjectType="file")),
        ),
        "request/end-time": "EndTime, text: rows up to then.",
        "request/end-time/format": "It is written like 2017-01-01T12:12:20Z.",
        "request/end-time/example": (
            "The example is of 2017, which is out of reach.",
            both(q.old_example_time("EndTime", "2017-01-01T12:12:20Z")),
        ),
        "request/object-path": "ObjectPath, text: rows of exactly that path.",
        "request/object-path/example": "Such as http://aaa.com/1.txt.",
        "request/object-type/file": "ObjectType, text: file, the example, is one.",
        "request/object-type/directory": "directory is one.",
        "request/object-type/preload": "preload is one.",
        "request/object-type/no-other": (
            "There are no more: path and regex are words of others.",
            both(q.no_other_type("path", "regex")),
        ),
        "request/object-type/no-other-by-itself": "Waiting, too, asks in these words.",
        "request/page-number": "PageNumber, a whole number: which page.",
        "request/page-number/whole": "It is whole, and a number.",
        "request/page-number/example": "Such as 1.",
        "request/page-size/default": "PageSize, a whole number, is 20 unless given.",
        "request/page-size/most": "It is 50 at most.",
        "request/page-size/most-by-itself": "Listing all pages keeps to 50, too.",
        "request/page-size/most-in-waiting": "And so does waiting.",
        "request/page-size/whole": "It is whole, and a number.",
        "request/page-size/example": "Such as 20.",
        "request/resource-group": "ResourceGroupId, text such as xxxxx: a resource group.",
        "request/start-time": "StartTime, text: rows from then on.",
        "request/start-time/format": "It is written like 2017-01-01T12:12:20Z.",
        "request/start-time/example": "The example is of 2017, which is out of reach.",
        "request/status/complete": "Status, text: Complete, the example, is done.",
        "request/status/refreshing": "Refreshing is under way.",
        "request/status/failed": "Failed did not work.",
        "request/status/no-other": "There are no more to ask for; Pending is not one.",
        "request/task-id": "TaskId, text: rows of that task.",
        "request/task-id/example": ("Such as 704225667.", both(q.accepts(TaskId="704225667"))),
        # Answer.
        "answer/page-number": "PageNumber, a whole number such as 1: which page it is.",
        "answer/page-size": "PageSize, a whole number such as 10: rows of a full page.",
        "answer/request-id": "RequestId, text: names the request.",
        "answer/tasks": "Tasks lists tasks.",
        "answer/creation-time": (
            "CreationTime, text such as 2014-11-27T08:23:22Z: when the task began to be.",
            Checks(a.client_reads("CreationTime", "2014-11-27T08:23:22Z"), a.emulator_dates_rows),
        ),
        "answer/description": "Description, text: of a task that failed.",
        "answer/description/internal-error": "Internal Error is one.",
        "answer/description/origin-timeout": "Origin Timeout is one.",
        "answer/description/origin-5xx": "Origin Return StatusCode 5XX is one.",
        "answer/object-path": "ObjectPath, text: what was refreshed.",
        "answer/object-type": (
            "ObjectType, text such as file: the kind of task.",
            Checks(a.client_reads("ObjectType", "file"), a.emulator_writes("ObjectType", "file")),
        ),
        "answer/process": "Process, text: how far it is, in percent.",
        "answer/process/example": "Such as 100%.",
        "answer/status/complete": "Status, text: Complete when done.",
        "answer/status/refreshing": "Refreshing while under way.",
        "answer/status/failed": "Failed when it did not work.",
        "answer/status/pending": "Pending until it begins.",
        "answer/status/no-other": "There are no more.",
        "answer/task-id": "TaskId, text such as 704225667: which task it is.",
        "answer/total-count": "TotalCount: how many rows there are in all.",
        "answer/total-count/example": "A whole number such as 2.",
        # Samples.
        "sample/endpoint": ("The call goes to the root of an endpoint, by http or https.", both(r.either_protocol)),
        "sample/request": (
            "Action and what all requests carry make a whole question.",
            Checks(q.asks_with(), a.emulator_takes_sample_request("Action=DescribeVodRefreshTasks")),
        ),
        "sample/format": "There are two formats, XML and JSON.",
        "sample/xml": (
            "The XML sample: DescribeVodRefreshTasksResponse around Tasks and one Task per row.",
            Checks(a.client_reads_xml(a.FIRST, a.SECOND), a.emulator_writes_xml),
        ),
        "sample/json": "The JSON sample: two rows under Tasks.Task, page 1 in pages of 10.",
        "errors/elsewhere": "Errors are listed elsewhere, and there are many.",
    }
)
