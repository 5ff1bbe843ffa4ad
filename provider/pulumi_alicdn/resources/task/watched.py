"""The base of all resources for tasks: their outputs, and how they are registered with their options."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

import pulumi

from pulumi_alicdn.borders import printed
from pulumi_alicdn.resources.compact import compacted
from pulumi_alicdn.resources.component.account import provider_of
from pulumi_alicdn.resources.component.pulumi_options import Habits, asked_of, without_changes
from pulumi_alicdn.resources.component.transforms import Transformed, may_be_transformed
from pulumi_alicdn.resources.dynamic import Step
from pulumi_alicdn.resources.secret_values import require_storable, secret_names
from pulumi_alicdn.resources.task_steps import Attachment, Completion, TaskObject
from pulumi_alicdn.state import OUTPUTS, VERIFY_OPTIONS


def secrets_of(component: pulumi.Resource, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input `secrets`: what is secret of *options*, and of the configuration that *component* works with."""
    account = provider_of(component)
    if account is None:
        return secret_names(options)
    return secret_names({**options, **account.config}, config=False)


def outputs_of(step: pulumi.Resource, names: Iterable[str]) -> dict[str, Any]:
    """Return the outputs *names* of *step*."""
    return {name: getattr(step, name) for name in names}


class Watched(pulumi.ComponentResource):
    """The outputs of tasks that are waited for."""

    status: pulumi.Output[str]
    """`Complete`, `Failed`, `Refreshing` or `Pending`, as of the last poll."""
    task_ids: pulumi.Output[list[str]]
    """The service's ids, in the order of the submits."""
    objects: pulumi.Output[list[TaskObject]]
    """One entry per object path: object_path, object_type, status, process, description, creation_time, task_id."""
    submitted_at: pulumi.Output[str]
    """UTC, `2026-01-02T03:04:05Z`, by the server's clock."""
    effective_at: pulumi.Output[str | None]
    """UTC, the time of the first poll that saw the task Complete; None before that."""
    request_ids: pulumi.Output[list[str]]
    """Ids of the requests that submitted something, for a ticket with the service."""

    _type_token: ClassVar[str]

    def _register(
        self,
        resource_name: str,
        given: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
        habits: Habits,
        steps: Mapping[type[Step], Collection[str]],
    ) -> dict[str, Any]:
        """Register the component with its options; return them as Pulumi's own options and transforms leave them."""
        asked = asked_of(self, resource_name, opts, habits, given.get("timeout"))
        given = {**given, **({"timeout": asked.timeout} if asked.timeout is not None else {})}
        if asked.ignored:
            from pulumi_alicdn.resources.release.previous_release import address_of

            where = {step.type_token: names for step, names in steps.items()}
            given = without_changes(
                address_of(self._type_token, resource_name, opts), resource_name, asked.ignored, given, where
            )
        require_storable(resource_name, given)
        if not may_be_transformed(asked.component):
            super().__init__(self._type_token, resource_name, compacted(given), asked.component)
            return given
        watched = Transformed(self._type_token, resource_name, given, asked.component)
        super().__init__(self._type_token, resource_name, watched.inputs, asked.component)
        left = watched.left(self, habits.options)
        for option in VERIFY_OPTIONS:
            if option in left and option not in given:
                left.pop(option).apply(partial(self._unexpected, resource_name, option))
        return dict(left)

    @staticmethod
    def _unexpected(resource_name: str, option: str, value: object) -> None:
        # Whether there is a step that asks edges is decided before any transform runs.
        if value is not None:
            says = f"{resource_name}: a transform set {option}, which has no effect while the program gives none"
            pulumi.log.warn(printed(f"{says}: give {option} there, and a transform may change it"))

    def _publish(self, source: Completion | Attachment, more: Mapping[str, pulumi.Output[Any]] | None = None) -> None:
        outputs = {**outputs_of(source, OUTPUTS), **(more or {})}
        for name, value in outputs.items():
            setattr(self, name, value)
        self.register_outputs(outputs)
