"""A bucket, its files and a CDN domain with URL signing, all made here, and the release of the files at every edge."""

from pathlib import Path

import pulumi
import pulumi_alicloud as alicloud

import pulumi_alicdn as alicdn

config = pulumi.Config()
key = config.require_secret("key")  # 16 to 32 letters and digits

bucket = alicloud.oss.Bucket("site")
address = pulumi.Output.concat(bucket.bucket, ".", bucket.extranet_endpoint)
files = [
    alicloud.oss.BucketObject(file.name, bucket=bucket.bucket, key=file.name, source=str(file))
    for file in sorted(Path("dist").iterdir())
]
domain = alicloud.cdn.DomainNew(
    "site",
    domain_name=config.require("domain"),
    cdn_type="web",
    sources=[{"type": "oss", "content": address, "priority": 20, "port": 443, "weight": 10}],
)
signing = alicloud.cdn.DomainConfig(
    "signing",
    domain_name=domain.domain_name,
    function_name="aliauth",
    function_args=[
        {"arg_name": "auth_type", "arg_value": "type_a"},
        {"arg_name": "auth_key1", "arg_value": key},
        {"arg_name": "ali_auth_delta", "arg_value": "1800"},
    ],
)

site = alicdn.AssetRelease(
    "site",
    service="cdn",
    directory="dist",
    base_url=pulumi.Output.concat("https://", domain.domain_name, "/"),
    origin=pulumi.Output.concat(config.get("scheme") or "https", "://", address),
    origin_host=address,
    url_auth={"type": "A", "key": key},  # the edges refuse requests without a signature
    edges=config.get_object("edges"),  # default: all that DNS lists for the domain
    opts=pulumi.ResourceOptions(depends_on=[*files, signing]),
)

pulumi.export("status", site.status)
pulumi.export("refreshed", site.refreshed)
pulumi.export("edges", site.evidence_summary)
