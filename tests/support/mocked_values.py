"""Values as an engine passes them to a dynamic provider."""

from __future__ import annotations

from typing import Any

from pulumi.runtime import rpc


def plain(value: Any) -> Any:  # noqa: ANN401  whatever a resource holds
    """Return *value* without the marks of secrets."""
    if rpc.is_rpc_secret(value):
        return plain(value["value"])
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value
