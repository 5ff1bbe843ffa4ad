"""The resource for a second account or region in one program: Provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from pulumi_alicdn.resources.option_types import Text

PACKAGE: Final = "pulumi-python"
"""Pulumi's package of dynamic providers, whose instances run the steps."""


class Provider(pulumi.ProviderResource):
    """An account and region for the resources that name it, with `opts=pulumi.ResourceOptions(provider=…)`.

    The stack's configuration stays the default: for all other resources, and for each option that is left out.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        profile: Text | None = None,
        region: Text | None = None,
        endpoint: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Name an account, a region, or both.

        profile: a profile of `~/.aliyun/config.json`, for credentials. Default: the stack's.
        region: a region id, such as `cn-shanghai`. Default: the stack's.
        endpoint: a host or URL that replaces the region's endpoint; plain http on loopback only. Default: the stack's.
        opts: Pulumi's options of every resource.

        A change of any of these, and of the provider of a task, submits nothing. What is Complete stays so. The id of
        an unfinished task belongs to its old account: a wait there goes on only with the old provider.
        """
        from pulumi_alicdn.resources.program import stack_config

        given = {"alicdn:profile": profile, "alicdn:region": region, "alicdn:endpoint": endpoint}
        own = {key: value for key, value in given.items() if value is not None}
        self.config: Mapping[str, Any] = {**stack_config(with_keys=profile is None), **own}
        """The configuration of the steps: keys and values."""
        self._waits: pulumi.ProviderResource | None = None
        self._waits_name = f"{resource_name}-alicdn-waits"
        super().__init__(PACKAGE, resource_name, self.config, opts)

    def waits_provider(self) -> pulumi.ProviderResource:
        """Return the instance for waits, which is made when it is needed."""
        if self._waits is None:
            self._waits = pulumi.ProviderResource(PACKAGE, self._waits_name, self.config)
        return self._waits


def provider_of(component: pulumi.Resource) -> Provider | None:
    """Return the Provider of *component*: its own, or that of a parent; None if the stack's configuration is meant."""
    found = component.get_provider(f"{PACKAGE}:alicdn:Step")
    return found if isinstance(found, Provider) else None
