"""The fingerprint of a task: two requests have the same one exactly if the second needs no new submit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from pulumi_alicdn.api.spec import TaskSpec


def fingerprint(spec: TaskSpec, triggers: object) -> str:
    """Return the SHA-256, in hex, of the task and its triggers; the order of objects, words and headers is ignored.

    *triggers*: any JSON value. It may be secret, so the state contains only its digest.
    """
    return _digest(_in_order(spec), triggers)


def has_fingerprint(spec: TaskSpec, triggers: object, known: object) -> bool:
    """Whether *known* is the fingerprint of the task; earlier versions did not ignore the order of media and tags."""
    return known in (fingerprint(spec, triggers), _digest(spec, triggers))


def _in_order(spec: TaskSpec) -> TaskSpec:
    media, tags = spec.media, spec.tags
    if media is not None:
        ids, formats, definitions = (tuple(sorted(one)) for one in (media.ids, media.formats, media.definitions))
        media = replace(media, ids=ids, formats=formats, definitions=definitions)
    if tags is not None:
        tags = replace(tags, tags=tuple(sorted(tags.tags)))
    return replace(spec, media=media, tags=tags)


def _digest(spec: TaskSpec, triggers: object) -> str:
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
