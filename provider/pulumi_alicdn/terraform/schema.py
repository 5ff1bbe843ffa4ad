"""The description of what users configure, from which the schema that Terraform asks for is made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_alicdn.terraform.tfplugin6 import tfplugin6_pb2 as pb

TEXT: Final = "string"
"""A text."""

WHOLE: Final = "number"
"""A number."""

FLAG: Final = "bool"
"""True or false."""

TEXTS: Final = ["list", "string"]
"""A list of texts. A set of 3,000 would take Terraform a minute."""

TEXT_MAP: Final = ["map", "string"]
"""A mapping of names to texts."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute.

    ``kind``: its type, as Terraform writes types in JSON. ``says``: one line for the documentation.
    ``required``: the user sets it. ``computed``: the provider sets it. Neither: the user may set it.
    """

    kind: str | Sequence[Any]
    says: str
    required: bool = False
    computed: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """What a provider or a resource has. ``blocks``: blocks that may occur once, by name, with their attributes."""

    says: str
    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, Mapping[str, Attribute]]

    def message(self) -> pb.Schema:
        """Return the answer for Terraform."""
        nested = [
            pb.Schema.NestedBlock(
                type_name=name,
                nesting=pb.Schema.NestedBlock.SINGLE,
                block=pb.Schema.Block(attributes=_attributes(attributes)),
            )
            for name, attributes in self.blocks.items()
        ]
        block = pb.Schema.Block(
            attributes=_attributes(self.attributes),
            block_types=nested,
            description=self.says,
            description_kind=pb.MARKDOWN,
        )
        return pb.Schema(version=0, block=block)

    def whole(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a version of this provider stored, with each attribute and block of this one, and no other."""
        found = {name: _whole(one.kind, stored.get(name)) for name, one in self.attributes.items()}
        return {**found, **{name: stored.get(name) for name in self.blocks}}


def _whole(kind: str | Sequence[Any], stored: Any) -> Any:  # noqa: ANN401  a value of any type
    """Return *stored* with each part that objects of *kind* have: an earlier version may know fewer."""
    if stored is None or isinstance(kind, str):
        return stored
    inner = kind[1]
    if isinstance(inner, dict):
        return {name: _whole(one, stored.get(name)) for name, one in inner.items()}
    if isinstance(stored, list):
        return [_whole(inner, one) for one in stored]
    return stored


def _attributes(found: Mapping[str, Attribute]) -> list[pb.Schema.Attribute]:
    return [
        pb.Schema.Attribute(
            name=name,
            type=json.dumps(one.kind).encode(),
            description=one.says,
            description_kind=pb.MARKDOWN,
            required=one.required,
            optional=not one.required and not one.computed,
            computed=one.computed,
            sensitive=one.secret,
        )
        for name, one in found.items()
    ]
