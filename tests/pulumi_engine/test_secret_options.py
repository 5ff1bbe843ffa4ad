"""Secret options on the real engine: what they are part of is secret in the state, and in no line that a run prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import submits
from support.stack import Stack

CANARY: Final = "canary9f8e7d6c"
ASKED: Final = "DescribeVodRefreshTasks"
SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""The mark of a secret in a state."""

REFRESH = """
task = alicdn.RefreshTask(
    "homepage", service="vod", object_paths=config.get_secret_object("paths"), triggers=[config.get_secret("trigger")],
    timeout=config.get_float("timeout"), retry_failed=config.get_int("retries"), origin=config.get_secret("origin"),
)
pulumi.export("objects", task.objects)
pulumi.export("status", task.status)
pulumi.export("count", task.objects.apply(len))
"""


def clean(stack: Stack, output: str) -> None:
    """Look for the secret in what a run printed, and in all that it left."""
    assert CANARY not in output, output
    for path in stack.folder.rglob("*"):
        if path.is_file() and path.name != "__main__.py":
            assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in stack.state()
    assert CANARY not in stack.run("stack", "output").expect_ok().output


def secret(entry: dict[str, Any]) -> set[str]:
    """Return the names of the outputs that the state holds as secrets."""
    return {
        name for name, value in entry["outputs"].items() if isinstance(value, dict) and SECRET.items() <= value.items()
    }


def step(stack: Stack, name: str) -> dict[str, Any]:
    (found,) = [entry for entry in stack.resources() if entry["type"].endswith(f":{name}")]
    return found


def test_secret_object_paths_are_secret_in_everything_that_holds_them(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(REFRESH, cloud)
    paths = [f"https://media.example.com/{CANARY}/{name}?auth_key={CANARY}" for name in ("a.m3u8", "b.m3u8")]

    def up(trigger: str, *faults: JsonObject, command: str = "up", **options: str) -> str:
        cloud.admin("faults", {"faults": list(faults)})
        stack.configure_secret(
            paths=json.dumps(paths), trigger=f"{CANARY}-{trigger}", origin=f"https://{CANARY}.example"
        )
        stack.configure(**{"timeout": "20", "retries": "0", **options})
        output = stack.run(command, "--diff", *(("--yes", "--skip-preview") if command == "up" else ())).output
        clean(stack, output)
        return output

    up("good", command="preview")
    up("good")
    assert (stack.outputs()["status"], stack.outputs()["objects"]) == ("Complete", "[secret]")
    assert secret(step(stack, "Intent")) >= {"object_paths", "triggers", "fingerprint"}
    assert secret(step(stack, "Submit")) >= {"object_paths", "superseded", "adopted"}
    assert secret(step(stack, "Wait")) >= {"object_paths", "objects", "superseded", "origin"}
    shown = json.loads(stack.run("stack", "output", "--json", "--show-secrets").expect_ok().output)
    assert [entry["object_path"] for entry in shown["objects"]] == paths
    assert stack.up().expect_ok().changes() == {"unchanged": 6}

    said = up("failed", {"action": "RefreshVodObjectCaches", "kind": "fail"})
    assert "refresh of 2 of 2 URLs failed on vod" in said
    assert "  object 2 of 2 (secret): Failed" in said, said
    said = up("failed again", {"action": "RefreshVodObjectCaches", "kind": "fail", "times": 2}, retries="1")
    assert "object 1 of 2 (secret): Failed" in said
    late = up("late", {"action": ASKED, "kind": "row", "set": {"Status": "Refreshing"}, "times": -1}, timeout="3")
    assert "TaskTimeoutError" in late
    quoted = {"kind": "error", "code": "Quotes", "message": f"no such object: {' '.join(paths)}"}
    assert "no such object: object 1 of 2 (secret)" in up("quoted", {"action": ASKED, **quoted})
    clean(stack, stack.refresh().output)

    paths[1] = f"{CANARY}.example.com/x y"
    said = up("wrong", command="preview")
    assert "object_paths[1] is secret, but must begin with http:// or https://" in said, said
    paths[:] = [f"https://{CANARY}.example.com/{CANARY}/?x=#", f"https://{CANARY}.example.com/{CANARY}/?x=#"]
    assert "object_paths[0] is secret, but a fragment" in up("twice", command="preview")


def test_what_becomes_secret_is_secret_without_another_submit(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(REFRESH.replace("get_secret", "get"), cloud)
    path = f"https://media.example.com/{CANARY}.m3u8"
    stack.configure(paths=json.dumps([path]), timeout="20")
    stack.up().expect_ok()
    sent = len(submits(cloud))
    stack.write(REFRESH)
    stack.configure_secret(paths=json.dumps([path]))
    assert stack.up().expect_ok().changes().keys() == {"updated", "unchanged"}
    assert [resource for resource in stack.resources() if CANARY in json.dumps(resource)] == []
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    stack.write(REFRESH.replace("get_secret", "get"))
    stack.configure(paths=json.dumps([path]))
    stack.up().expect_ok()
    assert stack.outputs()["objects"][0]["object_path"] == path
    assert secret(step(stack, "Wait")) == set()
    assert len(submits(cloud)) == sent


EVERY_KIND: Final = """
def secret(name): return config.require_secret_object(name)
media = alicdn.RefreshTask("media", service="vod", media_ids=secret("media"), definitions=["HD"])
tags = alicdn.RefreshTask("tags", service="cdn", cache_tags=secret("tags"), domain_name=secret("domain"))
headers = {"Authorization": secret("header"), "X-A": "open"}
prefetch = alicdn.PrefetchTask("prefetch", service="vod", object_paths=[secret("path"), "https://media.example.com/b.ts"],
    headers=headers)
theirs = alicdn.TaskCompletion("theirs", service="vod", task_ids=secret("ids"))
got = alicdn.RefreshTask.get("got", secret("ids")[0], service="vod", object_paths=secret("paths"), timeout=20)
rows = alicdn.describe_refresh_tasks_output("vod", object_path=secret("path"))
for task in (media, tags, prefetch, theirs, got):
    pulumi.export(task._name, task.objects)
pulumi.export("ids", theirs.task_ids)
pulumi.export("statuses", pulumi.Output.all(*(task.status for task in (media, tags, prefetch, theirs, got))))
pulumi.export("rows", rows["tasks"])
"""


def test_secret_media_tags_headers_and_ids_are_secret_in_everything_that_holds_them(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    for name in (f"{CANARY}.mp4", "b.ts"):
        (origin / name).write_text(name)
    cloud = emulators(origin=origin, effect_s=1)
    path = f"https://media.example.com/{CANARY}.mp4"
    stream: JsonObject = {"url": path, "format": "mp4", "definition": "HD"}
    cloud.admin("media", {"media": [{"media_id": f"{CANARY}-film", "urls": [stream]}]})
    other = stacks(f'task = alicdn.RefreshTask("a", service="vod", object_paths=["{path}"])\n', cloud)
    other.up().expect_ok()
    (task_id,) = step(other, "Submit")["outputs"]["task_ids"]
    stack = stacks(EVERY_KIND, cloud)
    values = {"media": [f"{CANARY}-film"], "tags": [f"{CANARY}-news"], "header": f"Bearer {CANARY}", "path": path}
    values |= {"domain": f"{CANARY}.example.com", "ids": [task_id], "paths": [path]}
    stack.configure_secret(
        **{name: json.dumps(value) for name, value in values.items()}, alicdn__endpoint=cloud.endpoint
    )
    del stack.environment["ALICDN_ENDPOINT"]

    clean(stack, stack.preview().expect_ok().output)
    clean(stack, stack.up("--diff").expect_ok().output)
    shown = json.loads(stack.run("stack", "output", "--json", "--show-secrets").expect_ok().output)
    assert shown["statuses"] == ["Complete"] * 5
    assert shown["ids"] == [task_id]
    for entry in stack.resources():
        if entry["type"].endswith((":Attach", ":Wait")):
            assert "objects" in secret(entry), entry["urn"]
        if "theirs" in entry["urn"] or "got" in entry["urn"]:
            assert task_id not in json.dumps(entry), entry["urn"]
        assert cloud.endpoint not in json.dumps(entry), entry["urn"]
    said = stack.up("--diff").expect_ok()
    clean(stack, said.output)
    assert cloud.endpoint not in said.output
    clean(stack, stack.refresh().expect_ok().output)

    stack.configure_secret(media=json.dumps([f"{CANARY}-none", f"{CANARY}-film"]))
    said = stack.up().expect_failure()
    clean(stack, said.output)
    assert "the service knows no media media_ids[0] (secret)" in said.output
    wrong = {"tags": [f"{CANARY}, x"], "path": f"{CANARY} {CANARY}"}
    stack.configure_secret(**{name: json.dumps(value) for name, value in wrong.items()})
    said = stack.preview().expect_failure()
    clean(stack, said.output)
    # Of two wrong resources the engine may report only one: the other is cancelled.
    stack.configure_secret(path=json.dumps(path))
    said = stack.preview().expect_failure()
    clean(stack, said.output)
    assert "cache_tags[0] is secret, but must be text without commas or white space" in said.output


RELEASE: Final = """
release = alicdn.AssetRelease(
    "site", service="cdn", directory="site", base_url="https://cdn.example.com/", verify="off",
    triggers=[config.require_secret("trigger")],
)
pulumi.export("status", release.status)
"""


def test_a_release_with_a_secret_trigger_goes_on_where_it_ended(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(RELEASE, cloud)
    (stack.folder / "site").mkdir()
    (stack.folder / "site" / "a.js").write_text("a")
    stack.configure_secret(trigger=CANARY)
    cloud.admin("faults", {"faults": [{"action": "RefreshObjectCaches", "kind": "fail"}]})
    clean(stack, stack.up().expect_failure().output)
    clean(stack, stack.up().expect_ok().output)
    assert stack.outputs()["status"] == "live"
    assert stack.up().expect_ok().changes().keys() == {"unchanged"}
    assert len(submits(cloud)) == 2, "the one that failed, and what failed in it"


PREFETCH: Final = """
given = eval(os.environ["GIVEN"])
task = alicdn.PrefetchTask("a", service="vod", object_paths=["https://media.example.com/a"], **given)
"""


@pytest.mark.parametrize(
    "given",
    [
        f"dict(headers='Authorization: {CANARY}')",
        f"dict(headers=['{CANARY}'])",
        f"dict(headers=('{CANARY}',))",
        f"dict(headers=b'{CANARY}')",
        f"dict(headers={{'Authorization': b'{CANARY}'}})",
        f"dict(headers={{'Authorization': {{'Bearer': '{CANARY}'}}}})",
        f"dict(headers={{'Bearer {CANARY}': 'Authorization'}})",
        f"dict(headers={{('{CANARY}', 1): 'Authorization'}})",
        f"dict(headers={{'{CANARY}'}})",
        f"dict(headers={{'Authorization': '{CANARY}' + chr(10)}})",
        f"dict(triggers=b'{CANARY}')",
        f"dict(triggers={{'{CANARY}': ['{CANARY}']}}, force=1)",
        f"dict(triggers=['{CANARY}', {{'a': b'{CANARY}'}}])",
        f"dict(triggers=pulumi.FileAsset('/{CANARY}'))",
    ],
)
def test_a_value_of_the_wrong_type_is_in_no_error(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], given: str
) -> None:
    stack = stacks(PREFETCH, emulators(), GIVEN=given)
    assert CANARY not in stack.preview().output
