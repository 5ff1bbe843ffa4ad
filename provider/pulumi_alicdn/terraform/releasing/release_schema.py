"""What users configure of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_alicdn.terraform.schema import FLAG, TEXT, TEXT_MAP, TEXTS, WHOLE, Attribute, Schema

SUMMARY: Final[Mapping[str, str]] = {
    "edge": TEXT,
    "fresh": WHOLE,
    "other": WHOLE,
    "place": TEXT,
    "provider": TEXT,
}
"""What is said of an edge."""

_OUTPUTS: Final = {
    "id": Attribute(TEXT, "Host of the first base URL.", computed=True),
    "status": Attribute(
        TEXT,
        "`live`; `unproven`, with proof `warn`; `unfinished`: the next apply goes on.",
        computed=True,
    ),
    "files": Attribute(WHOLE, "How many files the last release has.", computed=True),
    "digest": Attribute(TEXT, "SHA-256 of all paths and contents of the last release.", computed=True),
    "changed": Attribute(TEXTS, "The first 1,000 paths that differ from the release before it.", computed=True),
    "refreshed": Attribute(TEXTS, "The first 1,000 object paths that the last release refreshed.", computed=True),
    "prefetched": Attribute(TEXTS, "The first 1,000 object paths that it prefetched.", computed=True),
    "task_ids": Attribute(TEXTS, "Ids of its tasks at the service.", computed=True),
    "removed_pending": Attribute(TEXTS, "Paths of removed files that may still be served.", computed=True),
    "evidence_summary": Attribute(
        ["list", ["object", dict(SUMMARY)]],
        "For each edge: how many URLs it serves as released, and how many it does not; the place and the provider of a "
        "node that the service lists.",
        computed=True,
    ),
    "unproven": Attribute(TEXTS, "The first 1,000 URLs that an edge does not serve as released.", computed=True),
    "healed": Attribute(TEXTS, "URLs that were stale, were refreshed again, and are right since.", computed=True),
    "release": Attribute(
        TEXT,
        "The steps of the release, its files and its evidence, packed; no plan shows it, since it is long.",
        computed=True,
        secret=True,
    ),
}

OUTPUTS: Final = tuple(_OUTPUTS)
"""The attributes that the provider sets."""

OPTIONS: Final = {
    "service": Attribute(TEXT, "`vod` or `cdn`. Default: the one whose domain `base_urls` names, asked once."),
    "directory": Attribute(TEXT, "Path of the folder.", required=True),
    "base_urls": Attribute(TEXTS, "URLs below which the folder is served.", required=True),
    "include": Attribute(TEXTS, "Globs as in a `.gitignore`. Default: all files."),
    "exclude": Attribute(TEXTS, "Globs of files that are left out."),
    "prefetch": Attribute(TEXTS, "Globs; files that changed are prefetched after the refresh. Default: none."),
    "first_release": Attribute(TEXT, "`refresh` (default), `prefetch` or `nothing`."),
    "strategy": Attribute(TEXT, "`files`, `directory` or `auto` (default)."),
    "max_files": Attribute(WHOLE, "With `auto`, the most files that are refreshed one by one. Default: 1000."),
    "index_files": Attribute(TEXTS, "Files served at their folder's URL, too. Default: `index.html`."),
    "removed": Attribute(TEXT, "What to do about removed files: `settle` (default), `require` or `ignore`."),
    "allow_empty": Attribute(FLAG, "Whether a folder without files may be released. Default: false."),
    "allow_mass_removal": Attribute(FLAG, "Whether more than half of the files may be removed. Default: false."),
    "edges": Attribute(TEXTS, 'Edges as `host:port`; or `["network"]` (default), or `["dns"]`.'),
    "resolve": Attribute(["map", ["list", "string"]], "Edges of each host."),
    "origin": Attribute(TEXT, "`https://host` of the origin. Default: the one that the service names."),
    "origin_host": Attribute(TEXT, "Host header that the origin expects. Default: the host of each URL."),
    "check_origin": Attribute(FLAG, "Whether the origin is probed before anything is submitted. Default: true."),
    "verify": Attribute(TEXT, "`all` (default), `sample` (50 URLs) or `off`."),
    "heal": Attribute(WHOLE, "How often an apply refreshes stale URLs again, from 0 to 5. Default: 1."),
    "proof": Attribute(TEXT, "`require` (default) fails if the release is not proven, `warn` only warns."),
    "proof_timeout": Attribute(WHOLE, "Seconds for the whole proof. Default: 300."),
    "proof_patience": Attribute(WHOLE, "Seconds for which edges that lag are probed again. Default: 10."),
    "proof_budget": Attribute(["map", "number"], "What a proof may use: `requests`, `bytes`, `seconds`."),
    "url_auth": Attribute(TEXT_MAP, "How requests to edges are signed: `type`, `key` and more.", secret=True),
    "request_headers": Attribute(TEXT_MAP, "Headers of each request to edges.", secret=True),
    "user_agent": Attribute(TEXT, "User-Agent of the probes; `browser` for that of a browser."),
    "summary_file": Attribute(TEXT, "File to which Markdown is appended."),
    "report_file": Attribute(TEXT, "File for an HTML page."),
    "triggers": Attribute(TEXT_MAP, "Any values; another value repeats the last release."),
    "force": Attribute(FLAG, "Also refresh objects that the origin has not modified."),
    "retry_failed": Attribute(WHOLE, "How often a run submits failed objects again, from 0 to 10. Default: 0."),
}
"""The options, by their names."""

CONFIGURED: Final = (*OPTIONS, "timeouts")
"""What users set."""

ASSET_RELEASE: Final = Schema(
    "Makes a folder live: refreshes what changed, waits, and proves that every edge serves these bytes.",
    {**OPTIONS, **_OUTPUTS},
    {
        "timeouts": {
            name: Attribute(TEXT, f"How long {name} waits for its tasks, such as `90s` or `15m`.")
            for name in ("create", "update")
        }
    },
)
"""The resource `alicdn_asset_release`."""
