"""What users configure of the data sources, and what they read: all that a process that is asked for schemas loads."""

from __future__ import annotations

from typing import Final, get_type_hints

from pulumi_alicdn.api.rows import ListedTask
from pulumi_alicdn.terraform.schema import TEXT, Attribute, Schema

NODE: Final = ("address", "country", "province", "city", "provider")
"""What is said of a node."""

EDGES: Final = Schema(
    "The nodes of a domain that can be asked from here, as the service lists them.",
    {
        "service": Attribute(TEXT, "`vod` or `cdn`.", required=True),
        "domain_name": Attribute(TEXT, "Domain, such as `media.example.com`.", required=True),
        "edges": Attribute(
            ["list", ["object", dict.fromkeys(NODE, "string")]],
            "Nodes, each with `address`, `country`, `province`, `city` and `provider`; the last four may be empty.",
            computed=True,
        ),
    },
    {},
)
"""The data source `alicdn_edges`."""

REFRESH_QUOTA: Final = Schema(
    "Today's quota for each sort of object; the day begins at midnight in China.",
    {
        "service": Attribute(TEXT, "`vod`, `cdn` or `intl-2020`.", required=True),
        "quota": Attribute(
            ["map", ["object", {"total": "number", "remaining": "number"}]],
            "By sort of object: `Url`, `Dir`, `Preload`; CDN also `Regex` and `IgnoreParams`.",
            computed=True,
        ),
    },
    {},
)
"""The data source `alicdn_refresh_quota`."""

REFRESH_TASKS: Final = Schema(
    "The tasks of the last 3 days, newest first: one entry for each object of a task, refreshes and prefetches alike.",
    {
        "service": Attribute(TEXT, "`vod`, `cdn` or `intl-2020`.", required=True),
        "task_id": Attribute(TEXT, "Only the task with this id."),
        "object_path": Attribute(TEXT, "Only this URL, exactly as it was submitted."),
        "object_type": Attribute(TEXT, "Only this type: `file`, `directory`, `preload`; CDN also `regex` and others."),
        "domain_name": Attribute(TEXT, "Only objects of this domain; needs object_type."),
        "status": Attribute(TEXT, "Only `Complete`, `Refreshing` or `Failed`; needs object_type."),
        "start_time": Attribute(TEXT, "Only tasks since then, in UTC, such as `2026-01-02T03:04:05Z`."),
        "end_time": Attribute(TEXT, "Only tasks until then, in UTC. Default: now."),
        "since": Attribute(TEXT, "Only tasks of this last time, such as `30m` or `48h`, by the service's clock."),
        "resource_group_id": Attribute(TEXT, "Only domains of this resource group; not for `intl-2020`."),
        "tasks": Attribute(
            ["list", ["object", dict.fromkeys(get_type_hints(ListedTask), "string")]],
            "Objects, each with `object_path`, `object_type`, `status`, `process`, `description`, `creation_time` and "
            "`task_id`.",
            computed=True,
        ),
    },
    {},
)
"""The data source `alicdn_refresh_tasks`."""
