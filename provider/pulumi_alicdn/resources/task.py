"""What a Pulumi program writes: RefreshTask and PrefetchTask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import pulumi

from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.resources.dynamic import AttachmentProvider, CompletionProvider, IntentProvider, SubmissionProvider
from pulumi_alicdn.resources.task_steps import (
    OUTPUTS,
    Attachment,
    Completion,
    Intent,
    Submission,
    TaskObject,
    own_urn,
    waits_provider,
)
from pulumi_alicdn.state import PASSED_ON


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
        if self._kind is Kind.REFRESH and "object_paths" in props:
            props.setdefault("object_type", str(ObjectType.FILE))
        intent = Intent(
            IntentProvider(),
            resource_name,
            {**props, "not_before": None, "request_id": None},
            pulumi.ResourceOptions(parent=self),
        )
        # Triggers decide about the intent; the steps after it follow the intent.
        what = {name: value for name, value in props.items() if name != "triggers"}
        after = {**what, "intent_id": intent.id, "not_before": intent.not_before}
        submission = Submission(
            SubmissionProvider(),
            resource_name,
            {**after, **dict.fromkeys(PASSED_ON)},
            pulumi.ResourceOptions(parent=self),
        )
        completion = Completion(
            CompletionProvider(),
            resource_name,
            {
                **dict.fromkeys(OUTPUTS),
                **after,
                "submission_id": submission.id,
                **{name: getattr(submission, name) for name in PASSED_ON},
                "urn": own_urn(self, Completion, resource_name),
                **{name: value for name, value in wait.items() if value is not None},
            },
            pulumi.ResourceOptions(parent=self, provider=waits_provider()),
        )
        self._publish(completion)

    def _publish(self, source: Completion | Attachment) -> None:
        outputs = {name: getattr(source, name) for name in OUTPUTS}
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
        attachment = Attachment(
            AttachmentProvider(),
            resource_name,
            {
                "kind": str(cls._kind),
                "preview": pulumi.runtime.is_dry_run(),
                "urn": own_urn(task, Attachment, resource_name),
                **{name: value for name, value in props.items() if value is not None},
                **dict.fromkeys(OUTPUTS),
            },
            pulumi.ResourceOptions(parent=task, provider=waits_provider(), id=task_id),
        )
        task._publish(attachment)  # noqa: SLF001  our own class
        return task


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
        object_paths: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        object_type: pulumi.Input[str] | None = None,
        force: pulumi.Input[bool] | None = None,
        media_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        formats: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        definitions: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        stream_type: pulumi.Input[str] | None = None,
        slices: pulumi.Input[int] | None = None,
        cache_tags: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        domain_name: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: pulumi.Input[str] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Refresh *object_paths*, *media_ids* or *cache_tags*: one of them.

        service: `vod` or `cdn`. object_paths: URLs with their scheme. object_type: `file` (the default), `directory`
        (paths end with /), `regex` or `ignore-params`. force: refresh also what the origin has not modified.
        media_ids (VOD): all that is played of these audios and videos; formats (`mp4`, `m3u8`, …), definitions and
        stream_type (`video`, `audio`) narrow it, slices (1 to 20) adds the first ts files of m3u8 streams. cache_tags
        (CDN): all of domain_name whose `Cache-Tag` header holds one of them. triggers: any values; a change submits
        again, nothing else does. wait: False returns once submitted. timeout: seconds, default 900. on_timeout: `fail`
        or `continue`. retry_failed: how often failed URLs are submitted again within one run.
        """
        task = {
            "service": service,
            "object_type": object_type,
            "object_paths": object_paths,
            "force": force,
            "media_ids": media_ids,
            "formats": formats,
            "definitions": definitions,
            "stream_type": stream_type,
            "slices": slices,
            "cache_tags": cache_tags,
            "domain_name": domain_name,
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
        object_paths: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        media_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        formats: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        definitions: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        stream_type: pulumi.Input[str] | None = None,
        slices: pulumi.Input[int] | None = None,
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
        """Prefetch *object_paths*, or what is played of *media_ids* (VOD; see RefreshTask): one of them.

        area: `domestic` or `overseas`; by default where the domain is accelerated. l2_preload: only to the second
        level of the network. headers: sent to the origin. timeout: seconds, default 3,600. The other options are
        those of RefreshTask.
        """
        task = {
            "service": service,
            "object_paths": object_paths,
            "media_ids": media_ids,
            "formats": formats,
            "definitions": definitions,
            "stream_type": stream_type,
            "slices": slices,
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
