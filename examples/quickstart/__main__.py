"""Upload a release to the origin, and continue only once every node of the network serves it."""

import pulumi
from steps import Upload, Visit, shown

import pulumi_alicdn as alicdn

config = pulumi.Config()
folder = f"releases/{config.require('release')}"
site = f"https://{config.require('domain')}/"
urls = [f"{site}{name}" for name in ("index.html", "app.js", "style.css")]

upload = Upload("upload", source=folder, target=config.require("origin"))
uploaded = pulumi.ResourceOptions(depends_on=[upload])

if config.get_bool("wait") is False:
    # Without a gate: the deployment ends once the service has accepted the task.
    task = alicdn.RefreshTask(
        "site", service="vod", object_paths=urls, triggers=[upload.etag], wait=False, opts=uploaded
    )
    pulumi.export("status", task.status)
else:
    # The service lists the nodes. Each of them has to serve these files, to the byte.
    release = alicdn.AssetRelease(
        "site",
        service="vod",
        directory=folder,
        base_url=site,
        edges=config.get_object("edges"),
        report_file=config.get("report"),
        opts=uploaded,
    )
    # Resources that depend on the release start only once it is live at every node.
    # This one requests the files from every node, and gets the new bytes.
    visit = Visit(
        "visit",
        nodes=release.evidence_summary.apply(lambda nodes: [node["edge"] for node in nodes]),
        urls=urls,
        triggers=[upload.etag],
        opts=pulumi.ResourceOptions(depends_on=[release]),
    )
    pulumi.export("status", release.status)
    pulumi.export("served", visit.served.apply(shown))
