"""`python -m bench.network_task`: one proof at many nodes, in a process that does nothing else.

It reads what to prove from standard input and writes the figures to standard output, both JSON. The nodes are those of
an emulator elsewhere.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.proof.checks.folded import NOTHING
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.prove import ProofOptions, prove
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher

PATIENCE_S = 3600.0


def main() -> None:
    """Prove, and print the figures."""
    asked: dict[str, Any] = json.load(sys.stdin)
    wanted = [Expected(url, bytes.fromhex(digest), size) for url, digest, size in asked["urls"]]
    servers = [Server(address, asked["port"], place=place, provider=isp) for address, place, isp in asked["nodes"]]
    budget = Budget(requests=2 * len(wanted) * len(servers), seconds=PATIENCE_S)
    folded = [NOTHING]
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    evidence = prove(
        EdgeFetcher(servers),
        SystemClock(),
        wanted,
        ProofOptions(patience_s=0.0, timeout_s=PATIENCE_S, budget=budget),
        on_folded=folded.append,
    )
    found = {
        "wall_s": time.perf_counter() - wall_s,
        "cpu_s": time.process_time() - cpu_s,
        "checks": len(evidence) + folded[-1].total.checks,
        "fresh": sum(one.ok for one in evidence) + folded[-1].total.fresh,
        "evidence": len(evidence),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
