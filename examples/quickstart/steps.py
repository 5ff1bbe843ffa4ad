"""The two other steps of the quickstart: an upload to the origin, and a visit to each node.

They represent the steps of a real pipeline, for example an upload to OSS and an announcement.
"""

import hashlib
import http.client
import shutil
from collections import Counter
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


def fetch(node: str, url: str) -> dict[str, str]:
    """Request a URL from the node at `host:port`; return a digest of the bytes.

    Raises RuntimeError if the node does not serve the object.
    """
    address, wanted = urlsplit(f"http://{node}"), urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        connection.request("GET", wanted.path, headers={"Host": wanted.hostname or ""})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{node} answers {answer.status} for {url}")
    return {"node": node, "asset": wanted.path.lstrip("/"), "digest": hashlib.sha256(body).hexdigest()[:16]}


def shown(served: Sequence[dict[str, str]]) -> list[str]:
    """Return a line for each asset and each content of it, in the form of a stack output."""
    found = Counter((one["asset"], one["digest"]) for one in served)
    return [f"{asset}: {content} at {nodes} nodes" for (asset, content), nodes in sorted(found.items())]


class _UploadProvider(ResourceProvider):
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = news["etag"] != olds["etag"]
        return DiffResult(changes=changed, replaces=["etag"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        target = Path(props["target"])
        target.mkdir(parents=True, exist_ok=True)
        shutil.copytree(props["source"], target, dirs_exist_ok=True)
        return CreateResult(props["etag"], dict(props))


class Upload(Resource, name="Upload"):
    etag: pulumi.Output[str]

    def __init__(self, name: str, source: str, target: str) -> None:
        super().__init__(_UploadProvider(), name, {"source": source, "target": target, "etag": digest(Path(source))})


class _VisitProvider(ResourceProvider):
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = any(news[name] != olds[name] for name in ("nodes", "urls", "triggers"))
        return DiffResult(changes=changed, replaces=["triggers"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        served = [fetch(node, url) for node in props["nodes"] for url in props["urls"]]
        return CreateResult("visit", {**props, "served": served})


class Visit(Resource, name="Visit"):
    served: pulumi.Output[list[dict[str, str]]]

    def __init__(
        self,
        name: str,
        nodes: pulumi.Input[Sequence[str]],
        urls: Sequence[str],
        triggers: Sequence[pulumi.Input[str | None]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"nodes": nodes, "urls": urls, "triggers": triggers, "served": None}
        super().__init__(_VisitProvider(), name, props, opts)
