"""Pulumi's own options of a resource: each works for all steps of our components, or is refused by name.

The engine passes a component's `protect` and `retain_on_delete` on to its steps, and the SDK its providers and aliases.
A component that is replaced, as by `replacement_trigger` or `replace_with`, has its steps replaced. All other options
of a component have no effect, unless the component gives them one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_alicdn.borders import printed
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import listed, show
from pulumi_alicdn.validation import Problem, refuse

WITHOUT_EFFECT: Final = (
    *("ignore_changes", "custom_timeouts", "additional_secret_outputs", "replace_on_changes", "import_", "id"),
)
"""Options that Pulumi itself leaves without effect on a component. The component gets none of them."""

ALL: Final = "*"
"""In `ignore_changes`: every option."""

_UNITS_S: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:h|ms|m|s))+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An option that a resource does not take. ``option``: its name. ``instead``: why, and what to do."""

    option: str
    instead: str


NO_HOOKS: Final = Refusal(
    "hooks",
    "Pulumi runs them only where the component itself changes, so not where a run goes on after a failure; let what "
    "has to follow name this resource in depends_on",
)
"""Refused for all our resources. A component is in the state before its steps have ended: its hooks are lost then."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What a resource takes of Pulumi's own options.

    ``resource``: its class, for sentences. ``options``: its own options that `ignore_changes` may name.
    ``outputs``: what `additional_secret_outputs` may name. ``refused``: what it does not take.
    """

    resource: str
    options: Collection[str]
    outputs: Collection[str]
    refused: Sequence[Refusal]


@dataclass(frozen=True, slots=True)
class Asked:
    """Pulumi's own options as a component carries them out.

    ``component``: the options that the component itself gets. ``timeout``: seconds, from `custom_timeouts`.
    ``ignored``: options whose changes are ignored. ``secret_outputs``: further secret outputs of the steps.
    ``delete_before_replace``: as given, for the steps alone. With it on the component, `--replace` deletes the steps
    before the engine has loaded their provider, and fails with "unknown provider".
    ``deleted_with``: of the steps, or None for no own one. A step would take that of the component, and a recent engine
    replaces it together with what it is deleted with: the record of a release would be deleted before the next one.
    """

    component: pulumi.ResourceOptions
    timeout: float | None = None
    ignored: frozenset[str] = frozenset()
    secret_outputs: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    deleted_with: pulumi.Resource | None = None


_asked: Final[WeakKeyDictionary[pulumi.Resource, Asked]] = WeakKeyDictionary()


def asked_of(
    component: pulumi.Resource, name: str, opts: pulumi.ResourceOptions | None, habits: Habits, timeout: object
) -> Asked:
    """Read *opts* of *component*, whose option `timeout` is *timeout*. Raises RunError for what it does not take."""
    given = opts if opts is not None else pulumi.ResourceOptions()
    try:
        refuse(_problems(given, habits, timeout))
        waits = _timeout_s(given.custom_timeouts)
    except InputError as error:
        raise pulumi.RunError(printed(f"{name}: {error}")) from None
    named = frozenset(given.ignore_changes or ())
    own = copy.copy(given)
    for option in (*WITHOUT_EFFECT, "delete_before_replace"):
        setattr(own, option, None)
    found = Asked(
        own,
        waits,
        frozenset(habits.options) if ALL in named else named,
        tuple(given.additional_secret_outputs or ()),
        given.delete_before_replace,
        _never_replaced(given),
    )
    _asked[component] = found
    return found


def hand_on(parent: pulumi.Resource | None, component: pulumi.Resource) -> None:
    """Have the steps of *component* carry out what *parent*, one of ours above it, was asked for."""
    asked = carried_out(parent)
    if asked is not None:
        _asked[component] = asked


def _never_replaced(opts: pulumi.ResourceOptions) -> pulumi.Resource | None:
    """Return the stack if a component with *opts* has a `deleted_with`, or may take that of its parent; else None."""
    stack = pulumi.runtime.get_root_resource()
    return stack if opts.deleted_with is not None or opts.parent not in (None, stack) else None


def carried_out(component: pulumi.Resource | None) -> Asked | None:
    """Return Pulumi's own options of *component*, if it is one of ours."""
    return _asked.get(component) if component is not None else None


def _problems(opts: pulumi.ResourceOptions, habits: Habits, timeout: object) -> Iterator[Problem]:
    for refused in (*habits.refused, NO_HOOKS):
        if _is_given(getattr(opts, refused.option)):
            yield Problem(refused.option, (f"{habits.resource} takes no {refused.option}: {refused.instead}",))
    yield from _named("ignore_changes", opts.ignore_changes, (*habits.options, ALL), "an option", habits)
    yield from _named("additional_secret_outputs", opts.additional_secret_outputs, habits.outputs, "an output", habits)
    if opts.custom_timeouts is None:
        return
    if timeout is not None:
        yield Problem("timeout", ("timeout and custom_timeouts are both given: give one of them",))
    create, update = (_of(opts.custom_timeouts, one) for one in ("create", "update"))
    for part, value in (("create", create), ("update", update)):
        if value is not None and _seconds(value) is None:
            says = f"is {show(value)}, but must be a duration such as '90s', '10m' or '1h30m'"
            yield Problem("custom_timeouts", says, (part,))
    if create is not None and update is not None and _seconds(create) != _seconds(update):
        says = f"has create {show(create)} and update {show(update)}, but both wait alike: give one, or the same"
        yield Problem("custom_timeouts", says)


def _is_given(value: object) -> bool:
    """Whether an option has a value. ResourceOptions.merge leaves hooks that hold none."""
    if isinstance(value, pulumi.ResourceHookBinding):
        return any(vars(value).values())
    return value is not None


def _named(
    option: str, names: Sequence[str] | None, allowed: Collection[str], what: str, habits: Habits
) -> Iterator[Problem]:
    for name in names or ():
        if name not in allowed and not any(one.option == option for one in habits.refused):
            whole = re.split(r"[.\[]", name)[0]
            known = listed(sorted(set(allowed) - {ALL}))
            hint = f"name the whole {whole}" if whole in allowed else f"it has {known}"
            yield Problem(option, f"names {show(name)}, which is not {what} of {habits.resource}: {hint}")


def _timeout_s(custom: object) -> float | None:
    given = [_of(custom, one) for one in ("create", "update")] if custom is not None else []
    return next((_seconds(value) for value in given if value is not None), None)


def _of(custom: object, part: str) -> object:
    """Return a part of Pulumi's CustomTimeouts, for which its SDK also takes a mapping."""
    return custom.get(part) if isinstance(custom, Mapping) else getattr(custom, part, None)


def _seconds(value: object) -> float | None:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    return sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(value))


def without_changes(
    address: Any, name: str, ignored: Collection[str], given: Mapping[str, Any], where: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """Return *given* with the values of *ignored* options as the state has them.

    *address*: that of the component. *where*: for each type of step, the options that its state keeps. The calls of a
    submission follow its objects: an option that the engine alone held back would not have the right calls.
    """
    from pulumi_alicdn.resources.compact import expanded
    from pulumi_alicdn.resources.release.previous_release import stored_outputs

    kept = dict(given)
    if not ignored:
        return kept
    for type_token, options in where.items():
        found = [
            one["outputs"]
            for urn, one in stored_outputs().items()
            if one["type"] == type_token and urn.rpartition("::")[2] == name and address.holds(urn)
        ]
        if len(found) > 1:
            raise pulumi.RunError(printed(f"{name}: ignore_changes needs a name that no other such resource has"))
        for option in ignored if found else ():
            if option in options:
                _keep(kept, option, expanded(found[0]))
    return kept


def _keep(kept: dict[str, Any], option: str, state: Mapping[str, Any]) -> None:
    value = state.get(option)
    if value is None:
        kept.pop(option, None)
    else:
        kept[option] = pulumi.Output.secret(value) if option in (state.get("secrets") or ()) else value
