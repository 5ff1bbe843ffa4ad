"""The command line of the emulator."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

import click

from pulumi_alicdn.emulator.modes import DEFAULT_MODES, Modes
from pulumi_alicdn.emulator.service.targets import is_domain
from pulumi_alicdn.emulator.settings import Settings
from pulumi_alicdn.extras import install_command

_EXTRA: Final = "emulator"
"""The extra of the package that brings the web server."""


class _NotInstalledError(click.ClickException):
    """The web server is not here: a deployment does not need it."""

    exit_code = 2

    def __init__(self, package: str | None) -> None:
        super().__init__(
            f"The emulator needs the package {package}, which is not installed: deployments go without it. "
            f"Run {install_command(metadata.requires('pulumi-alicdn'), _EXTRA)}, and start the emulator again."
        )


def _origin(text: str | None) -> tuple[Path | None, str | None]:
    """Read *text* as a folder or a URL. Raises BadParameter for anything else."""
    if text is None:
        return None, None
    if text.startswith(("http://", "https://")):
        return None, text.rstrip("/")
    folder = Path(text)
    if not folder.is_dir():
        raise click.BadParameter(f"{text} is neither a folder nor a URL.", param_hint="--origin")
    return folder, None


def _domains(names: tuple[str, ...]) -> frozenset[str] | None:
    for name in names:
        if not is_domain(name):
            raise click.BadParameter(f"{name} is not a domain.", param_hint="--domain")
    return frozenset(name.lower() for name in names) or None


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{text} is not of the form 2026-01-02T03:04:05Z.", param_hint="--start") from None


@click.command(name="emulator", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="API port; 0 for a free one.")
@click.option("--edges", type=click.IntRange(1, 100), default=3, show_default=True, help="Number of edges.")
@click.option(
    "--nodes",
    type=click.IntRange(1, 500),
    help="Number of nodes: edges with an address of their own. The first ones are the edges; as many by default.",
)
@click.option(
    "--node-port", type=click.IntRange(0, 65535), default=0, show_default=True, help="Port of nodes; 0 for a free one."
)
@click.option(
    "--dns-port", type=click.IntRange(0, 65535), default=0, show_default=True, help="Port of DNS; 0 for a free one."
)
@click.option("--origin", metavar="DIR|URL", help="A folder to serve as the origin, or an origin to use as it is.")
@click.option(
    "--domain", "domains", metavar="NAME", multiple=True, help="An accelerated domain; any domain without this option."
)
@click.option(
    "--effect-s",
    type=click.FloatRange(0),
    default=6.0,
    show_default=True,
    help="Virtual seconds until a task has reached the last edge.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Virtual seconds per real second.",
)
@click.option(
    "--start", metavar="UTC", help="The clock's first instant, such as 2026-01-02T03:04:05Z; the real time by default."
)
@click.option(
    "--strict/--lenient",
    default=DEFAULT_MODES.strict,
    show_default=True,
    help="Whether to refuse queries that documents of other versions of the API refuse, or of DCDN.",
)
@click.option(
    "--status",
    type=click.Choice(["live", "asynchronous"]),
    default="live",
    show_default=True,
    help="What rows show: what is true, or what was true when their task was asked about before.",
)
@click.option("--preload-statuses", is_flag=True, help="Rows of prefetches are PreloadPending and Preloading.")
@click.option(
    "--preload-done-percent",
    type=click.IntRange(1, 100),
    default=100,
    show_default=True,
    help="Edges that have to have a prefetched object until it is Complete.",
)
@click.option("--merge-types", is_flag=True, help="Tasks of one domain and second share an id, whatever their types.")
@click.option("--copies-by-encoding", is_flag=True, help="Edges keep a copy for each encoding: br, gzip, or none.")
@click.option(
    "--access-key-id", envvar="ALICDN_EMULATOR_ACCESS_KEY_ID", help="Of the emulator's account; random by default."
)
@click.option(
    "--access-key-secret",
    envvar="ALICDN_EMULATOR_ACCESS_KEY_SECRET",
    help="Of the emulator's account; random by default. Set it by the environment: processes can be listed.",
)
@click.option("--env", "exports", is_flag=True, help="Print lines `export NAME=VALUE` for a shell instead of JSON.")
@click.option(
    "--until-stdin-closes",
    is_flag=True,
    help="Stop when standard input closes, as it does when the parent process ends.",
)
def command(
    *,
    port: int,
    edges: int,
    nodes: int | None,
    node_port: int,
    dns_port: int,
    origin: str | None,
    domains: tuple[str, ...],
    effect_s: float,
    speed: float,
    start: str | None,
    strict: bool,
    status: Literal["live", "asynchronous"],
    preload_statuses: bool,
    preload_done_percent: int,
    merge_types: bool,
    copies_by_encoding: bool,
    access_key_id: str | None,
    access_key_secret: str | None,
    exports: bool,
    until_stdin_closes: bool,
) -> None:
    """Run a local cloud on loopback: the API, caching edges and an origin.

    The first line of output, once everything listens, is one JSON object with the addresses and the access key.
    With --env, lines for a shell take its place. The modes of the service can be changed while it runs, by POST to
    /_emulator/modes.
    """
    folder, url = _origin(origin)
    if nodes is not None and nodes < edges:
        raise click.BadParameter(f"The edges are nodes, too: there are {edges} at least.", param_hint="--nodes")
    if until_stdin_closes and not _can_close():
        raise click.UsageError(
            "--until-stdin-closes needs a pipe or a terminal as standard input, but here that is a file, a device such "
            "as /dev/null, or closed. Leave the option out and end the emulator with SIGTERM, or give it a pipe."
        )
    settings = Settings(
        access_key_id=access_key_id or f"EMULATOR{secrets.token_hex(8).upper()}",
        access_key_secret=access_key_secret or secrets.token_hex(15),
        port=port,
        edges=edges,
        nodes=nodes,
        node_port=node_port,
        dns_port=dns_port,
        origin_folder=folder,
        origin_url=url,
        domains=_domains(domains),
        effect_s=effect_s,
        speed=speed,
        start=_instant(start),
        exports=exports,
        until_stdin_closes=until_stdin_closes,
        modes=Modes(
            strict=strict,
            status=status,
            preload_statuses=preload_statuses,
            preload_done_percent=preload_done_percent,
            merge_types=merge_types,
            copies_by_encoding=copies_by_encoding,
        ),
    )
    # Imported late, so that --help and errors do not wait for a web server to load.
    try:
        from pulumi_alicdn.emulator.server import run  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise _NotInstalledError(missing.name) from missing

    try:
        run(settings)
    except OSError as error:
        chosen = [f"--node-port {node_port}"] * (node_port > 0) + [f"--dns-port {dns_port}"] * (dns_port > 0)
        ports = ", ".join([f"--port {port}", *chosen])
        raise click.ClickException(f"The emulator cannot run with {ports}: {error.strerror or error}.") from error


def _can_close() -> bool:
    """Whether standard input is of a kind whose end can be awaited: a file and /dev/null have none to wait for."""
    if sys.stdin is None:
        return False
    kind = os.fstat(sys.stdin.fileno()).st_mode
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or sys.stdin.isatty()
