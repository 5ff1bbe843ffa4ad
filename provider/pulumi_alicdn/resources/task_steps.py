"""The steps of a task as Pulumi resources."""

from __future__ import annotations

from typing import Any

import pulumi

from pulumi_alicdn.resources.dynamic import Step
from pulumi_alicdn.resources.engine.engine_log import child_urn


@pulumi.output_type
class TaskObject(dict[str, Any]):
    """One object of a task as the service last listed it; each field is a key and an attribute.

    The fields are those of :class:`TaskEntry`: ``process`` is a percentage such as `62%`, ``creation_time`` is in UTC;
    fields are None while the service lists no row.
    """

    object_path: str
    object_type: str | None
    status: str
    process: str
    description: str
    creation_time: str | None
    task_id: str | None


class Intent(Step):
    """The server's time before anything was submitted."""

    begins = True

    not_before: pulumi.Output[str]
    listed_before: pulumi.Output[list[list[str]] | None]
    request_id: pulumi.Output[str]
    served_before: pulumi.Output[str | None]


class Submission(Step):
    """The ids of the tasks that were adopted or submitted by one call, and by those before it."""


class Completion(Step):
    """The wait for a submission, and the last rows."""

    status: pulumi.Output[str]
    objects: pulumi.Output[list[TaskObject]]


class Attachment(Step):
    """The wait for a task that somebody else submitted."""

    begins = True

    objects: pulumi.Output[list[TaskObject]]


def _without_dependency(urn: pulumi.Output[str]) -> pulumi.Output[str | None]:
    """Return a parent's URN as an input of its child; an ordinary output would make the child depend on itself."""
    return pulumi.Output(set(), urn.future(), urn.is_known())


def own_urn(task: pulumi.ComponentResource, child: type[Step], name: str) -> pulumi.Output[str | None]:
    """Return the future URN of *child* of *task*, for the provider process to show progress on that row."""
    return _without_dependency(task.urn).apply(lambda urn: child_urn(urn, child.type_token, name) if urn else None)
