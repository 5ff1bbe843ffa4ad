"""The origin of a release whose user names none: the service names it, and a few files show that it can be asked.

A wrong guess would fail releases that are right: an origin may answer its nodes only, want another host, or have the
files under other names. So it counts only once it has served a file of this release, or of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.manifest import Manifest, same_content
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import NO_ANSWER, Evidence
from pulumi_alicdn.releases.proof.expected import expected
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.prove import ProofOptions, check_origin
from pulumi_alicdn.releases.proof.servers import parse_origin
from pulumi_alicdn.releases.proof.visitors import sent_user_agent
from pulumi_alicdn.releases.release_options import Removed
from pulumi_alicdn.state import ReleaseRecordState

FROM_SERVICE: Final = "service"
"""The value of ``origin_from`` for an origin that the service names."""

TRIED_FILES: Final = 4
"""Files that show whether an origin can be asked. [chosen: the smallest two that did not change, and two others]"""

TRIED_S: Final = 10.0
"""Seconds for that. [chosen: an origin answers within seconds, and a preview waits for one that does not]"""

_REFUSED: Final = (401, 403)
"""Statuses of an origin that does not answer everybody (RFC 9110, section 15.5)."""

Named = tuple[str, str] | str
"""The URL of an origin and the host to ask it for; or why there is none, as a part of a sentence."""


@dataclass(frozen=True, slots=True)
class FoundOrigin:
    """An origin that the user did not name. ``url``: empty if none can be asked. ``said``: a sentence on it."""

    said: str
    url: str = ""
    host: str = ""

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options *given* with this origin; a host that the user names stays."""
        if not self.url:
            return dict(given)
        return {
            **given,
            "origin": self.url,
            "origin_host": given["origin_host"] or self.host,
            "origin_from": FROM_SERVICE,
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """What an origin is asked for, to see whether it can be asked. ``earlier``: what it may serve, too, by the URL."""

    wanted: Sequence[Expected]
    earlier: Mapping[str, bytes]


def trial_of(files: Manifest, before: Manifest | None, base_urls: Sequence[str]) -> Trial:
    """Return the trial for a release of *files*; *before*: those of the last release."""
    asked, old = tried_files(files, before or {}), before or {}
    earlier = expected({path: old[path] for path in asked if path in old}, base_urls[:1], ())
    return Trial(expected(asked, base_urls[:1], ()), {one.url: one.sha256 for one in earlier if one.sha256 is not None})


def trial_for(wanted: Sequence[Expected]) -> Trial:
    """Return the trial for URLs of which the content is known."""
    return Trial([one for one in wanted if not one.removed and one.size != 0][:TRIED_FILES], {})


def found_origin(
    named: Named,
    options: Mapping[str, Any],
    reader: Callable[[], EdgeReader],
    clock: Clock,
    trial: Trial,
    option: str,
) -> FoundOrigin:
    """Return the origin that the service names, if it serves something of *trial*.

    *options*: those of a release, or of a proof without one. *option*: what the front end calls ``origin``.
    """
    if isinstance(named, str):
        return FoundOrigin(f"the origin is not asked: {named}; {option} names one that can be")
    service = options["service"]
    url, host = named
    own = {(urlsplit(base).hostname or "").lower() for base in options["base_urls"]}
    header = "" if {host.lower()} == own else host
    how = ProofOptions(
        parse_origin(url, options["origin_host"] or header, foreign=True),
        timeout_s=min(TRIED_S, options["proof_timeout"]),
        user_agent=sent_user_agent(options["user_agent"]),
    )
    reason = _tried(reader(), clock, trial, how)
    if reason:
        return FoundOrigin(
            f"the origin {url}, which {service} names, is not used: {reason}; set {option} to have another one asked"
        )
    return FoundOrigin(f"the origin is {url}, which {service} names", url, header)


def needed_first(record: ReleaseRecordState | None, files: Manifest, removed: str) -> bool:
    """Whether the decision on a release needs the origin: it decides what becomes of removed files.

    Files that an earlier version left pending without an origin wait for a change, as they did then: the default alone
    must not have anything submitted.
    """
    if record is None or removed == Removed.IGNORE:
        return False
    return (bool(record.get("removed_pending")) and bool(record.get("origin"))) or any(
        path not in files for path in manifests.unpack(record["manifest"])
    )


def last_origin(record: ReleaseRecordState | None) -> FoundOrigin:
    """Return the origin that was found for the last release; none if it had none, or one of its user's."""
    if record is None or not record.get("origin_from"):
        return FoundOrigin("")
    return FoundOrigin("", record["origin"], record.get("origin_host") or "")


def tried_files(files: Manifest, before: Manifest) -> Manifest:
    """Return the smallest files that did not change, and the smallest others, which may not be uploaded yet.

    An empty file is none of them: a server that knows nothing of the site may answer without a body.
    """
    everything = {path: one for path, one in {**before, **files}.items() if one.size}
    smallest = sorted(everything, key=lambda path: (everything[path].size, path))
    half = TRIED_FILES // 2
    first = [path for path in smallest if path in files and path in before and _same(files, before, path)][:half]
    return {path: everything[path] for path in (*first, *[path for path in smallest if path not in first][:half])}


def _same(files: Manifest, before: Manifest, path: str) -> bool:
    return same_content(files[path].sha256, before[path].sha256)


def _tried(reader: EdgeReader, clock: Clock, trial: Trial, how: ProofOptions) -> str:
    """Return why the origin does not count; empty if it serves something of *trial*."""
    if not trial.wanted:
        return "there is no file to ask it for"
    seen = check_origin(reader, clock, trial.wanted, how)
    if any(one.ok or _as_before(one, trial.earlier.get(one.url)) for one in seen):
        return ""
    silent = [one for one in seen if one.finding in NO_ANSWER]
    if len(silent) == len(seen):
        return f"it does not answer this machine ({silent[0].note})"
    refused = next((one.status for one in seen if one.status in _REFUSED), None)
    if refused is not None:
        return f"it refuses this machine ({refused})"
    statuses = ", ".join(str(one) for one in sorted({one.status for one in seen if one.status}))
    if not trial.earlier:
        # A first release, whose files the same deployment may upload.
        return f"it does not serve this release yet (HTTP {statuses})"
    return f"none of the files that it was asked for is that of this release or of the last one (HTTP {statuses})"


def _as_before(seen: Evidence, sha256: bytes | None) -> bool:
    return sha256 is not None and bool(seen.served) and same_content(bytes.fromhex(seen.served), sha256)
