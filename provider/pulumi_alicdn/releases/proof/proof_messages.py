"""The messages for a release that edges or the origin do not serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pulumi_alicdn.phrases import clipped, counted
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding

MAX_LINES: Final = 20
"""The most probes that a failure lists; the number of the others follows. [chosen: they fit on one screen]"""

_MAX_URL: Final = 200
"""The most characters of a URL in a failure. [chosen: with the edge and the note about three lines of a terminal]"""

_NEXT_STEPS: Final = {
    Finding.STALE_ORIGIN: (
        "Upload the release to the origin, then refresh again. "
        "Until then, a refresh makes edges fetch the old file again."
    ),
    Finding.STALE_EDGE: (
        "Refresh these URLs again, with `force` if the origin's Last-Modified did not change. If the edge still serves "
        "the old file after that, report the edge and the URL to Alibaba Cloud."
    ),
    Finding.STALE: "Set `origin`: then the error says whether the edge or the origin has the old file.",
    Finding.UNREACHABLE: "Check from this machine that these edges are up and can be reached.",
    Finding.UNREADABLE: (
        "Make the edge honour `Accept-Encoding: identity`, or install the Python package `brotli` on this machine."
    ),
    Finding.TIME_UP: "Give the proof more time, or verify only a sample.",
}
"""The next step for each finding; the most helpful one comes first."""


_STILL_THERE: Final = (
    "Remove these files from the origin first, or set `removed` to `settle`: then the release goes on, and a later one "
    "refreshes them once the origin has them no longer."
)
"""The next step if nothing but removed files differs at the origin."""


def failure(evidence: Sequence[Evidence]) -> str:
    """Return a sentence on the mismatches, a list of at most 20 probes, and the next steps; empty if all are fresh."""
    failed = [one for one in evidence if not one.ok]
    if not failed:
        return ""
    urls, edges = {one.url for one in failed}, {one.edge for one in failed}
    head = (
        f"the release is not proven: {len(urls):,} of {counted(len({one.url for one in evidence}), 'URL')} "
        f"at {len(edges):,} of {counted(len({one.edge for one in evidence}), 'edge')}:"
    )
    lines = [f"  {one.edge}: {clipped(one.url, _MAX_URL)}: {one.note}" for one in failed[:MAX_LINES]]
    if len(failed) > MAX_LINES:
        lines.append(f"  … and {len(failed) - MAX_LINES} more")
    findings = {one.finding for one in failed}
    return "\n".join([head, *lines, *(step for finding, step in _NEXT_STEPS.items() if finding in findings)])


def not_on_origin(evidence: Sequence[Evidence]) -> str:
    """Return the same for the probes of the origin before a submit; empty if it has the release."""
    failed = [one for one in evidence if not one.ok]
    if not failed:
        return ""
    unseen = all(one.finding in (Finding.UNREACHABLE, Finding.TIME_UP) for one in failed)
    fault = "could not be asked" if unseen else "does not have the release"
    step = (
        "Check that the address of the origin is right and can be reached from this machine, or turn this check off."
        if unseen
        else "Upload the release to the origin first: a refresh now would make edges fetch the old files again."
    )
    if not unseen and not any(one.expected for one in failed):
        step = _STILL_THERE
    head = f"the origin {fault}: {len(failed)} of {len(evidence)} URLs; nothing was submitted:"
    lines = [f"  {clipped(one.url, _MAX_URL)}: {one.note}" for one in failed[:MAX_LINES]]
    if len(failed) > MAX_LINES:
        lines.append(f"  … and {len(failed) - MAX_LINES} more")
    return "\n".join([head, *lines, step])
