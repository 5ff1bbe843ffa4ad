"""Wait for a refresh that was submitted elsewhere, for example by `alicdn refresh --no-wait` in an upload script."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()

refresh = alicdn.RefreshTask.get("homepage", config.require("task"), service="vod")

pulumi.export("status", refresh.status)  # resources that depend on `refresh` start only once it is effective
pulumi.export("objects", refresh.objects.apply(lambda rows: {row.object_path: row.status for row in rows}))
