"""What users read of a verification: what was seen where, what cannot be known, and the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pulumi_alicdn.freshness.change import Change
from pulumi_alicdn.freshness.verification import Result
from pulumi_alicdn.phrases import clipped, counted, foreign, listed
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.evidence import Diagnosis, Evidence, Finding
from pulumi_alicdn.releases.proof.proof_messages import MAX_LINES, PROGRAM, Words, next_steps
from pulumi_alicdn.releases.proof.servers import Server

_MAX_URL: Final = 200
"""The most characters of a URL in a message. [chosen: with the edge and the note about three lines of a terminal]"""

_MAX_REASONS: Final = 3
"""The most reasons for an origin that is not known. [chosen: a task rarely has more domains]"""


@dataclass(frozen=True, slots=True)
class Steps:
    """The next steps in the words of a front end.

    ``words``: its options. ``again``: how the same is checked again. ``anew``: how the URLs are refreshed once more.
    ``origin``: the option that names the origin. ``off``: the option that turns the check off. ``time``: the one that
    gives it more time. ``nearby``: the one for the edges that DNS names.
    """

    words: Words
    again: str
    anew: str
    origin: str
    off: str
    time: str
    nearby: str


_OF_PROGRAM: Final = replace(
    PROGRAM,
    url="URL",
    the_url="the URL",
    or_off=' Or turn the check off with verify="off".',
    else_off=', or turn the check off with verify="off"',
)

OF_PROGRAM: Final = Steps(
    words=_OF_PROGRAM,
    again="Run `pulumi up` again: it checks again and submits nothing.",
    anew="To refresh these URLs once more, change `triggers`; with force=True if the origin's Last-Modified did not "
    "change.",
    origin="`origin`",
    off='verify="off"',
    time="timeout",
    nearby='verify="dns"',
)
"""The words of a Pulumi program."""


def of_command(again: str, anew: str) -> Steps:
    """Return the words of a command; *again*, *anew*: as in :class:`Steps`."""
    words = replace(
        _OF_PROGRAM,
        url_auth="--url-auth",
        browser="--user-agent browser",
        origin="--origin",
        force="`alicdn refresh --force`",
        or_off=" Or leave --verify out.",
        else_off=", or leave --verify out",
    )
    return Steps(words, again, anew, "--origin", "--verify off", "--timeout", "--verify dns")


_PLAIN: Final = (Finding.STALE, Finding.STALE_EDGE, Finding.STALE_ORIGIN)


def failure(result: Result, steps: Steps) -> str:
    """Return a sentence, a list of what edges serve, and the next steps; empty if nothing failed."""
    failed = result.failed
    if not failed:
        return ""
    urls, edges = {one.url for one in failed}, {one.edge for one in failed}
    all_edges = {str(server) for servers in result.edges.values() for server in servers}
    head = (
        f"the task is Complete, but not verified: {len(urls):,} of {counted(len(result.edges), 'URL')} "
        f"at {len(edges):,} of {counted(len(all_edges), 'edge')}:"
    )
    lines = [f"  {_at(one)}: {clipped(one.url, _MAX_URL)}: {_note(one, result)}" for one in failed[:MAX_LINES]]
    if len(failed) > MAX_LINES:
        lines.append(f"  … and {len(failed) - MAX_LINES:,} more")
    return "\n".join([head, *lines, *_steps(result, steps)])


def _at(one: Evidence) -> str:
    """Return the edge, its place and its provider."""
    where = ", ".join(filter(None, (one.place, one.provider)))
    return f"{one.edge} ({where})" if where else one.edge


def _note(one: Evidence, result: Result) -> str:
    if not _plain(one):
        # A refresh has no release: what it is about is one file.
        return one.note.replace("the release", "this file")
    headers = {"Age": one.age, "X-Cache": one.x_cache}
    facts = [f"{one.size:,} bytes", *(f"{name} {value}" for name, value in headers.items() if value)]
    what = f"serves {one.served[:8]}…" if one.served else f"answers {one.status}"
    reasons = {
        Finding.STALE_ORIGIN: "the origin serves other bytes than a moment ago",
        Finding.STALE_EDGE: f"the origin serves {one.expected[:8]}…" if one.expected else "the origin has no such file",
    }
    by_edge = result.changes[one.url].by_edge if one.url in result.changes else {}
    others = sum(change is Change.CHANGED for change in by_edge.values())
    was = f"as before the refresh, while {counted(others, 'edge serves', 'edges serve')} something else now"
    return f"{what} ({', '.join(facts)}), {reasons.get(one.finding, was)}"


def _steps(result: Result, steps: Steps) -> list[str]:
    found: list[str] = [steps.again]
    failed = result.failed
    kinds = {one.finding for one in failed}
    if kinds & {Finding.STALE, Finding.STALE_EDGE}:
        found.append(steps.anew)
    if {one.url for one in failed if one.finding is Finding.STALE_EDGE} - {
        one.url for one in result.evidence if one.ok
    }:
        found.append(
            "If the origin answers this machine otherwise than the nodes, name the one that they use with "
            f"{steps.origin}: no edge serves what this one serves."
        )
    if Finding.STALE_ORIGIN in kinds:
        found.append(
            "If the origin was not updated meanwhile, it makes each answer anew: such URLs cannot be compared; leave "
            f"them out, or set {steps.off}."
        )
    if Finding.TIME_UP in kinds:
        found.append(f"Give it more time with {steps.time}.")
    if Finding.UNREACHABLE in kinds:
        found.append(f"If this machine cannot reach some edges at all, check only those of DNS with {steps.nearby}.")
    return [*found, *next_steps([one for one in failed if not _has_own_step(one)], steps.words)]


def _has_own_step(one: Evidence) -> bool:
    return one.finding is Finding.TIME_UP or _plain(one)


def _plain(one: Evidence) -> bool:
    """Whether an edge serves something else for no special reason."""
    return one.finding in _PLAIN and one.diagnosis in (None, Diagnosis.STALE)


def seen(result: Result) -> str:
    """Return what edges serve, where nothing failed: one sentence for each kind of knowledge."""
    # A misspelt URL is not there, either: this must not read as if a file was seen.
    gone = {one.url for one in result.evidence if not one.expected}
    proven = {one.url for one in result.evidence} - gone
    parts = [f"{_where(result, sorted(proven))} serve what the origin serves"] if proven else []
    parts += [f"{_where(result, sorted(gone))} have no such file, and neither has the origin"] if gone else []
    changed = [url for url, one in result.changes.items() if _judged(one.by_edge)]
    if changed:
        parts.append(f"{_where(result, changed)} serve no longer what they served before the refresh")
    versions = sum(len(one.new) > 1 for one in result.changes.values())
    if versions:
        parts.append(f"the edges serve different versions of {counted(versions, 'URL')}")
    return "; ".join(parts)


def _judged(by_edge: Mapping[str, Change]) -> bool:
    return bool(by_edge) and Change.UNJUDGED not in by_edge.values()


def _where(result: Result, urls: Sequence[str]) -> str:
    """Return `2 URLs: 24 nodes in 8 places`; edges of DNS are no nodes that the service listed."""
    servers: dict[Server, None] = {}
    for url in urls:
        servers.update(dict.fromkeys(result.edges[url]))
    places = {server.place for server in servers} - {""}
    here = f", {FROM_HERE}," if FROM_HERE in places else ""
    places -= {FROM_HERE}
    noun = counted(len(servers), "node" if places else "edge")
    noun += f" in {counted(len(places), 'place')}" if places else ""
    return f"{counted(len(urls), 'URL')}: {noun}{here}"


def doubts(result: Result, steps: Steps, budget: Budget | None) -> list[str]:
    """Return warnings on what is not known, each with its next step. *budget*: what the check could use."""
    found: list[str] = []
    unjudged = {
        url: sum(change is Change.UNJUDGED for change in one.by_edge.values())
        for url, one in result.changes.items()
        if not _judged(one.by_edge)
    }
    reasons = listed(list(dict.fromkeys(foreign(why) for why in result.unknown.values()))[:_MAX_REASONS])
    if unjudged:
        url = next(iter(unjudged))
        more = f" and {counted(len(unjudged) - 1, 'other URL')}" if len(unjudged) > 1 else ""
        at = max(unjudged.values())
        found.append(
            f"{clipped(url, _MAX_URL)}{more} cannot be judged at {counted(at, 'edge')}: what they serve is what was "
            f"served before the refresh, or that is not known, and the origin cannot be compared: {reasons}. "
            f"Name an origin that answers here with {steps.origin}: then it is checked again, and nothing is submitted."
        )
    elif result.changes:
        found.append(
            f"the origin of {counted(len(result.changes), 'URL')} could not be compared: {reasons}; "
            "it is known only that edges serve no longer what they served before the refresh"
        )
    left_out = [one.sentence(budget) for one in result.coverage] if budget is not None else []
    return [*found, *filter(None, left_out)]
