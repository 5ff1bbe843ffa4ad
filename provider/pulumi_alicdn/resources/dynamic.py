"""The dynamic providers: each method hands plain data to the lifecycle and its answer back to Pulumi.

They carry no attributes, so that what the state keeps of them is their name, whatever their code becomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.resources.engine_log import EngineLog, Silence
from pulumi_alicdn.resources.provider_process import PROCESS, clean_errors, plain
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.options import check_task, check_wait
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.validation import UNKNOWN, Problem

Props = dict[str, Any]


def _failures(problems: Iterable[Problem]) -> list[CheckFailure]:
    # The sentences name the property and its value; with a name of its own the engine would put both before them again.
    return [CheckFailure("", problem.sentence) for problem in problems]


def _sink(props: Props) -> AbstractContextManager[ProgressSink]:
    urn = props.get("urn")
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
        """Refuse wrong options, a region that the service has not, and absent credentials: at preview already."""
        with clean_errors():
            inputs = plain(news)
            problems = check_task(inputs, Kind(inputs["kind"]))
            if not problems and not lifecycle.same_intent(plain(olds), inputs):
                problems = self._reachable(inputs)
            return CheckResult(news, _failures(problems))

    @staticmethod
    def _reachable(inputs: Props) -> list[Problem]:
        if inputs.get("service") is UNKNOWN:
            return []
        from pulumi_alicdn.cloud import credentials

        try:
            settings = PROCESS.settings()
            settings.endpoint_for(Service(inputs["service"]))
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
            context = PROCESS.context()
            id_, state = lifecycle.create_intent(context, plain(props))
            PROCESS.note_intent(id_, context.clock.monotonic())
            return CreateResult(id_, state)


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
            inputs, context = plain(props), PROCESS.context()
            declared = PROCESS.take_intent(inputs["intent_id"])
            ago = None if declared is None else context.clock.monotonic() - declared
            return CreateResult(*lifecycle.create_submission(context, inputs, ago))


class CompletionProvider(StepProvider):
    """The third step: wait. It runs in a provider process of its own."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse wrong waiting options."""
        with clean_errors():
            return CheckResult(news, _failures(check_wait(plain(news))))

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Update, and never replace: how long earlier tasks took stays known."""
        with clean_errors():
            return DiffResult(changes=lifecycle.completion_changed(plain(olds), plain(news)))

    def create(self, props: Props) -> CreateResult:
        """Wait until effective."""
        with clean_errors():
            inputs = plain(props)
            with _sink(inputs) as sink:
                return CreateResult(*lifecycle.create_completion(PROCESS.context(), inputs, sink))

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Wait for another submission, or go on waiting."""
        with clean_errors():
            inputs = plain(news)
            with _sink(inputs) as sink:
                return UpdateResult(lifecycle.update_completion(PROCESS.context(), plain(olds), inputs, sink))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Reconcile with one look, never a wait."""
        with clean_errors():
            return ReadResult(id_, lifecycle.reconcile(PROCESS.context(), plain(props), Silence()))


class AttachmentProvider(StepProvider):
    """A task that somebody else submitted: reading it is the gate."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Accept: a resource that is read is not checked by the engine."""
        return CheckResult(news, [])

    def read(self, id_: str, props: Props) -> ReadResult:
        """Block until effective on get; one look on refresh, which brings the former state."""
        with clean_errors():
            known = plain(props)
            if "status" in known:
                return ReadResult(id_, lifecycle.reconcile(PROCESS.context(), known, Silence()))
            with _sink(known) as sink:
                return ReadResult(id_, lifecycle.attach(PROCESS.context(), id_, known, sink))
