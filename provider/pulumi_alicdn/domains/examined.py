"""What was seen of a domain, for its checklist: credentials, answers of services, names, origin and nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import Asking
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin
from pulumi_alicdn.domains.owner import Answer
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.phrases import foreign


@dataclass(frozen=True, slots=True)
class KeysSeen:
    """The credentials that are used: where they come from, the end of the access key id, whether they end.

    ``ends``: when, if the source says it, aware UTC; ``left_s``: seconds until then.
    """

    source: str
    id_end: str
    temporary: bool
    ends: datetime | None = None
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the credentials are. ``kind``: `account`, `RAM user` or `RAM role`; empty if unknown, as is ``name``."""

    account: str
    kind: str = ""
    name: str = ""

    def __str__(self) -> str:
        """The owner as a part of a sentence."""
        who = f"the {self.kind} {foreign(self.name)} of " if self.name and self.kind else ""
        return f"{who}the account {foreign(self.account)}"


@dataclass(frozen=True, slots=True)
class NamesSeen:
    """What DNS says of the domain: its addresses and its last name, or why it says nothing.

    ``unknown``: DNS did not answer, so that the domain may have addresses.
    """

    addresses: tuple[str, ...] = ()
    canonical: str = ""
    error: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a server to one request: its name, the status, or why there is none. ``path``: what was asked."""

    server: str
    status: int = 0
    error: str = ""
    path: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """All that was asked about one domain. None: it was not asked.

    ``owner``: whose the credentials are, or why STS does not say it.
    ``answers``: what each service says of it. ``rights``: for each action that was asked, the error or None.
    ``clock_off_s``: seconds that this machine's clock is ahead of the service's.
    ``certificate``: what is wrong with it; empty if nothing is.
    ``places``: country and provider of each node. ``places_noted``: what the list of nodes lacks, and why.
    ``nearby``: whether the nodes are on this machine, where no DNS leads to them.
    """

    domain: str
    asking: Asking
    keys: KeysSeen | AlicdnError
    owner: Owner | AlicdnError | None = None
    answers: Mapping[Service, Answer] = field(default_factory=dict)
    rights: Mapping[str, AlicdnError | None] = field(default_factory=dict)
    clock_off_s: float | None = None
    quota: Mapping[str, Allowance] | None = None
    names: NamesSeen | None = None
    certificate: str | None = None
    origin: NamedOrigin | NoOrigin | None = None
    origin_reply: Reply | None = None
    places: Sequence[tuple[str, str]] | None = None
    places_noted: Sequence[str] = ()
    nearby: bool = False
    replies: Sequence[Reply] = ()

    @property
    def facts(self) -> DomainFacts | None:
        """What the only service that knows the domain says; None if none or both do."""
        known = [answer for answer in self.answers.values() if isinstance(answer, DomainFacts)]
        return known[0] if len(known) == 1 else None
