"""Live progress on a resource's row of the display, through the engine's Log call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Self

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_alicdn.borders import printed
from pulumi_alicdn.phrases import unsigned
from pulumi_alicdn.resources.engine.engine_clock import engine_gone
from pulumi_alicdn.resources.engine.engine_watch import require_listener
from pulumi_alicdn.tasks.progress import Progress, sentence

ENGINE_S: Final = 10.0
"""Timeout of a call to the engine, in seconds. [chosen: the engine runs on the same machine]"""


def require_engine(address: str) -> None:
    """Raise InterruptedWaitError if the engine at *address* has exited. An empty address is not checked."""
    if not address:
        return
    try:
        require_listener(address)
    except OSError:
        raise engine_gone() from None


class EngineLog:
    """Shows progress on one resource's row, and raises InterruptedWaitError once the engine has exited."""

    def __init__(self, address: str, urn: str, hide: Callable[[str], str]) -> None:
        """Report to the engine at *address* for the resource *urn*. The first message opens the connection.

        *hide* returns a message without what is secret in it.
        """
        self._urn = urn
        self._hide = hide
        self._channel = grpc.insecure_channel(address)
        self._engine = engine_pb2_grpc.EngineStub(self._channel)
        self._last = ""

    def __enter__(self) -> Self:
        """Return itself, for the use during one wait."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._channel.close()

    def report(self, progress: Progress) -> None:
        """Show *progress* until the next message. Raises InterruptedWaitError if the engine has exited."""
        self.show(sentence(progress))

    def show(self, message: str) -> None:
        """Show *message* until the next one. Raises InterruptedWaitError if the engine has exited."""
        self._log(message, engine_pb2.INFO, ephemeral=True)

    def warn(self, message: str) -> None:
        """Show *message* permanently. Raises InterruptedWaitError if the engine has exited."""
        self._log(message, engine_pb2.WARNING, ephemeral=False)

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Show nothing: the preceding warning names the resubmitted objects, and the state keeps the ids."""

    def _log(self, message: str, severity: engine_pb2.LogSeverity.ValueType, *, ephemeral: bool) -> None:
        request = engine_pb2.LogRequest(
            severity=severity, message=printed(unsigned(self._hide(message))), urn=self._urn, ephemeral=ephemeral
        )
        try:
            self._engine.Log(request, timeout=ENGINE_S)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise engine_gone() from None


class Silence:
    """Shows nothing: for reads, and for runs without an engine."""

    def report(self, progress: Progress) -> None:
        """Show nothing."""

    def show(self, message: str) -> None:
        """Show nothing."""

    def warn(self, message: str) -> None:
        """Show nothing."""

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Show nothing."""


def child_urn(parent_urn: str, child_type: str, name: str) -> str:
    """Derive a child's URN from its parent's: the engine does not pass a dynamic provider the URN of its resource."""
    head, _, _ = parent_urn.partition("::")
    rest = parent_urn[len(head) + 2 :]
    project, _, rest = rest.partition("::")
    parent_type, _, _ = rest.partition("::")
    return f"{head}::{project}::{parent_type}${child_type}::{name}"
