"""Transforms of a component's inputs: what they leave is what its steps get.

The engine runs transforms when it registers a component, and does not return the inputs that they left. So, where there
can be any, the component adds a transform of its own after all others, which changes nothing and remembers what it saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import settings
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

from pulumi_alicdn.borders import printed
from pulumi_alicdn.resources.component.pulumi_options import WITHOUT_EFFECT

_Address = tuple[str, str, str]
"""Type, name and the URN of the parent of a component."""


class _Last:
    """The last transform of a program, as the engine orders them: own ones, those of parents, those of the stack."""

    def __init__(self) -> None:
        self._watched: dict[_Address, Transformed] = {}
        self._registered: asyncio.Future[None] | None = None

    async def watch(self, address: _Address, component: Transformed) -> None:
        """Have what transforms left of *component* noted; return once the engine knows this transform."""
        self._watched[address] = component
        if self._registered is None:
            self._registered = asyncio.ensure_future(self._register())
        await self._registered

    async def _register(self) -> None:
        # pulumi.runtime.register_resource_transform would block the program until all earlier resources are done.
        callbacks = await settings._get_callbacks()  # noqa: SLF001  no public function registers without blocking
        if callbacks is not None:
            await asyncio.get_running_loop().run_in_executor(None, callbacks.register_stack_transform, self._seen)

    async def _seen(self, args: pulumi.ResourceTransformArgs) -> None:
        parent = args.opts.parent
        above = str(await parent.urn.future()) if parent is not None else ""
        component = self._watched.get((args.type_, args.name, above))
        if component is not None:
            component.note(args)


_programs: Final[WeakKeyDictionary[pulumi.Resource, _Last]] = WeakKeyDictionary()


def may_be_transformed(opts: pulumi.ResourceOptions) -> bool:
    """Whether any transform can run on a component with *opts*. Parents do not show their transforms."""
    root = pulumi.runtime.get_root_resource()
    parent = opts.parent if opts.parent is not None else root
    if root is None or parent is None:
        return False
    older = opts.transformations or parent._transformations  # noqa: SLF001  the SDK runs these, and shows them nowhere
    return bool(older or opts.transforms or settings.SETTINGS.callbacks is not None or parent is not root)


class Transformed:
    """The inputs of one component after all transforms."""

    def __init__(self, type_token: str, name: str, given: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        """Watch the component that is about to be registered with *given* and *opts*."""
        self._name = name
        self._left: Mapping[str, Any] = given
        root = pulumi.runtime.get_root_resource()
        parent = opts.parent if opts.parent is not None else root
        last = _programs.setdefault(root, _Last()) if root is not None else _Last()

        async def watched(value: Any) -> Any:
            above = str(await parent.urn.future()) if parent is not None else ""
            await last.watch((type_token, name, above), self)
            return value

        # The engine reads its list of transforms when it registers the component: hold that back until it is complete.
        first = next(iter(given))
        self.inputs: dict[str, Any] = {**given, first: pulumi.Output.from_input(watched(given[first]))}

    def note(self, args: pulumi.ResourceTransformArgs) -> None:
        """Note what all transforms left of the component; warn of options that would have no effect."""
        self._left = dict(args.props)
        for option in WITHOUT_EFFECT:
            if getattr(args.opts, option, None) is not None:
                pulumi.log.warn(
                    printed(f"{self._name}: a transform set {option}, which has no effect there: set it in the program")
                )

    def left(self, component: pulumi.Resource, names: Collection[str]) -> dict[str, pulumi.Output[Any]]:
        """Return the inputs *names* once the engine has registered *component*; None for one that is not given."""

        async def one(name: str) -> Any:
            await component.urn.future()
            value = self._left.get(name)
            return pulumi.Output.secret(unwrap_rpc_secret(value)) if is_rpc_secret(value) else value

        return {name: pulumi.Output.from_input(one(name)) for name in names}
