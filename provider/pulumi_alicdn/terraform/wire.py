"""Values as Terraform sends them: msgpack, in which any extension type stands for an unknown value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import msgpack

from pulumi_alicdn.terraform.tfplugin6 import tfplugin6_pb2 as pb
from pulumi_alicdn.validation import UNKNOWN

Values = dict[str, Any]
"""The attributes of a resource by their names; None for one that is not set, UNKNOWN for one that is not known yet."""

_UNKNOWN: Final = msgpack.ExtType(0, b"\x00")
"""An unknown value without any refinement."""


def decoded(value: pb.DynamicValue) -> Values | None:
    """Return the attributes of *value*; None for a resource that does not exist."""
    if value.msgpack:
        found = msgpack.unpackb(value.msgpack, ext_hook=lambda _code, _data: UNKNOWN, strict_map_key=False)
    else:
        found = json.loads(value.json or b"null")
    return found if isinstance(found, dict) else None


def encoded(values: Mapping[str, object] | None) -> pb.DynamicValue:
    """Return the attributes as Terraform reads them."""
    return pb.DynamicValue(msgpack=msgpack.packb(values, default=_extension))


def _extension(value: object) -> msgpack.ExtType:
    if value is UNKNOWN:
        return _UNKNOWN
    raise TypeError(type(value).__name__)
