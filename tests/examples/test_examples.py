"""Every example runs, most of them on the real engine, submits each task exactly once, and does what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def example(stacks: Callable[..., Stack], cloud: Emulator, name: str, **configuration: str) -> Stack:
    stack = stacks("", cloud)
    for path in (EXAMPLES / name).glob("*"):
        if path.is_file():
            (stack.folder / path.name).write_bytes(path.read_bytes())
    stack.run("stack", "init", "dev")  # the example's Pulumi.yaml names a project of its own
    stack.configure(**configuration)
    return stack


def test_every_example_is_tested_in_this_folder() -> None:
    tasks = {"minimal", "purge-then-prefetch", "quickstart"}
    releases = {"static-site", "vod-library", "two-domains", "gate-another-resource", "attach", "pipelines"}
    mocked = {"own-domain"}
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == tasks | releases | mocked


def test_minimal(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=2)
    stack = example(stacks, cloud, "minimal", version="1")
    stack.up().expect_ok()
    assert stack.outputs() == {"status": "Complete"}
    stack.up().expect_ok()
    assert len(submits(cloud)) == 1
    stack.configure(version="2")
    stack.up().expect_ok()
    assert len(submits(cloud)) == 2


def test_purge_then_prefetch(emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path) -> None:
    assets = origin / "assets"
    assets.mkdir()
    (assets / "app.js").write_text("old")
    (assets / "style.css").write_text("old")
    cloud = emulators(origin=origin, effect_s=2)
    urls = [f"https://cdn.example.com/assets/{name}" for name in ("app.js", "style.css")]
    for url in urls:
        cloud.get_everywhere(url)
    (assets / "app.js").write_text("new")
    (assets / "style.css").write_text("new")
    stack = example(stacks, cloud, "purge-then-prefetch", version="1", domain="cdn.example.com")

    stack.up().expect_ok()

    assert stack.outputs() == {"purged": "Complete", "warm": dict.fromkeys(urls, "Complete")}
    assert [call["action"] for call in submits(cloud)] == ["RefreshObjectCaches", "PushObjectCache"]
    for url in urls:
        assert [(answer.body, answer.cache) for answer in cloud.get_everywhere(url)] == [(b"new", "HIT")] * 3
