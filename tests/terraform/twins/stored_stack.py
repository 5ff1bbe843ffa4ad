"""An AssetRelease in a stack whose state a test keeps: the program and the steps run for real, the engine is here.

Of an engine, it does what a release needs: it checks, compares, creates and updates each step by its stored state,
gives the program the state of before, and forgets the steps that a program that ended well did not name.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi.dynamic import ResourceProvider
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import provider_pb2, resource_pb2
from pulumi.runtime.stack import run_pulumi_func
from pulumi.runtime.sync_await import _ensure_event_loop, _sync_await

import pulumi_alicdn.cloud.connection
import pulumi_alicdn.system.edges  # noqa: F401  loaded once for all children
from crash.engine_side import Engine
from pulumi_alicdn.resources import dynamic, release_steps
from pulumi_alicdn.resources.asset_release import AssetRelease
from pulumi_alicdn.resources.component.step_types import step_type
from pulumi_alicdn.resources.dynamic import StepProvider
from pulumi_alicdn.resources.provider_process import PROCESS
from support.mocked_values import plain
from terraform.twins.forking import answer_all, virtual_clock

STEPS: Final[Mapping[str, ResourceProvider]] = {
    step_type(name.removesuffix("Provider")): found()
    for module in (dynamic, release_steps)
    for name, found in vars(module).items()
    if isinstance(found, type) and issubclass(found, StepProvider) and found is not StepProvider
}

STACK: Final = "pulumi:pulumi:Stack"

OUTPUTS: Final = (
    *("status", "changed", "refreshed", "prefetched", "removed_pending"),
    *("evidence", "evidence_summary", "unproven", "healed"),
)

State = dict[str, dict[str, Any]]


class _Unused(mocks.Mocks):
    """What the base class asks for, and this engine never calls."""

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:  # noqa: ANN401  as Pulumi has it
        raise AssertionError(args.typ)

    def call(self, args: mocks.MockCallArgs) -> Any:  # noqa: ANN401  as Pulumi has it
        raise AssertionError(args.token)


class StoredStack(mocks.MockMonitor):
    """The engine's side of one deployment."""

    def __init__(self, state: State) -> None:
        super().__init__(_Unused())
        self.before = dict(state)
        self.state = state
        self.named: set[str] = set()
        self.failed: list[str] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """With all types above, as the engine has it."""
        above = parent.split("::")[2] if parent else ""
        types = type_ if above in ("", STACK) else f"{above}${type_}"
        return f"urn:pulumi:dev::twins::{types}::{name}"

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> Any:  # noqa: ANN401, N802  as Pulumi has it
        assert request.tok == "pulumi:pulumi:readStackResourceOutputs", request.tok
        _ensure_event_loop()  # type: ignore[no-untyped-call]
        shown = {urn: {"type": one["type"], "outputs": one["outputs"]} for urn, one in self.before.items()}
        fields: Any = {"return": _sync_await(rpc.serialize_properties({"outputs": shown}, {}))}
        # Older versions of Pulumi answer with a message of providers.
        answer = getattr(resource_pb2, "ResourceInvokeResponse", None) or provider_pb2.InvokeResponse
        return answer(**fields)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type not in STEPS:
            return resource_pb2.RegisterResourceResponse(urn=urn, id="id" if request.custom else "")
        _ensure_event_loop()  # type: ignore[no-untyped-call]
        given = plain(rpc.deserialize_properties(request.object))
        given.pop("__provider")
        self.named.add(urn)
        try:
            one = self._step(STEPS[request.type], urn, given)
        except Exception as error:
            self.failed.append(str(error))
            raise
        self.state[urn] = {**one, "type": request.type}
        shown = _sync_await(rpc.serialize_properties(one["outputs"], {}))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=one["id"], object=shown)

    def _step(self, provider: ResourceProvider, urn: str, given: dict[str, Any]) -> dict[str, Any]:
        stored = self.state.get(urn)
        checked = provider.check(stored["inputs"] if stored is not None else {}, given)
        assert not checked.failures, checked.failures[0].reason
        inputs = checked.inputs
        if stored is None:
            made = provider.create(dict(inputs))
            return {"id": made.id, "inputs": inputs, "outputs": made.outs}
        found = provider.diff(stored["id"], stored["outputs"], dict(inputs))
        assert not found.replaces, found.replaces
        changes = stored["inputs"] != inputs if found.changes is None else found.changes
        outputs = provider.update(stored["id"], stored["outputs"], dict(inputs)).outs if changes else stored["outputs"]
        return {"id": stored["id"], "inputs": inputs, "outputs": outputs}


class _Plans(logging.Handler):
    """Collects what a program says of what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.INFO:
            self.lines.append(record.getMessage())


def deployed(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Deploy the release with *options* over *state*; return the new state, the outputs, and the plan."""
    engine, said = StoredStack(state), _Plans()
    logger = logging.getLogger("deployed")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(said)
    mocks.set_mocks(_Unused(), "twins", "dev", False, logger, engine)
    PROCESS.configure(lambda _: None)
    shown: dict[str, Any] = {}

    async def kept(name: str, value: pulumi.Output[Any]) -> None:
        shown[name] = await value.future()

    def program() -> None:
        release = AssetRelease("site", **options)
        for name in OUTPUTS:
            pulumi.export(name, pulumi.Output.from_input(kept(name, getattr(release, name))))

    error = ""
    try:
        _sync_await(run_pulumi_func(program))
    except Exception as raised:  # noqa: BLE001  a failure of the release ends the program
        error = engine.failed[0] if engine.failed else str(raised)
    else:
        engine.state = {urn: one for urn, one in engine.state.items() if urn in engine.named}
    return {"state": engine.state, "outputs": shown, "said": said.lines, "error": error}


def program(request: Mapping[str, Any]) -> Engine:
    """Deploy as *request* says, and print what comes of it; return the engine that the steps see."""
    PROCESS.clock = virtual_clock
    # By the address of its engine, a step tells this run from others. Once nobody listens there, the process ends.
    listening = Engine()
    sys.argv.append(listening.address)
    sys.stdout.write(json.dumps(deployed(request["state"], request["options"]), default=str) + "\n")
    return listening


if __name__ == "__main__":
    answer_all(program)
