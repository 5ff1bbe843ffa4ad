"""Refresh playlists, which change; prefetch new segments, which never change, before a player requests them."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()

library = alicdn.AssetRelease(
    "library",
    service="vod",
    directory="library",
    base_url=f"https://{config.require('domain')}/library/",
    include=["*.m3u8", "*.ts"],
    prefetch=["*.ts"],
    first_release="prefetch",  # a new library: no edge holds any of its files yet
    edges=config.get_object("edges"),  # default: all that DNS lists for the domain
    origin=config.get("origin"),
    timeout=3600,  # segments are large
)

pulumi.export("status", library.status)
pulumi.export("playlists", library.refreshed)
pulumi.export("segments", library.prefetched)
