"""A model of releases: random folders, uploads, deletions, stale edges, sites and kills.

Each run ends green and true, or red with a next step that, when it is followed, ends green.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
import pytest

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import NotProvenError, TaskFailedError
from pulumi_alicdn.releases.steps import removed_pending
from pulumi_alicdn.state import EvidenceEntry
from support.emulators import start
from support.modelled_site import BASE, Ended, ModelledSite
from support.scale import runs
from support.virtual_clock import VirtualClock

SHARES = 25
"""Tests into which the runs are divided, for several workers. A test may take 10 minutes, also on a busy machine."""

HISTORIES = runs(500) // SHARES
"""Histories of one share: 500 in all, 5,000 at night."""

MOST_RUNS = 8
"""Runs within which a release has to end green, if each next step is followed."""

_DECODE: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}

NAMES = ("index.html", "a.js", "b.css", "img/x.png", "docs/index.html", "docs/guide.html", "v/list.m3u8", "v/1.ts")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="module")
def cloud(place: Path) -> Iterator[Emulator]:
    (place / "origin").mkdir()
    with start(effect_s=20, edges=3, origin=place / "origin") as running:
        yield running


@pytest.fixture(scope="module")
def apis(cloud: Emulator) -> dict[str, AlibabaCloud]:
    keys = {"access_key_id": cloud.access_key_id, "access_key_secret": cloud.access_key_secret}
    settings = Settings(endpoint=cloud.endpoint, **keys)
    return {str(service): connect(settings, service) for service in Service}


@dataclass
class History:
    """One history: the folder as it is to be, and what the origin still has although it left the folder."""

    chance: random.Random
    cloud: Emulator
    site: ModelledSite
    apis: Mapping[str, AlibabaCloud]
    by_encoding: bool
    files: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    versions: int = 0
    uploads: int = 1_000_000_000

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def visited(self) -> None:
        """Visitors ask edges for what there is, so that these keep it."""
        for path in self.files:
            for edge in range(len(self.cloud.edges)):
                if self.often(0.6):
                    self.cloud.get(edge, BASE + path, encoding=self.chance.choice(["identity", "gzip"]))

    def changed(self) -> None:
        """Add, change and remove files."""
        for name in self.chance.sample(NAMES, 4):
            if name not in self.files or self.often(0.7):
                self.versions += 1
                self.files[name] = f"<p>{name} {self.versions}</p>" * self.chance.randint(1, 4)
            elif len(self.files) > 3:
                self.kept[name] = self.files.pop(name)
        old = next((name for name in self.files if name.startswith("app.")), None)
        if old is not None and self.often(0.7):
            self.kept[old] = self.files.pop(old)
        if old is None or old not in self.files:
            self.versions += 1
            self.files[f"app.{self.versions:04x}.js"] = f"app {self.versions}"
        self.kept = {name: content for name, content in self.kept.items() if name not in self.files}

    def uploaded(self) -> None:
        """Put the folder, and what is kept, where the origin serves it. Nothing comes back that it does not have."""
        has = {name: self.site.origin / name for name in self.kept}
        self.kept = {
            name: content
            for name, content in self.kept.items()
            if has[name].is_file() and has[name].read_text() == content
        }
        shutil.rmtree(self.site.origin, ignore_errors=True)
        self.site.origin.mkdir()
        self.uploads += 1
        for name, content in {**self.kept, **self.files}.items():
            _write(self.site.origin / name, content)
            # Another second each time: a refresh without force keeps copies whose Last-Modified did not change.
            os.utime(self.site.origin / name, (self.uploads, self.uploads))

    def deleted(self, share: float) -> None:
        """Delete a part of what left the folder at the origin, too."""
        self.kept = {name: content for name, content in self.kept.items() if not self.often(share)}

    def written(self) -> None:
        """Make the folder what it is to be."""
        shutil.rmtree(self.site.folder, ignore_errors=True)
        for name, content in self.files.items():
            _write(self.site.folder / name, content)

    def staled(self, before: Mapping[str, str]) -> None:
        """Put old copies into edges, some of which a refresh does not reach at once."""
        old = [(name, content) for name, content in before.items() if self.files.get(name) != content]
        for name, content in old:
            if self.often(0.3):
                copy: dict[str, Any] = {
                    "edge": f"edge-{self.chance.randint(0, 2)}",
                    "url": BASE + name,
                    "body": content,
                }
                copy |= {"outlives": self.chance.choice([0, 1, 1, 2])}
                if self.by_encoding and self.often(0.5):
                    copy["encoding"] = "gzip"
                self.cloud.admin("edges", {"copies": [copy]})

    def released(self) -> Ended:
        """Run until the release is green, and follow each next step. Fails if that does not help."""
        said: list[str] = []
        for _ in range(MOST_RUNS):
            try:
                ended = self.site.run(dies_at=self.chance.randint(0, 24) if self.often(0.3) else None)
            except (NotProvenError, TaskFailedError) as error:
                said.append(str(error))
                self.follow(str(error))
            else:
                if not ended.killed:
                    if not said:
                        self.expect_as_announced(ended)
                    return ended
                said.append(f"killed after {ended.submitted}")
        raise AssertionError("\n\n".join(["no next step helped", *said]))

    def follow(self, error: str) -> None:
        """Do all that *error* says."""
        if "origin" in error or "Fix the cause" in error:
            self.uploaded()
        if "Set --origin" in error:
            self.site.options["origin"] = self.cloud.origin
        if "alicdn refresh" in error:
            line = next(line for line in error.splitlines() if "alicdn refresh" in line)
            urls = tuple(word.strip("'`,.") for word in line.split() if word.strip("'`,.").startswith("http"))
            assert urls, line
            api = self.apis[self.site.options["service"]]
            api.submit(TaskSpec(api.service, Kind.REFRESH, ObjectType.FILE, urls, force=True))
            self.cloud.advance(30)
        # Any other one says that the next run heals.

    def expect_true(self, ended: Ended) -> None:
        """What the evidence calls fresh is what every edge serves now, in each encoding."""
        assert ended.record is not None
        assert ended.record["status"] == "live"
        if ended.story is None:
            return
        waiting = {BASE + path for path in removed_pending(ended.record)}
        for one in ended.record["evidence"] or ():
            assert one["finding"] in ("fresh", "not-required") or one["url"] in waiting, one
            if one["finding"] == "fresh" and one["url"] not in waiting:
                self._expect_fresh(one)

    def _expect_fresh(self, one: EvidenceEntry) -> None:
        edge = [address.removeprefix("http://") for address in self.cloud.edges].index(one["edge"])
        path = one["url"].removeprefix(BASE)
        path = f"{path}index.html" if path.endswith("/") or not path else path
        for encoding in ("identity", "gzip", "br"):
            answer = self.cloud.get(edge, one["url"], encoding=encoding)
            body = _DECODE[answer.headers.get("content-encoding", "identity")](answer.body)
            if path in self.files:
                assert (answer.status, body.decode()) == (200, self.files[path]), one
            else:
                assert one["expected"] == "", one
                assert body.decode() not in (self.kept.get(path), *_contents(path, self.versions)), (
                    one,
                    body,
                    self.kept,
                )

    def expect_as_announced(self, ended: Ended) -> None:
        """What a run announced is what it called; only a heal within the run can add a URL that was stale."""
        healed = set(ended.record.get("healed") or ()) if ended.record is not None else set()
        added, missing = set(ended.submitted) - set(ended.announced), set(ended.announced) - set(ended.submitted)
        assert added <= healed, (ended.decision.summary, ended.announced, ended.submitted)
        assert not missing, (ended.decision.summary, ended.announced, ended.submitted)


def _contents(path: str, versions: int) -> list[str]:
    """Everything that the folder may have held at *path*."""
    texts = [f"<p>{path} {version}</p>" * times for version in range(versions + 1) for times in range(1, 5)]
    return [*texts, *(f"app {version}" for version in range(versions + 1) if path.startswith("app."))]


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def options(chance: random.Random, cloud: Emulator) -> dict[str, Any]:
    """Options of a release, most of them by chance."""
    known = chance.random() < 0.7
    return {
        "service": chance.choice(["vod", "cdn"]),
        "first_release": chance.choice(["refresh", "refresh", "prefetch", "nothing"]),
        "strategy": chance.choice(["auto", "files", "directory"]),
        "max_files": 1000,
        "include": (),
        "exclude": (),
        "prefetch": chance.choice([(), ("*.m3u8",), ("*.js", "*.css")]),
        "index_files": ("index.html",),
        "index_required": None,
        "removed": "settle",
        "allow_empty": False,
        "allow_mass_removal": True,
        "edges": [edge.removeprefix("http://") for edge in cloud.edges],
        "resolve": None,
        "origin": cloud.origin if known else None,
        "origin_host": "",
        "verify": "all",
        "heal": chance.choice([0, 1, 1, 2]),
        "proof": "require",
        "proof_timeout": 60,
        "proof_patience": 0,
        "url_auth": None,
        "request_headers": None,
        "user_agent": None,
        "summary_file": None,
        "report_file": None,
    }


@pytest.mark.parametrize("share", range(SHARES))
def test_every_run_ends_green_and_true_or_with_a_next_step_that_helps(
    share: int, cloud: Emulator, apis: dict[str, AlibabaCloud], place: Path
) -> None:
    for number in range(HISTORIES):
        seed = share * HISTORIES + number
        try:
            one_history(seed, cloud, apis, place)
        except Exception as error:
            error.add_note(f"history {seed}")
            raise


def one_history(seed: int, cloud: Emulator, apis: dict[str, AlibabaCloud], place: Path) -> None:
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    cloud.admin("reset", {})
    cloud.admin("calls", method="DELETE")
    by_encoding = chance.random() < 0.5
    cloud.admin("modes", {"copies_by_encoding": by_encoding})
    folders, unknown = chance.choice(["own", "first-page", "none"]), chance.choice(["404", "first-page"])
    cloud.admin("rules", {"folders": folders, "unknown": unknown, "force_gzip": chance.random() < 0.2})
    clock = VirtualClock(cloud)
    site = ModelledSite(cloud, apis, clock, place / "dist", place / "origin", options(chance, cloud))
    history = History(chance, cloud, site, apis, by_encoding)
    history.changed()
    history.files.setdefault("index.html", "<p>index.html 0</p>")
    for _ in range(3):
        before = dict(history.files)
        if site.state:
            history.visited()
            history.changed()
        history.written()
        if history.often(0.85):
            history.deleted(0.4)
            history.uploaded()
        history.staled(before)
        clock.sleep(chance.choice([5.0, 100.0, 4000.0]))
        ended = history.released()
        history.expect_true(ended)
        again = site.run()
        assert again.submitted == again.announced
        history.deleted(0.7)
        history.uploaded()
        settled = history.released()
        history.expect_true(settled)
    assert site.run().submitted == []
