"""Announce a release only once every edge serves it."""

import pulumi
from announce import Announcement

import pulumi_alicdn as alicdn

config = pulumi.Config()
version = config.require("version")

site = alicdn.AssetRelease(
    "site",
    service="cdn",
    directory="dist",
    base_url=f"https://{config.require('domain')}/",
    edges=config.get_object("edges"),  # default: all that DNS lists for the domain
    origin=config.get("origin"),
)

# If an edge serves anything else, `site` fails and nothing is announced. The same works with any resource of any
# provider: a DNS record, an app's configuration, a feature flag.
Announcement(
    "announcement",
    webhook=config.require_secret("webhook"),
    text=f"Release {version} is live.",
    opts=pulumi.ResourceOptions(depends_on=[site]),
)

pulumi.export("status", site.status)
