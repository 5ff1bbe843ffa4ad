"""Release one folder that is served at two domains, each with its own edges, and prove it on all of them."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()
domains = config.require_object("domains")  # such as ["www.example.com", "www.example.cn"]

site = alicdn.AssetRelease(
    "site",
    service="cdn",
    directory="dist",
    base_urls=[f"https://{domain}/" for domain in domains],
    resolve=config.get_object("resolve"),  # {domain: [edge, ...]}; default: all that DNS lists for each
    origin=config.get("origin"),
)

pulumi.export("status", site.status)
pulumi.export("changed", site.changed)
pulumi.export("refreshed", site.refreshed)
pulumi.export("edges", site.evidence_summary)
