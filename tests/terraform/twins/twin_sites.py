"""One folder that both front ends release, each to a cloud of its own: what happens to one cloud happens to both."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.releases.decision import UNCHANGED
from pulumi_alicdn.releases.packed import unpack
from support.call_log import NewSubmits
from terraform.twins.forking import Forking
from terraform.twins.plugin_client import Resource

BASE: Final = "https://www.example.com/"

LISTS: Final = ("unproven", "healed", "removed_pending", "refreshed", "prefetched")

NAMES: Final = ("index.html", "a.js", "b.css", "img/x.png", "docs/index.html", "v/list.m3u8")


@dataclass
class Outcome:
    """One run: ``planned``: what it announced; ``failure``: the first line of its error."""

    planned: str = ""
    failure: str = ""
    submits: list[tuple[str, list[str]]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    said: str = field(default="", compare=False)


class Twins:
    """The folder, its origins, and the two releases. *options* are those of both."""

    def __init__(
        self,
        clouds: Mapping[str, Emulator],
        processes: Mapping[str, Forking],
        place: Path,
        options: Mapping[str, Any],
        chance: random.Random,
    ) -> None:
        self.clouds = clouds
        self.chance = chance
        self.options = dict(options)
        self.files: dict[str, str] = {}
        self._place = place
        self._uploads = 1_000_000_000
        self._versions = 0
        self._processes = processes
        self._stack: dict[str, Any] = {}
        self.resource = Resource(lambda: processes["plugin"].asked({}))
        self._submits = {side: NewSubmits(cloud) for side, cloud in clouds.items()}

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def both(self, name: str, body: Mapping[str, Any]) -> None:
        for cloud in self.clouds.values():
            cloud.admin(name, dict(body))

    def change(self) -> dict[str, str]:
        """Add, change and remove files; return what there was before."""
        before = dict(self.files)
        for name in self.chance.sample(NAMES, 3):
            if name not in self.files or self.often(0.7):
                self._versions += 1
                self.files[name] = f"<p>{name} {self._versions}</p>"
            elif len(self.files) > 3:
                del self.files[name]
        self.files.setdefault("index.html", "<p>index.html 0</p>")
        self._write(self._place / "dist")
        return before

    def upload(self) -> None:
        """Have both origins serve the folder."""
        self._uploads += 1
        for side in self.clouds:
            self._write(self._place / f"{side}-origin")

    def _write(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        for one in list(folder.iterdir()):
            shutil.rmtree(one) if one.is_dir() else one.unlink()
        for name, content in self.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content)
            # Another second each time: a refresh without force keeps copies whose Last-Modified did not change.
            os.utime(folder / name, (self._uploads, self._uploads))

    def visit(self) -> None:
        """Visitors ask edges for what there is, so that these keep it."""
        for path in self.files:
            if self.often(0.5):
                for cloud in self.clouds.values():
                    cloud.get(0, BASE + path)

    def stale(self, before: Mapping[str, str]) -> None:
        """Put old copies into edges, some of which a refresh does not reach at once."""
        for name, content in before.items():
            if self.files.get(name) != content and self.often(0.35):
                copy = {"edge": f"edge-{self.chance.randint(0, 1)}", "url": BASE + name, "body": content}
                self.both("edges", {"copies": [{**copy, "outlives": self.chance.choice([0, 1, 1, 2])}]})

    def fail(self) -> None:
        """Let the next task fail for one of its objects, or take longer than a run waits."""
        fault = {"kind": "fail", "description": "Internal Error", "paths": [BASE + self.chance.choice(NAMES)]}
        self.both("faults", {"faults": [{"action": self.options["submits"], **fault}]})

    def run(self, more: Mapping[str, Any]) -> tuple[Outcome, Outcome]:
        """Release with both."""
        options = {name: value for name, value in self.options.items() if name != "submits"}
        return self._deploy({**options, **more}), self._apply({**options, **more})

    def _edges(self, side: str) -> list[str]:
        return [edge.removeprefix("http://") for edge in self.clouds[side].edges]

    def _local(self, side: str, options: Mapping[str, Any]) -> dict[str, Any]:
        found = {**options, "edges": self._edges(side), "directory": str(self._place / "dist"), "base_urls": [BASE]}
        if found.pop("known_origin"):
            found["origin"] = self.clouds[side].origin
        return found

    def _deploy(self, options: Mapping[str, Any]) -> Outcome:
        given = self._local("stored_stack", options)
        given["triggers"] = [[name, given["triggers"][name]] for name in sorted(given["triggers"])]
        answer = json.loads(self._processes["stored_stack"].asked({"state": self._stack, "options": given}))
        self._stack = answer["state"]
        records = [one["outputs"] for urn, one in self._stack.items() if urn.endswith(":Proof::site")]
        shown = answer["outputs"]
        self._at_edge = {at: f"edge-{number}" for number, at in enumerate(self._edges("stored_stack"))}
        found = self._found(shown, shown.get("evidence") or []) if not answer["error"] and records else {}
        return Outcome(
            # Where nothing changed, Pulumi says so, and Terraform says by itself that there are no changes.
            "".join(one for one in answer["said"] if one.partition("\n")[0] != UNCHANGED),
            _first(answer["error"]),
            self._submits["stored_stack"].take(),
            found,
            "\n".join([*answer["said"], answer["error"]]),
        )

    def _apply(self, options: Mapping[str, Any]) -> Outcome:
        given = self._local("plugin", options)
        limit = given.pop("timeout")
        given["timeouts"] = {"create": limit and f"{limit}s", "update": limit and f"{limit}s"}
        done = self.resource.apply(given)
        state = self.resource.state or {}
        self._at_edge = {at: f"edge-{number}" for number, at in enumerate(self._edges("plugin"))}
        found: dict[str, Any] = {}
        if not done.errors:
            stored: Any = unpack(state["release"])
            found = self._found(state, stored["record"].get("evidence") or [])
        said = "\n".join([*done.planned, *done.warnings, *done.errors])
        return Outcome(
            next(iter(done.planned), ""), _first("".join(done.errors[:1])), self._submits["plugin"].take(), found, said
        )

    def _found(self, shown: Mapping[str, Any], evidence: list[dict[str, Any]]) -> dict[str, Any]:
        """What a release found, with names of edges that both sides have."""
        shown_of = ("url", "finding", "expected", "served")
        rows = [(self._at_edge.get(one["edge"], one["edge"]), *(one[name] for name in shown_of)) for one in evidence]
        summary = [(self._at_edge[one["edge"]], one["fresh"], one["other"]) for one in shown["evidence_summary"] or []]
        lists = {
            name: sorted(shown[name] or [])
            for name in ("unproven", "healed", "removed_pending", "refreshed", "prefetched")
        }
        return {**lists, "status": shown["status"], "evidence": sorted(rows), "evidence_summary": sorted(summary)}


def _first(said: str) -> str:
    return said.partition("\n")[0]
