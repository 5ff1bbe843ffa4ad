"""Data that all resources of one Pulumi program share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.resources.component.account import PACKAGE, provider_of

_WAITS: Final = "alicdn-waits"


@dataclass(frozen=True, slots=True)
class Account:
    """The configuration in place of the stack's, for what a program itself asks. ``secret``: whether to show none."""

    config: Mapping[str, Any]
    secret: bool = False


_account: Final[ContextVar[Account | None]] = ContextVar("account", default=None)


@contextmanager
def asking_as(account: Account | None) -> Generator[None]:
    """Have this program ask the service with the configuration of *account*; None stands for the stack's."""
    token = _account.set(account)
    try:
        yield
    finally:
        _account.reset(token)


def config_value(key: str) -> str | None:
    """Return the value of a key, such as `alicdn:region`, of the stack's configuration or of the account in use."""
    account = _account.get()
    if account is not None:
        return account.config.get(key)
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _secret_value(key: str) -> pulumi.Output[str] | None:
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get_secret(name)


def secret_config_keys() -> list[str]:
    """Return the keys whose values the configuration holds as secrets, although they need not be."""
    from pulumi_alicdn.cloud.settings import CONFIG_KEYS

    account = _account.get()
    if account is not None:
        return list(CONFIG_KEYS) if account.secret else []
    return [key for key in CONFIG_KEYS if pulumi.runtime.is_config_secret(key)]


def stack_config(*, with_keys: bool = True) -> dict[str, pulumi.Input[str]]:
    """Return the stack's configuration for a provider instance of ours: the engine passes it to default ones only.

    *with_keys*: whether keys of an account are part of it.
    """
    from pulumi_alicdn.cloud.settings import CONFIG_KEYS, SECRET_CONFIG_KEYS

    hidden = (*SECRET_CONFIG_KEYS, *secret_config_keys())
    keys = (*CONFIG_KEYS, *(SECRET_CONFIG_KEYS if with_keys else ()))
    found = {key: _secret_value(key) if key in hidden else config_value(key) for key in keys}
    return {key: value for key, value in found.items() if value is not None}


class Program:
    """One run of a program against one stack."""

    def __init__(self) -> None:
        """Begin without any data."""
        self._waits: pulumi.ProviderResource | None = None
        self._claimed: set[Hashable] = set()
        self._state: Mapping[str, Any] | None = None
        self._domains: dict[Hashable, DomainApi] = {}

    def waits_provider(self) -> pulumi.ProviderResource:
        """Return the provider instance for waits: a separate process, so that a wait never delays a submit."""
        if self._waits is None:
            self._waits = pulumi.ProviderResource(PACKAGE, _WAITS, stack_config())
        return self._waits

    def domains(self, service: Service, connect: Callable[[Service], DomainApi]) -> DomainApi:
        """Return the domains of *service*, of which each answer is asked for once in this program."""
        account = _account.get()
        key = (service, *(sorted(account.config.items()) if account is not None else ()))
        if key not in self._domains:
            self._domains[key] = AskedOnce(connect(service))
        return self._domains[key]

    def claim(self, address: Hashable) -> bool:
        """Claim *address*; return whether it was free in this program."""
        new = address not in self._claimed
        self._claimed.add(address)
        return new

    def earlier_state(self, read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return the result of the first *read*: the state before this deployment changed anything."""
        if self._state is None:
            self._state = read()
        return self._state


_programs: Final[WeakKeyDictionary[pulumi.Resource, Program]] = WeakKeyDictionary()


def current_program() -> Program | None:
    """Return the program that is running; None if no stack runs, as in a script that only queries the service."""
    root = pulumi.runtime.get_root_resource()
    return None if root is None else _programs.setdefault(root, Program())


def waits_provider(component: pulumi.Resource) -> pulumi.ProviderResource | None:
    """Return the provider instance for the waits of *component*: that of its Provider, else that of the program."""
    own = provider_of(component)
    if own is not None:
        return own.waits_provider()
    program = current_program()
    return None if program is None else program.waits_provider()
