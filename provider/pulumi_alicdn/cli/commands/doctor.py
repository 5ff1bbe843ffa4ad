"""`alicdn doctor`: the checklist of a domain, and the next step for each point that stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import click

from pulumi_alicdn.api.nodes import Node
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli import console
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.exit_codes import ExitCode
from pulumi_alicdn.cli.flags import access_flags, common_flags
from pulumi_alicdn.domains.checkup import Check, Verdict, checklist, headline, worst
from pulumi_alicdn.domains.examination import Asked, examine
from pulumi_alicdn.domains.examined import Examined, KeysSeen, Owner
from pulumi_alicdn.domains.obstacles import Asking
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.releases.network.listing import ASKED_S, with_places
from pulumi_alicdn.releases.proof.edge_access import parse_access
from pulumi_alicdn.tasks.task_api import TaskApi

COLUMNS: Final = ("domain", "check", "verdict", "said", "cure")
"""The values of one check, in the order of the columns."""

_STYLES: Final[Mapping[Verdict, str]] = {"ok": "green", "warning": "yellow", "problem": "bold red", "unknown": "yellow"}

_CODES: Final = {"credentials": ExitCode.DENIED, "rights": ExitCode.DENIED, "service": ExitCode.UNREACHABLE}
"""The exit codes of problems that are not those of a domain."""

_EPILOG: Final = """\b
Name domains, or URLs to say how visitors ask for them:
  alicdn doctor media.example.com
  alicdn doctor https://media.example.com/app.js

Nothing is submitted. Exit code 1 means that something stands in the way of a release."""


@click.command(epilog=_EPILOG)
@click.argument("domains", metavar="DOMAIN|URL...", nargs=-1, required=True)
@access_flags.domain
@common_flags.output
@pass_cloud_options
def doctor(
    cloud: CloudOptions,
    /,
    *,
    domains: tuple[str, ...],
    service: str | None,
    port: int | None,
    output: str,
    **given: Any,  # noqa: ANN401  click
) -> None:
    """Check all that a release of a domain needs, and say what to do about the rest."""
    access = access_flags.checked_access(given)
    targets = [_target(text) for text in domains]

    from pulumi_alicdn.system.domain_probe import DomainProbe  # noqa: PLC0415  its HTTP takes a moment to load

    machine = DomainProbe(parse_access(access), port)
    chosen = [Service(service)] if service else list(Service)
    services = {one: _asked(cloud, one) for one in chosen}
    sent = frozenset(name.lower() for name in access["request_headers"] or ())
    owner = cache(cloud.owner)
    found: list[tuple[Examined, Sequence[Check]]] = []
    for domain, url in targets:
        asking = Asking(urlsplit(url).scheme, signs=access["url_auth"] is not None, headers=sent)
        examined = examine(domain, url, asking, cloud.keys, owner, services, machine)
        found.append((examined, checklist(examined)))
    _show(found, output)
    raise click.exceptions.Exit(max((_code(checks) for _, checks in found), key=lambda code: code.value))


def _target(text: str) -> tuple[str, str]:
    """Return the domain of *text*, and the URL that is asked for. Raises InputError."""
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc:
        raise InputError(f"{show_address(text)} is no domain such as media.example.com, and no URL with http or https")
    return host.lower(), url if parts.path else f"{url}/"


def _asked(cloud: CloudOptions, service: Service) -> Asked:
    """Return the questions to *service*; nothing is asked yet."""
    api, caller = cloud.api(service), cloud.caller()
    return Asked(
        cloud.domains(service),
        lambda: caller.read(api.quota),
        lambda: caller.read(lambda: _newest(api)),
        lambda domain: _nodes(cloud, service, domain),
    )


def _newest(api: TaskApi) -> datetime:
    return api.describe(Query(page_size=1)).server_time


def _nodes(cloud: CloudOptions, service: Service, domain: str) -> tuple[Sequence[Node], Sequence[str]]:
    """Return the nodes of *domain* with their places, and what the list lacks. Raises the ApiError of the list."""
    from pulumi_alicdn.system.ipv6 import has_ipv6  # noqa: PLC0415  sockets are only for asking

    caller, network = cloud.caller(), cloud.network(service)
    until = caller.clock.monotonic() + ASKED_S
    texts = caller.read(lambda: network.addresses(domain), until)
    found = with_places(network, caller.read, caller.clock, domain, texts, until, ipv6=has_ipv6())
    return found.nodes, found.warnings


def _code(checks: Sequence[Check]) -> ExitCode:
    if worst(checks) != "problem":
        return ExitCode.OK
    first = next(check for check in checks if check.verdict == "problem")
    return _CODES.get(first.name, ExitCode.FAILED)


def _credentials(examined: Examined) -> dict[str, object]:
    """Return what may be shown of the credentials, by name; a value that is not known is None."""
    keys = examined.keys if isinstance(examined.keys, KeysSeen) else None
    owner = examined.owner if isinstance(examined.owner, Owner) else Owner("")
    return {
        "source": keys.source if keys is not None else None,
        "access_key_id_end": keys.id_end if keys is not None else None,
        "temporary": keys.temporary if keys is not None else None,
        "expires": keys.ends.isoformat() if keys is not None and keys.ends is not None else None,
        "account": owner.account or None,
        "kind": owner.kind or None,
        "name": owner.name or None,
    }


def _show(found: Sequence[tuple[Examined, Sequence[Check]]], output: str) -> None:
    rows = [
        dict(zip(COLUMNS, (one.domain, check.name, check.verdict, check.said, check.cure), strict=True))
        for one, checks in found
        for check in checks
    ]
    if output == "json":
        console.show_json(
            [
                {
                    "domain": one.domain,
                    "verdict": worst(checks),
                    "headline": headline(one.domain, checks),
                    "credentials": _credentials(one),
                    "checks": [row for row in rows if row["domain"] == one.domain],
                }
                for one, checks in found
            ]
        )
    elif output == "csv":
        console.show_csv(COLUMNS, rows)
    else:
        for one, checks in found:
            console.result(headline(one.domain, checks))
            table = console.table({"": "left", "CHECK": "left", "FOUND": "left", "NEXT STEP": "left"})
            for check in checks:
                verdict = console.text(check.verdict, _STYLES[check.verdict])
                table.add_row(verdict, *map(console.text, (check.name, check.said, check.cure)))
            console.show(table)
