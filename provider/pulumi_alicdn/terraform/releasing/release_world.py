"""What a release of Terraform asks: the folder, the service, the origin and the edges."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.owner import service_of
from pulumi_alicdn.errors import AlicdnError, ApiError, InputError
from pulumi_alicdn.releases.decision import Decision
from pulumi_alicdn.releases.globs import Selection, left_out_sentence
from pulumi_alicdn.releases.heals.heal_steps import Around
from pulumi_alicdn.releases.proof.edge_access import EdgeAccess
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM
from pulumi_alicdn.releases.proof.servers import EdgeSource, Server, option_source
from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.rollout.deciding import Asked, decided
from pulumi_alicdn.rollout.release_run import previous_release, stored_service
from pulumi_alicdn.state import ReleaseFileState
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.validation import Problem, refuse

WORDS: Final = replace(
    PROGRAM,
    again="`terraform apply`",
    url="base_urls",
    the_url="base_urls",
    browser='user_agent = "browser"',
    settle='removed = "settle"',
    unchecked="check_origin = false",
    sample='verify = "sample"',
    or_off=' Or turn the proof off with verify = "off".',
    else_off=', or turn the proof off with verify = "off"',
    no_index="name index_files: index_files = [] requires no URL of a folder",
)
"""The words of a Terraform configuration."""


class ReleaseWorld:
    """The surroundings of one release."""

    def __init__(
        self,
        session: Session,
        options: Mapping[str, Any],
        warn: Callable[[str], None],
        before_calls: Callable[[], object] = lambda: None,
    ) -> None:
        """Ask with the configuration of *session*; *warn* gets sentences for the user.

        *before_calls* is called before the service is asked for anything, and may raise: without credentials, nodes
        would be those of DNS, and a release would seem to fail for its name.
        """
        self._before_calls = before_calls
        self._session = session
        self._caller = session.context.caller()
        self._warn = warn
        self.options = dict(options)
        self.newest: datetime | None = None
        self.around = Around(lambda: uuid4().hex, self._quota, WORDS)
        self._domains = cache(self._connect_domains)
        self._nodes = cache(self._connect_nodes)

    def decide(self, found: ReleaseFileState, *, force: bool | None) -> Decision:
        """Hash the folder, and return what a release does after *found*. Raises AlicdnError."""
        from pulumi_alicdn.system.dns.names import check_names  # noqa: PLC0415
        from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load
        from pulumi_alicdn.system.folder import scan_files  # noqa: PLC0415  the same
        from pulumi_alicdn.system.report_files import check_reports, report_paths  # noqa: PLC0415

        if self.options["service"] is None:
            self.options["service"] = str(self._found_service(found))
        given = self.options
        reports = (given["summary_file"], given["report_file"], os.environ)
        refuse(check_reports(*reports))
        scanned = scan_files(
            given["directory"],
            Selection(tuple(given["include"]), tuple(given["exclude"])),
            without=report_paths(*reports),
            allow_empty=given["allow_empty"],
            allowed_by="allow_empty",
        )
        self.newest = scanned.newest

        def names(options: Mapping[str, Any]) -> Iterable[Problem]:
            return check_names(options, self._listed)

        asked = Asked(
            self._quota,
            self._domains,
            names,
            EdgeFetcher,
            self._caller.clock,
            self.now,
            lambda problem: self._warn(problem.sentence),
            refuse,
            WORDS.origin,
        )
        decision, self.options = decided(
            given, scanned.manifest, previous_release(found), asked, triggers=given["triggers"], force=force
        )
        return decision.noting(left_out_sentence(scanned.left_out))

    def readers(
        self, edges: tuple[Server, ...], resolve: Mapping[str, tuple[Server, ...]], access: EdgeAccess
    ) -> EdgeReader:
        """Return a reader of these edges, or of the nodes that the service lists."""
        from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

        return EdgeFetcher(edges, resolve, access, network=self._nodes() if self._from_network() else None)

    def report(self, story: Story) -> None:
        """Write the reports; one that cannot be written is a warning, since the release itself is not about it."""
        from pulumi_alicdn.system.report_files import write_reports  # noqa: PLC0415

        try:
            write_reports(story, self.options["summary_file"], self.options["report_file"], os.environ)
        except AlicdnError as error:
            self._warn(str(error))

    @staticmethod
    def now() -> datetime:
        """Return the time of this machine."""
        return datetime.now(UTC)

    def _found_service(self, found: ReleaseFileState) -> Service:
        urls = self.options["base_urls"]
        known = stored_service(found, urls)
        if known is not None:
            return known
        try:
            return service_of(sorted({(urlsplit(url).hostname or "").lower() for url in urls}), self._domains)
        except ApiError as error:
            raise InputError(f"the service of the domains cannot be found: {error}; name it with service") from None

    @property
    def asks_nodes(self) -> bool:
        """Whether a proof asks the service for its nodes."""
        return self.options["verify"] != "off" and self._from_network()

    def _from_network(self) -> bool:
        return option_source(self.options["edges"]) is EdgeSource.NETWORK

    def _listed(self, host: str) -> Collection[object] | None:
        return self._nodes().servers(host) if self._from_network() else None

    def _quota(self, service: Service) -> Mapping[str, Allowance]:
        self._before_calls()
        return self._caller.read(self._session.context.api(service).quota)

    def _connect_domains(self, service: Service) -> AskedOnce:
        from pulumi_alicdn.cloud.connection import connect_domains  # noqa: PLC0415  the SDK takes a second to load

        self._before_calls()
        return AskedOnce(connect_domains(self._session.settings(), service))

    def _connect_nodes(self) -> Any:  # noqa: ANN401  the type loads its HTTP
        from pulumi_alicdn.cloud.connection import connect_network  # noqa: PLC0415  the SDK takes a second to load
        from pulumi_alicdn.system.network_edges import NetworkEdges  # noqa: PLC0415

        self._before_calls()
        api = connect_network(self._session.settings(), Service(self.options["service"]))
        return NetworkEdges(api, self._caller.read, self._caller.clock, os.environ, self._warn)
