import pulumi

import pulumi_alicdn as alicdn

version = pulumi.Config().require("version")  # any value that changes with your assets: an ETag, a commit, a digest

release = alicdn.RefreshTask(
    "homepage",
    service="vod",  # or "cdn"
    object_paths=["https://media.example.com/index.m3u8"],
    triggers=[version],  # a change submits again; without a change `pulumi up` does nothing
)

pulumi.export("status", release.status)  # resources that depend on `release` start only once the edges are fresh
