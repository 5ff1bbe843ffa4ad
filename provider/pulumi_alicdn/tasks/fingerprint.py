"""The fingerprint of a task: two requests have the same one exactly if the second needs no new submit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from pulumi_alicdn.api.spec import TaskSpec


def fingerprint(spec: TaskSpec, triggers: object) -> str:
    """Return the SHA-256, in hex, of the task and its triggers; the order of object paths and of headers is ignored.

    *triggers*: any JSON value. It may be secret, so the state contains only its digest.
    """
    plain: list[object] = [
        spec.service,
        spec.kind,
        spec.object_type,
        sorted(spec.object_paths),
        spec.force,
        spec.area,
        spec.l2_preload,
        sorted(spec.headers),
        _plain(triggers),
    ]
    if not spec.by_path:
        plain.append(_plain([spec.media and asdict(spec.media), spec.tags and asdict(spec.tags)]))
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Turn whole numbers in *value* into integers: some transports turn 2 into 2.0."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
