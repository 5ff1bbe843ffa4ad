"""The reading and checking of a submission, for a refresh or a prefetch; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.domains import Domains
from pulumi_alicdn.emulator.service.products import Service
from pulumi_alicdn.emulator.service.refusals import Refusal, naming
from pulumi_alicdn.emulator.service.targets import Target, parse_target, split_tags
from pulumi_alicdn.emulator.values import ObjectType, Params

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[ -~]*")
"""A header's name is a token, its value printable (RFC 9110, section 5)."""

AREAS: Final = frozenset({"domestic", "overseas"})
"""Values of Area (VOD 2017-03-21 PreloadVodObjectCaches and CDN 2018-05-10 PushObjectCache documentation)."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A valid submission; ``headers`` go with the origin requests of a prefetch."""

    service: Service
    object_type: ObjectType
    targets: tuple[Target, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    force: bool = False

    @property
    def cost(self) -> int:
        """The part of the day's quota that it uses: one for each object, or for each tag."""
        return len(split_tags(self.targets[0].path)) if self.object_type is ObjectType.CACHE_TAG else len(self.targets)


def read_refresh(service: Service, params: Params, domains: Domains) -> Submission:
    """Check a refresh."""
    type_name = params.get("ObjectType") or "File"
    object_type = service.refresh_types.get(type_name.lower())
    if object_type is None:
        raise Refusal(refusals.OBJECT_TYPE_UNSUPPORTED)
    return Submission(service, object_type, _targets(service, object_type, params, domains), force=_forced(params))


def read_cache_tags(service: Service, params: Params, domains: Domains) -> Submission:
    """Check a refresh by tag: one row, whose object path is ``CacheTag`` as it was sent.

    The documents limit neither the number of tags nor their form; an empty one is refused as a malformed path.
    """
    for name in ("DomainName", "CacheTag"):
        if not params.get(name):
            raise naming(refusals.MISSING_PARAMETER, name)
    domain, text = params["DomainName"].lower(), params["CacheTag"]
    if domain.startswith(("*", ".")):
        raise Refusal(refusals.WILDCARD_DOMAIN)
    if not all(tags := split_tags(text)):
        raise Refusal(refusals.OBJECT_PATH_MALFORMED, f"CacheTag is a list of tags joined by commas: {text!r}.")
    max_tags = service.max_per_call[ObjectType.CACHE_TAG]
    if len(tags) > max_tags:
        raise naming(service.refresh_size, max_tags)
    domains.check({domain}, ObjectType.CACHE_TAG, service.name)
    return Submission(service, ObjectType.CACHE_TAG, (Target(text, domain, text, None),), force=_forced(params))


def read_preload(service: Service, params: Params, domains: Domains) -> Submission:
    """Check a prefetch."""
    area = params.get("Area") or "domestic"
    if area.lower() not in AREAS:
        raise Refusal(refusals.INVALID_AREA)
    headers = _headers(params.get("WithHeader") or "{}")
    return Submission(service, ObjectType.PRELOAD, _targets(service, ObjectType.PRELOAD, params, domains), headers)


def _targets(service: Service, object_type: ObjectType, params: Params, domains: Domains) -> tuple[Target, ...]:
    entries = [entry for entry in re.split(r"\r?\n", params.get("ObjectPath", "")) if entry.strip()]
    if not entries:
        raise naming(refusals.MISSING_PARAMETER, "ObjectPath")
    max_entries, max_domains = service.max_per_call[object_type], service.max_domains_per_call
    if len(entries) > max_entries:
        size = service.preload_size if object_type is ObjectType.PRELOAD else service.refresh_size
        raise naming(size, max_entries)
    targets = tuple(parse_target(entry, object_type, scheme_required=service.scheme_required) for entry in entries)
    named = {target.domain for target in targets}
    if max_domains is not None and len(named) > max_domains:
        raise Refusal(service.refresh_size, f"A call takes at most {max_domains} domains; these are {len(named)}.")
    domains.check(named, object_type, service.name)
    return targets


def _forced(params: Params) -> bool:
    return params.get("Force", "").lower() == "true"


def _headers(text: str) -> Mapping[str, str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(refusals.INVALID_HEADER) from error
    if not isinstance(value, dict):
        raise Refusal(refusals.INVALID_HEADER)
    # The documented samples have single values and lists of them.
    headers = {str(name): ",".join(map(str, v)) if isinstance(v, list) else str(v) for name, v in value.items()}
    if not all(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(text) for name, text in headers.items()):
        raise Refusal(refusals.INVALID_HEADER, "WithHeader holds what cannot be an HTTP header.")
    return headers
