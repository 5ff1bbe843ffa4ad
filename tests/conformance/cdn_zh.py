"""DescribeRefreshTasks of CDN, the Chinese text: a directory is called path, rows are under CDNTask."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance.documents import Document
from conformance.shared import statements
from conformance.statements import Checks, both

DOCUMENT = Document(
    name="cdn-zh",
    title="CDN, DescribeRefreshTasks, Chinese",
    service="cdn",
    action="DescribeRefreshTasks",
    version="2018-05-10",
    container="CDNTask",
    directory="path",
    dialect="cdn-path",
)

STATEMENTS = statements(
    {
        "purpose/refresh": "The call tells whether a refresh is in force everywhere.",
        "purpose/prefetch": "It tells the same of a prefetch.",
        "notes/by-task-id": "A task can be looked up by its id.",
        "notes/by-url": "A task can be looked up by a URL of it.",
        "notes/by-neither": "Without id and path, page 1 with up to 20 rows comes back.",
        "notes/by-neither-window": "Those rows are of the last three days.",
        "notes/casing": "The notes write taskid, Taskid and objectpath; the table's names are the ones to send.",
        "notes/by-both": "Id and path together: rows that fit both.",
        "notes/window": "What is older than three days cannot be asked for.",
        # Request parameters.
        "request/action": "Action is required and is DescribeRefreshTasks.",
        "request/optional": "Nothing but Action is required.",
        "request/domain-name": "DomainName, text: rows of that domain.",
        "request/domain-name/example": (
            "Such as www.yourdomain.com.",
            both(q.accepts(DomainName="www.yourdomain.com", ObjectType="file")),
        ),
        "request/end-time": "EndTime, text: rows up to then.",
        "request/end-time/format": "It is written like 2017-01-01T12:12:20Z.",
        "request/end-time/format-example": (
            "That moment itself is out of reach.",
            both(q.old_example_time("EndTime", "2017-01-01T12:12:20Z")),
        ),
        "request/end-time/example": (
            "The example has a group too many, against the form given beside it.",
            both(q.malformed_example_time("EndTime", "2017-12-22T08:00:00:00Z")),
        ),
        "request/object-path": "ObjectPath, text: rows of exactly that path.",
        "request/object-path/example": "Such as http://aaa.com/1.txt.",
        "request/object-type/file": "ObjectType, text: file, the example, is one.",
        "request/object-type/path": "path, for directories, is one.",
        "request/object-type/preload": "preload is one.",
        "request/object-type/no-other": (
            "There are no more.",
            Checks(
                "the SDK of 2018-05-10, which is newer, has directory and regex as well",
                q.no_other_type("directory", "regex"),
            ),
        ),
        "request/object-type/no-other-by-itself": "Waiting, too, asks in these words.",
        "request/object-type/domain": "DomainName needs it.",
        "request/object-type/status": "So does TaskStatus, by which Status is meant.",
        "request/page-number": "PageNumber, a whole number: which page.",
        "request/page-number/range": "It is from 1 to 100,000.",
        "request/page-number/whole": "It is whole, and a number.",
        "request/page-number/example": "Such as 1.",
        "request/page-size/most": (
            "PageSize, a whole number, is 50 at most.",
            Checks(
                "the SDK of 2018-05-10, which is newer, says 100; a service that says 50 is asked for 50 then",
                q.page_size_most,
            ),
        ),
        "request/page-size/most-by-itself": "Listing all pages keeps to 50, too.",
        "request/page-size/most-in-waiting": "And so does waiting.",
        "request/page-size/range": "It is any whole number from 1 on.",
        "request/page-size/whole": "It is whole, and a number.",
        "request/page-size/default": "It is 20 unless given.",
        "request/page-size/example": "Such as 20.",
        "request/resource-group": "ResourceGroupId, text: a resource group.",
        "request/resource-group/example": (
            "The example is a hint in two words, and no id.",
            both(q.resource_group_blank_example("your resourceGroupId")),
        ),
        "request/start-time": "StartTime, text: rows from then on.",
        "request/start-time/format": "It is written like 2017-01-01T12:12:20Z.",
        "request/start-time/format-example": (
            "That moment itself is out of reach.",
            both(q.old_example_time("StartTime", "2017-01-01T12:12:20Z")),
        ),
        "request/start-time/example": (
            "The example has a group too many, against the form given beside it.",
            both(q.malformed_example_time("StartTime", "2017-12-21T08:00:00:00Z")),
        ),
        "request/status/complete": "Status, text: Complete, the example, is done.",
        "request/status/refreshing": "Refreshing is under way.",
        "request/status/failed": "Failed did not work.",
        "request/status/no-other": "There are no more to ask for; Pending is not one.",
        "request/task-id": "TaskId, text: rows of that task.",
        "request/task-id/example": ("Such as 1234321.", both(q.accepts(TaskId="1234321"))),
        # Answer.
        "answer/tasks": "Tasks lists tasks.",
        "answer/task-id": "TaskId, text such as 704225667: which task it is.",
        "answer/object-path": "ObjectPath, text: what was refreshed.",
        "answer/status/complete": "Status, text: Complete, the example, when done.",
        "answer/status/refreshing": "Refreshing while under way.",
        "answer/status/failed": "Failed when it did not work.",
        "answer/status/pending": "Pending until it begins.",
        "answer/status/no-other": "There are no more.",
        "answer/process": "Process, text: how far it is, in percent.",
        "answer/process/example": "Such as 100%.",
        "answer/object-type/file": "ObjectType, text: file, the example, is one.",
        "answer/object-type/path": "path, for directories, is one.",
        "answer/object-type/preload": "preload is one.",
        "answer/creation-time": "CreationTime, text such as 2014-11-27T08:23:22Z: when the task began to be, in UTC.",
        "answer/description": "Description, text: why a task failed.",
        "answer/description/internal-error": "Internal Error, the example, is one of three.",
        "answer/description/origin-timeout": "Origin Timeout is one.",
        "answer/description/origin-5xx": "Origin Return StatusCode 5XX is one.",
        "answer/page-size": (
            "PageSize, a whole number such as 1: rows of a full page.",
            both(a.has_number("PageSize", 1)),
        ),
        "answer/page-number": (
            "PageNumber, a whole number such as 10: which page it is.",
            both(a.has_number("PageNumber", 10)),
        ),
        "answer/total-count": "TotalCount: how many rows there are in all.",
        "answer/total-count/example": "A whole number such as 2.",
        "answer/numbers-together": "The three examples are page 10, in pages of 1, of 2 rows.",
        "answer/request-id": (
            "RequestId, text: names the request.",
            Checks(a.client_reads_request_id("16A96B9A-F203-4EC5-8E43-CB92E68F4CD8"), a.emulator_sends_request_id),
        ),
        # Samples.
        "sample/host": "The call goes to cdn.aliyuncs.com, by https.",
        "sample/request": (
            "The sample asks for page 1 in pages of 10, with a stray ampersand in front and no path before the query.",
            Checks(
                q.asks_with(PageNumber="1", PageSize="10"),
                a.emulator_takes_sample_request("Action=DescribeRefreshTasks&ObjectPath=&PageNumber=1&PageSize=10"),
            ),
        ),
        "sample/request-empty-path": "Its ObjectPath is empty, and asks for nothing.",
        "sample/json": "The JSON sample: two rows under Tasks.CDNTask, page 1 in pages of 10.",
        "sample/error-body": "An error holds Code, HostId, Message and RequestId.",
        "sample/internal-error": "InternalError, the example: nobody knows why it broke.",
        "sample/error-without-status": "The example tells no HTTP status; its body alone says that it is an error.",
    }
)
