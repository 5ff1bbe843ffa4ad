"""What the next steps of a proof call the options of `alicdn release` and `alicdn verify`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pulumi_alicdn.releases.proof.proof_messages import Words

RELEASE: Final = Words(
    again="the same `alicdn release`",
    url="--base-url",
    the_url="--base-url",
    url_auth="--url-auth",
    browser="--user-agent browser",
    origin="--origin",
    force="--force",
    heal="--heal",
    settle="--removed settle",
    unchecked="--no-check-origin",
    sample="--verify sample",
    more_time="--proof-timeout",
    or_off=" Or turn the proof off with --verify off.",
    else_off=", or turn the proof off with --verify off",
    no_index="leave --index out: then the URL of a folder below the top counts only where the site serves it",
)
"""The words of `alicdn release`."""

VERIFY: Final = replace(
    RELEASE,
    again="the same `alicdn verify`",
    url="URL",
    the_url="the URL",
    force="`alicdn refresh --force`",
    sample="--sample",
    more_time="--timeout",
    or_off="",
    else_off="",
    no_index="leave --index out: then no URL of a folder is checked",
)
"""The words of `alicdn verify`, which neither submits nor heals."""
