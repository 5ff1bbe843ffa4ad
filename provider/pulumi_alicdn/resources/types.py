"""What a Pulumi program writes: RefreshTask and PrefetchTask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource as DynamicResource

from pulumi_alicdn.core.tasks import Kind
from pulumi_alicdn.resources.dynamic import (
    AttachmentProvider,
    CompletionProvider,
    IntentProvider,
    SubmissionProvider,
)
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


class _Intent(DynamicResource, module="alicdn", name="TaskIntent"):
    not_before: pulumi.Output[str]
    request_id: pulumi.Output[str]


class _Submission(DynamicResource, module="alicdn", name="TaskSubmission"):
    task_ids: pulumi.Output[list[str]]
    request_ids: pulumi.Output[list[str]]
    submitted_at: pulumi.Output[str]
    run: pulumi.Output[str]


class _Completion(DynamicResource, module="alicdn", name="TaskCompletion"):
    status: pulumi.Output[str]
    task_ids: pulumi.Output[list[str]]
    objects: pulumi.Output[list[TaskObject]]
    submitted_at: pulumi.Output[str]
    effective_at: pulumi.Output[str | None]
    request_ids: pulumi.Output[list[str]]


class _Attachment(DynamicResource, module="alicdn", name="TaskAttachment"):
    status: pulumi.Output[str]
    task_ids: pulumi.Output[list[str]]
    objects: pulumi.Output[list[TaskObject]]
    submitted_at: pulumi.Output[str]
    effective_at: pulumi.Output[str | None]
    request_ids: pulumi.Output[list[str]]


_OUTPUTS = ("status", "task_ids", "objects", "submitted_at", "effective_at", "request_ids")
_waits: WeakKeyDictionary[pulumi.Resource, pulumi.ProviderResource] = WeakKeyDictionary()


def _waits_provider() -> pulumi.ProviderResource | None:
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


class _Task(pulumi.ComponentResource):
    """A task in three steps, each stored in the state before the next begins."""

    status: pulumi.Output[str]
    """`Complete`, `Failed`, `Refreshing` or `Pending`, as of the last look."""
    task_ids: pulumi.Output[list[str]]
    """The service's ids, in the order in which it gave them."""
    objects: pulumi.Output[list[TaskObject]]
    """One entry per object path."""
    submitted_at: pulumi.Output[str]
    """UTC, `2026-01-02T03:04:05Z`, by the server's clock."""
    effective_at: pulumi.Output[str | None]
    """UTC, when the task was first seen Complete; None before that."""
    request_ids: pulumi.Output[list[str]]
    """The requests that submitted something, for a ticket with the service."""

    _kind: ClassVar[Kind]
    _type_token: ClassVar[str]

    def __init__(
        self,
        resource_name: str,
        task: Mapping[str, Any],
        wait: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(self._type_token, resource_name, {}, opts)
        props = {"kind": str(self._kind), **{name: value for name, value in task.items() if value is not None}}
        intent = _Intent(
            IntentProvider(),
            resource_name,
            {**props, "not_before": None, "request_id": None},
            pulumi.ResourceOptions(parent=self),
        )
        # Triggers decide about the intent; the steps after it follow the intent.
        what = {name: value for name, value in props.items() if name != "triggers"}
        after = {**what, "intent_id": intent.id, "not_before": intent.not_before}
        submission = _Submission(
            SubmissionProvider(),
            resource_name,
            {**after, **dict.fromkeys(("task_ids", "request_ids", "submitted_at", "run"))},
            pulumi.ResourceOptions(parent=self),
        )
        completion = _Completion(
            CompletionProvider(),
            resource_name,
            {
                **dict.fromkeys(_OUTPUTS),
                **after,
                "submission_id": submission.id,
                "task_ids": submission.task_ids,
                "request_ids": submission.request_ids,
                "submitted_at": submission.submitted_at,
                "run": submission.run,
                "urn": _own_urn(self, _Completion, resource_name),
                **{name: value for name, value in wait.items() if value is not None},
            },
            pulumi.ResourceOptions(parent=self, provider=_waits_provider()),
        )
        self._publish(completion)

    def _publish(self, source: _Completion | _Attachment) -> None:
        outputs = {name: getattr(source, name) for name in _OUTPUTS}
        for name, value in outputs.items():
            setattr(self, name, value)
        self.register_outputs(outputs)

    @classmethod
    def _get(
        cls,
        resource_name: str,
        task_id: pulumi.Input[str],
        props: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> Self:
        task = cls.__new__(cls)
        pulumi.ComponentResource.__init__(task, cls._type_token, resource_name, {}, opts)
        attachment = _Attachment(
            AttachmentProvider(),
            resource_name,
            {
                "kind": str(cls._kind),
                "preview": pulumi.runtime.is_dry_run(),
                "urn": _own_urn(task, _Attachment, resource_name),
                **{name: value for name, value in props.items() if value is not None},
                **dict.fromkeys(_OUTPUTS),
            },
            pulumi.ResourceOptions(parent=task, provider=_waits_provider(), id=task_id),
        )
        task._publish(attachment)  # noqa: SLF001  our own class
        return task


def _own_urn(task: pulumi.ComponentResource, child: type[DynamicResource], name: str) -> pulumi.Output[str | None]:
    child_type = f"pulumi-python:{child._resource_type_name}"  # noqa: SLF001  pulumi.dynamic names it so and offers no other way
    return _without_dependency(task.urn).apply(lambda urn: child_urn(urn, child_type, name) if urn else None)


class RefreshTask(_Task):
    """Make edges drop what they hold, and be done only when all of them have.

    `pulumi up` returns once every edge serves the new bytes; a failure says which URL, why, and what to do.
    """

    _kind = Kind.REFRESH
    _type_token = "alicdn:index:RefreshTask"

    def __init__(
        self,
        resource_name: str,
        *,
        service: pulumi.Input[str],
        object_paths: pulumi.Input[Sequence[pulumi.Input[str]]],
        object_type: pulumi.Input[str] = "file",
        force: pulumi.Input[bool] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: pulumi.Input[str] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Refresh *object_paths*.

        service: `vod` or `cdn`. object_paths: URLs with their scheme. object_type: `file`, `directory` (paths end
        with /), `regex` or `ignore-params`. force: refresh also what the origin has not modified. triggers: any values;
        a change submits again, nothing else does. wait: False returns once submitted. timeout: seconds, default 900.
        on_timeout: `fail` or `continue`. retry_failed: how often failed URLs are submitted again within one run.
        """
        task = {
            "service": service,
            "object_type": object_type,
            "object_paths": object_paths,
            "force": force,
            "triggers": triggers,
        }
        waiting = {"wait": wait, "timeout": timeout, "on_timeout": on_timeout, "retry_failed": retry_failed}
        super().__init__(resource_name, task, waiting, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        task_id: pulumi.Input[str],
        *,
        service: pulumi.Input[str],
        object_paths: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        timeout: pulumi.Input[float] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Attach to a task that somebody else submitted, and block until it is effective; a preview looks once.

        task_id: one id, or several joined by commas. object_paths: only these count; without it all of the task do.
        timeout: seconds, default 900.
        """
        return cls._get(
            resource_name, task_id, {"service": service, "object_paths": object_paths, "timeout": timeout}, opts
        )


class PrefetchTask(_Task):
    """Make edges fetch objects before anybody asks for them, and be done only when all of them have."""

    _kind = Kind.PREFETCH
    _type_token = "alicdn:index:PrefetchTask"

    def __init__(
        self,
        resource_name: str,
        *,
        service: pulumi.Input[str],
        object_paths: pulumi.Input[Sequence[pulumi.Input[str]]],
        area: pulumi.Input[str] | None = None,
        l2_preload: pulumi.Input[bool] | None = None,
        headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: pulumi.Input[str] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Prefetch *object_paths*.

        area: `domestic` or `overseas`; by default where the domain is accelerated. l2_preload: only to the second
        level of the network. headers: sent to the origin. timeout: seconds, default 3,600. The other options are
        those of RefreshTask.
        """
        task = {
            "service": service,
            "object_paths": object_paths,
            "area": area,
            "l2_preload": l2_preload,
            "headers": headers,
            "triggers": triggers,
        }
        waiting = {"wait": wait, "timeout": timeout, "on_timeout": on_timeout, "retry_failed": retry_failed}
        super().__init__(resource_name, task, waiting, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        task_id: pulumi.Input[str],
        *,
        service: pulumi.Input[str],
        object_paths: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        timeout: pulumi.Input[float] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Attach to a prefetch that somebody else submitted; see :meth:`RefreshTask.get`."""
        return cls._get(
            resource_name, task_id, {"service": service, "object_paths": object_paths, "timeout": timeout}, opts
        )
