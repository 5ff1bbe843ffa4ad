"""Long lists of objects as one short line: Pulumi's state holds each value of a step twice, as indented JSON.

10,000 URLs take 0.8 MB as a list, and 0.1 MB packed. A list that holds an output is left as it is: Pulumi has to see
which of its values are secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_alicdn.releases.packed import PACKED, pack, unpack

COMPACTED: Final = ("object_paths", "media_ids")
"""Options that are packed."""

MANY: Final = 200
"""The shortest list that is packed, in entries. [chosen: a person who reads the state sees the URLs of a usual task]"""


def compacted(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* with a line in place of each long list of texts in :data:`COMPACTED`."""
    return {name: _line(value) if name in COMPACTED else value for name, value in values.items()}


def _line(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) < MANY or not all(isinstance(one, str) for one in value):
        return value
    return pack(list(value))


def expanded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* with the lists that :func:`compacted` packed. Raises DamagedTextError for a damaged one."""
    return {name: unpack(value) if _is_packed(name, value) else value for name, value in values.items()}


def _is_packed(name: str, value: object) -> bool:
    return name in COMPACTED and isinstance(value, str) and value.startswith(PACKED)
