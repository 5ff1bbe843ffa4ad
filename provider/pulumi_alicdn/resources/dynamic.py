"""The dynamic providers: each method hands plain data to the lifecycle and its answer back to Pulumi.

They carry no attributes. The state therefore keeps nothing of them but their names, and stays valid when their code
changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.resources.engine_log import EngineLog, Silence
from pulumi_alicdn.resources.provider_process import PROCESS, clean_errors, plain
from pulumi_alicdn.state import (
    AttachmentInputs,
    AttachmentState,
    CompletionInputs,
    CompletionState,
    IntentInputs,
    SubmissionInputs,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.options import check_task, check_wait
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.validation import UNKNOWN, Problem

Props = dict[str, Any]
"""A property bag as pulumi.dynamic hands it over; :mod:`pulumi_alicdn.state` says what is in it."""


class Step(Resource):
    """A dynamic resource whose type is `pulumi-python:alicdn:` and the name of its class.

    Pulumi itself would put `dynamic/` into the type, which stands on every row of the display.
    """

    type_token: ClassVar[str]
    """The type as the state has it."""

    def __init_subclass__(cls) -> None:
        """Name the type."""
        super().__init_subclass__()
        cls._resource_type_name = f"alicdn:{cls.__name__}"
        cls.type_token = f"pulumi-python:{cls._resource_type_name}"


def _failures(problems: Iterable[Problem]) -> list[CheckFailure]:
    # The sentences name the property and its value; with a property here, the engine would put both before them again.
    return [CheckFailure("", problem.sentence) for problem in problems]


def _sink(urn: str | None) -> AbstractContextManager[ProgressSink]:
    return EngineLog(PROCESS.engine_address, urn) if urn and PROCESS.engine_address else nullcontext(Silence())


class StepProvider(ResourceProvider):
    """What all steps share: configuration, and nothing to undo."""

    # The name of a class is no secret, and in the clear it is easier to see that it does not change.
    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's configuration."""
        PROCESS.configure(req.config.get)

    def read(self, id_: str, props: Props) -> ReadResult:
        """Nothing of this step ever changes."""
        return ReadResult(id_, props)

    def delete(self, _id: str, _props: Props) -> None:
        """Undo nothing: bytes that were refreshed stay so."""


class IntentProvider(StepProvider):
    """The first step: when, by the server's clock, nothing had been submitted yet."""

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse wrong options, a region that the service does not have, and absent credentials: at preview already."""
        with clean_errors():
            inputs: Mapping[str, Any] = plain(news)
            problems = check_task(inputs, Kind(inputs["kind"]))
            if not problems and not lifecycle.same_intent(plain(olds), inputs):
                problems = self._unreachable(inputs["service"])
            return CheckResult(news, _failures(problems))

    @staticmethod
    def _unreachable(service: object) -> list[Problem]:
        if service is UNKNOWN:
            return []
        from pulumi_alicdn.cloud import credentials

        try:
            settings = PROCESS.settings()
            settings.endpoint_for(Service(str(service)))
            credentials.require(settings, "preview")
        except AlicdnError as error:
            return [Problem("service", (getattr(error, "summary", str(error)),))]
        return []

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Replace where something else is to be refreshed or a trigger changed."""
        with clean_errors():
            changed = lifecycle.intent_changed(plain(olds), plain(news))
            return DiffResult(changes=changed, replaces=["object_paths"] if changed else [])

    def create(self, props: Props) -> CreateResult:
        """Declare the intent."""
        with clean_errors():
            inputs: IntentInputs = plain(props)
            context = PROCESS.context()
            id_, state = lifecycle.create_intent(context, inputs)
            PROCESS.note_intent(id_, context.clock.monotonic())
            return CreateResult(id_, dict(state))


class SubmissionProvider(StepProvider):
    """The second step: every object is submitted once, or adopted."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Replace with the intent, and only then."""
        with clean_errors():
            changed = plain(news).get("intent_id") != olds.get("intent_id")
            return DiffResult(changes=changed, replaces=["intent_id"] if changed else [])

    def create(self, props: Props) -> CreateResult:
        """Adopt or submit."""
        with clean_errors():
            inputs: SubmissionInputs = plain(props)
            context = PROCESS.context()
            declared = PROCESS.take_intent(inputs["intent_id"])
            ago = None if declared is None else context.clock.monotonic() - declared
            id_, state = lifecycle.create_submission(context, inputs, ago)
            return CreateResult(id_, dict(state))


class CompletionProvider(StepProvider):
    """The third step: wait. It runs in a provider process of its own."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse wrong waiting options."""
        with clean_errors():
            return CheckResult(news, _failures(check_wait(plain(news))))

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Update, and never replace: the durations of earlier tasks stay known."""
        with clean_errors():
            return DiffResult(changes=lifecycle.completion_changed(plain(olds), plain(news)))

    def create(self, props: Props) -> CreateResult:
        """Wait until effective."""
        with clean_errors():
            inputs: CompletionInputs = plain(props)
            with _sink(inputs.get("urn")) as sink:
                id_, state = lifecycle.create_completion(PROCESS.context(), inputs, sink)
            return CreateResult(id_, dict(state))

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Wait for another submission, or go on waiting."""
        with clean_errors():
            state: CompletionState = plain(olds)
            inputs: CompletionInputs = plain(news)
            with _sink(inputs.get("urn")) as sink:
                return UpdateResult(dict(lifecycle.update_completion(PROCESS.context(), state, inputs, sink)))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Reconcile with one poll, never a wait."""
        with clean_errors():
            state: CompletionState = plain(props)
            return ReadResult(id_, dict(lifecycle.reconcile(PROCESS.context(), state, Silence())))


class AttachmentProvider(StepProvider):
    """A task that somebody else submitted: reading it is the gate."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Accept: the engine does not check a resource that is read."""
        return CheckResult(news, [])

    def read(self, id_: str, props: Props) -> ReadResult:
        """Block until effective on get; poll once on refresh, which brings the former state."""
        with clean_errors():
            if "status" in props:
                state: AttachmentState = plain(props)
                return ReadResult(id_, dict(lifecycle.reconcile(PROCESS.context(), state, Silence())))
            inputs: AttachmentInputs = plain(props)
            with _sink(inputs.get("urn")) as sink:
                return ReadResult(id_, dict(lifecycle.attach(PROCESS.context(), id_, inputs, sink)))
