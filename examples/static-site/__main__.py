"""After `dist` was uploaded: refresh what changed in it, nothing else, and prove that every edge serves exactly it."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()

site = alicdn.AssetRelease(
    "site",
    service="cdn",
    directory="dist",
    base_url=f"https://{config.require('domain')}/",
    exclude=["*.map"],  # was not uploaded either
    prefetch=["*.css", "*.js"],  # what every page needs is on the edges before the first visitor
    edges=config.get_object("edges"),  # without it: all that DNS has for the domain
    origin=config.get("origin"),  # asked before anything is submitted: a refresh would only cache an old file again
    report_file="release.html",
)

pulumi.export("status", site.status)
pulumi.export("changed", site.changed)
pulumi.export("refreshed", site.refreshed)
pulumi.export("prefetched", site.prefetched)
pulumi.export("edges", site.evidence_summary)
