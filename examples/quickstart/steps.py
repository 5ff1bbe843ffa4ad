"""The two other steps of the quickstart: an upload to the origin, and a report of what each edge serves.

They represent the steps of a real pipeline, for example an upload to OSS and an announcement.
"""

import hashlib
import http.client
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


def digest(folder: Path) -> str:
    """Return a short fingerprint of all files of a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def fetch(edge: str, url: str) -> dict[str, str]:
    """Request a URL from one edge; return a digest of the bytes, and whether they came from its cache.

    Raises RuntimeError if the edge does not serve the object.
    """
    address, wanted = urlsplit(edge), urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        connection.request("GET", wanted.path, headers={"Host": wanted.hostname or ""})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{edge} answers {answer.status} for {url}")
    return {
        "edge": edge,
        "asset": wanted.path.lstrip("/"),
        "cache": answer.headers.get("X-Cache", ""),
        "digest": hashlib.sha256(body).hexdigest()[:16],
    }


def by_edge(served: Sequence[dict[str, str]]) -> dict[str, str]:
    """Return the digests in the form of a stack output."""
    return {f"{one['edge']} {one['asset']}": one["digest"] for one in served}


class _UploadProvider(ResourceProvider):
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = news["etag"] != olds["etag"]
        return DiffResult(changes=changed, replaces=["etag"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        target = Path(props["target"])
        target.mkdir(parents=True, exist_ok=True)
        shutil.copytree(props["source"], target, dirs_exist_ok=True)
        return CreateResult(props["etag"], dict(props))


class Upload(Resource, module="quickstart", name="Upload"):
    etag: pulumi.Output[str]

    def __init__(self, name: str, source: str, target: str) -> None:
        super().__init__(_UploadProvider(), name, {"source": source, "target": target, "etag": digest(Path(source))})


class _ReportProvider(ResourceProvider):
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = any(news[name] != olds[name] for name in ("edges", "urls", "triggers"))
        return DiffResult(changes=changed, replaces=["triggers"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        served = [fetch(edge, url) for edge in props["edges"] for url in props["urls"]]
        return CreateResult("report", {**props, "served": served})


class EdgeReport(Resource, module="quickstart", name="EdgeReport"):
    served: pulumi.Output[list[dict[str, str]]]

    def __init__(
        self,
        name: str,
        edges: Sequence[str],
        urls: Sequence[str],
        triggers: Sequence[pulumi.Input[str | None]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"edges": edges, "urls": urls, "triggers": triggers, "served": None}
        super().__init__(_ReportProvider(), name, props, opts)
