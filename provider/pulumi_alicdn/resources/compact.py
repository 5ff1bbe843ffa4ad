"""Long values of steps in short: Pulumi's state holds each of them twice, as indented JSON.

10,000 URLs take 0.8 MB as a list, and 0.1 MB packed. A list that holds an output is left as it is: Pulumi has to see
which of its values are secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_alicdn.releases.packed import PACKED, pack, unpack

SHORTENED: Final = ("manifest", "plan", "removed_pending", "served_before")
"""Packed texts of a release that its inputs only name: the state has them in the outputs already."""

LONG: Final = 500
"""The shortest text that is shortened, in characters. [chosen: a few lines of a difference that Pulumi shows]"""

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


def shortened(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return *values* with the names of long packed texts instead of these, and the texts by their names."""
    texts: dict[str, str] = {}
    short = dict(values)
    for name in SHORTENED:
        value = values.get(name)
        if isinstance(value, str) and len(value) >= LONG and value.count(":") == _PARTS:
            short[name] = value.rpartition(":")[0]
            texts[short[name]] = value
    return short, texts


_PARTS: Final = 2
"""Colons of a packed text, after its form and after its digest; its name has the first one only."""


def names_text(value: object) -> bool:
    """Whether *value* is the name of a packed text, and not the text."""
    return isinstance(value, str) and value.startswith("alicdn-") and value.count(":") == 1
