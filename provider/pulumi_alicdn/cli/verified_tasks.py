"""The verification of a task in a command: before its submit, and once it is Complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cli import console
from pulumi_alicdn.cli.cloud_options import CloudOptions
from pulumi_alicdn.cli.exit_codes import ExitCode
from pulumi_alicdn.cli.progress_bar import NodesProgress
from pulumi_alicdn.errors import InputError, NotProvenError
from pulumi_alicdn.freshness.before import ask_before
from pulumi_alicdn.freshness.contents import Contents
from pulumi_alicdn.freshness.freshness_messages import Steps, of_command
from pulumi_alicdn.freshness.origins import given_origin, origin_of_service
from pulumi_alicdn.freshness.outcome import verified
from pulumi_alicdn.freshness.verification import Freshness, How
from pulumi_alicdn.freshness.verify_options import VerifyAt, budget_of
from pulumi_alicdn.phrases import show, show_address
from pulumi_alicdn.releases.proof.edge_access import parse_access
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.visitors import sent_user_agent

_LEAST_S: Final = 1.0
"""Seconds that a verification has at least. [chosen: a wait that took all of its time, and ended well, is no failure of
the edges]"""


_FORCED: Final = "with --force if the origin's Last-Modified did not change."


def after_refresh(go_on: str, verify: str) -> Steps:
    """Return the next steps of a command that submitted; *go_on*: the command that waits for its tasks."""
    again = f"Run `{go_on} --verify {verify}` to check again: it submits nothing."
    return of_command(again, f"To refresh these URLs once more, run the same `alicdn refresh`, {_FORCED}")


def after_wait() -> Steps:
    """Return the next steps of a command that submitted nothing."""
    again = "Run the same `alicdn wait` to check again."
    return of_command(again, f"To refresh these URLs once more, run `alicdn refresh` for them, {_FORCED}")


def check_rows(rows: Iterable[Row], verify: str) -> None:
    """Raise InputError for a row that has no URL to request; *verify*: the option's value."""
    for row in rows:
        if row.object_type not in (None, ObjectType.FILE, ObjectType.PRELOAD):
            raise InputError(
                f"--verify is {show(verify)}, which fetches each URL, but task {row.task_id} is about "
                f"{show_address(row.object_path)}, of the type {row.object_type}: name single files with "
                "--object-path, or leave --verify out"
            )


class TaskVerification:
    """The requests of one command; edges are listed once."""

    def __init__(self, cloud: CloudOptions, service: Service, options: Mapping[str, Any], origin: str | None) -> None:
        """Ask as *options* say, which have passed the rules; *origin*: None for the one that the service names."""
        from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

        self._cloud = cloud
        self._service = service
        self._origin = origin
        self._budget = budget_of(options["verify"])
        self._agent = sent_user_agent(options["user_agent"])
        self._seed = datetime.now(UTC).isoformat()
        self._clock = cloud.caller().clock
        network = cloud.nodes(service) if options["verify"] == VerifyAt.NETWORK else None
        self._reader: EdgeReader = EdgeFetcher(access=parse_access(options), network=network)

    def before(self, urls: Sequence[str]) -> Contents:
        """Return what edges serve before the submit."""
        return ask_before(self._reader, self._clock, urls, self._budget, self._seed, self._agent)

    def after(
        self, urls: Sequence[str], before: Contents, left_s: float, steps: Steps, *, late_is_fine: bool = False
    ) -> ExitCode:
        """Verify within *left_s* seconds, and say what is known; return the exit code.

        *late_is_fine*: whether a timeout is only a warning. Raises NotProvenError for an edge that serves something
        else.
        """
        named = self._origin is not None
        how = How(
            origins=given_origin(self._origin or "")
            if named
            else origin_of_service(self._cloud.domains, self._service),
            before=before,
            timeout_s=max(_LEAST_S, left_s),
            user_agent=self._agent,
            budget=self._budget,
            seed=self._seed,
        )
        with NodesProgress(self._clock) as progress:
            found = verified(self._reader, self._clock, urls, how, progress, steps)
        if found.failure and found.only_late and late_is_fine:
            console.say(f"alicdn: {found.failure}")
            return ExitCode.OK
        if found.failure:
            raise NotProvenError(found.failure, found.failed)
        for doubt in found.doubts:
            console.say(f"alicdn: {doubt}")
        if found.freshness is Freshness.UNJUDGED:
            return ExitCode.TIMEOUT
        console.say(f"alicdn: {found.sentence}")
        return ExitCode.OK
