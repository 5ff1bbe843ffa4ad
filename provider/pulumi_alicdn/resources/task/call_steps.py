"""The submission of a task as steps: one for each call to the service, each stored before the next begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, cast

import pulumi

from pulumi_alicdn.resources.compact import compacted
from pulumi_alicdn.resources.dynamic import SubmissionProvider
from pulumi_alicdn.resources.task.watched import outputs_of
from pulumi_alicdn.resources.task_steps import Submission, own_urn
from pulumi_alicdn.state import OPEN, PASSED_ON, TASK_OPTIONS
from pulumi_alicdn.tasks import lifecycle

# Here, outputs replace the plain values of a task's steps: the function only passes values on.
_next_call: Final = cast("Callable[..., dict[str, Any]]", lifecycle.next_call)

_OBJECTS: Final = ("object_paths", "media_ids")
"""Options whose values are divided among the calls of a submission."""


def submissions(
    component: pulumi.ComponentResource, name: str, inputs: Mapping[str, Any]
) -> tuple[pulumi.Output[str], Mapping[str, Any]]:
    """Make a step below *component* for each call; return the id of the first, and the results of the last.

    While the objects are unknown, so is the number of calls: then a preview shows the first one.
    """
    objects = {one: inputs[one] for one in ("kind", "service", "object_type", *_OBJECTS) if one in inputs}
    if not _holds_output(objects):
        calls = lifecycle.calls(objects)
        first = _submission(component, name, {**inputs, **calls[0]})
        return first.id, outputs_of(_later(component, name, inputs, calls[1:], first), PASSED_ON)
    known: pulumi.Output[_Calls] = pulumi.Output.from_input(objects).apply(_calls)
    first = _submission(component, name, {**inputs, **_call(known, 0)})

    def send(found: _Calls) -> pulumi.Output[dict[str, Any]]:
        # Objects that are secret have to stay so: take them from the output.
        later = [_call(known, index) for index in range(1, len(found))]
        return pulumi.Output.all(**outputs_of(_later(component, name, inputs, later, first), PASSED_ON))

    sent: pulumi.Output[dict[str, Any]] = known.apply(send)
    return first.id, {one: _entry(sent, one) for one in PASSED_ON}


def _later(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    calls: Sequence[Mapping[str, Any]],
    first: Submission,
) -> Submission:
    """Make the steps of all calls but the first; return the last step."""
    last = first
    for number, call in enumerate(calls, 2):
        before = outputs_of(last, (*PASSED_ON, "call"))
        # A URN does not contain the parent's name: with a -, another task of the user could have the same one.
        last = _submission(component, f"{name}#{number}", _next_call(inputs, call, before))
    return last


def _submission(component: pulumi.ComponentResource, name: str, inputs: Mapping[str, Any]) -> Submission:
    given = {**dict.fromkeys((*PASSED_ON, "call")), **compacted(inputs), "urn": own_urn(component, Submission, name)}
    return Submission(SubmissionProvider(), name, given, pulumi.ResourceOptions(parent=component))


def _holds_output(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_output, cast("Mapping[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_output, cast("Sequence[object]", value)))
    return isinstance(value, pulumi.Output | Awaitable)


_Calls = list[dict[str, Any]]


def _calls(objects: Mapping[str, Any]) -> _Calls:
    return [{**objects, **one} for one in lifecycle.calls(objects)]


def _call(calls: pulumi.Output[_Calls], index: int) -> dict[str, pulumi.Output[Any]]:
    """Return one of the calls of a submission that are known only later."""
    one: pulumi.Output[dict[str, Any]] = calls.apply(itemgetter(index))
    return {name: _entry(one, name) for name in (*_OBJECTS, "call", "later_objects")}


def _entry(values: pulumi.Output[dict[str, Any]], name: str) -> pulumi.Output[Any]:
    """Return one of *values*; what a state shows also of secret objects does not become secret with the others."""
    found = values.apply(lambda found: found.get(name))
    return pulumi.Output.unsecret(found) if name in OPEN and name not in TASK_OPTIONS else found
