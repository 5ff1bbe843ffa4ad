"""The decision of a release whose options are all known: what the folder, the last release and the service say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.before_submit import check_domains, names_no_origin, origin_of_release
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.origin_choice import NamedOrigin
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import Decision, PreviousRelease, decide
from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.origin.found_origin import FoundOrigin, found_origin, last_origin, needed_first, trial_of
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS
from pulumi_alicdn.releases.release_options import policy
from pulumi_alicdn.releases.removed import Held, OldFiles
from pulumi_alicdn.validation import Problem, Unknown

Refusing = Callable[[Iterable[Problem]], None]
"""Raises InputError for problems, with the names of a front end's options."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision asks, each only where the release needs it.

    ``quota``, ``domains``: the service. ``names``: finds the hosts that nobody knows, by the options. ``origin``: reads
    the origin. ``clock``, ``now``: the time. ``warn``: gets what may stand in the way. ``refusing``: as above.
    ``origin_option``: what the front end calls the option ``origin``.
    """

    quota: Callable[[Service], Mapping[str, Allowance]]
    domains: Callable[[Service], DomainApi]
    names: Callable[[Mapping[str, Any]], Iterable[Problem]]
    origin: steps.Readers
    clock: Clock
    now: Callable[[], datetime]
    warn: Callable[[Problem], None]
    refusing: Refusing
    origin_option: str


def decided(
    given: Mapping[str, Any],
    files: Manifest,
    previous: PreviousRelease,
    asked: Asked,
    *,
    triggers: Sequence[Any],
    force: bool | Unknown | None,
) -> tuple[Decision, dict[str, Any]]:
    """Return what a release of *files* does, and the options *given* with an origin that the service names.

    Raises InputError for what must not be submitted, and the errors of the service.
    """
    options, record = dict(given), previous.record
    finds, decisions = names_no_origin(options), policy(options)

    @cache
    def origin() -> FoundOrigin:
        named = origin_of_release(given, asked.domains)
        found = (named.url, named.host) if isinstance(named, NamedOrigin) else named.reason
        before = manifests.unpack(record["manifest"]) if record is not None else None
        trial = trial_of(files, before, given["base_urls"])
        return found_origin(
            found, given, lambda: asked.origin((), {}, OPEN_ACCESS), asked.clock, trial, asked.origin_option
        )

    if finds and needed_first(record, files, given["removed"]):
        options = origin().options(given)

    def still_at_origin(removed: OldFiles) -> Mapping[str, Held]:
        return steps.still_at_origin(asked.origin, asked.clock, options, files, removed)

    decision = decide(
        decisions,
        files,
        triggers,
        previous,
        lambda: asked.quota(decisions.service),
        asked.now(),
        force,
        still_at_origin if options["origin"] else None,
        asked.refusing,
    )
    if decision.submits:
        asked.refusing(asked.names(options))
        asked.refusing(check_domains(options, asked.domains, asked.warn))
    named = origin() if finds and decision.submits else last_origin(None if given["origin"] else record)
    return decision.noting(named.said), named.options(given)
