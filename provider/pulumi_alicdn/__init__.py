"""Alibaba Cloud CDN and VOD cache tasks for Pulumi: a deployment is not done until the new bytes are live."""

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
from pulumi_alicdn.resources.types import PrefetchTask, RefreshTask, TaskObject

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
