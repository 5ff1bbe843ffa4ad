"""The engine's side of the dynamic provider's protocol: what it starts, asks and stores, over real gRPC."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, Unpack, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.resources.dynamic import CompletionProvider, IntentProvider, SubmissionProvider
from pulumi_alicdn.state import CallInputs, IntentInputs, IntentState, SubmissionInputs, SubmissionState, WaitOptions
from pulumi_alicdn.tasks.lifecycle import after_intent, after_submission, calls, next_call

ANSWER_S = 120.0
"""Seconds within which any step of these tests has ended."""

Props = dict[str, Any]
STEPS = ("intent", "submission", "completion")
"""The steps of a task that one call submits."""

_PROVIDERS: dict[str, type[ResourceProvider]] = {
    "intent": IntentProvider,
    "submission": SubmissionProvider,
    "completion": CompletionProvider,
}
_SERIALIZING = threading.Lock()
_blobs: dict[str, str] = {}


def blob(step: str) -> str:
    """The provider of *step* as a program's resource carries it."""
    with _SERIALIZING:  # pulumi exchanges the pickler of the whole process meanwhile
        name = step.partition("-")[0]
        if name not in _blobs:
            _blobs[name] = serialize_provider(_PROVIDERS[name]())
        return _blobs[name]


class ProviderGoneError(Exception):
    """The provider process ended while it was asked."""


class RefusedError(Exception):
    """The provider answered with an error; its text is what the user reads."""


class Engine(engine_pb2_grpc.EngineServicer):
    """The one call that providers make to the engine that started them."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request: engine_pb2.LogRequest, _: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        self.said.append(request.message)
        return empty_pb2.Empty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Be gone, with every connection."""
        self._server.stop(None).wait(10)


def environment(home: Path, cloud: Emulator | None = None, **more: str) -> dict[str, str]:
    """What a provider process sees: a home without an account, and the credentials of *cloud*."""
    base = {"PATH": os.environ["PATH"], "HOME": str(home), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    return {**base, **(cloud.environment() if cloud else {}), **more}


class Provider:
    """A real provider process, started as the engine starts one. Only this very process is ever killed."""

    def __init__(self, engine: Engine, variables: Mapping[str, str], config: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.dynamic", engine.address],
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._child.stdout is not None
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(self._child.stdout.readline())}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        asked = provider_pb2.ConfigureRequest(args=_struct(config))
        self._ask(self._stub.Configure, asked, wait_for_ready=True)

    @property
    def pid(self) -> int:
        return self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._channel.close()
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()

    def kill(self) -> None:
        """SIGKILL, and return when it is gone."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait(30)

    def ended(self) -> bool:
        return self._child.poll() is not None

    def complaints(self) -> str:
        """What it wrote to standard error until its end."""
        assert self._child.stderr is not None
        return self._child.stderr.read().decode()

    def check(self, step: str, inputs: Props) -> Props:
        news = _struct({**inputs, "__provider": blob(step)})
        answer = self._ask(self._stub.Check, provider_pb2.CheckRequest(olds=struct_pb2.Struct(), news=news))
        assert not answer.failures, answer.failures
        return _plain(answer.inputs)

    def create(self, inputs: Props) -> tuple[str, Props]:
        answer = self._ask(self._stub.Create, provider_pb2.CreateRequest(properties=_struct(inputs)))
        return answer.id, _plain(answer.properties)

    def changed(self, step: str, id_: str, state: Props, inputs: Props) -> bool:
        news = _struct({**inputs, "__provider": blob(step)})
        asked = provider_pb2.DiffRequest(id=id_, olds=_struct(state), news=news)
        return bool(self._ask(self._stub.Diff, asked).changes == provider_pb2.DiffResponse.DIFF_SOME)

    def _ask(self, call: Callable[..., Any], request: object, *, wait_for_ready: bool = False) -> Any:  # noqa: ANN401  whatever message answers
        # Only the first call waits for a connection: a later one would wait for a killed process until its deadline.
        try:
            return call(request, timeout=ANSWER_S, wait_for_ready=wait_for_ready)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise ProviderGoneError from None
            raise RefusedError(error.details()) from None


def _struct(values: Mapping[str, object]) -> struct_pb2.Struct:
    """Properties as they travel: those without a value do not."""
    made = struct_pb2.Struct()
    made.update({name: value for name, value in values.items() if value is not None})
    return made


def _plain(values: struct_pb2.Struct) -> Props:
    found: Props = json_format.MessageToDict(values)
    return found


@dataclass
class Stack:
    """One task of a program, and what the state holds of its steps."""

    task: IntentInputs
    waiting: WaitOptions
    stored: dict[str, tuple[str, Props]] = field(default_factory=dict)
    submitting: Props = field(default_factory=dict)
    """Options of the submission only."""

    @property
    def url(self) -> str:
        return str(self.task["object_paths"][0])

    def status(self) -> str | None:
        """What the state says of the task, if the last step is stored."""
        return str(self.stored["completion"][1]["status"]) if "completion" in self.stored else None

    def inputs(self, step: str) -> Props:
        if step == "intent":
            return dict(self.task)
        id_, intent = self.stored["intent"]
        after = after_intent(self.task, id_, cast("IntentState", intent))
        if step.startswith("submission"):
            return dict(self._call(step, after))
        id_, submission = self.stored[self.steps[-2]]
        waited = after_submission(after, id_, cast("SubmissionState", submission), self.waiting)
        return {**waited, "urn": f"urn:pulumi:dev::tested::step::{id_}"}

    def _call(self, step: str, inputs: SubmissionInputs) -> SubmissionInputs:
        place = self.steps.index(step) - 1
        before = self.stored[self.steps[place]][1] if place else None
        call = calls(inputs)[place]
        return next_call({**inputs, **self.submitting}, call, cast("CallInputs | None", before))  # type: ignore[typeddict-item]

    @property
    def steps(self) -> Sequence[str]:
        """The names of the steps: each call of the submission is one."""
        later = range(2, len(calls(self.task)) + 1)
        return ("intent", "submission", *(f"submission-{number}" for number in later), "completion")

    def up(self, provider: Provider, stored: Callable[[str], None] = lambda _: None) -> None:
        """Make what is not stored yet; each step is stored before the next begins. *stored* hears of it."""
        for step in self.steps:
            self.make(provider, step)
            stored(step)

    def make(self, provider: Provider, step: str) -> None:
        """Make one step, unless the state has it unchanged."""
        inputs = self.inputs(step)
        if step in self.stored:
            assert not provider.changed(step, *self.stored[step], inputs), f"{step} was stored, and is to be made again"
        else:
            self.stored[step] = provider.create(provider.check(step, inputs))


def refresh(url: str, service: str = "vod", **waiting: Unpack[WaitOptions]) -> Stack:
    """A program that refreshes *url*."""
    task: IntentInputs = {"kind": "refresh", "service": service, "object_type": "file", "object_paths": [url]}
    return Stack(task, waiting)
