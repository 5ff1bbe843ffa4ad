"""The steps of a task as Pulumi resources, and the provider process in which waits run."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource as DynamicResource

from pulumi_alicdn.resources.engine_log import child_urn

_CONFIG = {"alicdn": ("region", "endpoint", "profile"), "alicloud": ("region", "profile")}
_SECRET_CONFIG = {"alicloud": ("accessKey", "secretKey", "securityToken")}
_WAITS = "alicdn-waits"


@pulumi.output_type
class TaskObject(dict[str, Any]):
    """One object of a task as the service last listed it; fields are attributes and keys alike.

    ``process`` is a percentage such as `62%`, ``creation_time`` UTC; None where the service lists no row yet.
    """

    object_path: str
    object_type: str | None
    status: str
    process: str
    description: str
    creation_time: str | None
    task_id: str | None


class Intent(DynamicResource, module="alicdn", name="TaskIntent"):
    """The server's time before anything was submitted."""

    not_before: pulumi.Output[str]
    request_id: pulumi.Output[str]


class Submission(DynamicResource, module="alicdn", name="TaskSubmission"):
    """The ids of what was adopted or submitted."""

    task_ids: pulumi.Output[list[str]]
    job_ids: pulumi.Output[list[str]]
    superseded: pulumi.Output[list[list[str]]]
    request_ids: pulumi.Output[list[str]]
    submitted_at: pulumi.Output[str]
    submitted_until: pulumi.Output[str]
    gap_s: pulumi.Output[float]
    run: pulumi.Output[str]


class Completion(DynamicResource, module="alicdn", name="TaskCompletion"):
    """The wait, and what the rows said last."""

    status: pulumi.Output[str]
    task_ids: pulumi.Output[list[str]]
    objects: pulumi.Output[list[TaskObject]]
    submitted_at: pulumi.Output[str]
    effective_at: pulumi.Output[str | None]
    request_ids: pulumi.Output[list[str]]


class Attachment(DynamicResource, module="alicdn", name="TaskAttachment"):
    """A task that somebody else submitted."""

    status: pulumi.Output[str]
    task_ids: pulumi.Output[list[str]]
    objects: pulumi.Output[list[TaskObject]]
    submitted_at: pulumi.Output[str]
    effective_at: pulumi.Output[str | None]
    request_ids: pulumi.Output[list[str]]


OUTPUTS = ("status", "task_ids", "objects", "submitted_at", "effective_at", "request_ids")
_waits: WeakKeyDictionary[pulumi.Resource, pulumi.ProviderResource] = WeakKeyDictionary()


def waits_provider() -> pulumi.ProviderResource | None:
    """The provider instance in which this stack's waits run: a process of its own, so that they never hold up a submit.

    An instance of its own is not given the stack's configuration; it takes what it needs as its properties, as the
    engine itself does for the default instance.
    """
    root = pulumi.runtime.get_root_resource()
    if root is None:
        return None
    if root not in _waits:
        props: dict[str, Any] = {}
        for namespace, keys in _CONFIG.items():
            config = pulumi.Config(namespace)
            props |= {f"{namespace}:{key}": value for key in keys if (value := config.get(key)) is not None}
        for namespace, keys in _SECRET_CONFIG.items():
            config = pulumi.Config(namespace)
            props |= {f"{namespace}:{key}": secret for key in keys if (secret := config.get_secret(key)) is not None}
        _waits[root] = pulumi.ProviderResource("pulumi-python", _WAITS, props)
    return _waits[root]


def _without_dependency(urn: pulumi.Output[str]) -> pulumi.Output[str | None]:
    """A parent's URN as an input of its child: as an ordinary output it would count as a cycle."""
    return pulumi.Output(set(), urn.future(), urn.is_known())


def own_urn(task: pulumi.ComponentResource, child: type[DynamicResource], name: str) -> pulumi.Output[str | None]:
    """The URN that *child* of *task* will have, for the provider process to show progress on."""
    child_type = f"pulumi-python:{child._resource_type_name}"  # noqa: SLF001  pulumi.dynamic names it so and offers no other way
    return _without_dependency(task.urn).apply(lambda urn: child_urn(urn, child_type, name) if urn else None)
