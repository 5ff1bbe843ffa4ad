"""The messages for a release that edges or the origin do not serve, in the words of the front end that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from pulumi_alicdn.phrases import clipped, counted
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Folded
from pulumi_alicdn.releases.proof.evidence import CURABLE, NO_ANSWER, Diagnosis, Evidence, Finding

MAX_LINES: Final = 20
"""The most probes that a failure lists; the number of the others follows. [chosen: they fit on one screen]"""

_MAX_URL: Final = 200
"""The most characters of a URL in a failure. [chosen: with the edge and the note about three lines of a terminal]"""


@dataclass(frozen=True, slots=True)
class Words:
    """What a next step calls the options of a front end, and its command.

    A name that a user cannot write is no next step: `removed` is an option of a program, `--removed` one of a command.

    ``again``: the command that repeats the release. ``url``, ``the_url``: the address of the site, without and with an
    article. ``url_auth``, ``origin``, ``force``, ``heal``: the option. ``browser``, ``settle``, ``unchecked``,
    ``sample``, ``more_time``: the option with its value. ``or_off``, ``else_off``: how the proof is turned off, as a
    sentence and as the end of one; both empty if it cannot be. ``no_index``: what requires no URL of a folder.
    """

    again: str
    url: str
    the_url: str
    url_auth: str
    browser: str
    origin: str
    force: str
    heal: str
    settle: str
    unchecked: str
    sample: str
    more_time: str
    or_off: str
    else_off: str
    no_index: str


PROGRAM: Final = Words(
    again="`pulumi up`",
    url="base_url",
    the_url="base_url",
    url_auth="`url_auth`",
    browser='user_agent="browser"',
    origin="`origin`",
    force="`force`",
    heal="`heal`",
    settle='removed="settle"',
    unchecked="check_origin=False",
    sample='verify="sample"',
    more_time="proof_timeout",
    or_off=' Or turn the proof off with verify="off".',
    else_off=', or turn the proof off with verify="off"',
    no_index="name index_files: index_files=[] requires no URL of a folder",
)
"""The words of a Pulumi program."""

_WAYS_OUT: Final = {
    Diagnosis.HTTPS: "Write {the_url} with https: these edges redirect plain http.",
    Diagnosis.REDIRECT: (
        "Name the {url} that the redirect leads to, or remove the redirect from the domain or the origin."
    ),
    Diagnosis.URL_AUTH: (
        "Name {url_auth}, with the type and key of the domain's URL authentication, so that the proof signs its "
        "requests; if it is named, check both.{or_off}"
    ),
    Diagnosis.USER_AGENT: (
        "Set {browser}, or the text of a User-Agent that the domain allows: its list refuses this one."
    ),
    Diagnosis.REFUSED: (
        "Let these edges answer this machine. If the domain has URL authentication, name {url_auth}; if it refuses "
        "programs, set {browser}; else allow this machine in its lists for Referer and addresses{else_off}."
    ),
    Diagnosis.REWRITTEN: (
        "Switch page optimization off for this domain, or exclude its pages: no refresh makes an edge serve the bytes "
        "of a page that it rewrites."
    ),
    Diagnosis.COMPRESSED: (
        "Have the compressed copy made anew: upload it again if the origin keeps one beside the file (such as "
        "app.js.gz), then refresh the URL, which drops all its copies. A prefetch loads one copy only."
    ),
    Diagnosis.BROKEN: (
        "Correct the Content-Encoding header that the origin states for these files: their bytes are encoded otherwise."
    ),
    Diagnosis.PARTIAL: "Have the whole file served to requests without a Range header; see the domain's range rules.",
    Diagnosis.TRUNCATED: (
        "Check that the upload to the origin was complete, then refresh these URLs: an edge keeps what it got."
    ),
    Diagnosis.FALLBACK: (
        "Check that the files are at the origin under these names; it serves its first page for any name that it does "
        "not have. An edge that keeps such a page needs a refresh after the upload."
    ),
    Diagnosis.ERROR_PAGE: ("Check that the files are at the origin under these names: a page has taken their place."),
    Diagnosis.INDEX: (
        "Have the origin serve the index files of its folders (for OSS, the option for subfolders of static website "
        "hosting), or {no_index}."
    ),
    Diagnosis.PLUS: "Rename the files, without + and blanks: servers do not agree on a + in a URL.",
    Diagnosis.UNICODE: (
        "Upload the files under the names that the folder has, or rename them in the folder: both forms of a name look "
        "alike, and are two objects."
    ),
    Diagnosis.CERTIFICATE: (
        "Deploy a TLS certificate for the host of {the_url} to these edges, or name the edges of this domain."
    ),
    Diagnosis.NO_NAME: "Add the CNAME record of the domain to its DNS, or correct {the_url}: visitors find no edge.",
    Diagnosis.VERSION: (
        "Refresh these URLs again, with {force}: edges have a version of equal length that is not the release."
    ),
}
"""The way out of each kind of difference that has one of its own; the most certain kinds come first."""

_NEXT_STEPS: Final = {
    Finding.STALE_ORIGIN: (
        "Upload the release to the origin, then refresh again. "
        "Until then, a refresh makes edges fetch the old file again."
    ),
    Finding.STALE_EDGE: "Refresh these URLs again, with {force} if the origin's Last-Modified did not change.",
    Finding.STALE: "Set {origin}: then the error says whether the edge or the origin has the old file.",
    Finding.UNREACHABLE: "Check from this machine that these edges are up and can be reached.",
    Finding.UNREADABLE: "Make the edge honour `Accept-Encoding: gzip, br`: it sent an encoding that was not asked for.",
    Finding.TIME_UP: "Give the proof more time with {more_time}, or check only a part of the URLs with {sample}.",
}
"""The next step for each finding whose difference is of no special kind; the most helpful one comes first."""


_REACH_ORIGIN: Final = (
    "Check that the address in {origin} is right and can be reached from this machine, or turn this check off with "
    "{unchecked}."
)

_ANOTHER_ORIGIN: Final = (
    "If the release is at another origin, name that one with {origin}, or turn this check off with {unchecked}."
)
"""The further step if the service named that origin."""


_OF_THE_ORIGIN: Final = frozenset(CURABLE).difference({Diagnosis.REDIRECT})
"""Kinds whose way out is at the origin; an edge, however, may redirect by a rule of its own."""

_SAME_AS_HEAL: Final = (_NEXT_STEPS[Finding.STALE_EDGE], _WAYS_OUT[Diagnosis.VERSION])
"""Steps that the sentence on a heal replaces."""


def next_steps(failed: Sequence[Evidence], words: Words = PROGRAM, stale: str = "") -> list[str]:
    """Return what helps against *failed*, each sentence once. *stale*: the next step for stale edges, if known."""
    kinds = {one.diagnosis for one in failed if not (_held_by_an_edge(one) and one.diagnosis in _OF_THE_ORIGIN)}
    plain = {one.finding for one in failed if one.diagnosis not in _WAYS_OUT or _held_by_an_edge(one)}
    # Until the origin is known, the reason may be there as well as at the edge.
    plain |= {one.finding for one in failed if one.finding is Finding.STALE and one.diagnosis in CURABLE}
    steps = [
        *(step for finding, step in _NEXT_STEPS.items() if finding in plain),
        *(way for kind, way in _WAYS_OUT.items() if kind in kinds),
    ]
    if stale:
        return [stale, *_said(words, *(step for step in steps if step not in _SAME_AS_HEAL))]
    return _said(words, *steps)


def _said(words: Words, *steps: str) -> list[str]:
    known = asdict(words)
    return [step.format_map(known) for step in steps]


def _held_by_an_edge(one: Evidence) -> bool:
    """Whether an edge holds what the origin does not serve: whatever it is, a refresh drops it."""
    return one.finding is Finding.STALE_EDGE and one.diagnosis in CURABLE


_STILL_THERE: Final = (
    "Remove these files from the origin first, or set {settle}: then the release goes on, and a later one "
    "refreshes them once the origin has them no longer."
)
"""The next step if nothing but removed files differs at the origin."""


def failure(evidence: Sequence[Evidence], stale: str = "", words: Words = PROGRAM, folded: Folded = NOTHING) -> str:
    """Return a sentence on the mismatches, a list of at most 20 probes, and the next steps; empty if all are fresh.

    *stale*: the next step for stale edges, instead of the general one. *folded*: checks that have no evidence.
    """
    failed = [one for one in evidence if not one.ok]
    further = [(edge, url, counts.other) for edge, url, counts in folded if counts.other]
    if not (failed or further):
        return ""
    urls, edges = {one.url for one in failed}, {one.edge for one in failed}
    urls |= {url for _, url, _ in further}
    edges |= {edge for edge, _, _ in further}
    count = len(failed) + sum(others for _, _, others in further)
    head = (
        f"the release is not proven: {len(urls):,} of {counted(len({one.url for one in evidence}), 'URL')} "
        f"at {len(edges):,} of {counted(len({one.edge for one in evidence}), 'edge')}:"
    )
    lines = [f"  {_at(one)}: {clipped(one.url, _MAX_URL)}: {one.note}" for one in failed[:MAX_LINES]]
    if count > MAX_LINES:
        lines.append(f"  … and {count - MAX_LINES} more")
    return "\n".join([head, *lines, *next_steps(failed, words, stale)])


def _at(one: Evidence) -> str:
    """Return the edge, its place and its provider."""
    where = ", ".join(filter(None, (one.place, one.provider)))
    return f"{one.edge} ({where})" if where else one.edge


def not_on_origin(evidence: Sequence[Evidence], words: Words = PROGRAM, named: str = "") -> str:
    """Return the same for the probes of the origin before a submit; empty if it has the release.

    *named*: the URL of an origin that the service names and not the user, who may not know it.
    """
    failed = [one for one in evidence if not one.ok]
    if not failed:
        return ""
    unseen = all(one.finding in NO_ANSWER for one in failed)
    fault = "could not be asked" if unseen else "does not have the release"
    ways = [way for kind, way in _WAYS_OUT.items() if kind in {one.diagnosis for one in failed}]
    if unseen:
        steps = [_REACH_ORIGIN]
    elif not any(one.expected for one in failed):
        steps = [_STILL_THERE]
    elif all(one.diagnosis in _WAYS_OUT for one in failed):
        steps = ways
    else:
        step = "Upload the release to the origin first: a refresh now would make edges fetch the old files again."
        steps = [step, *ways]
    urls, asked = {one.url for one in failed}, {one.url for one in evidence}
    origin = f"the origin {named}, which the service names," if named else "the origin"
    if named:
        steps = [*steps, _ANOTHER_ORIGIN]
    head = f"{origin} {fault}: {len(urls):,} of {counted(len(asked), 'URL')}; nothing was submitted:"
    lines = [f"  {clipped(one.url, _MAX_URL)}: {one.note}" for one in failed[:MAX_LINES]]
    if len(failed) > MAX_LINES:
        lines.append(f"  … and {len(failed) - MAX_LINES} more")
    return "\n".join([head, *lines, *_said(words, *steps)])
