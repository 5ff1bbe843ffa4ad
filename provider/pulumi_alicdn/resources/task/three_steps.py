"""A task as three steps below a component, each stored in the state before the next begins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import itemgetter
from typing import Any, ClassVar, Final, Self, cast

import pulumi

from pulumi_alicdn.api.literals import ServiceName
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.resources.compact import compacted
from pulumi_alicdn.resources.component.left_out import warn_if_left_out
from pulumi_alicdn.resources.component.pulumi_options import asked_of, hand_on
from pulumi_alicdn.resources.dynamic import AttachmentProvider, CompletionProvider, IntentProvider, Step
from pulumi_alicdn.resources.option_types import Choice, Texts
from pulumi_alicdn.resources.program import waits_provider
from pulumi_alicdn.resources.refresh_proof import EdgeProof, EdgeProofProvider
from pulumi_alicdn.resources.secret_values import open_id, require_storable
from pulumi_alicdn.resources.task.call_steps import submissions
from pulumi_alicdn.resources.task.habits import TAKEN, chosen, of_get, of_task
from pulumi_alicdn.resources.task.watched import Watched, outputs_of, secrets_of
from pulumi_alicdn.resources.task_steps import Attachment, Completion, Intent, Submission, own_urn
from pulumi_alicdn.state import (
    DECLARED,
    EDGE_ACCESS,
    OUTPUTS,
    TASK_OPTIONS,
    VERIFY_OPTIONS,
    WAIT_OPTIONS,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.verdict import Outcome

# Here, outputs replace the plain values of a task's steps: both functions only pass values on.
_after_intent: Final = cast("Callable[..., dict[str, Any]]", lifecycle.after_intent)
_after_submission: Final = cast("Callable[..., dict[str, Any]]", lifecycle.after_submission)

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


def _after(value: pulumi.Output[Any], step: pulumi.CustomResource) -> pulumi.Output[Any]:
    """Return *value*, which is known once *step* has ended."""
    return pulumi.Output.all(value, step.id).apply(itemgetter(0))


class Task(Watched):
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
        given = chosen(options, *TAKEN)
        # A release proves itself, and has options of the same names.
        asked = {} if brief else _hidden(chosen(options, *VERIFY_OPTIONS))
        require_storable(resource_name, {**given, **asked})
        if brief:
            # A release decides what its tasks are about, and the state has thousands of paths in their steps already.
            super().__init__(self._type_token, resource_name, {}, opts)
            hand_on(opts.parent if opts is not None else None, self)
        else:
            habits = of_task(type(self).__name__, self._kind)
            given = self._register(resource_name, {**given, **asked}, opts, habits, _KEPT)
            asked = _hidden({one: given.pop(one) for one in VERIFY_OPTIONS if one in given})
        secrets = secrets_of(self, given)
        task = {**chosen(given, *TASK_OPTIONS, "triggers"), "kind": str(self._kind), **secrets}
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
        declared = _after_intent(task, intent.request_id.apply(lifecycle.intent_id), outputs_of(intent, DECLARED))
        submission_id, sent = submissions(self, resource_name, {**declared, **chosen(given, "resubmit")})
        submitted = _after_submission(declared, submission_id, sent, chosen(given, *WAIT_OPTIONS))
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
        named = secrets_of(self, {**given, **asked})
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
        options = chosen(given, "service", "object_paths", *WAIT_OPTIONS)
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
    def of_release(
        cls, resource_name: str, options: Mapping[str, Any], opts: pulumi.ResourceOptions, *, goes_on: bool = False
    ) -> Self:
        """Make a task whose rows no program reads: thousands of Complete ones would fill the state.

        *goes_on*: a failure of the task is a warning.
        """
        task = cls.__new__(cls)
        Task.__init__(task, resource_name, options, opts, brief=True, goes_on=goes_on)
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
        given = chosen(locals(), "service", "object_paths", "timeout")
        require_storable(resource_name, {**given, "task_id": task_id})
        task = cls.__new__(cls)
        asked = asked_of(task, resource_name, opts, of_get(cls.__name__), timeout)
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
                **secrets_of(task, {**given, "task_id": task_id, "task_ids": task_id}),
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
