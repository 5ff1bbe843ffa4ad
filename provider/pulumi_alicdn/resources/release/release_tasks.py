"""The resources of a release before its record: the check of its origin, and its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import pulumi

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.borders import values
from pulumi_alicdn.releases.decision import Decision
from pulumi_alicdn.releases.heals.open_urls import MAX_NAMED
from pulumi_alicdn.releases.steps import origin_check_inputs, record_inputs
from pulumi_alicdn.resources.program import waits_provider
from pulumi_alicdn.resources.release.release_inputs import Known
from pulumi_alicdn.resources.release_steps import OriginCheck, OriginCheckProvider
from pulumi_alicdn.resources.secret_values import secret_names
from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask
from pulumi_alicdn.state import EDGE_ACCESS, ReleasePlace
from pulumi_alicdn.validation import Unknown

T = TypeVar("T")

BEFORE: Final = "the steps before the last"
"""The entry of :meth:`ReleaseTasks.begin` that is no input."""


def record_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return *options* with those as secrets that are secret whatever a program passes in."""
    hidden = {name: pulumi.Output.secret(options[name]) for name in EDGE_ACCESS if options[name] is not None}
    return {**options, **hidden}


def release_place() -> ReleasePlace:
    """Return the stack and the project of this program, which reports name."""
    return {"stack": pulumi.get_stack(), "project": pulumi.get_project()}


def task_name(name: str, kind: Kind) -> str:
    """Return the name of the refresh or prefetch of the release *name*."""
    return f"{name}-{kind}"


class ReleaseTasks:
    """The resources of a decision, each of which depends on the previous one."""

    def __init__(
        self,
        component: pulumi.ComponentResource,
        name: str,
        decision: Decision,
        options: Mapping[str, Any],
        known: Known,
    ) -> None:
        """Register them below *component*, the release *name*; *known*: what is known of its *options*."""
        self._component = component
        self._name = name
        self._decision = decision
        self._options = options
        self._known = known
        self._before: list[pulumi.Resource] = []
        self._facts: dict[str, Any] = {}

    def begin(
        self, waiting: Mapping[str, Any], uploaded_at: datetime | None, *, force: bool | None, check_origin: bool
    ) -> Mapping[str, Any]:
        """Register all of them but the last one; return its inputs, and the outputs of the release."""
        if check_origin:
            self._check_origin()
        tasks = [self._refresh(waiting, force), self._prefetch(waiting)]
        done = [task for task in tasks if task is not None]
        self._facts["task_ids"] = _joined([task.task_ids for task in done])
        self._facts["request_ids"] = _joined([task.request_ids for task in done])
        plan = self._decision.plan
        paths = values(plan.difference.paths[:MAX_NAMED])
        options = record_options(self._options)
        inputs = record_inputs(self._name, self._decision, options, uploaded_at, release_place())
        return {
            **inputs,
            "base_urls": self._of_urls(inputs["base_urls"]),
            "plan": self._of_urls(inputs["plan"]),
            **self._facts,
            BEFORE: list(self._before),
            "changed": paths if self._decision.changed else [],
            "changed_count": plan.difference.count if self._decision.changed else 0,
            "last_changed": paths,
            "refreshed": self._of_urls(values(plan.refresh)),
            "prefetched": self._of_urls(values(plan.prefetch)),
        }

    def _check_origin(self) -> None:
        asked = origin_check_inputs(self._decision, {**self._options, "origin": self._known.values["origin"]})
        if asked is None:
            return
        given = {**asked, "origin": self._options["origin"], "expected": self._of_urls(asked["expected"])}
        opts = pulumi.ResourceOptions(parent=self._component, provider=waits_provider(self._component))
        self._before.append(
            OriginCheck(OriginCheckProvider(), self._name, {**given, **secret_names(given, config=False)}, opts)
        )

    def _of_urls(self, value: T) -> pulumi.Input[T]:
        """Return *value*, in which URLs are: secret if these are, and unknown while these are."""
        return self._known.carried(value, ("base_urls",))

    def _refresh(self, waiting: Mapping[str, Any], force: bool | None) -> RefreshTask | None:
        what = self._decision.task(Kind.REFRESH, force=force)
        if what is None:
            return None
        given = {**self._task(what), **waiting, **self._triggers(Kind.REFRESH)}
        task = RefreshTask.of_release(task_name(self._name, Kind.REFRESH), given, self._opts())
        self._facts |= {"submitted_at": task.submitted_at, "effective_at": task.effective_at}
        self._before.append(task)
        return task

    def _prefetch(self, waiting: Mapping[str, Any]) -> PrefetchTask | None:
        what = self._decision.task(Kind.PREFETCH)
        if what is None:
            return None
        given = {**self._task(what), **waiting, **self._triggers(Kind.PREFETCH)}
        task = PrefetchTask.of_release(task_name(self._name, Kind.PREFETCH), given, self._opts())
        self._facts |= {"prefetch_submitted_at": task.submitted_at, "prefetch_effective_at": task.effective_at}
        self._before.append(task)
        return task

    def _task(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return {**what, "object_paths": self._of_urls(what["object_paths"])}

    def _opts(self) -> pulumi.ResourceOptions:
        opts = pulumi.ResourceOptions(parent=self._component, depends_on=list(self._before))
        opts.replace_with = [self._component]
        return opts

    def _triggers(self, kind: Kind) -> dict[str, Any]:
        """Return the triggers of a task, and force where the same task was begun with it.

        A task that was begun with more triggers keeps them: without them, it would be submitted again. They are secret,
        because some may have been.
        """
        given: Sequence[Any] | pulumi.Output[Sequence[Any]] = self._options["triggers"]
        begun = self._decision.begun.get(kind)
        kept = {"force": True} if begun is not None and begun.force else {}
        known: Sequence[Any] | Unknown = self._known.values["triggers"]
        if begun is not None and not isinstance(known, Unknown) and len(begun.triggers) > len(known) + 1:
            return {"triggers": pulumi.Output.secret(list(begun.triggers)), **kept}
        if isinstance(given, pulumi.Output):
            return {"triggers": given.apply(self._decision.triggers), **kept}
        return {"triggers": self._decision.triggers(given), **kept}


def _joined(parts: Sequence[pulumi.Output[list[str]]]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*parts).apply(lambda found: [one for part in found for one in part or ()])
