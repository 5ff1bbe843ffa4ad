"""What a program may write: no type checker finds anything here. Nothing of it is run."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime

import pulumi

import pulumi_alicdn as alicdn
from pulumi_alicdn import describe_refresh_quota

config = pulumi.Config()
text = pulumi.Output.from_input("anything that another resource puts out")
texts = pulumi.Output.from_input(["several of these"])
whole = pulumi.Output.from_input(3)


async def later() -> str:
    return "https://media.example.com/later"


coming: Awaitable[str] = later()
service: alicdn.ServiceName = "vod"

plain = alicdn.RefreshTask("plain", service="vod", object_paths=["https://media.example.com/index.m3u8"])
chosen = alicdn.RefreshTask("chosen", service=service, object_type="ignore-params", force=True, object_paths=("a", "b"))
outputs = alicdn.RefreshTask("outputs", service=text, object_type=text, object_paths=[text, "b", coming], timeout=whole)
listed = alicdn.RefreshTask("listed", service="cdn", object_paths=texts, on_timeout="continue", retry_failed=2)
configured = alicdn.RefreshTask("configured", service=pulumi.Output.from_input(config.require("service")))
media = alicdn.RefreshTask("media", service="vod", media_ids=["m"], formats=["mp4", "m3u8"], stream_type="video")
formats = alicdn.RefreshTask("formats", service="vod", media_ids=texts, formats=texts, definitions=texts, slices=3)
tags = alicdn.RefreshTask("tags", service="cdn", cache_tags=["a"], domain_name=text, triggers=[text, 1, {"a": None}])
after = alicdn.RefreshTask("after", service="cdn", opts=pulumi.ResourceOptions(depends_on=[plain, media]), wait=False)
warm = alicdn.PrefetchTask("warm", service="cdn", object_paths=["a"], area="overseas", headers={"x": text, "y": "z"})
other = alicdn.RefreshTask.get("other", plain.task_ids[0], service="vod", timeout=30, object_paths=["a"])
done = alicdn.TaskCompletion("done", service="cdn", task_ids=plain.task_ids, object_paths=[text], on_timeout="continue")
folder = alicdn.AssetRelease("site", service="cdn", directory="dist", base_url="a", strategy="auto", verify="sample")
warned = alicdn.AssetRelease("other", service="cdn", directory="dist", base_url="a", heal=2, proof="warn").unproven

ended = done.effective_at.apply(lambda at: at or "never")
reasons = plain.objects.apply(lambda found: [one.description for one in found])
shown = pulumi.Output.concat(plain.status, " since ", plain.effective_at.apply(lambda at: at or "never"))
stale = folder.evidence.apply(lambda seen: [one["url"] for one in seen if one["finding"] == "stale-edge"])
fresh = folder.evidence_summary.apply(lambda edges: {one["edge"]: one["fresh"] for one in edges})

page = alicdn.describe_refresh_tasks("cdn", domain_name="cdn.example.com", object_type="file", status="Failed")
path: str = page["tasks"][0]["object_path"]
created: str | None = page["tasks"][0]["creation_time"]
recent = alicdn.describe_refresh_tasks("intl-2020", start_time=datetime.now(UTC), end_time="2026-01-02T03:04:05Z")
failed = [row["task_id"] for row in alicdn.iter_refresh_tasks("vod", page_size=50) if row["status"] == "Failed"]
count = alicdn.describe_refresh_tasks_output("cdn", task_id=plain.task_ids[0], page_size=whole)["total_count"]
rows = alicdn.iter_refresh_tasks_output(text, status=plain.status, object_type="file").apply(len)
left: int = describe_refresh_quota("cdn")["Url"]["remaining"]
later_left = alicdn.describe_refresh_quota_output(text)["Dir"]
version: str = alicdn.__version__

try:
    alicdn.describe_refresh_quota("vod")
except alicdn.ApiError as error:
    fault: alicdn.ApiFault = error.fault
    code: str = fault.code
except alicdn.TaskFailedError as error:
    verdict: alicdn.Verdict = error.verdict
except alicdn.NotProvenError as error:
    probes: tuple[alicdn.Evidence, ...] = error.evidence
except (alicdn.InputError, alicdn.AlicdnError):
    pass


def wrapped(name: str, service: alicdn.Choice[alicdn.ServiceName], on_timeout: alicdn.OnTimeout) -> alicdn.RefreshTask:
    return alicdn.RefreshTask(name, service=service, on_timeout=on_timeout)


def label(status: alicdn.TaskStatus, row: alicdn.TaskEntry, quota: alicdn.QuotaEntry) -> str:
    return f"{status} {row['object_path']} {quota['total']}"


def probe(seen: alicdn.EvidenceEntry, edge: alicdn.EdgeSummaryEntry) -> tuple[alicdn.ProbeFinding, float]:
    return seen["finding"], edge["other"]
