"""AssetRelease on the real engine: what is submitted for what changed, what edges serve then, what reports tell."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.releases.manifest import MANY_FILES
from support.site import BASE, Site
from support.stack import Stack

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]

EFFECT = timedelta(seconds=0.3)
PATIENT_S = 1200.0
"""Longer than the proof of 10,001 URLs takes on a machine that runs other tests at the same time."""
CANARY = "canary-2b1f-of-the-secret"


@pytest.fixture
def site(emulators: Emulators, stacks: Stacks, origin: Path) -> Callable[..., Site]:
    """Make one site; options that are names in capitals are environment."""

    def make(**options: Any) -> Site:  # noqa: ANN401  as a user writes them
        environment = {name: options.pop(name) for name in list(options) if name.isupper()}
        cloud = emulators(origin=origin, effect_s=EFFECT.total_seconds(), access_key_secret=CANARY)
        return Site(stacks("", cloud, **environment), cloud, origin, **options)

    return make


def instant(call: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(call["at"])


@pytest.mark.timeout(1800)
def test_of_10_001_files_only_what_changed_costs_anything(site: Callable[..., Site]) -> None:
    ours = site(first_release="nothing")
    ours.export()
    ours.write({f"season-{number // 500:02}/segment-{number:05}.ts": f"{number}" for number in range(MANY_FILES + 1)})
    ours.stack.up().expect_ok()
    assert ours.cloud.calls() == []
    assert "alicdn-manifest-2:" in ours.stack.state()
    assert len(ours.stack.state()) < 1_500_000
    for path in sorted(ours.origin.rglob("*.ts"))[:3]:
        ours.served(path.relative_to(ours.origin).as_posix())  # every edge has a copy

    ours.export("changed", "refreshed")
    changed = [f"season-{number // 500:02}/segment-{number:05}.ts" for number in (0, 1, MANY_FILES)]
    ours.write(dict.fromkeys(changed, "new"))
    assert (
        "3 of 10,001 files changed (0 added, 3 changed, 0 removed): 1 RefreshObjectCaches call for 3 URLs"
        in ours.stack.preview().expect_ok().output
    )
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {BASE + path for path in changed})]
    assert [ours.served(path) for path in changed] == [{b"new"}] * 3
    assert len(ours.cloud.tasks()) == 3
    assert ours.stack.outputs() == {"changed": changed, "refreshed": [BASE + path for path in changed]}

    before = len(ours.cloud.calls())
    for path in (ours.assets / "season-00").iterdir():
        os.utime(path, (1, 1))
    ours.assets = ours.assets.rename(ours.assets.with_name("build"))
    ours.configure(directory="build")
    ours.export("changed", "changed_count", "last_changed")
    said = ours.stack.up().expect_ok().output
    assert "nothing changed since the last release" in said
    assert ours.stack.outputs() == {"changed": [], "changed_count": 0, "last_changed": changed}
    assert len(ours.cloud.calls()) == before

    ours.write({changed[2]: "nev"})
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {BASE + changed[2]})]
    assert ours.served(changed[2]) == {b"nev"}
    assert len(ours.stack.state()) < 1_500_000

    # Once all of them changed, each is proven; the row of the proof tells how far it is, and ends with all of them.
    ours.export("status")
    ours.write({path.relative_to(ours.assets).as_posix(): "all new" for path in ours.assets.rglob("*.ts")})
    one_edge = [edge.removeprefix("http://") for edge in ours.cloud.edges[:1]]
    ours.configure(strategy="directory", edges=one_edge, proof_timeout=PATIENT_S)
    said = ours.stack.run("up", "--yes", "--skip-preview", timeout_s=PATIENT_S).expect_ok().output
    shown = re.findall(r"cdn:Proof site updating \(\d+s\) (\d+)% · proven ([\d,]+) of 10,001 URLs$", said, re.MULTILINE)
    counts = [int(proven.replace(",", "")) for _, proven in shown]
    assert counts == sorted(counts)
    assert counts[-1] == MANY_FILES + 1
    assert len(set(counts)) >= 3
    assert [int(percent) for percent, _ in shown] == [100 * proven // (MANY_FILES + 1) for proven in counts]
    assert len(ours.stack.state()) < 1_500_000


def test_odd_names_removed_files_and_warm_ones_end_at_the_edges(site: Callable[..., Site]) -> None:
    odd = {
        "a b#c?d%e/ü x.txt": "a%20b%23c%3Fd%25e/%C3%BC%20x.txt",
        "50%25.txt": "50%2525.txt",
        "~[x]{y}'+&=.txt": "~%5Bx%5D%7By%7D'+&=.txt",
        "日本/index.html": "%E6%97%A5%E6%9C%AC/",
        "video/1.ts": "video/1.ts",
    }
    ours = site(prefetch=["*.ts"])
    ours.write(dict.fromkeys(odd, "old"))
    assert [ours.served(url) for url in odd.values()] == [{b"old"}] * 5
    ours.write(dict.fromkeys(odd, "new"))

    ours.stack.up().expect_ok()

    refreshed, prefetched = ours.submitted()
    names = {BASE + url for url in odd.values()} | {f"{BASE}%E6%97%A5%E6%9C%AC/index.html"}
    assert refreshed == ("RefreshObjectCaches", names)
    assert prefetched == ("PushObjectCache", {f"{BASE}video/1.ts"})
    assert [ours.served(url) for url in odd.values()] == [{b"new"}] * 5
    assert [answer.cache for answer in ours.cloud.get_everywhere(f"{BASE}video/1.ts")] == ["HIT"] * 3
    (refresh,), (prefetch,) = ours.cloud.calls("RefreshObjectCaches"), ours.cloud.calls("PushObjectCache")
    assert instant(prefetch) - instant(refresh) >= EFFECT
    assert len({one["url"] for one in ours.stack.outputs()["evidence"]}) == 6

    (ours.assets / "50%25.txt").unlink()
    (ours.assets / "日本/index.html").unlink()
    ours.upload()
    ours.stack.up().expect_ok()
    gone = {f"{BASE}50%2525.txt", f"{BASE}%E6%97%A5%E6%9C%AC/index.html", f"{BASE}%E6%97%A5%E6%9C%AC/"}
    assert ours.submitted() == [("RefreshObjectCaches", gone)]
    assert [answer.status for url in gone for answer in ours.cloud.get_everywhere(url)] == [404] * 9

    ours.configure(triggers=["again"])
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", gone)]
    before = len(ours.cloud.calls())
    # Without an origin check: nothing that is to be there has changed.
    assert ours.stack.up().expect_ok().changes() == {"unchanged": 9}
    assert len(ours.cloud.calls()) == before


def test_the_plan_says_why_and_what_does_not_suffice_fails_the_preview(site: Callable[..., Site]) -> None:
    ours = site(service="vod", first_release="nothing")
    ours.write({f"v/{name}.ts": name for name in "abcde"})
    ours.stack.up().expect_ok()
    ours.write({f"v/{name}.ts": f"new {name}" for name in "abcd"})

    def planned(**options: Any) -> str:  # noqa: ANN401  as a user writes them
        ours.configure(**options)
        return ours.stack.preview().expect_ok().output

    def refused(**options: Any) -> str:  # noqa: ANN401  as a user writes them
        ours.configure(**options)
        return ours.stack.preview().expect_failure().output

    assert "file by file: 4 files, and max_files allows 1,000" in planned()
    assert "4 files, and max_files allows 3; 1 directory instead" in planned(max_files=3)
    assert "as a directory: the strategy is 'directory'" in planned(strategy="directory")
    assert "file by file: the strategy is 'files'" in planned(strategy="files")
    ours.cloud.admin("quota", {"service": "vod", "UrlRemain": 3, "DirRemain": 1})
    said = refused()
    assert "today's quota does not suffice for 4 URLs (3 of 2,000 left)" in said
    said = planned(strategy="auto", max_files=1000)
    assert "today's quota does not suffice for 4 URLs (3 of 2,000 left); 1 directory instead" in said
    ours.cloud.admin("quota", {"service": "vod", "DirRemain": 0})
    said = refused()
    assert ("today's quota suffices neither for 4 URLs (3 of 2,000 left) nor for 1 directory (0 of 100 left)") in said
    assert "the quota renews at" in said
    assert ours.submitted() == []

    ours.cloud.admin("quota", {"service": "vod", "DirRemain": 1})
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshVodObjectCaches", {f"{BASE}v/"})]
    assert [row["ObjectType"] for row in ours.cloud.tasks()] == ["directory"]
    assert ours.served("v/a.ts") == {b"new a"}
    assert len({one["url"] for one in ours.stack.outputs()["evidence"]}) == 4


TWO = """
class Wrapper(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__(f"tested:index:{name}", name)
        options = dict(service="cdn", directory=f"dist/{name}", base_url=f"https://www.example.com/{name}/",
                       edges=json.loads(os.environ["EDGES"]))
        self.site = alicdn.AssetRelease("site", **options, opts=pulumi.ResourceOptions(parent=self))


for name in ("one", "two"):
    pulumi.export(name, Wrapper(name).site.last_changed)
if os.path.exists("third"):
    alicdn.AssetRelease("site", service="cdn", directory="dist/one", base_url="https://www.example.com/one/",
                        first_release="nothing")
"""


def test_releases_of_the_same_name_in_different_components_keep_apart(site: Callable[..., Site]) -> None:
    ours = site()
    ours.stack.environment["EDGES"] = json.dumps(ours.options["edges"])
    ours.stack.write(TWO)
    ours.write({"one/a.txt": "one", "two/a.txt": "two"})
    ours.stack.up().expect_ok()
    assert len(ours.submitted()) == 2

    (ours.stack.folder / "third").touch()
    ours.write({"two/a.txt": "a", "two/b.txt": "b"})
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {f"{BASE}two/a.txt"})]
    assert ours.stack.outputs() == {"one": ["a.txt"], "two": ["a.txt", "b.txt"]}


def test_reports_are_written_once_a_release_and_change_nothing(site: Callable[..., Site], tmp_path: Path) -> None:
    step = tmp_path / "step.md"
    ours = site(report_file="release.html", GITHUB_STEP_SUMMARY=str(step))
    page = ours.stack.folder / "release.html"
    ours.put(a="a")
    ours.stack.up().expect_ok()
    assert step.read_text().count("Release is live: <code>site</code>") == 1
    first = page.read_text()
    assert f"{BASE}a.txt" in first
    page.unlink()

    ours.configure(summary_file=str(tmp_path / "own.md"), report_file="other.html")
    assert ours.stack.up().expect_ok().changes() == {"unchanged": 10}
    assert not page.exists()

    ours.put(b="b", a="a")
    ours.put(c="c")
    ours.configure(report_file="release.html")
    ours.stack.up().expect_ok()
    (ours.assets / "a.txt").write_text("a2")
    ours.upload()
    ours.stack.up().expect_ok()
    assert step.read_text().count("Release is live") == 1
    assert (tmp_path / "own.md").read_text().count("Release is live") == 2
    assert page.read_text() != first
    assert [path.name for path in ours.stack.folder.glob("*.html*")] == ["release.html"]

    state = ours.stack.state()
    for text in (state, page.read_text(), step.read_text()):
        assert CANARY not in text
        assert ours.cloud.access_key_id not in text


def test_at_a_new_base_url_it_is_the_first_release_and_at_the_old_one_what_changed_is_refreshed(
    site: Callable[..., Site],
) -> None:
    other = "https://media.example.com/"
    ours = site(first_release="nothing")
    ours.put(same="1", changing="1")
    ours.stack.up().expect_ok()
    ours.served("changing.txt")  # every edge has a copy

    ours.put(changing="2")
    ours.configure(base_url=None, base_urls=[BASE, other])
    ours.stack.up().expect_ok()

    assert ours.submitted() == [("RefreshObjectCaches", {f"{base}changing.txt" for base in (BASE, other)})]
    assert ours.served("changing.txt") == {b"2"}
    assert ours.stack.up().expect_ok().changes().keys() == {"unchanged"}


def test_an_emergency_trigger_or_force_that_is_taken_away_again_submits_nothing(site: Callable[..., Site]) -> None:
    ours = site()
    ours.put(a="1")
    ours.stack.up().expect_ok()
    ours.submitted()
    for options in ({"triggers": ["now"]}, {"force": True}):
        ours.configure(**options)
        assert "nothing changed since the last release, which is done again" in ours.stack.preview().expect_ok().output
        ours.stack.up().expect_ok()
        assert ours.submitted() == [("RefreshObjectCaches", {BASE + "a.txt"})]
        ours.configure(triggers=[], force=None)
        for _ in range(2):
            said = ours.stack.up().expect_ok().output
            assert "nothing changed since the last release" in said
            assert ours.submitted() == []
    ours.put(a="2")
    ours.stack.up().expect_ok()
    assert ours.submitted() == [("RefreshObjectCaches", {BASE + "a.txt"})]
