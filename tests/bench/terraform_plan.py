"""A Terraform plan without changes: its time with this provider, and with one in Go of as many resources, in turns.

The provider in Go is HashiCorp's `time`, built once from its module, which Go's checksum database knows. Beside the
times: how many provider processes a plan starts, how long one takes to say where it serves, and the calls of our plans.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bench.goals import Verdict
from bench.overhead import Pair, in_turns, took_s
from pulumi_alicdn.emulator.running import Emulator, start
from support.terraform_program import found as terraform

SIZES: Final = (1, 30, 300)
PLANS: Final = 3
STARTS: Final = 9

_MODULE: Final = "github.com/hashicorp/terraform-provider-time@v0.14.2"
_PARALLEL: Final = "-parallelism=50"
_COOKIE: Final = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
_PROGRAMS: Final = Path(sys.executable).parent

_OURS: Final = """\
terraform {
  required_providers {
    alicdn = { source = "alicdn/alicdn" }
  }
}

resource "alicdn_refresh_task" "site" {
  count        = COUNT
  service      = "cdn"
  object_paths = ["http://example.com/${count.index}.js"]
}
"""

_THEIRS: Final = """\
terraform {
  required_providers {
    time = { source = "hashicorp/time" }
  }
}

resource "time_static" "now" {
  count    = COUNT
  triggers = { path = "http://example.com/${count.index}.js" }
}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """All figures; ``plans`` by the number of resources."""

    plans: dict[int, Pair]
    starts: Pair
    processes: int
    calls: int


def lacking() -> str:
    """What is not there for this section, in a sentence; else empty."""
    if terraform() is None:
        return "no plan of Terraform is measured: neither terraform nor tofu is on PATH, and `make tofu` has built none"
    if shutil.which("go") is None:
        return "no plan of Terraform is measured: there is no go, which builds the provider that it is compared with"
    return ""


def go_provider() -> Path:
    """The folder of the provider in Go, built by the first run. Raises CalledProcessError if it cannot be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-alicdn" / "go-provider"
    folder = cache / _MODULE.rpartition("@")[2]
    if not (folder / "terraform-provider-time").exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            environment = {**os.environ, "GOBIN": work, "CGO_ENABLED": "0"}
            subprocess.run(["go", "install", "-trimpath", _MODULE], env=environment, check=True, cwd=work)
            folder.mkdir(exist_ok=True)
            shutil.move(str(Path(work, "terraform-provider-time")), folder)
    return folder


@dataclass(frozen=True, slots=True)
class _Workspace:
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, **more: str) -> str:
        command = [str(terraform()), *arguments, "-no-color"]
        environment = {**self.environment, **more}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def plan_s(self, _number: int) -> float:
        return took_s(lambda: self.run("plan", "-detailed-exitcode"))


def _workspace(folder: Path, text: str, count: int, environment: dict[str, str]) -> _Workspace:
    """Apply the resources once, so that a plan has nothing to do."""
    folder.mkdir()
    (folder / "main.tf").write_text(text.replace("COUNT", str(count)))
    made = _Workspace(folder, environment)
    made.run("apply", "-auto-approve", _PARALLEL)
    return made


def _start_s(program: Path) -> float:
    """Seconds until a provider process says where it serves."""
    began = time.monotonic()
    with subprocess.Popen(
        [str(program)],
        env={"PATH": os.environ["PATH"], "PLUGIN_PROTOCOL_VERSIONS": "5,6", **_COOKIE},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert "|grpc|" in child.stdout.readline()
        took = time.monotonic() - began
        child.kill()
    return took


def run() -> Found:
    """Measure everything; takes about two minutes, and one more the first time."""
    theirs_at = go_provider()
    with tempfile.TemporaryDirectory(prefix="alicdn-bench-") as name, start(effect_s=0) as cloud:
        folder = Path(name)
        environment = _environment(folder, theirs_at, cloud)
        plans: dict[int, Pair] = {}
        processes = calls = 0
        for size in SIZES:
            ours = _workspace(folder / f"ours-{size}", _OURS, size, environment)
            theirs = _workspace(folder / f"theirs-{size}", _THEIRS, size, environment)
            before = len(cloud.calls())
            plans[size] = in_turns(ours.plan_s, theirs.plan_s, PLANS)
            calls += len(cloud.calls()) - before
            processes = max(processes, ours.run("plan", TF_LOG="debug").count("plugin started:"))
        starts = in_turns(
            lambda _: _start_s(_PROGRAMS / "terraform-provider-alicdn"),
            lambda _: _start_s(theirs_at / "terraform-provider-time"),
            STARTS,
        )
    return Found(plans, starts, processes, calls)


def _environment(folder: Path, theirs_at: Path, cloud: Emulator) -> dict[str, str]:
    settings = folder / "rc"
    overrides = "".join(
        f'    "{source}" = "{at}"\n' for source, at in (("alicdn/alicdn", _PROGRAMS), ("hashicorp/time", theirs_at))
    )
    settings.write_text(f"provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TF_CLI_CONFIG_FILE": str(settings),
        "CHECKPOINT_DISABLE": "1",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        **cloud.environment(),
    }


def verdicts(found: Found) -> list[Verdict]:
    """At most twice the time of a provider in Go, and where it is more, no more than the starts of the processes."""
    first = found.plans[min(SIZES)]
    explained = first.difference_s / (found.processes * found.starts.difference_s)
    return [
        *(
            Verdict(f"plan of {size} resources without changes / with a provider in Go", found.plans[size].ratio, 2.0)
            for size in SIZES
            if size != min(SIZES)
        ),
        Verdict("plan of 1 resource: its additional time / that of its process starts", explained, 1.25),
        Verdict("calls of all these plans", found.calls, 0),
    ]


def plain(found: Found) -> dict[str, Any]:
    """As JSON takes it."""
    return asdict(found)
