"""Alibaba Cloud CDN and VOD cache tasks for Pulumi: a deployment is not done until the new bytes are live."""

from typing import TYPE_CHECKING, Any

from pulumi_alicdn.core.errors import (
    AlicdnError,
    ApiError,
    DeniedError,
    InputError,
    InterruptedWaitError,
    QuotaError,
    RefusedError,
    TaskFailedError,
    TaskTimeoutError,
    ThrottledError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
    UnknownTaskError,
    UnreachableError,
)

if TYPE_CHECKING:
    from pulumi_alicdn.resources.steps import TaskObject
    from pulumi_alicdn.resources.types import PrefetchTask, RefreshTask

__all__ = [
    "AlicdnError",
    "ApiError",
    "DeniedError",
    "InputError",
    "InterruptedWaitError",
    "PrefetchTask",
    "QuotaError",
    "RefreshTask",
    "RefusedError",
    "TaskFailedError",
    "TaskObject",
    "TaskTimeoutError",
    "ThrottledError",
    "UnexpectedAnswerError",
    "UnknownOutcomeError",
    "UnknownTaskError",
    "UnreachableError",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever is exported
    """Load the resources, and Pulumi with them, when a program first names one: the command line needs neither."""
    if name in __all__:
        from pulumi_alicdn.resources import steps, types  # noqa: PLC0415

        return getattr(steps if name == "TaskObject" else types, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
