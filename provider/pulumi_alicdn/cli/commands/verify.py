"""`alicdn verify`: probes the edges, and proves that they serve exactly these bytes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import click
from rich.table import Table

from pulumi_alicdn.api.hosts import check_origin
from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.paths.path_checks import url_problem
from pulumi_alicdn.cli import console
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.exit_codes import ExitCode, proof_code
from pulumi_alicdn.cli.flags import access_flags, common_flags, folder_flags
from pulumi_alicdn.cli.found_service import service_for
from pulumi_alicdn.cli.progress_bar import ProofProgress
from pulumi_alicdn.cli.proof_words import VERIFY
from pulumi_alicdn.cli.url_lists import from_file, sums
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.before_submit import asked_domains, origin_of_release
from pulumi_alicdn.domains.cnames import cnames
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin
from pulumi_alicdn.domains.owner import AnswersDifferError
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import counted, show, show_address
from pulumi_alicdn.releases.globs import check_globs
from pulumi_alicdn.releases.network.budget import check_proof_budget, parse_proof_budget
from pulumi_alicdn.releases.network.coverage import Coverage
from pulumi_alicdn.releases.origin.found_origin import found_origin, trial_for
from pulumi_alicdn.releases.proof.checks.folded import NOTHING
from pulumi_alicdn.releases.proof.checks.sampling import sample
from pulumi_alicdn.releases.proof.edge_access import check_request_headers, parse_access
from pulumi_alicdn.releases.proof.evidence import Diagnosis, Evidence
from pulumi_alicdn.releases.proof.expected import expected, gone_from
from pulumi_alicdn.releases.proof.judge import HEAD_OVER_BYTES, Expected
from pulumi_alicdn.releases.proof.proof_messages import failure
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S, ProofOptions, prove
from pulumi_alicdn.releases.proof.servers import (
    EdgeSource,
    Server,
    check_edges,
    check_resolve,
    parse_edges,
    parse_origin,
    parse_resolve,
)
from pulumi_alicdn.releases.proof.url_signing import check_url_auth
from pulumi_alicdn.releases.proof.visitors import check_user_agent, sent_user_agent
from pulumi_alicdn.releases.release_options import check_times
from pulumi_alicdn.releases.urls import check_base_urls

COLUMNS: Final = (
    "finding",
    "edge",
    "url",
    "method",
    "status",
    "expected",
    "served",
    "size",
    "age",
    "x_cache",
    "last_modified",
    "note",
    "at",
    "copy",
    "diagnosis",
    "weak",
    "place",
    "provider",
    "by_etag",
)
"""The values of one check, in the order of the columns."""

_DIGEST_LENGTH: Final = 64

_NAMES: Final = {
    **folder_flags.NAMES,
    "proof_timeout": "--timeout",
    "proof_patience": "--patience",
}

_EPILOG: Final = """\b
Name the expected content in one of three ways:
  alicdn verify --directory dist --base-url https://media.example.com/
  alicdn verify --from-file sums.txt
  alicdn verify https://media.example.com/app.js --sha256 HEX

Edges are requested as visitors do; no credentials are needed. Exit code 1 means that an edge served something else."""


@click.command(epilog=_EPILOG)
@click.argument("urls", metavar="[URL]...", nargs=-1)
@click.option("--sha256", "digest", metavar="HEX", help="SHA-256 of the expected content; for a single URL.")
@click.option("--removed", is_flag=True, help="The URLs must answer 404, 410 or 403; see --manifest.")
@click.option(
    "--manifest",
    metavar="FILE",
    help="The manifest file of `alicdn release`: removed files are gone once their bytes by FILE are not served.",
)
@from_file("lines 'SHA256  URL', as sha256sum writes them, or 'removed  URL',")
@folder_flags.folder()
@folder_flags.index("none")
@folder_flags.servers
@folder_flags.nodes(EdgeSource.DNS)
@access_flags.access
@click.option("--sample", "count", type=click.IntRange(min=1), metavar="N", help="Check N URLs only.")
@click.option(
    "--head-over",
    type=click.IntRange(min=0),
    metavar="BYTES",
    default=HEAD_OVER_BYTES,
    show_default=True,
    help="Compare larger files by their length only.",
)
@click.option(
    "--patience",
    type=common_flags.NUMBER,
    metavar="SECONDS",
    default=int(PATIENCE_S),  # the help shows 10, not 10.0
    show_default=True,
    help="How long to retry edges that lag.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=common_flags.NUMBER,
    metavar="SECONDS",
    default=int(TIMEOUT_S),  # the help shows 300, not 300.0
    show_default=True,
    help="How long everything may take; checks not done by then are listed, with exit code 3.",
)
@common_flags.output
@pass_cloud_options
def verify(cloud: CloudOptions, /, *, patience: float, timeout_s: float, output: str, **given: Any) -> None:  # noqa: ANN401  click
    """Fetch URLs from every edge, and compare the answers with the expected content."""
    resolve = folder_flags.resolved(given["resolve"])
    access = access_flags.read_access(given)
    budget = folder_flags.budget(given["proof_budget"])
    # Here, nothing stands for DNS, whose edges are asked without credentials.
    from_network = folder_flags.edges_of(given) == EdgeSource.NETWORK
    problems = [
        *check_times({"proof_timeout": timeout_s, "proof_patience": patience}),
        *check_origin("origin", given["origin"]),
        *folder_flags.check_origin_host(given["origin"], given["origin_host"]),
        *check_edges("edges", given["edges"]),
        *check_proof_budget("proof_budget", budget),
        *check_resolve("resolve", resolve),
        *check_url_auth("url_auth", access["url_auth"]),
        *check_request_headers("request_headers", access["request_headers"]),
        *check_user_agent("user_agent", given["user_agent"]),
        *check_globs("include", given["include"]),
        *check_globs("exclude", given["exclude"]),
    ]
    common_flags.refuse(problems, _NAMES)
    wanted = _expected(given)
    if given["count"]:
        wanted = list(sample(wanted, given["count"]))

    from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

    clock = cloud.caller().clock
    origin: Server | None = None
    if given["origin"]:
        origin = parse_origin(given["origin"], given["origin_host"])
    elif from_network:
        origin = _named_origin(cloud, wanted, {**given, "proof_timeout": timeout_s})
    allowed = parse_proof_budget(budget)
    how = ProofOptions(
        origin,
        patience,
        timeout_s,
        given["head_over"],
        sent_user_agent(given["user_agent"]),
        budget=allowed if budget or from_network else None,
        seed=datetime.now(UTC).isoformat(),
    )
    network = cloud.nodes() if from_network else None
    reader = EdgeFetcher(parse_edges(given["edges"]), parse_resolve(resolve), parse_access(access), network=network)
    coverage: list[Coverage] = []
    folded = [NOTHING]
    with ProofProgress(clock, len(wanted)) as progress:
        evidence = prove(reader, clock, wanted, how, progress, coverage.append, folded.append)
    unlisted, further = len(evidence) - _show(evidence, output), folded[-1].total
    if unlisted + further.checks:
        others = f"{further.other:,} of them not fresh" if further.other else "all fresh"
        console.say(f"alicdn: {counted(unlisted + further.checks, 'more check')} counted, but not listed: {others}")
    for sentence in filter(None, (one.sentence(allowed) for one in coverage)):
        console.say(f"alicdn: {sentence}")
    weak = sum(one.weak for one in evidence) + further.weak
    but = f"; {counted(weak, 'check')} compared the length only, which is weak proof" if weak else ""
    checks = counted(len(evidence) + further.checks, "check")
    said = failure(evidence, words=VERIFY, folded=folded[-1])
    proven = f"{counted(len(wanted), 'URL')} verified: {checks}, all fresh{but}"
    console.say("\n".join(filter(None, (f"alicdn: {said or proven}", _by_status(wanted)))))
    unnamed = {urlsplit(one.url).hostname or "" for one in evidence if one.diagnosis is Diagnosis.NO_NAME}
    for sentence in cnames(sorted(unnamed), cloud.domains):
        console.say(f"alicdn: {sentence}")
    raise click.exceptions.Exit(proof_code(evidence) or (ExitCode.FAILED if further.other else ExitCode.OK))


MAX_ROWS: Final = 1_000
"""Fresh checks that the table for people lists; the formats for programs list all that are kept. [chosen: more than
anybody reads]"""


def _named_origin(cloud: CloudOptions, wanted: Sequence[Expected], given: Mapping[str, Any]) -> Server | None:
    """Return the origin that the service names for the domains of *wanted*, and say which one that is, or why none."""
    from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

    urls = [one.url for one in wanted]
    domains = cache(lambda service: AskedOnce(cloud.domains(service)))
    options = {**given, "base_urls": urls, "edges": None, "resolve": folder_flags.resolved(given["resolve"])}
    if not asked_domains(options):
        return None
    try:
        options |= {"service": str(service_for(domains, None, urls))}
        named = origin_of_release(options, domains)
    except AnswersDifferError as error:
        named = NoOrigin(str(error))
    plain = (named.url, named.host) if isinstance(named, NamedOrigin) else named.reason
    found = found_origin(plain, options, EdgeFetcher, cloud.caller().clock, trial_for(wanted), VERIFY.origin)
    console.say(f"alicdn: {found.said}")
    return parse_origin(found.url, found.host, foreign=True) if found.url else None


def _by_status(wanted: Sequence[Expected]) -> str:
    """Return a sentence on removed files whose old bytes are not known; empty without any."""
    count = sum(one.removed and one.old is None for one in wanted)
    if not count:
        return ""
    says = "the old bytes are not known, so that 404, 410 and 403 alone count as gone"
    return f"Of {counted(count, 'removed URL')}, {says}. At a site that answers 200 for every name, use --manifest."


def _expected(given: dict[str, Any]) -> list[Expected]:
    """Return the expected content, named in one of the three ways. Raises InputError."""
    chosen = [name for name in ("urls", "from_file", "directory") if given[name]]
    if len(chosen) != 1:
        raise InputError(
            "name what to verify: URLs with --sha256 or --removed, or --from-file, or --directory with --base-url"
        )
    if chosen != ["urls"] and (given["digest"] or given["removed"]):
        raise InputError("--sha256 and --removed only apply to URLs that are named as arguments")
    if chosen != ["directory"]:
        for name in ("base_urls", "include", "exclude", "index_files"):
            if given[name]:
                raise InputError("--base-url, --include, --exclude and --index need --directory")
    if chosen == ["directory"]:
        if given["manifest"]:
            raise InputError("--manifest only applies to removed URLs, with --removed or in --from-file")
        return _of_folder(given)
    found = sums(given["from_file"]) if chosen == ["from_file"] else _of_urls(given)
    return _with_old_bytes(found, given["manifest"]) if given["manifest"] else found


def _with_old_bytes(wanted: Sequence[Expected], file: str) -> list[Expected]:
    """Return *wanted*, removed URLs with the bytes that they had by the manifest *file*. Raises InputError."""
    from pulumi_alicdn.releases.steps import files_by_url  # noqa: PLC0415
    from pulumi_alicdn.system.release_file import ReleaseFile  # noqa: PLC0415  only for this way

    record = ReleaseFile(file).read().get("record")
    if record is None:
        raise InputError(f"--manifest is {show(file)}, which holds no proven release")
    known = files_by_url(record)
    other = next((one.url for one in wanted if one.removed and canonical(one.url) not in known), None)
    if other is not None:
        raise InputError(f"--manifest is {show(file)}, in whose release is no file for {show_address(other)}")
    return [gone_from(one.url, known[canonical(one.url)]) if one.removed else one for one in wanted]


def _of_urls(given: dict[str, Any]) -> list[Expected]:
    urls, digest, removed = given["urls"], given["digest"], given["removed"]
    for number, url in enumerate(urls, 1):
        problem = url_problem(url)
        if problem:
            raise InputError(f"URL {number} {problem}")
    if removed == bool(digest):
        raise InputError("URLs need either --sha256 or --removed")
    if removed:
        return [Expected(url, None) for url in dict.fromkeys(urls)]
    if len(urls) != 1:
        raise InputError(f"--sha256 is for a single URL, not for {len(urls)}; use --from-file for several")
    try:
        sha256 = bytes.fromhex(digest)
    except ValueError:
        sha256 = b""
    if len(digest) != _DIGEST_LENGTH or len(sha256) * 2 != _DIGEST_LENGTH:
        raise InputError(f"--sha256 is {show(digest)}, but must be 64 hexadecimal digits")
    return [Expected(urls[0], sha256)]


def _of_folder(given: dict[str, Any]) -> list[Expected]:
    common_flags.refuse(check_base_urls("base_urls", list(given["base_urls"])), _NAMES)

    from pulumi_alicdn.releases.globs import Selection  # noqa: PLC0415
    from pulumi_alicdn.system.folder import scan_files  # noqa: PLC0415  only for this way

    selection = Selection(given["include"], given["exclude"])
    manifest = scan_files(given["directory"], selection, name="--directory").manifest
    return list(expected(manifest, given["base_urls"], given["index_files"]))


def _show(evidence: Sequence[Evidence], output: str) -> int:
    """Write *evidence*, and return how much of it."""
    rows = ({name: getattr(one, name) for name in COLUMNS} | {"at": one.at.isoformat()} for one in evidence)
    if output == "csv":
        console.show_csv(COLUMNS, rows)
    elif output == "json":
        console.show_json_list(rows)
    else:
        fresh = itertools.count()
        evidence = [one for one in evidence if not one.ok or next(fresh) < MAX_ROWS]
        console.show(_table(evidence))
    return len(evidence)


def _table(evidence: Sequence[Evidence]) -> Table:
    titles = ("FINDING", "EDGE", "STATUS", "CACHE", "AGE", "SERVED", "URL")
    table = console.table({title: "right" if title in ("STATUS", "AGE") else "left" for title in titles})
    for one in evidence:
        served = one.served[:8] or (f"{one.size} B" if one.method == "HEAD" and one.size else "-")
        cells = (one.finding, one.edge, str(one.status or "-"), one.x_cache or "-", one.age or "-", served, one.url)
        style = "green" if one.ok else "bold red"
        table.add_row(console.text(cells[0], style), *map(console.text, cells[1:]))
    return table
