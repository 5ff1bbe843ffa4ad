"""The options of a release that are outputs of other resources: their values once they are known, and what is secret.

A domain or a bucket that the same program makes has an address only during the update. Until then a preview decides as
if it were the one of the last release, and nothing that depends on it is shown as known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pulumi

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.resources.component.account import provider_of
from pulumi_alicdn.resources.program import Account
from pulumi_alicdn.resources.secret_values import outputs_in
from pulumi_alicdn.validation import UNKNOWN

T = TypeVar("T")

ACCOUNT: Final = "provider"
"""The name of the account's configuration among the options of a release."""


@dataclass(frozen=True, slots=True)
class Known:
    """The options of a release, with UNKNOWN for each value that is not known yet.

    ``secret``: names of the options with secret values. ``unknown``: names of those that are not known as a whole.
    """

    values: Mapping[str, Any]
    secret: frozenset[str] = field(default=frozenset())
    unknown: frozenset[str] = field(default=frozenset())

    def carried(self, value: T, names: Iterable[str]) -> pulumi.Input[T]:
        """Return *value*, which was computed from the options *names*, as secret and as unknown as these."""
        of = set(names)
        secret, unknown = bool(of & self.secret), bool(of & self.unknown)
        return _output(value, known=not unknown, secret=secret) if secret or unknown else value


def when_known(options: Mapping[str, Any], use: Callable[[Known], T]) -> T | pulumi.Output[T]:
    """Return what *use* returns for *options*: at once if no option is an output, else once all of them are known."""
    waited = {name: list(outputs_in(value)) for name, value in options.items()}
    if not any(waited.values()):
        return use(Known(options))
    found = asyncio.ensure_future(_known(options))

    async def value() -> Known:
        return (await found)[0]

    async def resources() -> set[pulumi.Resource]:
        return (await found)[1]

    async def always() -> bool:
        return True

    return pulumi.Output(resources(), value(), always()).apply(use)


def account_option(release: pulumi.Resource) -> dict[str, Any]:
    """Return the configuration of the account that *release* names as one more option; nothing for the stack's."""
    provider = provider_of(release)
    return {} if provider is None else {ACCOUNT: provider.config}


def with_account(known: Known) -> tuple[Account | None, Known]:
    """Return the account of a release, if it names one, and the options without it.

    Raises InputError for one that is not known: the plan would be that of another account.
    """
    config = known.values.get(ACCOUNT)
    if config is None:
        return None, known
    if config is UNKNOWN:
        raise InputError("the options of its Provider are not known yet: AssetRelease needs them for its plan")
    values = {name: value for name, value in known.values.items() if name != ACCOUNT}
    return Account(config, secret=ACCOUNT in known.secret), Known(values, known.secret - {ACCOUNT}, known.unknown)


def part(whole: Mapping[str, Any] | pulumi.Output[Mapping[str, Any]], name: str) -> Any:
    """Return the entry *name* of what :func:`when_known` returned; None without one."""
    return whole.apply(lambda found: found.get(name)) if isinstance(whole, pulumi.Output) else whole.get(name)


async def _known(options: Mapping[str, Any]) -> tuple[Known, set[pulumi.Resource]]:
    values: dict[str, Any] = {}
    secret: set[str] = set()
    unknown: set[str] = set()
    resources: set[pulumi.Resource] = set()
    for name, value in options.items():
        if not list(outputs_in(value)):
            values[name] = value
            continue
        # An element of a list that is not known leaves the others known: a trigger that is there can still change.
        single = not isinstance(value, list | tuple)
        elements = [await _element(one, resources) for one in ([value] if single else value)]
        values[name] = elements[0][0] if single else [found for found, _ in elements]
        secret |= {name} if any(hidden for _, hidden in elements) else set()
        unknown |= {name} if any(found is UNKNOWN for found, _ in elements) else set()
    return Known(values, frozenset(secret), frozenset(unknown)), resources


async def _element(value: Any, resources: set[pulumi.Resource]) -> tuple[Any, bool]:
    """Return a value, UNKNOWN if it is not known as a whole, and whether it is secret; add what it depends on."""
    output: pulumi.Output[Any] = pulumi.Output.from_input(value)
    resources |= await output.resources()
    known = await output.is_known()
    return (await output.future() if known else UNKNOWN), await output.is_secret()


def _output(value: T, *, known: bool, secret: bool) -> pulumi.Output[T]:
    """Return *value* as an output. Output.secret would inspect each of 10,000 URLs, which is slow."""

    async def later(found: Any) -> Any:
        return found

    return pulumi.Output(set(), later(value if known else None), later(known), later(secret))
