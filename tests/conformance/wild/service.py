"""Cases about the service itself: what users saw it do that no document of these calls says."""

from __future__ import annotations

import gzip

from conformance.sides import ClientSide, EmulatorSide
from conformance.wild.identity import merged_types
from conformance.wild.scene import SITE, URL, client_scene, each, fresh, on_submits
from conformance.wild.seen import wild
from support.call_log import submits

_DOCS = f"{SITE}/docs/"


def members_of_an_error(side: EmulatorSide) -> None:
    fresh(side)
    body = side.request(TaskId="abc").json
    assert set(body) == {"Code", "Message", "HostId", "RequestId", "Recommend"}
    assert body["HostId"] == "cdn.aliyuncs.com"


def error_as_users_read_it(side: ClientSide) -> None:
    """The sentence has the words, the code and the request id, and no address of a help page."""
    scene = client_scene(side)
    scene.faults(on_submits("error", code="InvalidObjectPath.Malformed", http_status=400, message="It is invalid."))
    ended = scene.refresh()
    request_id = str(submits(scene.cloud)[-1]["request_id"])
    ended.failed(1, "It is invalid", "InvalidObjectPath.Malformed", request_id)
    assert "troubleshoot" not in ended.said


def shared_id(side: ClientSide) -> None:
    """A directory and a file that somebody else submits within the same second get our id: ours alone counts."""

    def check(service: str) -> None:
        scene = client_scene(side, service=service)
        scene.cloud.admin("modes", {"merge_types": True})
        state = scene.refresh(_DOCS, object_type="file", between=lambda: _by_others(side, service)).complete(None)
        assert [(one["object_path"], one["object_type"]) for one in state["objects"]] == [(_DOCS, "file")]

    each(side, ("cdn", "vod"), check)


def _by_others(side: ClientSide, service: str) -> None:
    wire = {"ObjectPath": _DOCS, "ObjectType": "Directory", "Format": "JSON"}
    names = {"cdn": ("RefreshObjectCaches", "2018-05-10"), "vod": ("RefreshVodObjectCaches", "2017-03-21")}
    action, version = names[service]
    assert side.harness.raw({"Action": action, "Version": version, **wire}).status == 200


def done_at_most_nodes(side: ClientSide) -> None:
    """A prefetch is what the service says it is: Complete, although the last edge is still to fetch."""
    scene = client_scene(side)
    scene.cloud.admin("modes", {"preload_done_percent": 60})
    scene.prefetch().complete()


def complete_before_the_last_edge(side: EmulatorSide) -> None:
    emulator = fresh(side)
    emulator.admin("modes", {"preload_done_percent": 60})
    emulator.admin("origin", {"files": {"/a.js": "x"}})
    side.harness.submit(side.doc, URL, object_type="Preload")
    emulator.advance(4)
    assert side.ask(ObjectType="preload").row["Status"] == "Complete"
    assert [answer.cache for answer in emulator.get_everywhere(URL)] == ["HIT", "HIT", "MISS"]


def all_encodings_are_refreshed(side: ClientSide) -> None:
    """After a refresh no edge serves the old bytes, in whatever encoding a visitor asks for them."""
    scene = client_scene(side)
    scene.cloud.admin("modes", {"copies_by_encoding": True})
    scene.cloud.admin("origin", {"files": {"/a.js": "old"}})
    for encoding in ("gzip", "identity"):
        scene.cloud.get(0, URL, encoding=encoding)
    scene.cloud.admin("origin", {"files": {"/a.js": "new"}})
    scene.refresh().complete()
    assert scene.cloud.get(0, URL).body == b"new"
    assert gzip.decompress(scene.cloud.get(0, URL, encoding="gzip").body) == b"new"


def copies_by_encoding(side: EmulatorSide) -> None:
    emulator = fresh(side)
    emulator.admin("modes", {"copies_by_encoding": True})
    emulator.admin("origin", {"files": {"/a.js": "x"}})
    assert [emulator.get(0, URL, encoding=name).cache for name in ("gzip", "identity", "gzip")] == [
        "MISS",
        "MISS",
        "HIT",
    ]


STATEMENTS = (
    wild(
        "service/members-of-an-error",
        "An error has the member Recommend, too, and its HostId is the service's.",
        "logs in jeessy2/ddns-go#979, anzhiyu-c/anheyu-app#126 and aliyun/alibaba-cloud-sdk-go#39",
        error_as_users_read_it,
        members_of_an_error,
    ),
    wild(
        "service/one-id-for-several-types",
        "A directory and a file of one domain and second share a task id.",
        "anobaka/Bakabase, .github/scripts/refresh\\_cdn.py",
        shared_id,
        merged_types,
    ),
    wild(
        "service/prefetch-is-done-at-90-percent",
        "A prefetch is Complete before the last node has the object.",
        "aliyun/alibabacloud-aiops-skills, references/cache-rules.md",
        done_at_most_nodes,
        complete_before_the_last_edge,
    ),
    wild(
        "service/copies-by-encoding",
        "Edges keep a copy for each encoding, and a refresh drops all of them.",
        "help page Performance optimization: compressed copies are cached",
        all_encodings_are_refreshed,
        copies_by_encoding,
    ),
)
