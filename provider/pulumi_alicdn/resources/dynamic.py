"""The dynamic providers: each method passes plain data to the lifecycle, and returns its answer to Pulumi.

Providers have no attributes. The state therefore stores only their names, and stays valid when their code changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Final

import pulumi
from pulumi.dynamic import (
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
from pulumi_alicdn.borders import cell
from pulumi_alicdn.errors import AlicdnError, ApiError
from pulumi_alicdn.freshness.verify_options import check_verify, is_on
from pulumi_alicdn.resources import outgoing
from pulumi_alicdn.resources.component.pulumi_options import carried_out
from pulumi_alicdn.resources.component.step_types import WORDS, former_type, step_type
from pulumi_alicdn.resources.engine.engine_log import EngineLog, Silence
from pulumi_alicdn.resources.provider_process import PROCESS, clean_errors, plain
from pulumi_alicdn.resources.secret_values import Veil, digest, names_changed, names_of
from pulumi_alicdn.state import (
    TASK_OPTIONS,
    VERIFY_OPTIONS,
    WAIT_OPTIONS,
    AttachmentInputs,
    AttachmentState,
    CompletionInputs,
    CompletionState,
    IntentInputs,
    SubmissionInputs,
    SubmissionState,
    TaskCompletionInputs,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.options import check_resubmit, check_task, check_task_completion, check_wait
from pulumi_alicdn.validation import UNKNOWN, Problem

Props = dict[str, Any]
"""The properties that pulumi.dynamic passes; :mod:`pulumi_alicdn.state` defines their types."""


class Step(Resource):
    """A dynamic resource with a short type: Pulumi's own would contain `dynamic/`, and every row shows the type."""

    type_token: ClassVar[str]
    """The type that the state stores."""

    former_type: ClassVar[str]
    """The type that the states of earlier versions have."""

    begins: ClassVar[bool] = False
    """Whether the step is replaced with its component, by `pulumi up --replace`: the steps after it follow it."""

    def __init__(
        self, provider: ResourceProvider, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        """Register the step, with Pulumi's own options of its component.

        The row of the component shows which option changed; that of a step shows progress.
        """
        opts.hide_diffs = ["*"]
        # Without it, a step in a state of an earlier version would be made anew, and its task submitted again.
        opts.aliases = [pulumi.Alias(type_=self.former_type)]
        asked = carried_out(opts.parent)
        if asked is not None:
            opts.delete_before_replace = asked.delete_before_replace
            opts.deleted_with = asked.deleted_with
            opts.additional_secret_outputs = [one for one in asked.secret_outputs if one in props]
        if self.begins and opts.parent is not None:
            opts.replace_with = [opts.parent]
        super().__init__(provider, name, dict(props), opts)

    def __init_subclass__(cls) -> None:
        """Set the type; a class that only has the outputs of others gets none."""
        super().__init_subclass__()
        if cls.__name__ in WORDS:
            cls.type_token, cls.former_type = step_type(cls.__name__), former_type(cls.__name__)
            cls._resource_type_name = cls.type_token.partition(":")[2]


def change(found: bool, olds: Mapping[str, Any], news: Mapping[str, Any], *copied: str) -> DiffResult:
    """Return whether a step changes. *copied*: inputs that its state keeps as they were, as it does those of `secrets`.

    Where one of these differs, the engine compares the inputs: it hides only differences that it found itself, and a
    list of changed inputs would hide the progress on the row. Where none does, it would find no change.
    """
    if found and any(olds.get(name) != news.get(name) for name in (*copied, "secrets")):
        return DiffResult()
    return DiffResult(changes=found)


def row_sink(urn: str | None, veil: Veil) -> AbstractContextManager[EngineLog | Silence]:
    """Return what shows progress and warnings on the row *urn*, without what *veil* hides."""
    address = PROCESS.engine_address
    return EngineLog(address, urn, veil.hide) if urn and address else nullcontext(Silence())


def warn_once(message: str, veil: Veil) -> None:
    """Show *message* once for the whole run: it concerns all tasks alike."""
    if PROCESS.engine_address and PROCESS.first_time(message):
        with EngineLog(PROCESS.engine_address, "", veil.hide) as shown:
            shown.warn(message)


class StepProvider(ResourceProvider):
    """The common part of all steps: they take the configuration, and have nothing to undo."""

    # A class name is no secret; in plain text, the state shows that it has not changed.
    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's configuration."""
        PROCESS.configure(req.config.get)

    def read(self, id_: str, props: Props) -> ReadResult:
        """Return the state: nothing in the cloud can change this step."""
        return outgoing.read(id_, props, props)

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Keep the results, which become secret or open: only options that became so lead to an update of this step."""
        return outgoing.updated(news, plain(olds))

    def delete(self, _id: str, _props: Props) -> None:
        """Undo nothing: a refresh cannot be undone."""


class IntentProvider(StepProvider):
    """The first step: record the server's time before anything is submitted.

    A refresh that is verified asks the edges before that: what they serve is stored when the submit begins.
    """

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse wrong options, a region that the service does not have, and a verification that cannot succeed.

        A preview does so, too. Missing credentials are a warning, since a preview also runs where there are none, as
        for the pull request of a fork; with `alicdn:strictPreview` they are refused, too. The engine does not say
        whether this is a preview: in an update, the next call fails.
        """
        with clean_errors(olds, news) as veil:
            inputs: Mapping[str, Any] = plain(news)
            problems = [*check_task(inputs, Kind(inputs["kind"])), *check_verify(inputs)]
            # Wrong options make no task that could be compared.
            problems = problems or self._impossible(plain(olds), inputs, veil)
            return outgoing.checked(news, problems, veil)

    def _impossible(self, olds: Mapping[str, Any], inputs: Mapping[str, Any], veil: Veil) -> list[Problem]:
        """Return what keeps right options from being carried out, as far as they differ from those of the state."""
        same = lifecycle.same_intent(olds, inputs)
        problems = [] if same else self._unreachable(inputs["service"], veil)
        verify = inputs.get("verify")
        asks = not same or any(olds.get(one) != inputs.get(one) for one in VERIFY_OPTIONS)
        if not problems and is_on(verify) and verify is not UNKNOWN and asks:
            from pulumi_alicdn.resources.refresh_edges import impossible

            problems = impossible(inputs, veil, lambda message: warn_once(message, veil))
        return problems

    @staticmethod
    def _unreachable(service: object, veil: Veil) -> list[Problem]:
        if service is UNKNOWN:
            return []
        from pulumi_alicdn.cloud.keys import credentials
        from pulumi_alicdn.cloud.settings import strict_preview

        absent = ""
        try:
            settings, strict = PROCESS.settings(), strict_preview(PROCESS.config_value)
            settings.endpoint_for(Service(str(service)))
            absent = credentials.wrong(settings)
            strict = strict or bool(absent)
            if not absent:
                credentials.require(settings, "preview")
        except ApiError as error:
            absent = error.summary
        except AlicdnError as error:
            return [Problem("service", (str(error),))]
        if absent and not strict:
            warn_once(
                f"neither the credentials nor today's quota could be checked: {absent}; `pulumi up` needs both", veil
            )
        return [Problem("service", (absent,))] if absent and strict else []

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Update if the objects or a trigger changed; never replace, so that a protected task takes a new trigger."""
        with clean_errors(olds, news):
            then, now = plain(olds), plain(news)
            changes = lifecycle.intent_changed(then, now) or names_changed(olds, news)
            return change(changes, then, now, *TASK_OPTIONS, "triggers")

    def create(self, props: Props) -> CreateResult:
        """Declare the intent."""
        state = self._declared(props)
        return outgoing.created(lifecycle.intent_id(state["request_id"]), props, state)

    def update(self, id_: str, olds: Props, news: Props) -> UpdateResult:
        """Declare the intent anew, unless only other options are secret."""
        with clean_errors(olds, news):
            changed = lifecycle.intent_changed(plain(olds), plain(news))
        return outgoing.updated(news, self._declared(news)) if changed else super().update(id_, olds, news)

    @staticmethod
    def _declared(props: Props) -> Props:
        with clean_errors(props) as veil:
            inputs: IntentInputs = plain(props)
            context = PROCESS.context()
            before: str | None = None
            if is_on(inputs.get("verify")):
                from pulumi_alicdn.resources.refresh_edges import served_before

                with row_sink(inputs.get("urn"), veil) as sink:
                    before = served_before(inputs, context.clock, sink, lambda message: warn_once(message, veil))
            state = lifecycle.update_intent(context, inputs, before)
            # The submission gets the id as the state holds it.
            PROCESS.note_intent(lifecycle.intent_id(cell(state["request_id"])), context.clock.monotonic())
            return dict(state)


class SubmissionProvider(StepProvider):
    """The second step: adopt the tasks of each object, or submit it once."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse a wrong `resubmit`, the only option that the first step does not get."""
        with clean_errors(news) as veil:
            return outgoing.checked(news, check_resubmit(plain(news)), veil)

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Update if the intent was declared anew, or if the state lacks what later versions store."""
        with clean_errors(olds, news):
            then, now = plain(olds), plain(news)
            changes = self._another(olds, news) or names_changed(olds, news) or lifecycle.stored_whole(then, now)
            return change(changes, then, now, "intent_id")

    def create(self, props: Props) -> CreateResult:
        """Adopt or submit."""
        with clean_errors(props) as veil:
            inputs: SubmissionInputs = plain(props)
            context = PROCESS.context()
            with row_sink(inputs.get("urn"), veil) as sink:
                id_, state = lifecycle.create_submission(context, inputs, self._declared_s_ago(context, inputs), sink)
            return outgoing.created(id_, props, state)

    @staticmethod
    def _another(olds: Props, news: Props) -> bool:
        return bool(plain(news).get("intent_id") != olds.get("intent_id"))

    def update(self, id_: str, olds: Props, news: Props) -> UpdateResult:
        """Adopt or submit for a new intent. For the same one, only name what is secret and which calls were made."""
        if not self._another(olds, news):
            known, asked = plain(olds), plain(news)
            if lifecycle.stored_whole(known, asked):
                return outgoing.updated(news, lifecycle.with_last_call(known, asked))
            return super().update(id_, olds, news)
        with clean_errors(olds, news) as veil:
            state: SubmissionState = plain(olds)
            inputs: SubmissionInputs = plain(news)
            context = PROCESS.context()
            ago = self._declared_s_ago(context, inputs)
            with row_sink(inputs.get("urn"), veil) as sink:
                return outgoing.updated(news, lifecycle.update_submission(context, state, inputs, ago, sink))

    @staticmethod
    def _declared_s_ago(context: Context, inputs: SubmissionInputs) -> float | None:
        number, _ = inputs.get("call") or (1, 1)
        declared = PROCESS.take_intent(inputs["intent_id"], int(number))
        return None if declared is None else context.clock.monotonic() - declared


class CompletionProvider(StepProvider):
    """The third step: wait. It runs in a separate provider process."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse wrong waiting options."""
        with clean_errors(news) as veil:
            return outgoing.checked(news, check_wait(plain(news)), veil)

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Update, and never replace, so that the durations of earlier tasks are kept."""
        with clean_errors(olds, news):
            state, now = plain(olds), plain(news)
            changes = lifecycle.completion_changed(state, now) or self._forgotten(state) or names_changed(olds, news)
            return change(changes, state, now, "intent_id", *WAIT_OPTIONS)

    @staticmethod
    def _forgotten(state: Mapping[str, Any]) -> bool:
        try:
            return lifecycle.completion_forgotten(PROCESS.context(), state)
        except AlicdnError:
            # Without an answer, the next `pulumi up` finds out: a comparison must not fail.
            return False

    def create(self, props: Props) -> CreateResult:
        """Wait until effective."""
        with clean_errors(props) as veil:
            inputs: CompletionInputs = plain(props)
            with row_sink(inputs.get("urn"), veil) as sink:
                id_, state = lifecycle.create_completion(self._begun(inputs), inputs, sink)
            return outgoing.created(id_, props, state)

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Wait for a new submission, or continue an interrupted wait."""
        with clean_errors(olds, news) as veil:
            state: CompletionState = plain(olds)
            inputs: CompletionInputs = plain(news)
            with row_sink(inputs.get("urn"), veil) as sink:
                return outgoing.updated(news, lifecycle.update_completion(self._begun(inputs), state, inputs, sink))

    @staticmethod
    def _begun(inputs: CompletionInputs) -> Context:
        """Return the context of a wait that begins now: a verification that follows has what is left of its time."""
        context = PROCESS.context()
        PROCESS.note_wait(inputs["intent_id"], context.clock.monotonic())
        return context

    def read(self, id_: str, props: Props) -> ReadResult:
        """Update the state with a single poll, without waiting."""
        with clean_errors(props):
            state: CompletionState = plain(props)
            return outgoing.read(id_, props, lifecycle.reconcile(PROCESS.context(), state, Silence()))


_REMEMBERED: Final = (
    "`TaskCompletion` waits also for a task that is not listed yet, and remembers that it is Complete after the "
    "service has forgotten it."
)
"""The sentence for a `get` whose task the service does not list."""


class AttachmentProvider(StepProvider):
    """The wait for tasks that somebody else submitted.

    `get` only reads the resource: the wait happens then. TaskCompletion creates it, so that the state keeps the result.
    """

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse wrong options. The engine does not check a resource that is read."""
        with clean_errors(news) as veil:
            return outgoing.checked(news, check_task_completion(plain(news)), veil)

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Update, and never replace."""
        with clean_errors(olds, news):
            then, now = plain(olds), plain(news)
            changes = lifecycle.attachment_changed(then, now) or names_changed(olds, news)
            return change(changes, then, now, "service", "task_ids", "object_paths", *WAIT_OPTIONS)

    def create(self, props: Props) -> CreateResult:
        """Wait until effective."""
        with clean_errors(props) as veil:
            inputs: TaskCompletionInputs = plain(props)
            with row_sink(inputs.get("urn"), veil) as sink:
                id_, state = lifecycle.create_attachment(PROCESS.context(), inputs, sink)
            return outgoing.created(digest(id_) if "task_ids" in names_of(props) else id_, props, state)

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Wait for other tasks, or continue an unfinished wait."""
        with clean_errors(olds, news) as veil:
            state: AttachmentState = plain(olds)
            inputs: TaskCompletionInputs = plain(news)
            with row_sink(inputs.get("urn"), veil) as sink:
                return outgoing.updated(news, lifecycle.update_attachment(PROCESS.context(), state, inputs, sink))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Block until effective on `get`; poll once on `pulumi refresh`, which passes the previous state."""
        with clean_errors(props) as veil:
            if "status" in props:
                state: AttachmentState = plain(props)
                return outgoing.read(id_, props, lifecycle.reconcile(PROCESS.context(), state, Silence()))
            given = plain(props)
            known: AttachmentState | None = given.pop("known", None)
            asked = str(given.pop("task_id", id_))
            inputs: AttachmentInputs = given
            if known is not None and lifecycle.already_complete(known, asked, inputs):
                return outgoing.read(id_, props, {**known, **inputs})
            with row_sink(inputs.get("urn"), veil) as sink:
                found = lifecycle.attach(PROCESS.context(), asked, inputs, sink, unlisted=_REMEMBERED)
                return outgoing.read(id_, props, found)
