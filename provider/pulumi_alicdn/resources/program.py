"""Data that all resources of one Pulumi program share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.domain_api import DomainApi

_WAITS: Final = "alicdn-waits"


def config_value(key: str) -> str | None:
    """Return the value of a key, such as `alicdn:region`, of the stack's configuration."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _secret_value(key: str) -> pulumi.Output[str] | None:
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get_secret(name)


def secret_config_keys() -> list[str]:
    """Return the keys whose values the stack's configuration holds as secrets, although they need not be."""
    from pulumi_alicdn.cloud.settings import CONFIG_KEYS

    return [key for key in CONFIG_KEYS if pulumi.runtime.is_config_secret(key)]


class Program:
    """One run of a program against one stack."""

    def __init__(self) -> None:
        """Begin without any data."""
        self._waits: pulumi.ProviderResource | None = None
        self._claimed: set[Hashable] = set()
        self._state: Mapping[str, Any] | None = None
        self._domains: dict[Service, DomainApi] = {}

    def waits_provider(self) -> pulumi.ProviderResource:
        """Return the provider instance for waits: a separate process, so that a wait never delays a submit.

        The engine passes the stack's configuration to the default instance only; this one gets it as its properties.
        """
        if self._waits is None:
            from pulumi_alicdn.cloud.settings import CONFIG_KEYS, SECRET_CONFIG_KEYS

            hidden = (*SECRET_CONFIG_KEYS, *secret_config_keys())
            keys = (*CONFIG_KEYS, *SECRET_CONFIG_KEYS)
            found = {key: _secret_value(key) if key in hidden else config_value(key) for key in keys}
            props = {key: value for key, value in found.items() if value is not None}
            self._waits = pulumi.ProviderResource("pulumi-python", _WAITS, props)
        return self._waits

    def domains(self, service: Service, connect: Callable[[Service], DomainApi]) -> DomainApi:
        """Return the domains of *service*, of which each answer is asked for once in this program."""
        if service not in self._domains:
            self._domains[service] = AskedOnce(connect(service))
        return self._domains[service]

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


def waits_provider() -> pulumi.ProviderResource | None:
    """Return the provider instance for the waits of the current program."""
    program = current_program()
    return None if program is None else program.waits_provider()
