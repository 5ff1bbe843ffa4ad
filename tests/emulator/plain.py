"""Calls to an emulator whose answers no client has read yet."""

from __future__ import annotations

from pulumi_alicdn.emulator.running import Emulator
from support.signed_request import Answer, send, signed


def ask(emulator: Emulator, action: str, **params: str | int) -> Answer:
    """The answer to one call; JSON unless ``Format`` says otherwise."""
    full = {
        "Action": action,
        "Version": "2017-03-21" if "Vod" in action or "Media" in action else "2018-05-10",
        "Format": "JSON",
        **{name: str(value) for name, value in params.items()},
    }
    query = signed(full, emulator.access_key_id, emulator.access_key_secret)
    return send(emulator.endpoint, "GET", f"/?{query}")


def refresh(emulator: Emulator, *paths: str, action: str = "RefreshVodObjectCaches", object_type: str = "File") -> str:
    """Submit a refresh; return its task ids."""
    return str(ask(emulator, action, ObjectPath="\n".join(paths), ObjectType=object_type).json["RefreshTaskId"])
