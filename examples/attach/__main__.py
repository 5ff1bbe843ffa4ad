"""Wait for a refresh that somebody else submitted: `alicdn refresh --no-wait` in an upload script, say."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()

refresh = alicdn.RefreshTask.get("homepage", config.require("task"), service="vod")

pulumi.export("status", refresh.status)  # whatever depends on `refresh` starts only once it is effective
pulumi.export("objects", refresh.objects.apply(lambda rows: {row.object_path: row.status for row in rows}))
