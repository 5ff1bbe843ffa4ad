"""What users configure: the provider and the tasks. The schema and, from it, the documentation are made of this."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pulumi_alicdn.api.rows import TaskEntry
from pulumi_alicdn.terraform.schema import FLAG, TEXT, TEXT_MAP, TEXTS, WHOLE, Attribute, Schema
from pulumi_alicdn.terraform.wire import Values

PROVIDER: Final = Schema(
    "Refresh and prefetch tasks of Alibaba Cloud CDN and VOD.",
    {
        "region": Attribute(TEXT, "Region, such as `cn-shanghai`. Default: the service's own."),
        "endpoint": Attribute(TEXT, "Address of the API that replaces the region's, such as an emulator's."),
        "profile": Attribute(TEXT, "Profile of the aliyun command line that gives the credentials."),
        "access_key": Attribute(
            TEXT,
            "Access key id. Default: `ALICLOUD_ACCESS_KEY`, or the profile.",
            secret=True,
        ),
        "secret_key": Attribute(TEXT, "Access key secret. Default: `ALICLOUD_SECRET_KEY`.", secret=True),
        "security_token": Attribute(TEXT, "Token of temporary keys. Default: `ALICLOUD_SECURITY_TOKEN`.", secret=True),
    },
    {},
)
"""The block `provider`."""

FAILED_OBJECTS: Final = ["list", ["object", {"object_path": "string", "description": "string", "task_id": "string"}]]
"""The rows that failed. A row for each object would make the state of 3,000 URLs five times as large."""

_OUTPUTS: Final = {
    "id": Attribute(
        TEXT, "Id of the intent: the request that read the service's time before the submit.", computed=True
    ),
    "task_ids": Attribute(TEXTS, "Ids of the tasks at the service.", computed=True),
    "status": Attribute(TEXT, "`Complete`, `Failed`, `Refreshing` or `Pending`.", computed=True),
    "failed_objects": Attribute(FAILED_OBJECTS, "Objects that failed, each with the reason.", computed=True),
    "submitted_at": Attribute(TEXT, "When the first task was created, in UTC.", computed=True),
    "effective_at": Attribute(TEXT, "When every edge was seen to be done, in UTC.", computed=True),
    "unfinished": Attribute(
        TEXT, "What the next apply goes on with, in JSON. Null once `status` is `Complete`.", computed=True
    ),
}

OUTPUTS: Final = tuple(_OUTPUTS)
"""The attributes that the provider sets."""

TIMEOUTS: Final = {
    "timeouts": {
        name: Attribute(TEXT, f"How long {name} waits, such as `90s`, `15m` or `1h30m`.")
        for name in ("create", "update")
    }
}
"""The blocks of a resource that waits."""

REFRESH_TASK: Final = Schema(
    "Makes edges drop what they hold, and waits until all of them have.",
    {
        "service": Attribute(TEXT, "`vod` or `cdn`.", required=True),
        "object_paths": Attribute(TEXTS, "URLs with their scheme."),
        "object_type": Attribute(TEXT, "Type of all paths: `file`, `directory`, `regex`, `ignore-params`."),
        "force": Attribute(FLAG, "Also drop objects that the origin has not modified. Default: false."),
        "media_ids": Attribute(TEXTS, "Ids of media (VOD only); their play URLs are refreshed."),
        "formats": Attribute(TEXTS, "Only these streams of media_ids: `mp4`, `m3u8`, `mp3`, `flv`, `webm`, `ts`."),
        "definitions": Attribute(TEXTS, "Only these streams of media_ids, such as `HD`."),
        "stream_type": Attribute(TEXT, "Only these streams of media_ids: `video` or `audio`."),
        "slices": Attribute(WHOLE, "Number of ts files, from 1 to 20, to refresh with each m3u8 stream."),
        "cache_tags": Attribute(TEXTS, "Every object on domain_name with one of the tags is refreshed (CDN only)."),
        "domain_name": Attribute(TEXT, "Domain of cache_tags."),
        "triggers": Attribute(TEXT_MAP, "Any values; a change submits again, in place."),
        "wait": Attribute(FLAG, "Whether to wait for the effect. Default: true."),
        "on_timeout": Attribute(TEXT, "`fail`, or `continue` with a warning. Default: `fail`."),
        "retry_failed": Attribute(WHOLE, "How often a run submits failed objects again, from 0 to 10. Default: 0."),
        "origin": Attribute(TEXT, "Origin, which is asked for the files: a warning names those that it lacks."),
        "resubmit": Attribute(FLAG, "Send media_ids or cache_tags again where the service does not show them."),
        **_OUTPUTS,
    },
    TIMEOUTS,
)
"""The resource `alicdn_refresh_task`."""

PREFETCH_TASK: Final = Schema(
    "Makes edges load objects from the origin, and waits until all of them have.",
    {
        "service": Attribute(TEXT, "`vod` or `cdn`.", required=True),
        "object_paths": Attribute(TEXTS, "URLs with their scheme."),
        "area": Attribute(TEXT, "Where edges load: `domestic` or `overseas`. Default: wherever the domain has edges."),
        "l2_preload": Attribute(FLAG, "Whether second-level nodes only load. Default: the service's own."),
        "headers": Attribute(TEXT_MAP, "Headers for the origin. Terraform stores them in its state.", secret=True),
        "media_ids": Attribute(TEXTS, "Ids of media (VOD only); their play URLs are loaded."),
        "formats": Attribute(TEXTS, "Only these streams of media_ids: `mp4`, `m3u8`, `mp3`, `flv`, `webm`, `ts`."),
        "definitions": Attribute(TEXTS, "Only these streams of media_ids, such as `HD`."),
        "stream_type": Attribute(TEXT, "Only these streams of media_ids: `video` or `audio`."),
        "slices": Attribute(WHOLE, "Number of ts files, from 1 to 20, to load with each m3u8 stream."),
        "triggers": Attribute(TEXT_MAP, "Any values; a change submits again, in place."),
        "wait": Attribute(FLAG, "Whether to wait for the effect. Default: true."),
        "on_timeout": Attribute(TEXT, "`fail`, or `continue` with a warning. Default: `fail`."),
        "retry_failed": Attribute(WHOLE, "How often a run submits failed objects again, from 0 to 10. Default: 0."),
        "resubmit": Attribute(FLAG, "Send media_ids again where the service does not show them."),
        **_OUTPUTS,
    },
    TIMEOUTS,
)
"""The resource `alicdn_prefetch_task`."""

_COMPLETION_OUTPUTS: Final = {
    "id": Attribute(TEXT, "The task ids, joined by commas.", computed=True),
    "kind": Attribute(TEXT, "`refresh` or `prefetch`, as the service lists the tasks.", computed=True),
    "status": Attribute(TEXT, "`Complete`, `Failed`, `Refreshing` or `Pending`.", computed=True),
    "failed_objects": Attribute(FAILED_OBJECTS, "Objects that failed, each with the reason.", computed=True),
    "submitted_at": Attribute(TEXT, "When the first task was created, in UTC.", computed=True),
    "effective_at": Attribute(TEXT, "When every edge was seen to be done, in UTC.", computed=True),
}

COMPLETION_OUTPUTS: Final = tuple(_COMPLETION_OUTPUTS)
"""The attributes that the provider sets for a wait."""

TASK_COMPLETION: Final = Schema(
    "Waits for tasks that somebody else submitted, and remembers that they are Complete; it submits nothing.",
    {
        "service": Attribute(TEXT, "`vod` or `cdn`.", required=True),
        "task_ids": Attribute(TEXTS, "Ids of the service; a change waits anew.", required=True),
        "object_paths": Attribute(TEXTS, "Wait only for these URLs. Default: all objects of the tasks."),
        "wait": Attribute(FLAG, "Whether to wait; false asks once. Default: true."),
        "on_timeout": Attribute(TEXT, "`fail`, or `continue` with a warning. Default: `fail`."),
        **_COMPLETION_OUTPUTS,
    },
    TIMEOUTS,
)
"""The resource `alicdn_task_completion`."""


def failed_objects(rows: Iterable[TaskEntry]) -> list[Values]:
    """Return the output of the same name: what failed of *rows*, each with the reason."""
    return [
        {"object_path": one["object_path"], "description": one["description"], "task_id": one["task_id"]}
        for one in rows
        if one["status"] == "Failed"
    ]
