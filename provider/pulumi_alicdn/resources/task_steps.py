"""The steps of a task as Pulumi resources."""

from __future__ import annotations

from typing import Any

import pulumi

from pulumi_alicdn.resources.dynamic import Step
from pulumi_alicdn.resources.engine_log import child_urn


@pulumi.output_type
class TaskObject(dict[str, Any]):
    """One object of a task as the service last listed it; fields are attributes and keys alike.

    The fields are those of :class:`TaskEntry`: ``process`` is a percentage such as `62%`, ``creation_time`` UTC; None
    where the service lists no row yet.
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

    not_before: pulumi.Output[str]


class Submission(Step):
    """The ids of what was adopted or submitted."""


class Completion(Step):
    """The wait, and what the rows said last."""

    objects: pulumi.Output[list[TaskObject]]


class Attachment(Step):
    """A task that somebody else submitted."""

    objects: pulumi.Output[list[TaskObject]]


def _without_dependency(urn: pulumi.Output[str]) -> pulumi.Output[str | None]:
    """A parent's URN as an input of its child; as an ordinary output, it would make the child depend on itself."""
    return pulumi.Output(set(), urn.future(), urn.is_known())


def own_urn(task: pulumi.ComponentResource, child: type[Step], name: str) -> pulumi.Output[str | None]:
    """The URN that *child* of *task* will have, for the provider process to show progress on."""
    return _without_dependency(task.urn).apply(lambda urn: child_urn(urn, child.type_token, name) if urn else None)
