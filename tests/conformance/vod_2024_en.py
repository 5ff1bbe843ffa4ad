"""DescribeVodRefreshTasks of VOD 2017-03-21, the English text of 2024: one region, and an error table."""

from __future__ import annotations

from conformance import answers as a
from conformance import questions as q
from conformance import refusals as r
from conformance.documents import Document
from conformance.shared import statements
from conformance.statements import Checks, both

DOCUMENT = Document(
    name="vod-2024-en",
    title="VOD 2017-03-21, DescribeVodRefreshTasks, English of 2024",
    service="vod",
    action="DescribeVodRefreshTasks",
    version="2017-03-21",
    container="Task",
)

STATEMENTS = statements(
    {
        "purpose/refresh": "The call tells how refreshes are doing.",
        "purpose/prefetch": "It tells how prefetches are doing.",
        "purpose/several": ("It tells of one task or of several at once.", both(q.by_neither)),
        "notes/region": ("Only China (Shanghai) has it.", Checks(r.shanghai, "one address stands for all regions")),
        "notes/by-neither": "Without id and path, the first page comes back, of up to 20 rows.",
        "notes/by-neither-window": "Those rows are of the last three days.",
        "notes/by-both": "Id and path may stand in one question.",
        "notes/debugging": ("Requests are signed, and the vendor's tools do it.", both(q.vendor_signs)),
        # Request parameters.
        "request/optional": "No parameter is required.",
        "request/task-id": "TaskId, text: rows of that task.",
        "request/task-id/example": ("The example hides digits behind stars, and is no id.", both(q.starred_id)),
        "request/object-path": "ObjectPath, text: rows of exactly that path.",
        "request/object-path/example": ("Stars in a path stand for themselves, too.", both(q.starred_path)),
        "request/page-number": "PageNumber, a whole number: which page.",
        "request/page-number/whole": "It is whole, and a number.",
        "request/page-number/example": "Such as 1.",
        "request/object-type/file": "ObjectType, text: file, the example, for refreshed files.",
        "request/object-type/directory": "directory for what is in directories.",
        "request/object-type/preload": "preload for prefetched files.",
        "request/object-type/no-other": (
            "There are no more: path and regex are words of others.",
            both(q.no_other_type("path", "regex")),
        ),
        "request/object-type/no-other-by-itself": "Waiting, too, asks in these words.",
        "request/object-type/domain": "DomainName needs it.",
        "request/object-type/status": ("Status needs it.", both(q.needs_type("Status", "Complete"))),
        "request/domain-name": "DomainName, text: rows of that domain.",
        "request/domain-name/example": (
            "Such as example.com.",
            both(q.accepts(DomainName="example.com", ObjectType="file")),
        ),
        "request/status/complete": "Status, text: Complete, the example, is done.",
        "request/status/refreshing": "Refreshing is under way.",
        "request/status/failed": "Failed did not work.",
        "request/status/no-other": "There are no more to ask for; Pending is not one.",
        "request/page-size/default": "PageSize, a whole number, is 20 unless given.",
        "request/page-size/most": "It is 50 at most.",
        "request/page-size/most-by-itself": "Listing all pages keeps to 50, too.",
        "request/page-size/most-in-waiting": "And so does waiting.",
        "request/page-size/whole": "It is whole, and a number.",
        "request/page-size/example": "Such as 20.",
        "request/start-time": "StartTime, text: rows from then on.",
        "request/start-time/format": "Seconds, T and Z; always UTC.",
        "request/start-time/window": ("It reaches three days back.", both(q.nothing_older_can_be_asked_for)),
        "request/start-time/example": "The example is of 2017, which is out of reach.",
        "request/end-time": "EndTime, text: rows up to then.",
        "request/end-time/format": "Seconds, T and Z; always UTC.",
        "request/end-time/example": (
            "The example is of 2017, which is out of reach.",
            both(q.old_example_time("EndTime", "2017-01-01T12:30:20Z")),
        ),
        "request/no-resource-group": (
            "The table has no ResourceGroupId.",
            Checks(q.no_resource_group, "the Chinese text has it, and one service answers to both"),
        ),
        # Answer.
        "answer/request-id": "RequestId, text: names the request.",
        "answer/request-id/example": (
            "The example hides a part behind stars; it is text all the same.",
            Checks(
                a.client_reads_request_id("174F6032-AA26-470D-****-36F0EB205BEE"),
                "stars are the document's; the emulator hides nothing",
            ),
        ),
        "answer/page-number": "PageNumber, a whole number such as 1: which page it is.",
        "answer/page-size": "PageSize, a whole number such as 10: rows of a page.",
        "answer/total-count": "TotalCount: how many rows there are in all.",
        "answer/total-count/example": "A whole number such as 2.",
        "answer/tasks": (
            "Tasks is called an array in the table, and is an object around one in the sample.",
            Checks(a.client_reads_flat_rows, a.emulator_writes_container),
        ),
        "answer/status/complete": "Status, text: Complete, the example, when done.",
        "answer/status/refreshing": "Refreshing while under way.",
        "answer/status/failed": "Failed when it did not work.",
        "answer/status/pending": "Pending until it begins.",
        "answer/status/no-other": "There are no more.",
        "answer/creation-time": "CreationTime, text: when the task began to be, in UTC.",
        "answer/creation-time/format": (
            "Seconds, T and Z, such as 2014-11-27T08:23:22Z.",
            Checks(a.client_reads("CreationTime", "2014-11-27T08:23:22Z"), a.emulator_writes("CreationTime", a.TIME)),
        ),
        "answer/object-type/default": ("ObjectType, text, is file by default.", both(a.type_defaults_to_file)),
        "answer/object-type/file": "file, the example, for refreshed files.",
        "answer/object-type/directory": ("directory for what is in directories.", both(q.by_type("directory"))),
        "answer/object-type/preload": "preload for prefetched files.",
        "answer/process": "Process, text: how far it is, in percent.",
        "answer/process/example": "Such as 100%.",
        "answer/description": "Description, text: why a task failed.",
        "answer/description/internal-error": "Internal Error, the example: the service broke.",
        "answer/description/origin-timeout": "Origin Timeout: the origin took too long.",
        "answer/description/origin-5xx": "Origin Return StatusCode 5XX: the origin broke.",
        "answer/object-path": (
            "ObjectPath, text, the URL; the example has stars.",
            Checks(a.client_reads("ObjectPath", "http://example.com/****.txt"), a.emulator_repeats_paths),
        ),
        "answer/task-id": "TaskId, text such as 704225667: which task it is.",
        # The sample.
        "sample/json": "The sample's shape: rows under Tasks.Task, page 1 in pages of 10.",
        "sample/total-above-rows": ("The sample counts two rows and holds one.", both(a.total_above_rows)),
        "sample/total-above-rows-for-ever": (
            "Even if that is the answer to every page, a listing ends.",
            Checks(a.total_above_rows_for_ever, "the emulator's pages behind the last are empty"),
        ),
        "sample/complete-beside-internal-error": (
            "The sample's row is Complete and has the description Internal Error.",
            both(a.complete_beside_a_description),
        ),
        # Errors.
        "errors/elsewhere": "More codes are listed elsewhere.",
        "errors/throttling": "Throttling, 503: too many requests.",
        "errors/operation-denied": "OperationDenied, 403: VOD is not open.",
        "errors/suspended": "OperationDenied.Suspended, 403: the account owes money.",
        "errors/names-vod": "Both say that it is VOD that is not to be had.",
        "errors/task-id-malformed": "InvalidTaskId.Malformed, 400: TaskId is no id.",
    }
)
