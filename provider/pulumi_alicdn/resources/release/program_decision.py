"""The decision of a release within a program: from the folder, the state and the service, as far as all is known."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final
from urllib.parse import urlsplit

import pulumi

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.borders import printed
from pulumi_alicdn.domains.before_submit import check_domains, names_no_origin, origin_of_release
from pulumi_alicdn.domains.origin_choice import NamedOrigin
from pulumi_alicdn.domains.owner import service_of
from pulumi_alicdn.errors import ApiError, InputError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.decision import (
    AGAIN,
    PROVEN_AGAIN,
    UNCHANGED,
    Allowances,
    Decision,
    PreviousRelease,
    decide,
)
from pulumi_alicdn.releases.globs import Selection, left_out_sentence
from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.origin.found_origin import FoundOrigin, found_origin, last_origin, needed_first, trial_of
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM
from pulumi_alicdn.releases.proof.servers import EdgeSource, option_source
from pulumi_alicdn.releases.release_options import check_release, policy
from pulumi_alicdn.releases.steps import still_at_origin
from pulumi_alicdn.resources.functions import domain_api, nodes_listed, quota
from pulumi_alicdn.resources.program import config_value
from pulumi_alicdn.resources.release.release_inputs import Known
from pulumi_alicdn.resources.release_steps import edge_reader
from pulumi_alicdn.resources.secret_values import Veil, veiled
from pulumi_alicdn.state import EDGE_ACCESS
from pulumi_alicdn.validation import UNKNOWN, refuse

_NOT_KNOWN: Final = "https://not-known-yet.invalid/"
"""Stands for a URL of a first release while that is not known. Names in `.invalid` belong to nobody (RFC 2606)."""


def decided(
    known: Known, previous: PreviousRelease, force: object
) -> tuple[Decision, datetime | None, Mapping[str, Any]]:
    """Return the decision, the newest mtime of the folder, and the options of an origin that the user did not name.

    Raises AlicdnError for what must not be submitted.
    """
    refuse(check_release(known.values))
    from pulumi_alicdn.system.clock import SystemClock
    from pulumi_alicdn.system.dns.names import check_names
    from pulumi_alicdn.system.folder import scan_files
    from pulumi_alicdn.system.report_files import check_reports, report_paths

    options: dict[str, Any] = dict(known.values)
    summary_file, report_file = (None if options[name] is UNKNOWN else options[name] for name in _REPORTS)
    reports = (summary_file, report_file, os.environ)
    refuse(check_reports(*reports))
    selection = Selection(tuple(options["include"]), tuple(options["exclude"]))
    found = scan_files(
        options["directory"],
        selection,
        without=report_paths(*reports),
        allow_empty=options["allow_empty"],
        allowed_by="allow_empty",
    )
    open_urls = "base_urls" in known.unknown
    if open_urls:
        options["base_urls"] = previous.record["base_urls"] if previous.record is not None else [_NOT_KNOWN]
    for name in _ORIGIN:
        if options[name] is UNKNOWN:
            options[name] = previous.record.get(name) if previous.record is not None else None
    if options["service"] is None:
        options["service"] = str(_service(options["base_urls"], previous, asked=not open_urls))
    decisions = policy(options)
    record = previous.record
    open_edges = open_urls or UNKNOWN in (options["edges"], options["resolve"])
    finds = known.values["origin"] is None and not open_edges and names_no_origin(options)
    before = manifests.unpack(record["manifest"]) if record is not None else None
    origin = cache(lambda: _found_origin(options, found.manifest, before))
    if finds and needed_first(record, found.manifest, options["removed"]):
        options = origin().options(options)
    # Values of other resources are unknown at plan time; assume that they have not changed.
    triggers = _as_begun(previous) if options["triggers"] is UNKNOWN else options["triggers"]
    allowances: Allowances = (lambda: None) if open_urls else partial(_quota, decisions.service)
    forced = force if force is None or isinstance(force, bool) else UNKNOWN
    asks = partial(still_at_origin, edge_reader, SystemClock(), options, found.manifest) if options["origin"] else None
    decision = decide(decisions, found.manifest, triggers, previous, allowances, datetime.now(UTC), forced, asks)
    if decision.submits and not open_edges:
        refuse(check_names(options, lambda host: _listed(options, decisions.service, host)))
        veil = Veil(secret_values(known))
        refuse(check_domains(options, domain_api, lambda one: pulumi.log.warn(printed(veil.hide(one.sentence)))))
    named = origin() if finds and decision.submits else last_origin(record if known.values["origin"] is None else None)
    more = named.options({"origin_host": known.values["origin_host"]}) if named.url else {}
    return decision.noting(named.said).noting(left_out_sentence(found.left_out)), found.newest, more


def _found_origin(options: Mapping[str, Any], files: Manifest, before: Manifest | None) -> FoundOrigin:
    from pulumi_alicdn.system.clock import SystemClock

    with veiled():
        named = origin_of_release(options, domain_api)
    found = (named.url, named.host) if isinstance(named, NamedOrigin) else named.reason
    plain = partial(edge_reader, (), {}, OPEN_ACCESS)
    trial = trial_of(files, before, options["base_urls"])
    return found_origin(found, options, plain, SystemClock(), trial, PROGRAM.origin)


def _listed(options: Mapping[str, Any], service: Service, host: str) -> Collection[object] | None:
    """Return the nodes of *host* that the service lists, if the user wants those: they need no DNS."""
    if option_source(options["edges"]) is not EdgeSource.NETWORK:
        return None
    with veiled():
        return nodes_listed(service).servers(host)


def _as_begun(previous: PreviousRelease) -> list[Any]:
    """Return as many unknown triggers as the tasks of the last release have; the digest of the files is not one."""
    return [UNKNOWN] * max((len(one.triggers) - 1 for one in previous.started.values()), default=0)


def _service(base_urls: Sequence[str], previous: PreviousRelease, *, asked: bool) -> Service:
    """Return the service of a release that names none: that of the last release of these domains, or as both say.

    A preview that cannot ask goes on with CDN, and says so.
    """
    hosts = _hosts(base_urls)
    if previous.record is not None and (not asked or hosts <= _hosts(previous.record["base_urls"])):
        return Service(previous.record["service"])
    if not asked:
        return Service.CDN
    try:
        return service_of(sorted(hosts), domain_api)
    except ApiError as error:
        if not _may_go_on():
            raise InputError(f"the service of the domains cannot be found: {error}; name it with service") from None
        pulumi.log.warn(printed(f"the service of the domains could not be asked for, and the plan is for cdn: {error}"))
        return Service.CDN


def _hosts(base_urls: Sequence[str]) -> set[str]:
    return {(urlsplit(url).hostname or "").lower() for url in base_urls}


def _may_go_on() -> bool:
    """Return whether a preview may go on without an answer of the service."""
    from pulumi_alicdn.cloud.settings import strict_preview

    return pulumi.runtime.is_dry_run() and not strict_preview(config_value)


def _quota(service: Service) -> Mapping[str, Allowance] | None:
    """Return today's quota; a preview goes on without it if the service cannot be reached, and says so."""
    try:
        return quota(service)
    except ApiError as error:
        if not error.retryable or not _may_go_on():
            raise
        pulumi.log.warn(printed(f"today's quota could not be checked: {error}; `pulumi up` checks it"))
        return None


_REPORTS: Final = ("summary_file", "report_file")
_ORIGIN: Final = ("origin", "origin_host")


def secret_values(known: Known) -> Mapping[str, Any]:
    """Return the options of which no sentence shows anything: the secret ones, and keys and headers in any case."""
    secret = sorted({*known.secret, *EDGE_ACCESS})
    return {**known.values, "secrets": secret}


def summary(decision: Decision, known: Known, *, proven_again: bool) -> str:
    """Return what a preview says of *decision*, without what is secret.

    *proven_again*: whether the edges are asked again, although nothing changed.
    """
    veil = Veil(secret_values(known))
    if "base_urls" not in known.unknown:
        done = PROVEN_AGAIN if proven_again else UNCHANGED
        return veil.hide(decision.summary or "\n".join(filter(None, (done, decision.waiting))))
    again = decision.summary.startswith(AGAIN)
    changes = AGAIN if again else decision.plan.changes if decision.summary else "no file changed"
    return f"{changes}; base_urls is not known yet, and so are the URLs to refresh and prefetch"
