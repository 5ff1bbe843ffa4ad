"""Wait for a refresh that was submitted elsewhere, for example by `alicdn refresh --no-wait` in an upload script."""

import pulumi

import pulumi_alicdn as alicdn

config = pulumi.Config()

refresh = alicdn.TaskCompletion("homepage", service="vod", task_ids=config.require("task").split(","))

pulumi.export("status", refresh.status)  # resources that depend on `refresh` start only once it is effective
pulumi.export("objects", refresh.objects.apply(lambda rows: {row.object_path: row.status for row in rows}))
