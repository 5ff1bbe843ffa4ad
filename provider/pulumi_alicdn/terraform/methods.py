"""The methods of the plugin protocol: each passes plain values to a resource, and returns its answer to Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final, TypeVar, cast

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.borders import printed
from pulumi_alicdn.errors import AlicdnError, crash_site
from pulumi_alicdn.phrases import unsigned
from pulumi_alicdn.terraform.managed_task import ManagedTask
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.task_schema import PROVIDER, REFRESH_TASK
from pulumi_alicdn.terraform.tfplugin6 import tfplugin6_pb2 as pb
from pulumi_alicdn.terraform.wire import decoded, encoded
from pulumi_alicdn.validation import Problem

Method = TypeVar("Method", bound=Callable[..., Any])

_RESOURCES: Final = {"alicdn_refresh_task": (REFRESH_TASK, Kind.REFRESH)}


def _diagnostic(said: str, path: Iterable[int | str] = (), *, error: bool = True) -> pb.Diagnostic:
    summary, _, detail = printed(unsigned(said)).partition("\n")
    found = pb.Diagnostic(summary=summary, detail=detail)
    found.severity = pb.Diagnostic.ERROR if error else pb.Diagnostic.WARNING
    for part in path:
        if isinstance(part, int):
            found.attribute.steps.add(element_key_int=part)
        else:
            found.attribute.steps.add(attribute_name=part)
    return found


def _problem(problem: Problem) -> pb.Diagnostic:
    """Return a broken rule, on the line of its attribute."""
    return _diagnostic(problem.sentence, [*problem.option.split("."), *problem.parts])


def _answered(response: Callable[..., Any]) -> Callable[[Method], Method]:
    """Make an answer with one sentence of an error that a method raises."""

    def around(method: Method) -> Method:
        @wraps(method)
        def answer(*given: object) -> object:
            try:
                return method(*given)
            except AlicdnError as error:
                return response(diagnostics=[_diagnostic(str(error))])
            except Exception as error:  # noqa: BLE001  gRPC would show a traceback, which may quote a secret
                fault = f"unexpected {crash_site(error)}: a fault of pulumi-alicdn; nothing is lost, apply again"
                return response(diagnostics=[_diagnostic(fault)])

        return cast("Method", answer)

    return around


class Provider:
    """The provider as Terraform calls it."""

    def __init__(self, session: Session) -> None:
        """Answer for *session*."""
        self._session = session
        self._tasks = {name: ManagedTask(session, kind) for name, (_, kind) in _RESOURCES.items()}

    def GetProviderSchema(self, _request: object, _context: object) -> pb.GetProviderSchema.Response:
        """Return what users can configure."""
        return pb.GetProviderSchema.Response(
            provider=PROVIDER.message(),
            resource_schemas={name: schema.message() for name, (schema, _) in _RESOURCES.items()},
        )

    def StopProvider(self, _request: object, _context: object) -> pb.StopProvider.Response:
        """End all waits."""
        self._session.stopped.set()
        return pb.StopProvider.Response()

    def ValidateProviderConfig(self, _request: object, _context: object) -> pb.ValidateProviderConfig.Response:
        """Accept it: half of its values may be unknown here."""
        return pb.ValidateProviderConfig.Response()

    @_answered(pb.ValidateResourceConfig.Response)
    def ValidateResourceConfig(
        self, request: pb.ValidateResourceConfig.Request, _context: object
    ) -> pb.ValidateResourceConfig.Response:
        """Return all broken rules, each on its attribute."""
        problems = self._tasks[request.type_name].problems(decoded(request.config) or {})
        return pb.ValidateResourceConfig.Response(diagnostics=map(_problem, problems))

    @_answered(pb.ConfigureProvider.Response)
    def ConfigureProvider(
        self, request: pb.ConfigureProvider.Request, _context: object
    ) -> pb.ConfigureProvider.Response:
        """Take the block `provider`."""
        self._session.configure({k: v for k, v in (decoded(request.config) or {}).items() if isinstance(v, str)})
        return pb.ConfigureProvider.Response()

    @_answered(pb.UpgradeResourceState.Response)
    def UpgradeResourceState(
        self, request: pb.UpgradeResourceState.Request, _context: object
    ) -> pb.UpgradeResourceState.Response:
        """Read the state of any version."""
        schema, _ = _RESOURCES[request.type_name]
        return pb.UpgradeResourceState.Response(
            upgraded_state=encoded(schema.whole(json.loads(request.raw_state.json)))
        )

    @_answered(pb.PlanResourceChange.Response)
    def PlanResourceChange(
        self, request: pb.PlanResourceChange.Request, _context: object
    ) -> pb.PlanResourceChange.Response:
        """Return what an apply changes."""
        proposed = decoded(request.proposed_new_state)
        if proposed is not None:
            proposed = self._tasks[request.type_name].plan(decoded(request.prior_state), proposed)
        return pb.PlanResourceChange.Response(planned_state=encoded(proposed), planned_private=request.prior_private)

    @_answered(pb.ApplyResourceChange.Response)
    def ApplyResourceChange(
        self, request: pb.ApplyResourceChange.Request, _context: object
    ) -> pb.ApplyResourceChange.Response:
        """Create, update or forget a task."""
        task, private = self._tasks[request.type_name], json.loads(request.planned_private or b"{}")
        prior, planned = decoded(request.prior_state), decoded(request.planned_state)
        if planned is None:
            if prior is not None:
                task.destroy(prior, private)
            return pb.ApplyResourceChange.Response(new_state=encoded(None))
        result = task.apply(prior, planned, private)
        said = [_diagnostic(one, error=False) for one in result.warnings]
        return pb.ApplyResourceChange.Response(
            new_state=encoded(result.values),
            private=json.dumps(result.record).encode(),
            diagnostics=[*said, *([_diagnostic(result.error)] if result.error else [])],
        )

    @_answered(pb.ReadResource.Response)
    def ReadResource(self, request: pb.ReadResource.Request, _context: object) -> pb.ReadResource.Response:
        """Poll what is not Complete, once."""
        state, said = decoded(request.current_state), []
        if state is not None:
            try:
                state = self._tasks[request.type_name].read(state, json.loads(request.private or b"{}"))
            except AlicdnError as error:
                # The next apply finds out: a plan must not fail because the service has no answer.
                said = [_diagnostic(str(error), error=False)]
        return pb.ReadResource.Response(new_state=encoded(state), private=request.private, diagnostics=said)
