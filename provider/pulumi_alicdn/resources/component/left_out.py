"""Steps that `pulumi up --target` leaves out: the engine returns them as they were, and says nothing.

A component whose URN is the target gets its new inputs, and the run is green although nothing was submitted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_alicdn.borders import printed


def warn_if_left_out(
    component: pulumi.Resource, name: str, step: pulumi.Resource, given: Mapping[str, Any], undone: str
) -> None:
    """Warn if the engine did not give *given* to *step*, the first one of *component*. *undone*: what did not happen.

    A program gets no list of targets. It gets the step as the engine has it, here with other inputs than it registered.
    """
    names = [one for one in given if isinstance(getattr(step, one, None), pulumi.Output)]

    def compare(values: list[Any]) -> None:
        asked, found = values
        if any(_plain(asked.get(one)) != _plain(found.get(one)) for one in names):
            says = f"{name}: this run leaves its steps out, so {undone}"
            pulumi.log.warn(printed(f"{says}; with --target, add --target-dependents"), component)

    both = ({one: source(one) for one in names} for source in (given.__getitem__, lambda one: getattr(step, one)))
    pulumi.Output.all(*both).apply(compare)


def _plain(value: Any) -> Any:
    """Return *value* as the engine returns it."""
    try:
        return _without_none(json.loads(json.dumps(value)))
    except (TypeError, ValueError):
        # A resource or a file is another value to the engine, which cannot be compared here.
        return None


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(part) for name, part in value.items() if part is not None}
    return [_without_none(part) for part in value] if isinstance(value, list) else value
