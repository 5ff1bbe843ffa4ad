"""What Terraform does with one resource of a provider: configure, plan, apply, replace what failed at its creation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import grpc

from pulumi_alicdn.terraform.tfplugin6 import tfplugin6_pb2 as pb
from pulumi_alicdn.terraform.wire import decoded, encoded

TYPE: Final = "alicdn_asset_release"

Plugins = Callable[[], str]
"""Starts a process of the provider, and returns the line of its handshake."""


@dataclass
class Applied:
    """One apply. ``planned``: what the plan says; ``errors``: why it failed."""

    planned: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Resource:
    """One resource of a configuration, and its state."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self.state: dict[str, Any] | None = None
        self._private: bytes = b""
        self._tainted: bool = False

    def apply(self, config: Mapping[str, Any]) -> Applied:
        """Plan and, if anything changes, apply; each in a process of its own, as Terraform does."""
        found = Applied()
        with _calls(self._plugins()) as call:
            schema = call("GetProviderSchema").resource_schemas[TYPE].block
            computed = [one.name for one in schema.attributes if one.computed]
            names = [*(one.name for one in schema.attributes), *(one.type_name for one in schema.block_types)]
            whole = {name: config.get(name) for name in names}
            self._say(found, call("ValidateResourceConfig", type_name=TYPE, config=encoded(whole)))
            if found.errors:
                return found
            prior = None if self._tainted else self.state
            proposed = {**whole, **{name: prior[name] for name in computed}} if prior is not None else whole
            answer = call(
                "PlanResourceChange",
                type_name=TYPE,
                prior_state=encoded(prior),
                proposed_new_state=encoded(proposed),
                config=encoded(whole),
                prior_private=b"" if self._tainted else self._private,
            )
            self._say(found, answer)
            found.planned, found.warnings = found.warnings, []
            planned = decoded(answer.planned_state)
            if found.errors or (planned == prior and not self._tainted):
                return found
        with _calls(self._plugins()) as call:
            call("ConfigureProvider", config=encoded({}))
            if self._tainted:
                given = {"prior_state": encoded(self.state), "planned_state": encoded(None)}
                call("ApplyResourceChange", type_name=TYPE, planned_private=self._private, **given)
                self.state, self._tainted = None, False
            done = call(
                "ApplyResourceChange",
                type_name=TYPE,
                prior_state=encoded(prior),
                planned_state=answer.planned_state,
                config=encoded(whole),
                planned_private=answer.planned_private,
            )
        self._say(found, done)
        self.state, self._private = decoded(done.new_state), done.private
        self._tainted = bool(prior is None and found.errors and self.state is not None)
        # Terraform stores JSON, and each attribute of the plan that was known.
        self.state = json.loads(json.dumps(self.state))
        return found

    @staticmethod
    def _say(found: Applied, answer: Any) -> None:  # noqa: ANN401  each method has its own
        for one in answer.diagnostics:
            said = f"{one.summary}\n{one.detail}".strip()
            if one.severity == pb.Diagnostic.ERROR:
                found.errors.append(said)
            else:
                found.warnings.append(said)


@contextmanager
def _calls(handshake: str) -> Iterator[Callable[..., Any]]:
    """Give what calls a method of the provider that announced itself by the line *handshake*, and end it."""
    methods = {one.name: one for one in pb.DESCRIPTOR.services_by_name["Provider"].methods}
    with grpc.insecure_channel(f"unix:{handshake.split('|')[3]}") as channel:

        def call(name: str, **given: Any) -> Any:  # noqa: ANN401  the same
            request: Any = methods[name].input_type._concrete_class
            answer: Any = methods[name].output_type._concrete_class
            method: Any = channel.unary_unary(
                f"/{methods[name].containing_service.full_name}/{name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=answer.FromString,
            )
            return method(request(**given), timeout=120)

        yield call
        shut_down: Any = channel.unary_unary("/plugin.GRPCController/Shutdown")
        shut_down(b"", timeout=60)
