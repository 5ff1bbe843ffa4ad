"""Refresh only the changed files of `dist` after its upload, and prove that every edge serves exactly these files."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()

site = alicdn.AssetRelease(
    "site",
    service="cdn",
    directory="dist",
    base_url=f"https://{config.require('domain')}/",
    exclude=["*.map"],  # not uploaded either
    prefetch=["*.css", "*.js"],  # every page needs them: edges have them before the first visitor
    edges=config.get_object("edges"),  # default: all that DNS lists for the domain
    origin=config.get("origin"),  # checked before the submit: a refresh would only cache an old file again
    report_file="release.html",
)

pulumi.export("status", site.status)
pulumi.export("changed", site.changed)
pulumi.export("refreshed", site.refreshed)
pulumi.export("prefetched", site.prefetched)
pulumi.export("edges", site.evidence_summary)
