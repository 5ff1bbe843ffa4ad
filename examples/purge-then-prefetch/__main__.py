"""Drop a whole directory from the edges of a CDN, then prefetch the files that visitors request first."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()
site = f"https://{config.require('domain')}"
version = config.require("version")

purge = alicdn.RefreshTask(
    "purge",
    service="cdn",
    object_type="directory",
    object_paths=[f"{site}/assets/"],
    triggers=[version],
)

# Prefetch after the purge: otherwise the purge could drop the prefetched files.
warm = alicdn.PrefetchTask(
    "warm",
    service="cdn",
    object_paths=[f"{site}/assets/{name}" for name in ("app.js", "style.css")],
    headers={"Accept-Encoding": "gzip"},
    triggers=[version],
    retry_failed=1,
    opts=pulumi.ResourceOptions(depends_on=[purge]),
)

pulumi.export("purged", purge.status)
pulumi.export("warm", warm.objects.apply(lambda rows: {row.object_path: row.status for row in rows}))
