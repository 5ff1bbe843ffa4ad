"""The diagnosis of a difference: what kind it is, from the answers of edge and origin; each kind has its own way out.

A refresh helps against an old copy. It does not help against what an edge does by a rule, such as a redirect, nor
against what the origin does not have. A sentence that says "refresh again" there costs quota and cannot help.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from pulumi_alicdn.api.object_paths import without_default_port
from pulumi_alicdn.phrases import clipped
from pulumi_alicdn.releases.proof.evidence import HARMLESS, Diagnosis, Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served, copy_name, evidence, matches, seen
from pulumi_alicdn.releases.urls import escaped

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_REFUSED: Final = (401, 403)
_PARTIAL: Final = 206
_NOT_SERVED: Final = range(300, 500)
"""Statuses (RFC 9110, section 15): redirects with a Location; access refused; a part; anything but an answer."""

_REFUSALS: Final = (
    ("req auth", Diagnosis.URL_AUTH),
    ("black ua", Diagnosis.USER_AGENT),
    ("white ua", Diagnosis.USER_AGENT),
)
"""Words of X-Tengine-Error and what they stand for (the vendor's guide "Troubleshoot access control issues")."""

_BY_RULE: Final = frozenset(
    {
        Diagnosis.HTTPS,
        Diagnosis.URL_AUTH,
        Diagnosis.USER_AGENT,
        Diagnosis.REFUSED,
        Diagnosis.REWRITTEN,
        Diagnosis.PARTIAL,
        Diagnosis.PLUS,
        Diagnosis.UNICODE,
    }
)
"""Kinds that a refresh does not change."""

_OF_EDGES: Final = frozenset({Diagnosis.HTTPS, Diagnosis.URL_AUTH, Diagnosis.USER_AGENT, Diagnosis.REFUSED})
"""Kinds that are seen at the edge alone, whatever the origin serves."""

_MAX_LOCATION: Final = 120
"""Characters of a redirect's target in a sentence. [chosen: a line of a terminal]"""

_COMMENTS: Final = re.compile(rb"<!--(?!\[if).*?-->|/\*.*?\*/|(?:(?<=^)|(?<=[\s;{}]))//[^\n]*", re.DOTALL)
_BLANKS: Final = re.compile(rb"""[\s"']+|;(?=\})""")
"""What page optimization removes: comments, blanks, quotes of attributes, the last semicolon of a block."""

_MIN_SHARE: Final = 0.5
"""Share of its bytes that a rewritten page keeps at least. [chosen: a page is mostly text and tags]"""

_INDEX: Final = re.compile(r"/(index|default)\.\w+")
"""Paths of a site's first page, besides `/`."""

_PAGES: Final = ("html", "htm", "xhtml")
"""Ends of the names of pages."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What the same server answered to further requests, which were made for the reason of a difference.

    ``home``: its answer for the URL of :func:`home`. ``aliases``: its answers for those of :func:`aliases`. ``plain``:
    whether its copy without compression is the release.
    """

    home: Served | None = None
    aliases: Mapping[Diagnosis, tuple[Served, ...]] = field(default_factory=dict)
    plain: bool = False


NO_CLUES: Final = Clues()
"""Nothing but the answer itself is known."""


def home(url: str) -> str:
    """Return the URL of the site's first page."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))


def aliases(url: str) -> dict[Diagnosis, tuple[str, ...]]:
    """Return other spellings of *url* under which the same file may be found, by the reason for it."""
    path = urlsplit(url).path
    name = unquote(path)
    spellings = {
        Diagnosis.PLUS: (path.replace("+", "%2B"), path.replace("+", "%20"), path.replace("%20", "+")),
        Diagnosis.UNICODE: tuple(escaped(unicodedata.normalize(form, name)) for form in ("NFC", "NFD"))
        if not name.isascii()
        else (),
    }
    others = {
        kind: tuple(url.replace(path, one, 1) for one in dict.fromkeys(found) if one != path)
        for kind, found in spellings.items()
    }
    return {kind: found for kind, found in others.items() if found}


def optional(expected: Expected) -> Expected:
    """Return *expected* as one that does not have to be served, if it is the index file at the URL of a folder.

    The first page of a site has to be. Any other folder is served by some origins only: OSS, for one, serves its first
    page there by default.
    """
    path = urlsplit(expected.url).path
    return replace(expected, optional=path.endswith("/") and path != "/" and not expected.removed)


def asks_why(url: str, answer: Served) -> bool:
    """Whether further answers of a server may explain *answer*, its answer for *url*."""
    return is_page(answer) or urlsplit(url).path.endswith("/") or bool(aliases(url))


def explained(
    probe: Probe, expected: Expected, served: Served, origin: Served | None = None, clues: Clues = NO_CLUES
) -> Evidence:
    """Return the evidence of *probe*, with the diagnosis of a difference.

    *origin*: the origin's answer for the same URL; None if it was not asked. *clues*: further answers of the server
    at fault: of the origin if that does not serve the release, else of the edge.
    """
    found = evidence(probe, expected, served, origin)
    if found.ok or found.finding is Finding.TIME_UP:
        return found
    if known := _without_connection(probe, served):
        return replace(found, diagnosis=known)
    if found.finding in (Finding.UNREACHABLE, Finding.UNREADABLE):
        return found
    case = _Case(probe, expected, served, origin, clues, found.finding)
    if expected.optional and (settled := case.not_required()):
        finding, note = settled
        # An old page of / is a stale copy like any other, which a refresh replaces.
        return replace(found, finding=finding, note=note, diagnosis=None if finding in HARMLESS else Diagnosis.STALE)
    for diagnosis, rule in _RULES:
        if reason := rule(case):
            return replace(found, finding=case.finding_of(diagnosis), note=case.note(reason), diagnosis=diagnosis)
    return replace(found, note=f"{found.note}{case.hint()}", diagnosis=Diagnosis.STALE)


def _without_connection(probe: Probe, served: Served) -> Diagnosis | None:
    if served.other_name:
        return Diagnosis.CERTIFICATE
    # The name of an edge that users name is their own affair.
    of_domain = probe.server.host == urlsplit(probe.url).hostname
    return Diagnosis.NO_NAME if served.no_address and of_domain else None


def of_version(found: Evidence, served: Served, right: bool | None, origin: Served | None) -> Evidence:
    """Return *found*, the evidence of a large file of the right length, with what other copies show of its version.

    *right*: whether it is the version of the release; None if nothing but its length is known.
    """
    if right is None:
        return found
    by = "checksum" if served.checksum else "ETag"
    if right:
        note = f"compared by length, and by the {by} of a copy whose bytes were compared (HEAD, {served.size:,} bytes)"
        return replace(found, note=note, weak=False)
    fault = "this edge has another version" if origin is None else "the origin serves the release: this edge is stale"
    return replace(
        found,
        finding=Finding.STALE if origin is None else Finding.STALE_EDGE,
        note=f"the length is right, but its {by} is not that of the release ({served.size:,} bytes); {fault}",
        diagnosis=Diagnosis.VERSION,
        weak=False,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One difference. Each method that is a rule returns the reason in words, empty if it is another one."""

    probe: Probe
    expected: Expected
    served: Served
    origin: Served | None
    clues: Clues
    finding: Finding

    @property
    def at_origin(self) -> bool:
        """Whether the origin is at fault: it does not serve the release."""
        return self.finding is Finding.STALE_ORIGIN

    @property
    def answer(self) -> Served:
        """The answer of the server at fault."""
        return self.origin if self.at_origin and self.origin is not None else self.served

    @property
    def who(self) -> str:
        """The server at fault, and what is known of the origin, as the beginning of a sentence."""
        if self.at_origin:
            return "the origin"
        return "this edge" if self.finding is Finding.STALE else "the origin serves the release: this edge"

    @property
    def path(self) -> str:
        return urlsplit(self.expected.url).path or "/"

    def finding_of(self, kind: Diagnosis) -> Finding:
        """Return the finding for a difference of that *kind*."""
        if self.at_origin:
            return Finding.EDGE_RULE if kind in _OF_EDGES and not self.probe.server.origin else self.finding
        return Finding.EDGE_RULE if kind in _BY_RULE else self.finding

    def note(self, reason: str) -> str:
        """Return the sentence of the evidence."""
        return f"{named(self.probe)}{seen(self.expected, self.served)}; {reason}"

    def hint(self) -> str:
        """Return what else may be the reason for a page that is a little shorter than the file."""
        size, whole = self.served.size or 0, self.expected.size or 0
        rewritten = is_page(self.served) and not self.at_origin and whole * _MIN_SHARE <= size < whole
        return ", or it rewrites the page (page optimization)" if rewritten else ""

    def not_required(self) -> tuple[Finding, str] | None:
        """Return finding and note where the site does not serve the index files of its folders; else None.

        Then an edge has to serve for the folder what the origin serves for it.
        """
        answer = self.served if self.origin is None else self.origin
        # Until the first page is known, the origin may not have been asked; and an origin may not have answered.
        unknown = self.clues.home is None or (self.origin is not None and self.finding is Finding.STALE)
        if unknown or matches(self.expected, answer):
            return None
        if answer.status in _NOT_SERVED:
            what, same = f"answers {answer.status} for this folder", self.served.status in _NOT_SERVED
        elif self._is_home(answer):
            what = "serves the page of / for this folder"
            same = self.served.sha256 == answer.sha256
        else:
            return None
        who = "this edge" if self.origin is None else "the origin"
        if same:
            return Finding.NOT_REQUIRED, f"{who} {what}"
        return Finding.STALE_EDGE, self.note(f"{who} {what}: this edge is stale")

    def _is_home(self, answer: Served) -> bool:
        """Whether *answer*, an answer of the server at fault, is the first page of the site."""
        first = self.clues.home
        return first is not None and first.complete and answer.complete and answer.sha256 == first.sha256 is not None

    def redirect_to_https(self) -> str:
        location = self._location()
        here, there = urlsplit(without_default_port(self.expected.url)), urlsplit(without_default_port(location))
        same = (here.netloc.lower(), here.path) == (there.netloc.lower(), there.path)
        to_https = (here.scheme, there.scheme.lower()) == ("http", "https") and same
        return f"it redirects to {clipped(location, _MAX_LOCATION)}" if to_https else ""

    def redirect(self) -> str:
        location = self._location()
        return f"it redirects to {clipped(location, _MAX_LOCATION)}" if location else ""

    def _location(self) -> str:
        if self.served.status not in _REDIRECTS or not self.served.location:
            return ""
        return urljoin(self.expected.url, self.served.location)

    def url_auth(self) -> str:
        return self._denied(Diagnosis.URL_AUTH, "URL authentication refuses requests without a valid signature")

    def user_agent(self) -> str:
        return self._denied(Diagnosis.USER_AGENT, "a list of User-Agents refuses the requests of this proof")

    def _denied(self, kind: Diagnosis, why: str) -> str:
        denied = self.served.refusal.lower()
        if self.served.status not in _REFUSED or next((is_ for word, is_ in _REFUSALS if word in denied), None) != kind:
            return ""
        return f"{why} ({clipped(self.served.refusal, _MAX_LOCATION)})"

    def refused(self) -> str:
        if self.served.status not in _REFUSED or (self.at_origin and not self.served.refusal):
            return ""
        if self.served.refusal:
            return f"this edge refuses it: {clipped(self.served.refusal, _MAX_LOCATION)}"
        if "HIT" in self.served.x_cache.upper():
            return ""
        return f"{self.who} refuses it, by a rule such as URL authentication, or a list for Referer or addresses"

    def partial(self) -> str:
        if self.answer.status != _PARTIAL:
            return ""
        said = f": {clipped(self.answer.content_range, _MAX_LOCATION)}" if self.answer.content_range else ""
        return f"{self.who} answers with a part of the file, though the whole was requested{said}"

    def plus(self) -> str:
        return self._alias(Diagnosis.PLUS, "reads a + in a name as a blank, or a blank as a +")

    def unicode(self) -> str:
        return self._alias(Diagnosis.UNICODE, "has the file under the other Unicode form of its name (NFC or NFD)")

    def _alias(self, kind: Diagnosis, what: str) -> str:
        found = any(matches(self.expected, one) for one in self.clues.aliases.get(kind, ()))
        return f"{self.who} {what}" if found and not self.expected.removed else ""

    def index(self) -> str:
        if self.expected.removed or not self.path.endswith("/") or self.path == "/":
            return ""
        if self.answer.status in _NOT_SERVED:
            return f"{self.who} does not serve the index file of this folder: it answers {self.answer.status}"
        if self._is_home(self.answer):
            return f"{self.who} does not serve the index file of this folder, but the page of /"
        return ""

    def compressed(self) -> str:
        encoded = self.probe.copy in ("gzip", "br") or bool(self.served.content_encoding)
        if not (encoded and self.clues.plain):
            return ""
        copy = self.served.content_encoding or self.probe.copy
        return f"{self.who} has an old compressed copy ({copy}); without compression, it serves the release"

    def broken(self) -> str:
        return f"{self.who} sends a body that no visitor can decode" if self.answer.broken else ""

    def fallback(self) -> str:
        if self.expected.removed or self.path == "/" or _INDEX.fullmatch(self.path) or not self._is_home(self.answer):
            return ""
        if not self.at_origin and self._is_named_as_page():
            # An edge that is stale as a whole may have one old page everywhere.
            return ""
        if self.at_origin:
            return "the origin serves the page of / in its place: the release is not there"
        return f"{self.who} serves the page of / in its place, as for a file that does not exist"

    def error_page(self) -> str:
        wrong = self.answer.complete and is_page(self.answer) and not self._is_named_as_page()
        if self.expected.removed or not wrong:
            return ""
        more = ": the release is not there" if self.at_origin else ""
        return f"{self.who} answers with a page (text/html) in place of the file{more}"

    def _is_named_as_page(self) -> bool:
        """Whether the URL may be that of a page: by its ending, or without one."""
        _, dot, ending = self.path.rpartition("/")[2].rpartition(".")
        return not dot or ending.lower() in _PAGES

    def truncated(self) -> str:
        size, whole = self.served.size, self.expected.size
        if size is None or whole is None or self.at_origin or not self.served.complete or size >= whole:
            return ""
        reference = self.origin.start if self.origin is not None else b""
        if size and not (self.served.start and reference.startswith(self.served.start)):
            return ""
        return f"{self.who} has the first {size:,} of {whole:,} bytes only: its copy is cut off"

    def rewritten(self) -> str:
        edge, origin = self.served, self.origin
        if self.at_origin or origin is None or not (is_page(edge) and edge.complete and edge.start):
            return ""
        whole = (len(edge.start), len(origin.start)) == (edge.size, origin.size)
        same_version = not (edge.last_modified and origin.last_modified) or edge.last_modified == origin.last_modified
        # Two versions may differ in a comment only: a page that is rewritten has all comments of the origin, or none.
        comments = _COMMENTS.findall(edge.start)
        rewritten = (
            len(edge.start) < len(origin.start)
            and squeezed(edge.start) == squeezed(origin.start)
            and (not comments or comments == _COMMENTS.findall(origin.start))
        )
        if not (whole and same_version and rewritten):
            return ""
        return "the origin serves the release: this edge rewrites the page, the text of which is the same"


_RULES: Final[tuple[tuple[Diagnosis, Callable[[_Case], str]], ...]] = (
    (Diagnosis.HTTPS, _Case.redirect_to_https),
    (Diagnosis.URL_AUTH, _Case.url_auth),
    (Diagnosis.USER_AGENT, _Case.user_agent),
    (Diagnosis.PLUS, _Case.plus),
    (Diagnosis.UNICODE, _Case.unicode),
    (Diagnosis.INDEX, _Case.index),
    (Diagnosis.REDIRECT, _Case.redirect),
    (Diagnosis.REFUSED, _Case.refused),
    (Diagnosis.PARTIAL, _Case.partial),
    (Diagnosis.COMPRESSED, _Case.compressed),
    (Diagnosis.BROKEN, _Case.broken),
    (Diagnosis.REWRITTEN, _Case.rewritten),
    (Diagnosis.FALLBACK, _Case.fallback),
    (Diagnosis.ERROR_PAGE, _Case.error_page),
    (Diagnosis.TRUNCATED, _Case.truncated),
)
"""The kinds, the most certain ones first."""


def squeezed(page: bytes) -> bytes:
    """Return the text of *page* without what page optimization removes."""
    return _BLANKS.sub(b"", _COMMENTS.sub(b"", page))


def named(probe: Probe) -> str:
    """Return the copy of *probe* as the beginning of a note; empty for the one that visitors get."""
    return f"{copy_name(probe.copy)}: " if probe.copy else ""


def is_page(served: Served) -> bool:
    """Whether *served* is a page by its Content-Type."""
    return served.content_type.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
