"""The Pulumi resources for tasks: RefreshTask, PrefetchTask and TaskCompletion."""

from pulumi_alicdn.resources.task.refresh_prefetch import PrefetchTask, RefreshTask
from pulumi_alicdn.resources.task.task_completion import TaskCompletion

__all__ = ["PrefetchTask", "RefreshTask", "TaskCompletion"]
