"""The Pulumi resources for tasks: RefreshTask, PrefetchTask and TaskCompletion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar, Final, Self, cast

import pulumi

from pulumi_alicdn.api.literals import (
    MediaFormat,
    OnTimeout,
    PrefetchArea,
    RefreshObjectType,
    RefreshVerify,
    ServiceName,
    StreamType,
)
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.borders import printed
from pulumi_alicdn.resources.compact import compacted
from pulumi_alicdn.resources.component.account import provider_of
from pulumi_alicdn.resources.component.left_out import warn_if_left_out
from pulumi_alicdn.resources.component.pulumi_options import Habits, Refusal, asked_of, hand_on, without_changes
from pulumi_alicdn.resources.component.transforms import Transformed, may_be_transformed
from pulumi_alicdn.resources.dynamic import (
    AttachmentProvider,
    CompletionProvider,
    IntentProvider,
    Step,
    SubmissionProvider,
)
from pulumi_alicdn.resources.option_types import Choice, Choices, Texts
from pulumi_alicdn.resources.program import waits_provider
from pulumi_alicdn.resources.refresh_proof import EdgeProof, EdgeProofProvider
from pulumi_alicdn.resources.secret_values import open_id, require_storable, secret_names
from pulumi_alicdn.resources.task_steps import Attachment, Completion, Intent, Submission, TaskObject, own_urn
from pulumi_alicdn.state import (
    DECLARED,
    EDGE_ACCESS,
    OPEN,
    OUTPUTS,
    PASSED_ON,
    TASK_OPTIONS,
    VERIFY_OPTIONS,
    WAIT_OPTIONS,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.verdict import Outcome

# Here, outputs replace the plain values of a task's steps: both functions only pass values on.
_after_intent: Final = cast("Callable[..., dict[str, Any]]", lifecycle.after_intent)
_after_submission: Final = cast("Callable[..., dict[str, Any]]", lifecycle.after_submission)
_next_call: Final = cast("Callable[..., dict[str, Any]]", lifecycle.next_call)


def _given(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if options.get(name) is not None}


_TAKEN: Final = (*TASK_OPTIONS, *WAIT_OPTIONS, "triggers", "resubmit")
"""Options of a task that its steps get."""

_ATTACHED: Final = ("service", "task_ids", "object_paths", "wait", "timeout", "on_timeout")
"""The options of TaskCompletion."""

_NO_REPLACEMENT: Final = Refusal(
    "replace_on_changes",
    "a change of triggers, or of what a task is about, begins anew without a replacement, and `pulumi up --replace` "
    "does so without a change",
)


def _no_import(instead: str) -> tuple[Refusal, ...]:
    return tuple(Refusal(one, instead) for one in ("import_", "id"))


_GET: Final = "{}.get attaches to a task of the service, and TaskCompletion remembers one"

_GET_ONLY: Final = "task_id names the task"
_NOT_IGNORED: Final = Refusal("ignore_changes", "it stores no options: each deployment reads the task")

_OBJECTS: Final = ("object_paths", "media_ids")
"""Options whose values are divided among the calls of a submission."""


def _secrets(component: pulumi.Resource, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input `secrets`: what is secret of *options*, and of the configuration that *component* works with."""
    account = provider_of(component)
    if account is None:
        return secret_names(options)
    return secret_names({**options, **account.config}, config=False)


def _holds_output(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_output, cast("Mapping[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_output, cast("Sequence[object]", value)))
    return isinstance(value, pulumi.Output | Awaitable)


_Calls = list[dict[str, Any]]


def _calls(objects: Mapping[str, Any]) -> _Calls:
    return [{**objects, **one} for one in lifecycle.calls(objects)]


def _call(calls: pulumi.Output[_Calls], index: int) -> dict[str, pulumi.Output[Any]]:
    """Return one of the calls of a submission that are known only later."""
    one: pulumi.Output[dict[str, Any]] = calls.apply(itemgetter(index))
    return {name: _entry(one, name) for name in (*_OBJECTS, "call", "later_objects")}


def _entry(values: pulumi.Output[dict[str, Any]], name: str) -> pulumi.Output[Any]:
    """Return one of *values*; what a state shows also of secret objects does not become secret with the others."""
    found = values.apply(lambda found: found.get(name))
    return pulumi.Output.unsecret(found) if name in OPEN and name not in TASK_OPTIONS else found


def _after(value: pulumi.Output[Any], step: pulumi.CustomResource) -> pulumi.Output[Any]:
    """Return *value*, which is known once *step* has ended."""
    return pulumi.Output.all(value, step.id).apply(itemgetter(0))


def _outputs(step: pulumi.Resource, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(step, name) for name in names}


_KEPT: Final[Mapping[type[Step], Collection[str]]] = {
    Intent: (*TASK_OPTIONS, "triggers", *VERIFY_OPTIONS),
    Submission: ("resubmit",),
    Completion: WAIT_OPTIONS,
    EdgeProof: VERIFY_OPTIONS,
}
"""The options of a task that the state of each of its steps keeps; a later step has the newer values."""

_NOT_VERIFIED: Final = (None, "off")
"""Values of `verify` with which no edge is asked."""


def _object_type(given: Any, paths: Any) -> Any:
    """Return the type of *paths*: `file` if none is given. Transforms leave all options as outputs."""
    if not _is_output(given) or not _is_output(paths):
        return str(ObjectType.FILE) if given is None else given
    both: pulumi.Output[list[Any]] = pulumi.Output.all(given, pulumi.Output.unsecret(paths))
    return both.apply(lambda found: found[0] or (None if found[1] is None else str(ObjectType.FILE)))


def _hidden(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options *asked* of verify, with those as secrets that are secret whatever a program passes in."""
    return {one: pulumi.Output.secret(value) if one in EDGE_ACCESS else value for one, value in asked.items()}


def _is_output(value: object) -> bool:
    return isinstance(value, pulumi.Output)


class _Watched(pulumi.ComponentResource):
    """The outputs of tasks that are waited for."""

    status: pulumi.Output[str]
    """`Complete`, `Failed`, `Refreshing` or `Pending`, as of the last poll."""
    task_ids: pulumi.Output[list[str]]
    """The service's ids, in the order of the submits."""
    objects: pulumi.Output[list[TaskObject]]
    """One entry per object path: object_path, object_type, status, process, description, creation_time, task_id."""
    submitted_at: pulumi.Output[str]
    """UTC, `2026-01-02T03:04:05Z`, by the server's clock."""
    effective_at: pulumi.Output[str | None]
    """UTC, the time of the first poll that saw the task Complete; None before that."""
    request_ids: pulumi.Output[list[str]]
    """Ids of the requests that submitted something, for a ticket with the service."""

    _type_token: ClassVar[str]

    def _register(
        self,
        resource_name: str,
        given: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
        habits: Habits,
        steps: Mapping[type[Step], Collection[str]],
    ) -> dict[str, Any]:
        """Register the component with its options; return them as Pulumi's own options and transforms leave them."""
        asked = asked_of(self, resource_name, opts, habits, given.get("timeout"))
        given = {**given, **({"timeout": asked.timeout} if asked.timeout is not None else {})}
        if asked.ignored:
            from pulumi_alicdn.resources.release.previous_release import address_of

            where = {step.type_token: names for step, names in steps.items()}
            given = without_changes(
                address_of(self._type_token, resource_name, opts), resource_name, asked.ignored, given, where
            )
        require_storable(resource_name, given)
        if not may_be_transformed(asked.component):
            super().__init__(self._type_token, resource_name, compacted(given), asked.component)
            return given
        watched = Transformed(self._type_token, resource_name, given, asked.component)
        super().__init__(self._type_token, resource_name, watched.inputs, asked.component)
        left = watched.left(self, habits.options)
        for option in VERIFY_OPTIONS:
            if option in left and option not in given:
                left.pop(option).apply(partial(self._unexpected, resource_name, option))
        return dict(left)

    @staticmethod
    def _unexpected(resource_name: str, option: str, value: object) -> None:
        # Whether there is a step that asks edges is decided before any transform runs.
        if value is not None:
            says = f"{resource_name}: a transform set {option}, which has no effect while the program gives none"
            pulumi.log.warn(printed(f"{says}: give {option} there, and a transform may change it"))

    def _publish(self, source: Completion | Attachment, more: Mapping[str, pulumi.Output[Any]] | None = None) -> None:
        outputs = {**_outputs(source, OUTPUTS), **(more or {})}
        for name, value in outputs.items():
            setattr(self, name, value)
        self.register_outputs(outputs)


class _Task(_Watched):
    """A task in three steps, each stored in the state before the next begins."""

    _kind: ClassVar[Kind]

    def __init__(
        self,
        resource_name: str,
        options: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
        *,
        brief: bool = False,
        goes_on: bool = False,
    ) -> None:
        """Make the steps. Other names in *options* are ignored.

        *brief*: keep no row of a Complete task. *goes_on*: a failure of the task is a warning.
        """
        given = _given(options, *_TAKEN)
        # A release proves itself, and has options of the same names.
        asked = {} if brief else _hidden(_given(options, *VERIFY_OPTIONS))
        require_storable(resource_name, {**given, **asked})
        if brief:
            # A release decides what its tasks are about, and the state has thousands of paths in their steps already.
            super().__init__(self._type_token, resource_name, {}, opts)
            hand_on(opts.parent if opts is not None else None, self)
        else:
            given = self._register(resource_name, {**given, **asked}, opts, self._habits(), _KEPT)
            asked = _hidden({one: given.pop(one) for one in VERIFY_OPTIONS if one in given})
        secrets = _secrets(self, given)
        task = {**_given(given, *TASK_OPTIONS, "triggers"), "kind": str(self._kind), **secrets}
        if goes_on:
            task["goes_on"] = True
        if self._kind is Kind.REFRESH and "object_paths" in task:
            task["object_type"] = _object_type(task.get("object_type"), task["object_paths"])
        # The SDK makes an attribute only of a property: list each output that a step computes, with the value None.
        intent = Intent(
            IntentProvider(),
            resource_name,
            {
                **dict.fromkeys((*DECLARED, "request_id")),
                **compacted(task),
                **self._asking(Intent, resource_name, given, asked),
            },
            pulumi.ResourceOptions(parent=self),
        )
        known = {one: value for one, value in compacted(task).items() if one in (*TASK_OPTIONS, "triggers")}
        warn_if_left_out(self, resource_name, intent, known, "nothing is submitted")
        # Only the intent depends on triggers; later steps follow its id, which is another one after each update.
        declared = _after_intent(task, intent.request_id.apply(lifecycle.intent_id), _outputs(intent, DECLARED))
        submission_id, sent = self._submissions(resource_name, {**declared, **_given(given, "resubmit")})
        submitted = _after_submission(declared, submission_id, sent, _given(given, *WAIT_OPTIONS))
        kept = {"brief": True} if brief else {}
        completion = Completion(
            CompletionProvider(),
            resource_name,
            {
                **dict.fromkeys(OUTPUTS),
                **compacted(submitted),
                **kept,
                "urn": own_urn(self, Completion, resource_name),
            },
            pulumi.ResourceOptions(parent=self, provider=waits_provider(self)),
        )
        self._publish(completion, self._proof(resource_name, given, asked, intent, submitted, completion))

    def _asking(
        self, step: type[Step], name: str, given: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the inputs of a *step* that asks edges; none for a task that is not verified."""
        if not asked:
            return {}
        named = _secrets(self, {**given, **asked})
        return {"served_before": None, **asked, **named, "urn": own_urn(self, step, name)}

    def _proof(
        self,
        name: str,
        given: Mapping[str, Any],
        asked: Mapping[str, Any],
        intent: Intent,
        submitted: Mapping[str, Any],
        completion: Completion,
    ) -> dict[str, pulumi.Output[Any]]:
        """Verify after the *completion*; return the outputs that a program gets once that has ended well."""
        if self._kind is not Kind.REFRESH:
            return {}
        verify = asked.get("verify")
        if not _is_output(verify) and verify in _NOT_VERIFIED:
            return {"verified": pulumi.Output.from_input(None)}
        options = _given(given, "service", "object_paths", *WAIT_OPTIONS)
        proof = EdgeProof(
            EdgeProofProvider(),
            name,
            {
                **compacted(options),
                **self._asking(EdgeProof, name, given, asked),
                "intent_id": submitted["intent_id"],
                "task_status": completion.status,
                "served_before": intent.served_before,
                "verified": None,
            },
            pulumi.ResourceOptions(parent=self, provider=waits_provider(self)),
        )
        # What depends on an output of this task has to wait for the proof, too.
        after = {one: _after(getattr(completion, one), proof) for one in OUTPUTS}
        return {**after, "verified": proof.verified}

    @classmethod
    def _habits(cls) -> Habits:
        name = cls.__name__
        options = (*_TAKEN, *VERIFY_OPTIONS) if cls._kind is Kind.REFRESH else _TAKEN
        return Habits(name, options, OUTPUTS, (_NO_REPLACEMENT, *_no_import(_GET.format(name))))

    def _submissions(self, name: str, inputs: Mapping[str, Any]) -> tuple[pulumi.Output[str], Mapping[str, Any]]:
        """Make a step for each call of the submission; return the id of the first, and the results of the last.

        While the objects are unknown, so is the number of calls: then a preview shows the first one.
        """
        objects = {one: inputs[one] for one in ("kind", "service", "object_type", *_OBJECTS) if one in inputs}
        if not _holds_output(objects):
            calls = lifecycle.calls(objects)
            first = self._submission(name, {**inputs, **calls[0]})
            return first.id, _outputs(self._later(name, inputs, calls[1:], first), PASSED_ON)
        known: pulumi.Output[_Calls] = pulumi.Output.from_input(objects).apply(_calls)
        first = self._submission(name, {**inputs, **_call(known, 0)})

        def send(found: _Calls) -> pulumi.Output[dict[str, Any]]:
            # Objects that are secret have to stay so: take them from the output.
            later = [_call(known, index) for index in range(1, len(found))]
            return pulumi.Output.all(**_outputs(self._later(name, inputs, later, first), PASSED_ON))

        sent: pulumi.Output[dict[str, Any]] = known.apply(send)
        return first.id, {one: _entry(sent, one) for one in PASSED_ON}

    def _later(
        self, name: str, inputs: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], first: Submission
    ) -> Submission:
        """Make the steps of all calls but the first; return the last step."""
        last = first
        for number, call in enumerate(calls, 2):
            before = _outputs(last, (*PASSED_ON, "call"))
            # A URN does not contain the parent's name: with a -, another task of the user could have the same one.
            last = self._submission(f"{name}#{number}", _next_call(inputs, call, before))
        return last

    def _submission(self, name: str, inputs: Mapping[str, Any]) -> Submission:
        given = {**dict.fromkeys((*PASSED_ON, "call")), **compacted(inputs), "urn": own_urn(self, Submission, name)}
        return Submission(SubmissionProvider(), name, given, pulumi.ResourceOptions(parent=self))

    @classmethod
    def of_release(
        cls, resource_name: str, options: Mapping[str, Any], opts: pulumi.ResourceOptions, *, goes_on: bool = False
    ) -> Self:
        """Make a task whose rows no program reads: thousands of Complete ones would fill the state.

        *goes_on*: a failure of the task is a warning.
        """
        task = cls.__new__(cls)
        _Task.__init__(task, resource_name, options, opts, brief=True, goes_on=goes_on)
        return task

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
        given = _given(locals(), "service", "object_paths", "timeout")
        require_storable(resource_name, {**given, "task_id": task_id})
        task = cls.__new__(cls)
        habits = Habits(f"{cls.__name__}.get", (), OUTPUTS, (_NO_REPLACEMENT, _NOT_IGNORED, *_no_import(_GET_ONLY)))
        asked = asked_of(task, resource_name, opts, habits, timeout)
        given |= {"timeout": asked.timeout} if asked.timeout is not None else {}
        pulumi.ComponentResource.__init__(task, cls._type_token, resource_name, {}, asked.component)
        attachment = Attachment(
            AttachmentProvider(),
            resource_name,
            {
                "kind": str(cls._kind),
                "preview": pulumi.runtime.is_dry_run(),
                "urn": own_urn(task, Attachment, resource_name),
                **given,
                **_secrets(task, {**given, "task_id": task_id, "task_ids": task_id}),
                **({"task_id": task_id} if isinstance(task_id, pulumi.Output) else {}),
                **_known(f"{cls._type_token}${Attachment.type_token}::{resource_name}"),
                **dict.fromkeys(OUTPUTS),
            },
            pulumi.ResourceOptions(parent=task, provider=waits_provider(task), id=open_id(task_id)),
        )
        task._publish(attachment)  # noqa: SLF001  our own class
        return task


def _known(address: str) -> dict[str, Any]:
    """Return what the state holds of an attachment as an input: the engine passes no former state to a read.

    Without it, a task that the service has forgotten would fail every later deployment. It is secret as a whole: which
    part of it is secret is not known here.
    """
    from pulumi_alicdn.resources.release.previous_release import stored_outputs

    found = [one["outputs"] for urn, one in stored_outputs().items() if urn.endswith(address)]
    complete = len(found) == 1 and found[0].get("status") == Outcome.COMPLETE
    return {"known": pulumi.Output.secret(found[0])} if complete else {}


class RefreshTask(_Task):
    """Make edges drop what they hold, and wait until all of them have.

    `pulumi up` returns once every edge serves the new bytes; a failure names the URL, the reason, and the next step.
    """

    verified: pulumi.Output[str | None]
    """What edges serve, such as `1 URL: 24 nodes in 8 places serve what the origin serves`; None without verify."""

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
        resubmit: pulumi.Input[bool] | None = None,
        verify: Choice[RefreshVerify] | None = None,
        url_auth: pulumi.Input[Mapping[str, Any]] | None = None,
        request_headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        user_agent: pulumi.Input[str] | None = None,
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
        resubmit: boolean; true sends media_ids or cache_tags again where an earlier deployment may have sent them and
            the service does not show whether it accepted them. Default: false, which fails then.
        verify: `network`, `dns` or `off`; where each URL is requested once the task is Complete: at all nodes that the
            service lists, or at the edges that DNS names here. They have to serve what the origin serves; where that
            is not known, no longer what they served before. For object_type `file`. Default: `off`.
        url_auth: mapping with `type` and `key`, as of an AssetRelease; signs the requests of verify. Default: none.
        request_headers: mapping of names to values, sent with the requests of verify. Default: none.
        user_agent: text, or `browser`; the User-Agent of the requests of verify. Default: `pulumi-alicdn`.
        opts: Pulumi's options of every resource.

        Options that break a rule fail the preview, which lists all of them; nothing is sent. The deployment fails with
        TaskFailedError, TaskTimeoutError, NotProvenError, QuotaError, RefusedError, DeniedError, ThrottledError or
        UnreachableError; the next `pulumi up` continues where this one ended, and submits nothing twice.
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
        resubmit: pulumi.Input[bool] | None = None,
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
        habits = Habits(
            "TaskCompletion", _ATTACHED, OUTPUTS, (_NO_REPLACEMENT, *_no_import("task_ids names what is waited for"))
        )
        given = self._register(resource_name, _given(locals(), *_ATTACHED), opts, habits, {Attachment: _ATTACHED})
        secrets = _secrets(self, given)
        attachment = Attachment(
            AttachmentProvider(),
            resource_name,
            {**dict.fromkeys(OUTPUTS), **given, **secrets, "urn": own_urn(self, Attachment, resource_name)},
            pulumi.ResourceOptions(parent=self, provider=waits_provider(self)),
        )
        self._publish(attachment)
