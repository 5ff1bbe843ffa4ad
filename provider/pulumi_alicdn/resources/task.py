"""The Pulumi resources for tasks: RefreshTask, PrefetchTask and TaskCompletion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Self, cast

import pulumi

from pulumi_alicdn.api.literals import MediaFormat, OnTimeout, PrefetchArea, RefreshObjectType, ServiceName, StreamType
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.resources.dynamic import AttachmentProvider, CompletionProvider, IntentProvider, SubmissionProvider
from pulumi_alicdn.resources.option_types import Choice, Choices, Texts
from pulumi_alicdn.resources.program import waits_provider
from pulumi_alicdn.resources.task_steps import Attachment, Completion, Intent, Submission, TaskObject, own_urn
from pulumi_alicdn.state import DECLARED, OUTPUTS, PASSED_ON, TASK_OPTIONS, WAIT_OPTIONS
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.verdict import Outcome

# Here, outputs replace the plain values of a task's steps: both functions only pass values on.
_after_intent: Final = cast("Callable[..., dict[str, Any]]", lifecycle.after_intent)
_after_submission: Final = cast("Callable[..., dict[str, Any]]", lifecycle.after_submission)


def _given(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if options.get(name) is not None}


def _outputs(step: pulumi.Resource, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(step, name) for name in names}


class _Watched(pulumi.ComponentResource):
    """The outputs of tasks that are waited for."""

    status: pulumi.Output[str]
    """`Complete`, `Failed`, `Refreshing` or `Pending`, as of the last poll."""
    task_ids: pulumi.Output[list[str]]
    """The service's ids, in the order of the submits."""
    objects: pulumi.Output[list[TaskObject]]
    """One entry per object path."""
    submitted_at: pulumi.Output[str]
    """UTC, `2026-01-02T03:04:05Z`, by the server's clock."""
    effective_at: pulumi.Output[str | None]
    """UTC, the time of the first poll that saw the task Complete; None before that."""
    request_ids: pulumi.Output[list[str]]
    """Ids of the requests that submitted something, for a ticket with the service."""

    _type_token: ClassVar[str]

    def _publish(self, source: Completion | Attachment) -> None:
        outputs = _outputs(source, OUTPUTS)
        for name, value in outputs.items():
            setattr(self, name, value)
        self.register_outputs(outputs)


class _Task(_Watched):
    """A task in three steps, each stored in the state before the next begins."""

    _kind: ClassVar[Kind]

    def __init__(self, resource_name: str, options: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        """Make the steps. Other names in *options* are ignored."""
        super().__init__(self._type_token, resource_name, {}, opts)
        task = {**_given(options, *TASK_OPTIONS, "triggers"), "kind": str(self._kind)}
        if self._kind is Kind.REFRESH and "object_paths" in task:
            task.setdefault("object_type", str(ObjectType.FILE))
        # The SDK makes an attribute only of a property: list each output that a step computes, with the value None.
        intent = Intent(
            IntentProvider(),
            resource_name,
            {**task, **dict.fromkeys(DECLARED)},
            pulumi.ResourceOptions(parent=self),
        )
        # Only the intent depends on triggers; later steps are replaced with it.
        declared = _after_intent(task, intent.id, _outputs(intent, DECLARED))
        submission = Submission(
            SubmissionProvider(),
            resource_name,
            {**declared, **dict.fromkeys(PASSED_ON), "urn": own_urn(self, Submission, resource_name)},
            pulumi.ResourceOptions(parent=self),
        )
        waiting = _given(options, *WAIT_OPTIONS)
        submitted = _after_submission(declared, submission.id, _outputs(submission, PASSED_ON), waiting)
        completion = Completion(
            CompletionProvider(),
            resource_name,
            {
                **dict.fromkeys(OUTPUTS),
                **submitted,
                "urn": own_urn(self, Completion, resource_name),
            },
            pulumi.ResourceOptions(parent=self, provider=waits_provider()),
        )
        self._publish(completion)

    @classmethod
    def get(
        cls,
        resource_name: str,
        task_id: pulumi.Input[str],
        *,
        service: Choice[ServiceName],
        object_paths: Texts | None = None,
        timeout: pulumi.Input[float] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Attach to a task that somebody else submitted, and block until it is effective; a preview polls once.

        task_id: text; one id of the service, or several joined by commas.
        service: `vod` or `cdn`.
        object_paths: list of URLs; wait only for these objects. Default: all objects of the task.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 900 for a refresh, 3,600 for a prefetch.
        opts: Pulumi's options of every resource.

        Once Complete, it stays Complete in the state, also after the 3 days for which the service lists the task.

        The deployment fails with TaskFailedError, TaskTimeoutError, UnknownTaskError for an id that the service
        does not list, or InputError. TaskCompletion gives a new task 15 s until it is listed.
        """
        task = cls.__new__(cls)
        pulumi.ComponentResource.__init__(task, cls._type_token, resource_name, {}, opts)
        attachment = Attachment(
            AttachmentProvider(),
            resource_name,
            {
                "kind": str(cls._kind),
                "preview": pulumi.runtime.is_dry_run(),
                "urn": own_urn(task, Attachment, resource_name),
                **_given(locals(), "service", "object_paths", "timeout"),
                **_known(f"{cls._type_token}${Attachment.type_token}::{resource_name}"),
                **dict.fromkeys(OUTPUTS),
            },
            pulumi.ResourceOptions(parent=task, provider=waits_provider(), id=task_id),
        )
        task._publish(attachment)  # noqa: SLF001  our own class
        return task


def _known(address: str) -> dict[str, Any]:
    """Return what the state holds of an attachment as an input: the engine passes no former state to a read.

    Without it, a task that the service has forgotten would fail every later deployment.
    """
    from pulumi_alicdn.resources.previous_release import stored_outputs

    found = [one["outputs"] for urn, one in stored_outputs().items() if urn.endswith(address)]
    return {"known": found[0]} if len(found) == 1 and found[0].get("status") == Outcome.COMPLETE else {}


class RefreshTask(_Task):
    """Make edges drop what they hold, and wait until all of them have.

    `pulumi up` returns once every edge serves the new bytes; a failure names the URL, the reason, and the next step.
    """

    _kind = Kind.REFRESH
    _type_token = "alicdn:index:RefreshTask"

    def __init__(
        self,
        resource_name: str,
        *,
        service: Choice[ServiceName],
        object_paths: Texts | None = None,
        object_type: Choice[RefreshObjectType] | None = None,
        force: pulumi.Input[bool] | None = None,
        media_ids: Texts | None = None,
        formats: Choices[MediaFormat] | None = None,
        definitions: Texts | None = None,
        stream_type: Choice[StreamType] | None = None,
        slices: pulumi.Input[int] | None = None,
        cache_tags: Texts | None = None,
        domain_name: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: Choice[OnTimeout] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        origin: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Refresh either *object_paths*, *media_ids* or *cache_tags*.

        A change of any of these submits again:

        service: `vod` or `cdn`.
        object_paths: list of URLs with their scheme.
        object_type: type of all paths: `file`, `directory` (ends with /), `regex`, `ignore-params`. Default: `file`.
        force: boolean; true also drops objects that the origin has not modified. Default: false.
        media_ids: list of ids of media (VOD only); their play URLs are refreshed.
        formats: list of `mp4`, `m3u8`, `mp3`, `flv`, `webm`, `ts`; only these streams of media_ids. Default: all.
        definitions: list of texts such as `HD`; only these streams of media_ids. Default: all.
        stream_type: `video` or `audio`; only these streams of media_ids. Default: both.
        slices: whole number from 1 to 20; the number of ts files to refresh with each m3u8 stream. Default: none.
        cache_tags: list of texts (CDN only); every object on *domain_name* with one of the tags is refreshed.
        domain_name: the domain of cache_tags; required with them.
        triggers: list of any values, such as outputs of the upload. Default: none.

        A change of any of these submits nothing:

        wait: boolean; false returns after the submit. Default: true.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 900.
        on_timeout: `fail`, or `continue` with a warning. Default: `fail`.
        retry_failed: whole number from 0 to 10; how often a run submits failed objects again. Default: 0.
        origin: `https://host`, such as a bucket's; a warning names the files for which it answers 404 or 410, since the
            service answers Complete for these, too. Default: the origin is not asked.
        opts: Pulumi's options of every resource.

        Options that break a rule fail the preview, which lists all of them; nothing is sent. The deployment fails with
        TaskFailedError, TaskTimeoutError, QuotaError, RefusedError, DeniedError, ThrottledError or UnreachableError;
        the next `pulumi up` continues where this one ended, and submits nothing twice.
        """
        super().__init__(resource_name, locals(), opts)


class PrefetchTask(_Task):
    """Make edges fetch objects before a visitor asks for them, and wait until all of them have."""

    _kind = Kind.PREFETCH
    _type_token = "alicdn:index:PrefetchTask"

    def __init__(
        self,
        resource_name: str,
        *,
        service: Choice[ServiceName],
        object_paths: Texts | None = None,
        media_ids: Texts | None = None,
        formats: Choices[MediaFormat] | None = None,
        definitions: Texts | None = None,
        stream_type: Choice[StreamType] | None = None,
        slices: pulumi.Input[int] | None = None,
        area: Choice[PrefetchArea] | None = None,
        l2_preload: pulumi.Input[bool] | None = None,
        headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: Choice[OnTimeout] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Prefetch either *object_paths* or the play URLs of *media_ids* (VOD only).

        area: the edges that fetch: `domestic` or `overseas`. Default: all edges that accelerate the domain.
        l2_preload: boolean; true prefetches to second-level nodes only. Default: the service's.
        headers: mapping of names to values, sent to the origin. Default: none.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 3,600.

        All other options, and the errors, are those of :class:`RefreshTask`.
        """
        super().__init__(resource_name, locals(), opts)


class TaskCompletion(_Watched):
    """Wait for tasks that somebody else submitted, and remember that they are Complete.

    Nothing is submitted. Once Complete, further deployments ask the service nothing.
    """

    _type_token = "alicdn:index:TaskCompletion"

    def __init__(
        self,
        resource_name: str,
        *,
        service: Choice[ServiceName],
        task_ids: Texts,
        object_paths: Texts | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: Choice[OnTimeout] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Wait until every object of the tasks is effective on every edge.

        A change of any of these waits anew:

        service: `vod` or `cdn`.
        task_ids: list of ids of the service.
        object_paths: list of URLs; wait only for these objects. Default: all objects of the tasks.

        A change of any of these does not:

        wait: boolean; false polls once. Default: true.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 900 for a refresh, 3,600 for a prefetch.
        on_timeout: `fail`, or `continue` with a warning. Default: `fail`.
        opts: Pulumi's options of every resource.

        Options that break a rule fail the preview, which lists all of them. The deployment fails with TaskFailedError,
        TaskTimeoutError, UnknownTaskError for an id that the service has not listed for 15 s, DeniedError,
        ThrottledError or UnreachableError; the next `pulumi up` goes on waiting.
        """
        super().__init__(self._type_token, resource_name, {}, opts)
        given = _given(locals(), "service", "task_ids", "object_paths", "wait", "timeout", "on_timeout")
        attachment = Attachment(
            AttachmentProvider(),
            resource_name,
            {**dict.fromkeys(OUTPUTS), **given, "urn": own_urn(self, Attachment, resource_name)},
            pulumi.ResourceOptions(parent=self, provider=waits_provider()),
        )
        self._publish(attachment)
