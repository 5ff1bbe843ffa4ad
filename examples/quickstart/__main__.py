"""Upload a release to the origin, refresh the edges, and continue only once all of them serve it."""

import pulumi
from steps import EdgeReport, Upload, by_edge

import pulumi_alicdn as alicdn

config = pulumi.Config()
domain = config.require("domain")
urls = [f"https://{domain}/{name}" for name in ("index.html", "app.js", "style.css")]

upload = Upload("upload", source=f"releases/{config.require('release')}", target=config.require("origin"))

release = alicdn.RefreshTask(
    "site",
    service="vod",
    object_type="file",
    object_paths=urls,
    triggers=[upload.etag],
    wait=config.get_bool("wait"),
    opts=pulumi.ResourceOptions(depends_on=[upload]),
)

# Resources that depend on the refresh start only once it has taken effect.
# This one requests the files from every edge, and gets the new bytes.
report = EdgeReport(
    "report",
    edges=config.require_object("edges"),
    urls=urls,
    triggers=[upload.etag, release.effective_at],
    opts=pulumi.ResourceOptions(depends_on=[release]),
)

pulumi.export("status", release.status)
pulumi.export("task_ids", release.task_ids)
pulumi.export("effective_at", release.effective_at)
pulumi.export("served", report.served.apply(by_edge))
