"""Alibaba Cloud CDN and VOD cache tasks for Pulumi: a deployment is not done until the new bytes are live.

The names in ``__all__`` are public, and so are the command `alicdn` and what it prints as JSON. Everything else, the
modules of this package included, is private and may change with any version.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pulumi_alicdn.api.literals import (
    EdgeSourceName,
    FirstReleaseAction,
    MediaFormat,
    OnTimeout,
    PrefetchArea,
    ProbeFinding,
    QueryObjectType,
    QueryServiceName,
    QueryStatus,
    QuotaName,
    RefreshObjectType,
    RefreshVerify,
    ReleaseStrategy,
    RemovedFiles,
    RowObjectType,
    ServiceName,
    StreamType,
    TaskStatus,
    VerifyScope,
)
from pulumi_alicdn.api.rows import ListedTask, TaskEntry
from pulumi_alicdn.errors import (
    AlicdnError,
    ApiError,
    ApiFault,
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
    from pulumi_alicdn.releases.proof.evidence import Evidence
    from pulumi_alicdn.resources.asset_release import AssetRelease
    from pulumi_alicdn.resources.component.account import Provider
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
    from pulumi_alicdn.resources.option_types import Choice
    from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask, TaskCompletion
    from pulumi_alicdn.resources.task_steps import TaskObject
    from pulumi_alicdn.state import EdgeSummaryEntry, EvidenceEntry
    from pulumi_alicdn.tasks.verdict import Verdict

    __version__: str

__all__ = [
    "AlicdnError",
    "ApiError",
    "ApiFault",
    "AssetRelease",
    "Choice",
    "DeniedError",
    "EdgeSourceName",
    "EdgeSummaryEntry",
    "Evidence",
    "EvidenceEntry",
    "FirstReleaseAction",
    "InputError",
    "InterruptedWaitError",
    "ListedTask",
    "MediaFormat",
    "NotProvenError",
    "OnTimeout",
    "PrefetchArea",
    "PrefetchTask",
    "ProbeFinding",
    "Provider",
    "QueryObjectType",
    "QueryServiceName",
    "QueryStatus",
    "QuotaEntry",
    "QuotaError",
    "QuotaName",
    "RefreshObjectType",
    "RefreshTask",
    "RefreshTasksPage",
    "RefreshVerify",
    "RefusedError",
    "ReleaseStrategy",
    "RemovedFiles",
    "RowObjectType",
    "ServiceName",
    "StreamType",
    "TaskCompletion",
    "TaskEntry",
    "TaskFailedError",
    "TaskObject",
    "TaskStatus",
    "TaskTimeoutError",
    "ThrottledError",
    "UnexpectedAnswerError",
    "UnknownOutcomeError",
    "UnknownTaskError",
    "UnreachableError",
    "Verdict",
    "VerifyScope",
    "__version__",
    "describe_refresh_quota",
    "describe_refresh_quota_output",
    "describe_refresh_tasks",
    "describe_refresh_tasks_output",
    "iter_refresh_tasks",
    "iter_refresh_tasks_output",
]

_LOADED_LATER: Final = {
    "AssetRelease": "resources.asset_release",
    "Choice": "resources.option_types",
    "EdgeSummaryEntry": "state",
    "Evidence": "releases.proof.evidence",
    "EvidenceEntry": "state",
    "PrefetchTask": "resources.task",
    "Provider": "resources.component.account",
    "QuotaEntry": "resources.functions",
    "RefreshTask": "resources.task",
    "RefreshTasksPage": "resources.functions",
    "TaskCompletion": "resources.task",
    "TaskObject": "resources.task_steps",
    "Verdict": "tasks.verdict",
    "describe_refresh_quota": "resources.functions",
    "describe_refresh_quota_output": "resources.functions",
    "describe_refresh_tasks": "resources.functions",
    "describe_refresh_tasks_output": "resources.functions",
    "iter_refresh_tasks": "resources.functions",
    "iter_refresh_tasks_output": "resources.functions",
}
"""Public names whose modules the command line does not need at once; those of resources load Pulumi."""


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


# Hide this function from type checkers: they would accept any name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:  # noqa: ANN401  any exported value
        """Load a public name on its first use."""
        if name == "__version__":
            from importlib.metadata import version  # noqa: PLC0415  it takes 20 ms to load

            value = version("pulumi-alicdn")
        elif name in _LOADED_LATER:
            value = getattr(import_module(f"pulumi_alicdn.{_LOADED_LATER[name]}"), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value
