"""What a proof of every URL at every node costs: requests, bodies, time and memory; and how fast curl is there.

The nodes are those of one emulator, which all files were released to. The proof is a process of its own. `curl -Z` asks
the same nodes in the same way, as often at a time, in turns with the proof: a machine that is busy slows down both. Its
speed is what the emulator allows.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from bench.goals import Verdict
from pulumi_alicdn.emulator.running import Emulator, start
from pulumi_alicdn.system.edges import CONCURRENCY, at_once

URLS, NODES = 1000, 300
SIZE = 2000
TURNS = 3
LARGE = 20_000
"""Checks from which the proof runs once; curl runs before and after it."""
CURL_CHECKS = 30_000
"""The most requests of one run of curl, which keeps all of them in memory."""
DOMAIN = "www.example.com"
PATIENCE_S = 3600.0
_TESTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of the proofs, one for each turn, and of one of them. ``curl_per_s`` is empty without curl.

    ``bodies``, ``requests``: what the nodes counted. ``most_at_one``: connections to one node at a time.
    """

    urls: int
    nodes: int
    at_once: int
    requests: int
    bodies: int
    most_at_one: int
    per_s: list[float]
    curl_per_s: list[float]
    cpu_ms: float
    peak_mb: float
    evidence: int
    curl: str

    @property
    def behind_curl(self) -> float:
        """How many times as many requests curl makes in a second."""
        return median(self.curl_per_s) / median(self.per_s)


@dataclass(frozen=True, slots=True)
class Site:
    """A cloud whose nodes have all files; ``urls`` with the content of each."""

    cloud: Emulator
    urls: dict[str, bytes]

    def prove(self) -> dict[str, Any]:
        """Prove all URLs at all nodes in a new process, and return its figures. The nodes count from here."""
        self.cloud.admin("world", method="DELETE")
        nodes = [(one["address"], f"{one['country']}, {one['province']}", one["provider"]) for one in self.cloud.nodes]
        asked = {
            "port": self.cloud.node_port,
            "nodes": nodes,
            "urls": [(url, sha256(body).hexdigest(), len(body)) for url, body in self.urls.items()],
        }
        path = os.pathsep.join([str(_TESTS), str(_TESTS.parent / "provider")])
        done = subprocess.run(
            [sys.executable, "-m", "bench.network_task"],
            input=json.dumps(asked),
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        if found["fresh"] != found["checks"] or found["checks"] != len(self.urls) * len(nodes):
            raise RuntimeError(f"{found['fresh']} of {found['checks']} checks are fresh")
        return found

    def curl(self, program: str, parallel: int) -> float:
        """Return how many conditional requests a second curl makes at all nodes."""
        addresses = [str(one["address"]) for one in self.cloud.nodes]
        urls = list(self.urls)[: max(1, CURL_CHECKS // len(addresses))]
        tags = {url: self.cloud.at_node(addresses[0], url).headers["etag"].replace('"', '\\"') for url in urls}
        port, asked = self.cloud.node_port, []
        for address in addresses:
            for url in urls:
                target = url.partition(DOMAIN)[2]
                lines = [f'url = "http://{address}:{port}{target}"', 'output = "/dev/null"']
                headers = {"Host": DOMAIN, "Accept-Encoding": "gzip, br", "If-None-Match": tags[url]}
                asked.append("\n".join([*lines, *(f'header = "{name}: {text}"' for name, text in headers.items())]))
        with tempfile.TemporaryDirectory(prefix="pulumi-alicdn-bench-") as name:
            config = Path(name) / "curl.conf"
            config.write_text("\nnext\n".join(asked))
            command = [program, "-q", "-s", "-S", "-Z", "--parallel-max", str(parallel), "--config", str(config)]
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
            return len(asked) / (time.perf_counter() - began)


@contextmanager
def site(urls: int, nodes: int) -> Iterator[Site]:
    """Run a cloud whose *nodes* have as many files."""
    with tempfile.TemporaryDirectory(prefix="pulumi-alicdn-bench-") as name:
        found: dict[str, bytes] = {}
        for number in range(urls):
            body = f"release {number} ".encode().ljust(SIZE, b".")
            (Path(name) / f"{number}.js").write_bytes(body)
            found[f"http://{DOMAIN}/{number}.js"] = body
        with start(edges=1, nodes=nodes, origin=name) as cloud:
            cloud.admin("world", {"fill": list(found)})
            yield Site(cloud, found)


def run(urls: int = URLS, nodes: int = NODES) -> Found:
    """Measure everything; 1,000 URLs at 300 nodes take some minutes, 100 at 30 some seconds."""
    program = shutil.which("curl")
    parallel = at_once(CONCURRENCY, nodes)
    rates: list[float] = []
    with site(urls, nodes) as there:
        proofs: list[dict[str, Any]] = []
        for _ in range(1 if urls * nodes > LARGE else TURNS):
            rates += [there.curl(program, parallel)] if program else []
            proofs.append(there.prove())
            counted = there.cloud.nodes
        rates += [there.curl(program, parallel)] if program else []
    return Found(
        urls,
        nodes,
        parallel,
        sum(int(str(one["requests"])) for one in counted),
        sum(int(str(one["bodies"])) for one in counted),
        max(int(str(one["most_connections"])) for one in counted),
        [one["checks"] / one["wall_s"] for one in proofs],
        rates,
        1000 * median(one["cpu_s"] for one in proofs) / (urls * nodes),
        max(one["rss_mb"] for one in proofs),
        max(one["evidence"] for one in proofs),
        "" if program else "curl is not installed here",
    )


def verdicts(found: Found) -> list[Verdict]:
    """A URL is sent once, each check is one request, nothing grows with the checks, and curl is not much faster."""
    checks = found.urls * found.nodes
    return [
        Verdict(f"bodies / URLs, {found.urls:,} URLs at {found.nodes:,} nodes", found.bodies / found.urls, 1.05),
        Verdict("requests / checks", found.requests / checks, 1.15),
        Verdict("peak memory of the proof", found.peak_mb, 200.0, "MB"),
        # 0.7 of its speed.
        *([Verdict("checks a second, curl / the proof", found.behind_curl, 1.43)] if found.curl_per_s else []),
    ]


def plain(found: Found) -> dict[str, Any]:
    """As JSON takes it."""
    return asdict(found)
