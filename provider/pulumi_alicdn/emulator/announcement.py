"""What the emulator prints once everything listens: one JSON object, or lines for a shell."""

from __future__ import annotations

import json
import shlex
from typing import Final, cast

from pulumi_alicdn.emulator.values import JsonObject

_VARIABLES: Final = {
    "ALICDN_ENDPOINT": "endpoint",
    "ALICDN_NODE_PORT": "node_port",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "access_key_id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "access_key_secret",
    "ALICDN_EMULATOR_ORIGIN": "origin",
}
"""The variables with which clients find the emulator, and its origin."""


def as_json(announcement: JsonObject) -> str:
    """Return one line with everything."""
    return json.dumps(announcement) + "\n"


def as_exports(announcement: JsonObject) -> str:
    """Return a line for each variable; a shell that reads them uses the emulator.

    The edges are a JSON list, as the configuration of a stack takes it.
    """
    values = {name: str(announcement[field]) for name, field in _VARIABLES.items()}
    edges = cast("list[str]", announcement["edges"])
    values["ALICDN_EMULATOR_EDGES"] = json.dumps([edge.removeprefix("http://") for edge in edges])
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
