"""What a program must not write: every type checker finds each marked line, and no other. Nothing of it is run."""

from __future__ import annotations

import pulumi

import pulumi_alicdn as alicdn

number = pulumi.Output.from_input(3)
page = alicdn.describe_refresh_tasks("cdn")
site = alicdn.AssetRelease("site", service="cdn", directory="dist", base_url="https://cdn.example.com/")
task = alicdn.RefreshTask("right", service="cdn", object_paths=["https://cdn.example.com/a"])

alicdn.RefreshTask("a", service="oss", object_paths=["https://cdn.example.com/a"])  # wrong: a service that is none
alicdn.RefreshTask("b", object_paths=["https://cdn.example.com/a"])  # wrong: no service
alicdn.RefreshTask("c", service="cdn", object_type="folder", object_paths=["a"])  # wrong: a type that is none
alicdn.RefreshTask("d", service="cdn", object_path=["a"])  # wrong: a misspelt option
alicdn.RefreshTask("e", service="cdn", object_paths=[1, 2])  # wrong: numbers for URLs
alicdn.RefreshTask("f", service="cdn", object_paths=["a"], on_timeout="ignore")  # wrong: a word that is none
alicdn.RefreshTask("g", service="cdn", object_paths=["a"], timeout="60")  # wrong: text for seconds
alicdn.RefreshTask("h", service=number, object_paths=["a"])  # wrong: the output of a number
alicdn.RefreshTask("i", service="vod", media_ids=["m"], formats=["mp4", "avi"])  # wrong: a format that is none
alicdn.PrefetchTask("k", service="vod", area="europe", object_paths=["a"])  # wrong: an area that is none
alicdn.RefreshTask.get("m", "15700000001")  # wrong: no service
alicdn.AssetRelease("n", service="cdn", directory="dist", base_url="a", strategy="fast")  # wrong: a word that is none
alicdn.describe_refresh_tasks("cdn", status="Pending")  # wrong: no query can ask for Pending
alicdn.iter_refresh_tasks("cdn", start_time=1767322800)  # wrong: a number for an instant
pulumi.export("seen", page["rows"])  # wrong: a misspelt key of the page
pulumi.export("seen", page["tasks"][0]["url"])  # wrong: a misspelt key of a row
pulumi.export("seen", alicdn.describe_refresh_quota("cdn")["Urls"])  # wrong: a quota that is none
pulumi.export("seen", task.state)  # wrong: an output that is none
site.evidence.apply(lambda seen: [one["found"] for one in seen])  # wrong: a misspelt key of the evidence
pulumi.export("seen", alicdn.nothing)  # wrong: there is no such name
