"""The methods of the plugin protocol: each passes plain values to a resource, and returns its answer to Terraform."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Container, Iterable, Mapping
from functools import wraps
from typing import Any, Generic, TypeVar, cast

from pulumi_alicdn.borders import printed
from pulumi_alicdn.errors import AlicdnError, crash_site
from pulumi_alicdn.phrases import unsigned
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.registry import DATA_SOURCES, RESOURCES
from pulumi_alicdn.terraform.resource import Found
from pulumi_alicdn.terraform.schema import Schema
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.task_schema import PROVIDER
from pulumi_alicdn.terraform.tfplugin6 import tfplugin6_pb2 as pb
from pulumi_alicdn.terraform.wire import decoded, encoded
from pulumi_alicdn.validation import Part, Problem

Method = TypeVar("Method", bound=Callable[..., Any])
Kind = TypeVar("Kind")


def _diagnostic(
    said: str, attribute: Iterable[str] = (), parts: Iterable[Part] = (), *, error: bool = True
) -> pb.Diagnostic:
    summary, _, detail = printed(unsigned(said)).partition("\n")
    found = pb.Diagnostic(summary=summary, detail=detail)
    found.severity = pb.Diagnostic.ERROR if error else pb.Diagnostic.WARNING
    for name in attribute:
        found.attribute.steps.add(attribute_name=name)
    for part in parts:
        if isinstance(part, int):
            found.attribute.steps.add(element_key_int=part)
        else:
            found.attribute.steps.add(element_key_string=part)
    return found


def _problem(problem: Problem, blocks: Container[str] = ()) -> pb.Diagnostic:
    """Return a broken rule, on the line of its attribute; the names in *blocks* have attributes of their own.

    Terraform finds the line of an element, but for a deeper path it shows that of the whole resource.
    """
    name, *inside = problem.option.split(".")
    if name in blocks:
        return _diagnostic(problem.sentence, [name, *inside])
    return _diagnostic(problem.sentence, [name], [*inside, *problem.parts][:1])


def _record(private: bytes) -> Record:
    found: Record = json.loads(private or b"{}")
    return found


def _kept(found: Found, private: bytes) -> bytes:
    return private if found.record is None else json.dumps(found.record).encode()


def _warned(found: Found) -> list[pb.Diagnostic]:
    return [_diagnostic(one, error=False) for one in found.warnings]


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


class _Made(Generic[Kind]):
    """What Terraform has asked for, by its name, made and loaded with the first use."""

    def __init__(self, table: Mapping[str, tuple[Schema, Callable[[Session], Kind]]], session: Session) -> None:
        self._table = table
        self._session = session
        self._lock = threading.Lock()
        self._made: dict[str, Kind] = {}

    def __getitem__(self, name: str) -> Kind:
        with self._lock:
            if name not in self._made:
                _, make = self._table[name]
                self._made[name] = make(self._session)
            return self._made[name]


class Provider:
    """The provider as Terraform calls it."""

    def __init__(self, session: Session) -> None:
        """Answer for *session*."""
        self._session = session
        self._resources = _Made(RESOURCES, session)
        self._data_sources = _Made(DATA_SOURCES, session)

    def GetProviderSchema(self, _request: object, _context: object) -> pb.GetProviderSchema.Response:
        """Return what users can configure."""
        return pb.GetProviderSchema.Response(
            provider=PROVIDER.message(),
            resource_schemas={name: schema.message() for name, (schema, _) in RESOURCES.items()},
            data_source_schemas={name: schema.message() for name, (schema, _) in DATA_SOURCES.items()},
            # So a run asks one of its processes only.
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
        )

    def StopProvider(self, _request: object, _context: object) -> pb.StopProvider.Response:
        """End all waits."""
        self._session.stopped.set()
        return pb.StopProvider.Response()

    @_answered(pb.ValidateProviderConfig.Response)
    def ValidateProviderConfig(
        self, request: pb.ValidateProviderConfig.Request, _context: object
    ) -> pb.ValidateProviderConfig.Response:
        """Return all broken rules, each on its attribute."""
        problems = self._session.problems(decoded(request.config) or {})
        return pb.ValidateProviderConfig.Response(diagnostics=map(_problem, problems))

    @_answered(pb.ValidateResourceConfig.Response)
    def ValidateResourceConfig(
        self, request: pb.ValidateResourceConfig.Request, _context: object
    ) -> pb.ValidateResourceConfig.Response:
        """Return all broken rules, each on its attribute."""
        problems = self._resources[request.type_name].problems(decoded(request.config) or {})
        blocks = RESOURCES[request.type_name][0].blocks
        return pb.ValidateResourceConfig.Response(diagnostics=[_problem(one, blocks) for one in problems])

    @_answered(pb.ConfigureProvider.Response)
    def ConfigureProvider(
        self, request: pb.ConfigureProvider.Request, _context: object
    ) -> pb.ConfigureProvider.Response:
        """Take the block `provider`."""
        self._session.configure(decoded(request.config) or {})
        return pb.ConfigureProvider.Response()

    @_answered(pb.UpgradeResourceState.Response)
    def UpgradeResourceState(
        self, request: pb.UpgradeResourceState.Request, _context: object
    ) -> pb.UpgradeResourceState.Response:
        """Read the state of any version."""
        schema, _ = RESOURCES[request.type_name]
        return pb.UpgradeResourceState.Response(
            upgraded_state=encoded(schema.whole(json.loads(request.raw_state.json)))
        )

    @_answered(pb.PlanResourceChange.Response)
    def PlanResourceChange(
        self, request: pb.PlanResourceChange.Request, _context: object
    ) -> pb.PlanResourceChange.Response:
        """Return what an apply changes."""
        proposed, private = decoded(request.proposed_new_state), request.prior_private
        found = Found(None)
        if proposed is not None:
            resource = self._resources[request.type_name]
            found = resource.plan(decoded(request.prior_state), proposed, _record(private))
        return pb.PlanResourceChange.Response(
            planned_state=encoded(found.values),
            planned_private=_kept(found, private),
            diagnostics=_warned(found),
        )

    @_answered(pb.ApplyResourceChange.Response)
    def ApplyResourceChange(
        self, request: pb.ApplyResourceChange.Request, _context: object
    ) -> pb.ApplyResourceChange.Response:
        """Create, update or forget a resource."""
        resource, private = self._resources[request.type_name], _record(request.planned_private)
        prior, planned = decoded(request.prior_state), decoded(request.planned_state)
        if planned is None:
            if prior is not None:
                resource.destroy(prior, private)
            return pb.ApplyResourceChange.Response(new_state=encoded(None))
        result = resource.apply(prior, planned, private)
        said = [_diagnostic(one, error=False) for one in result.warnings]
        return pb.ApplyResourceChange.Response(
            new_state=encoded(result.values),
            private=json.dumps(result.record).encode(),
            diagnostics=[*said, *([_diagnostic(result.error)] if result.error else [])],
        )

    @_answered(pb.ReadResource.Response)
    def ReadResource(self, request: pb.ReadResource.Request, _context: object) -> pb.ReadResource.Response:
        """Look at what is not finished, once."""
        state, private = decoded(request.current_state), request.private
        found = Found(None)
        if state is not None:
            found = self._resources[request.type_name].read(state, _record(private))
        return pb.ReadResource.Response(
            new_state=encoded(found.values), private=_kept(found, private), diagnostics=_warned(found)
        )

    @_answered(pb.ImportResourceState.Response)
    def ImportResourceState(
        self, request: pb.ImportResourceState.Request, _context: object
    ) -> pb.ImportResourceState.Response:
        """Find the resource of an id."""
        found = self._resources[request.type_name].imported(request.id)
        one = pb.ImportResourceState.ImportedResource(
            type_name=request.type_name, state=encoded(found.values), private=_kept(found, b"")
        )
        return pb.ImportResourceState.Response(imported_resources=[one], diagnostics=_warned(found))

    @_answered(pb.ValidateDataResourceConfig.Response)
    def ValidateDataResourceConfig(
        self, request: pb.ValidateDataResourceConfig.Request, _context: object
    ) -> pb.ValidateDataResourceConfig.Response:
        """Return all broken rules, each on its attribute."""
        problems = self._data_sources[request.type_name].problems(decoded(request.config) or {})
        return pb.ValidateDataResourceConfig.Response(diagnostics=map(_problem, problems))

    @_answered(pb.ReadDataSource.Response)
    def ReadDataSource(self, request: pb.ReadDataSource.Request, _context: object) -> pb.ReadDataSource.Response:
        """Ask the cloud."""
        found = self._data_sources[request.type_name].read(decoded(request.config) or {})
        return pb.ReadDataSource.Response(state=encoded(found.values), diagnostics=_warned(found))
