"""Alibaba Cloud CDN and VOD cache tasks for Pulumi: a deployment is not done until the new bytes are live."""

from typing import TYPE_CHECKING, Any

from pulumi_alicdn.errors import (
    AlicdnError,
    ApiError,
    DeniedError,
    InputError,
    InterruptedWaitError,
    NotProvenError,
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
    from pulumi_alicdn.resources.asset_release import AssetRelease
    from pulumi_alicdn.resources.functions import (
        QuotaEntry,
        RefreshTasksPage,
        describe_refresh_quota,
        describe_refresh_quota_output,
        describe_refresh_tasks,
        describe_refresh_tasks_output,
        iter_refresh_tasks,
        iter_refresh_tasks_output,
    )
    from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask
    from pulumi_alicdn.resources.task_steps import TaskObject

__all__ = [
    "AlicdnError",
    "ApiError",
    "AssetRelease",
    "DeniedError",
    "InputError",
    "InterruptedWaitError",
    "NotProvenError",
    "PrefetchTask",
    "QuotaEntry",
    "QuotaError",
    "RefreshTask",
    "RefreshTasksPage",
    "RefusedError",
    "TaskFailedError",
    "TaskObject",
    "TaskTimeoutError",
    "ThrottledError",
    "UnexpectedAnswerError",
    "UnknownOutcomeError",
    "UnknownTaskError",
    "UnreachableError",
    "describe_refresh_quota",
    "describe_refresh_quota_output",
    "describe_refresh_tasks",
    "describe_refresh_tasks_output",
    "iter_refresh_tasks",
    "iter_refresh_tasks_output",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever is exported
    """Load the resources, and Pulumi with them, when a program first names one: the command line needs neither."""
    if name == "AssetRelease":
        from pulumi_alicdn.resources.asset_release import AssetRelease as asset_release  # noqa: N813, PLC0415  as below

        return asset_release
    if name in __all__:
        from pulumi_alicdn.resources import functions, task, task_steps  # noqa: PLC0415

        for module in (task, task_steps, functions):
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
