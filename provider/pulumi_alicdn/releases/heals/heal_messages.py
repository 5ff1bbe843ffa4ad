"""What a user reads of URLs that are stale at an edge: what was done, and the next step."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.proof.proof_messages import Words
from pulumi_alicdn.releases.quota_use import renewal

MAX_IN_COMMAND: Final = 20
"""The most URLs of a command to copy. [chosen: as many as a failure lists]"""


def heal_sentence(urls: int, edges: int, left: int) -> str:
    """Return what a plan says of *urls* URLs that were stale at *edges* edges; *left*: how many are not refreshed."""
    each = f"{counted(urls, 'URL')} {'is' if urls == 1 else 'are'} refreshed again, with force"
    stale = f"{'it was' if urls == 1 else 'they were'} stale at {counted(edges, 'edge')}"
    more = f", and {counted(left, 'more URL')} will follow in a later run" if left else ""
    return f"{each}: {stale}{more}"


def asked_again(urls: int) -> str:
    """Return what a plan says of *urls* URLs that are not proven and are not refreshed either."""
    return f"the edges are asked again for {counted(urls, 'URL')}, which {'is' if urls == 1 else 'are'} not proven yet"


def next_step(
    service: str,
    stale: Sequence[str],
    refreshed: Collection[str],
    *,
    heals: int,
    most: int | None,
    words: Words,
    now: datetime,
) -> str:
    """Return the next step for the URLs *stale*; empty without any.

    *refreshed*: the URLs that this run refreshed again. *heals*: how often a run may do so. *most*: how many URLs
    today's quota allows; None if that is not known. *words*: those of the front end. *now* is aware.
    """
    if not stale:
        return ""
    tried = [url for url in stale if url in refreshed]
    others = len(stale) - len(tried)
    by_hand = _by_hand(service, stale)
    if tried:
        did = (
            f"{counted(len(tried), 'URL was', 'URLs were')} refreshed again, with force, and an edge still serves the "
            f"old file. Run {words.again} again: it refreshes exactly the stale URLs once more. {by_hand}"
            "If that does not help either, report the edge and the URL to Alibaba Cloud."
        )
        rest = f" {counted(others, 'more stale URL')} will be refreshed by the next run." if others else ""
        return did + rest
    if heals < 1:
        return f"A release refreshes stale URLs again by itself if {words.heal} is at least 1. {by_hand}".strip()
    if most == 0:
        then = f"{renewal(now)}. Run {words.again} again then."
        return f"Today's quota is used up, so nothing was refreshed again; {then}"
    return f"Run {words.again} again: it refreshes these URLs again. {by_hand}".strip()


def _by_hand(service: str, urls: Sequence[str]) -> str:
    if len(urls) > MAX_IN_COMMAND:
        return ""
    return f"By hand: `alicdn refresh --service {service} --force {' '.join(map(shlex.quote, urls))}`. "
