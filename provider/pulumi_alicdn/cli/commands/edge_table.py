"""`alicdn edges`: the nodes of a domain by place, and what each of them serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import click

from pulumi_alicdn.api.nodes import Node
from pulumi_alicdn.api.paths.path_checks import domain_problem, url_problem
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli import console
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.exit_codes import ExitCode
from pulumi_alicdn.cli.flags import access_flags, common_flags
from pulumi_alicdn.domains.owner import OfBothError, service_of
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import counted, show_address
from pulumi_alicdn.releases.network.listing import network_of
from pulumi_alicdn.releases.network.node_choice import Network
from pulumi_alicdn.releases.proof.comparison import NodeAnswer, compared
from pulumi_alicdn.releases.proof.edge_access import parse_access
from pulumi_alicdn.releases.proof.judge import HEAD_OVER_BYTES, Probe
from pulumi_alicdn.releases.proof.servers import Server

NODE_COLUMNS: Final = ("country", "province", "city", "provider", "node")
COLUMNS: Final = (*NODE_COLUMNS, "url", "differs", "status", "sha256", "etag", "age", "x_cache", "error")
"""The values of one node, and of one answer, in the order of the columns."""

TIMEOUT_S: Final = 120
"""Seconds for all answers. [chosen: 500 nodes that are silent for 10 s each, 16 at a time, take no longer]"""

_DIGITS: Final = 12
"""Digits of a hash that the table shows. [chosen: two files do not share them by chance]"""

_EPILOG: Final = """\b
  alicdn edges media.example.com
  alicdn edges media.example.com https://media.example.com/app.js

Answers that differ from those of most nodes come first. Exit code 1 means that there are some,
or that the service lists no node."""


@click.command(epilog=_EPILOG)
@click.argument("domain")
@click.argument("urls", metavar="[URL]...", nargs=-1)
@access_flags.domain
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=TIMEOUT_S,
    show_default=True,
    help="How long all answers may take; those that are missing then are listed as such.",
)
@common_flags.output
@pass_cloud_options
def edges(
    cloud: CloudOptions,
    /,
    *,
    domain: str,
    urls: tuple[str, ...],
    service: str | None,
    port: int | None,
    timeout_s: float,
    output: str,
    **given: Any,  # noqa: ANN401  click
) -> None:
    """List the nodes of a domain by country, province and provider, and what each serves of the URLs."""
    access = access_flags.checked_access(given)
    _check(domain, urls)
    chosen = Service(service) if service else _service_of(domain, cloud)
    caller = cloud.caller()

    from pulumi_alicdn.system.ipv6 import has_ipv6  # noqa: PLC0415  sockets are only for asking

    network = network_of(cloud.network(chosen), caller.read, caller.clock, domain, ipv6=has_ipv6())
    for warning in network.warnings:
        console.say(f"alicdn: {warning}")
    if not urls:
        _show_nodes(network, output)
        raise click.exceptions.Exit(ExitCode.OK if network.nodes else ExitCode.FAILED)

    from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

    nodes = {Server(node.address, port): node for node in network.nodes}
    probes = [Probe(server, url, most_bytes=HEAD_OVER_BYTES) for url in urls for server in nodes]
    read = EdgeFetcher(access=parse_access(access)).read(probes, timeout_s)
    answers = compared((nodes[probe.server], probe.url, served) for probe, served in read)
    _show_answers(answers, output)
    differing = sum(one.differs for one in answers)
    places = len({node.place.area for node in network.nodes})
    where = f"{counted(len(network.nodes), 'node')} in {counted(places, 'place')}"
    console.say(f"alicdn: {where}: {counted(differing, 'answer differs', 'answers differ')}")
    raise click.exceptions.Exit(ExitCode.FAILED if differing else ExitCode.OK)


def _service_of(domain: str, cloud: CloudOptions) -> Service:
    try:
        return service_of([domain], cloud.domains)
    except OfBothError as error:
        raise OfBothError(error.domain, "name one of them with --service") from None


def _check(domain: str, urls: Sequence[str]) -> None:
    if problem := domain_problem(domain):
        raise InputError(f"DOMAIN {problem}")
    for number, url in enumerate(urls, 1):
        if problem := url_problem(url):
            raise InputError(f"URL {number} {problem}")
        if urlsplit(url).hostname != domain.lower():
            raise InputError(f"URL {number} is {show_address(url)}, which is not a URL of {show_address(domain)}")


def _node_row(node: Node) -> dict[str, object]:
    return dict(zip(NODE_COLUMNS, (node.country, node.province, node.city, node.provider, node.address), strict=True))


def _show_nodes(network: Network, output: str) -> None:
    nodes = sorted(network.nodes, key=lambda node: (node.place, node.city, node.address))
    rows = [_node_row(node) for node in nodes]
    if output == "json":
        console.show_json(rows)
    elif output == "csv":
        console.show_csv(NODE_COLUMNS, rows)
    else:
        _table(NODE_COLUMNS, rows)
        countries = Counter(node.country or "unknown" for node in nodes)
        by = ", ".join(f"{name} {count}" for name, count in countries.most_common())
        console.say(f"alicdn: {counted(len(nodes), 'node')}" + (f": {by}" if nodes else ""))


def _show_answers(answers: Sequence[NodeAnswer], output: str) -> None:
    rows = [_answer_row(one) for one in answers]
    if output == "json":
        console.show_json(rows)
    elif output == "csv":
        console.show_csv(COLUMNS, rows)
    else:
        shown = [
            {**row, "differs": "differs" if row["differs"] else "", "sha256": str(row["sha256"])[:_DIGITS]}
            for row in rows
        ]
        _table([name for name in COLUMNS if name != "city"], shown)


def _answer_row(one: NodeAnswer) -> dict[str, object]:
    served = one.served
    late = "no answer in time" if served.time_up else ""
    return {
        **_node_row(one.node),
        "url": one.url,
        "differs": one.differs,
        "status": served.status or "",
        "sha256": served.sha256.hex() if served.sha256 else "",
        "etag": served.etag,
        "age": served.age,
        "x_cache": served.x_cache,
        "error": served.error or late,
    }


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    table = console.table(dict.fromkeys((name.upper().replace("_", "-") for name in columns), "left"))
    for row in rows:
        table.add_row(*(console.text(row[name]) for name in columns))
    console.show(table)
