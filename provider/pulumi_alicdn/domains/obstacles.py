"""The obstacles of a proof that the service knows before the first request to an edge; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.validation import Subject

FUNCTIONS: Final = (
    *("aliauth", "https_force", "http_force", "tesla", "referer_white_list_set", "ip_allow_list_set", "ali_ua"),
    *("set_req_host_header", "forward_scheme", "l2_oss_key"),
)
"""The functions whose settings are read. Source: the functions of DescribeCdnDomainConfigs ("Domain configuration
functions", CDN, 2025-12); those of VOD have the same names."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that a proof of a domain meets.

    ``name``: a short name of its kind. ``hopeless``: no proof can succeed; otherwise one can. ``said``: a sentence
    without its full stop. ``ways_out``: the next step, a sentence that begins in lower case, in parts: each front end
    has its own names for the options.
    """

    name: str
    hopeless: bool
    said: str
    ways_out: tuple[str | Subject, ...]

    @property
    def cure(self) -> str:
        """The next step with the names of a Pulumi program."""
        return "".join(map(str, self.ways_out))


@dataclass(frozen=True, slots=True)
class Asking:
    """How a proof asks: the scheme of its URLs, and what it sends.

    ``signs``: whether requests are signed as URL authentication wants it. ``headers``: the names of extra headers.
    ``option``: the one that names the URLs: `base_urls` of a folder, or `object_paths` of a refresh.
    """

    scheme: str
    signs: bool = False
    headers: frozenset[str] = frozenset()
    option: str = "base_urls"


ANY_HEADER: Final = frozenset({"referer"})
"""The headers whose absence is an obstacle."""

SIGNED: Final = ("A", "B", "C")
"""The types of URL authentication that a proof can sign for (CDN and VOD, "Type A signing" to "Type C signing")."""

STATE: Final = "state"
"""The name of the obstacle that is the domain's own state."""

_STATES: Final[Mapping[str, tuple[bool, str, str]]] = {
    "offline": (True, "is offline", "start it in the console, or with {start}"),
    "stopping": (True, "is being stopped", "start it again in the console once it is offline"),
    "deleting": (True, "is being deleted", "name another domain"),
    "checking": (True, "is still being reviewed", "wait until the console says that it runs"),
    "check_failed": (True, "was refused in its review", "read the reason in the console, and add the domain again"),
    "configure_failed": (True, "has a configuration that failed", "correct the configuration in the console"),
    "configuring": (
        False,
        "takes on another configuration at this moment, so that nodes can differ",
        "wait until its state is online",
    ),
}
"""The states of a domain in which it is not online. Source: DomainStatus of DescribeCdnDomainDetail and
DescribeVodDomainDetail. A word that no document has is none of them, and no obstacle."""

_START: Final = {"cdn": "StartCdnDomain", "vod": "BatchStartVodDomain"}
"""The actions that set a domain online (CDN 2018-05-10, VOD 2017-03-21)."""


def obstacles(facts: DomainFacts, asking: Asking) -> tuple[Obstacle, ...]:
    """Return what a proof of the domain meets, the hopeless ones first."""
    found = [one for rule in _RULES for one in rule(facts, asking)]
    return tuple(sorted(found, key=lambda one: not one.hopeless))


def _state(facts: DomainFacts, _asking: Asking) -> Iterator[Obstacle]:
    if facts.status in _STATES:
        hopeless, said, cure = _STATES[facts.status]
        start = _START[str(facts.service)]
        yield Obstacle(STATE, hopeless, f"{foreign(facts.name)} {said}", (cure.format(start=start),))


def _certificate(facts: DomainFacts, asking: Asking) -> Iterator[Obstacle]:
    if asking.scheme == "https" and facts.https is False:
        said = f"{foreign(facts.name)} has no certificate, and is asked with https"
        cure = ("add a certificate to the domain, or write ", Subject(asking.option), " with http://")
        yield Obstacle("certificate", True, said, cure)


def _redirects(facts: DomainFacts, asking: Asking) -> Iterator[Obstacle]:
    for function, other in (("https_force", "https"), ("http_force", "http")):
        if facts.is_on(function) and asking.scheme != other:
            said = f"{foreign(facts.name)} sends every {asking.scheme} request to {other}"
            yield Obstacle("redirect", True, said, ("write ", Subject(asking.option), f" with {other}://"))


def _authentication(facts: DomainFacts, asking: Asking) -> Iterator[Obstacle]:
    kind = facts.settings.get("aliauth", {}).get("auth_type", "no_auth").lower()
    if kind in ("", "no_auth") or asking.signs:
        return
    letter = foreign(kind.removeprefix("type_").upper())
    said = f"{foreign(facts.name)} answers signed URLs only (URL authentication, type {letter})"
    if letter not in SIGNED:
        cure = ("choose type A, B or C for the domain, or turn the proof off with ", Subject("verify"))
        yield Obstacle("authentication", True, said, cure)
        return
    yield Obstacle("authentication", True, said, ("name its type and key with ", Subject("url_auth")))


def _lists(facts: DomainFacts, asking: Asking) -> Iterator[Obstacle]:
    domain = foreign(facts.name)
    referer = facts.settings.get("referer_white_list_set")
    if referer is not None and referer.get("allow_empty", "").lower() != "on" and "referer" not in asking.headers:
        cure = ("name an allowed one with ", Subject("request_headers"))
        yield Obstacle("referer", True, f"{domain} answers requests with a listed Referer only", cure)
    if "ip_allow_list_set" in facts.settings:
        here = "run where the address is listed, or add the address of this machine to the list"
        yield Obstacle("addresses", False, f"{domain} answers listed addresses only", (here,))
    if "ali_ua" in facts.settings:
        cure = ("if the proof is refused, name an allowed one with ", Subject("user_agent"))
        yield Obstacle("user agent", False, f"{domain} chooses visitors by their User-Agent", cure)


def _rewriting(facts: DomainFacts, asking: Asking) -> Iterator[Obstacle]:
    if facts.is_on("tesla"):
        said = f"{foreign(facts.name)} has page optimisation on: its nodes rewrite HTML, which is then not the file"
        leave_out = ("with ", Subject("exclude")) if asking.option == "base_urls" else ("of ", Subject(asking.option))
        cure = ("switch it off for the domain, or leave HTML out ", *leave_out)
        yield Obstacle("page optimisation", False, said, cure)


_RULES: Final[tuple[Callable[[DomainFacts, Asking], Iterator[Obstacle]], ...]] = (
    *(_state, _certificate, _redirects, _authentication),
    *(_lists, _rewriting),
)
