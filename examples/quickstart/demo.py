"""Run the quickstart: `up` starts the local cloud and deploys, `down` stops the local cloud and removes everything.

All files of the quickstart are in the folder `.state` of the checkout.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from steps import fetch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STATE = ROOT / ".state"
STACK = "quickstart"
DOMAIN = "www.example.com"
ASSETS = ("index.html", "app.js", "style.css")
START_S = 30.0

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    console.print(text, style="bold")


def alive(pid: int) -> bool:
    """Whether the process is still our emulator, and not a later process with the same id."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        command = answer.stdout
    return b"emulator" in command


def running() -> dict[str, Any] | None:
    """The emulator of this checkout, if it runs."""
    try:
        cloud: dict[str, Any] = json.loads((STATE / "emulator.json").read_text())
    except (OSError, ValueError):
        return None
    return cloud if alive(cloud["pid"]) else None


def start(effect_s: float) -> dict[str, Any]:
    """Start the emulator with three edges; it keeps running after this program ends."""
    origin = STATE / "origin"
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(mode=0o700)
    shutil.copytree(HERE / "releases" / "1", origin)
    announcement = STATE / "emulator.json"
    command = [sys.executable, "-m", "pulumi_alicdn.emulator", "--origin", str(origin), "--domain", DOMAIN]
    with announcement.open("w") as out, (STATE / "emulator.log").open("w") as log:
        child = subprocess.Popen(
            [*command, "--edges", "3", "--effect-s", str(effect_s)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S
    while not announcement.read_text().endswith("\n"):
        if child.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the emulator did not start: {(STATE / 'emulator.log').read_text().strip()}")
        time.sleep(0.05)
    cloud: dict[str, Any] = json.loads(announcement.read_text())
    return cloud


def pulumi(*arguments: str, cloud: dict[str, Any], quiet: bool = False) -> None:
    """Run the real engine with its state in `.state`, and the emulator as its cloud."""
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{STATE}",
        "PULUMI_CONFIG_PASSPHRASE": "quickstart",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud["access_key_secret"],
    }
    command = ["pulumi", *arguments, "--stack", STACK, "--non-interactive"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=quiet, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        if quiet:
            sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(done.returncode)


def configure(cloud: dict[str, Any], wait: str, release: str) -> None:
    values = {
        "alicdn:endpoint": cloud["endpoint"],
        "origin": str(STATE / "origin"),
        "domain": DOMAIN,
        "wait": wait,
        "release": release,
    }
    pairs = [part for name, value in values.items() for part in ("--plaintext", f"{name}={value}")]
    for index, edge in enumerate(cloud["edges"]):
        pairs += ["--plaintext", f"edges[{index}]={edge}"]
    pulumi("config", "set-all", "--path", *pairs, cloud=cloud, quiet=True)


def names() -> dict[str, str]:
    """Return the name of each file's release, by the digest of the file."""
    files = sorted((HERE / "releases").glob("*/*"))
    return {hashlib.sha256(path.read_bytes()).hexdigest()[:16]: f"release {path.parent.name}" for path in files}


def served_by_edges(cloud: dict[str, Any]) -> list[dict[str, str]]:
    return [fetch(edge, f"https://{DOMAIN}/{asset}") for edge in cloud["edges"] for asset in ASSETS]


def table(before: list[dict[str, str]], after: list[dict[str, str]]) -> Table:
    known = names()
    grid = Table("edge", "asset", "served before", "served after")
    for old, new in zip(before, after, strict=True):
        shown = [f"{known.get(seen['digest'], seen['digest'])} ({seen['cache']})" for seen in (old, new)]
        grid.add_row(new["edge"], new["asset"], *shown)
    return grid


def up(options: argparse.Namespace) -> None:
    cloud = running()
    if cloud is None:
        say("Starting the local cloud: an origin with release 1, and three edges that keep what they fetched")
        cloud = start(options.effect_s)
        pulumi("stack", "init", cloud=cloud, quiet=True)
        served_by_edges(cloud)
    before = served_by_edges(cloud)
    say(f"Deploying release {options.release} with `pulumi up`")
    configure(cloud, options.wait, options.release)
    pulumi("up", "--yes", "--skip-preview", cloud=cloud)
    after = served_by_edges(cloud)
    console.print(table(before, after))
    say(f"The local cloud keeps running at {cloud['endpoint']} until `make down`.")


def down(_: argparse.Namespace) -> None:
    cloud = running()
    if cloud is not None:
        os.kill(cloud["pid"], signal.SIGTERM)
        deadline = time.monotonic() + START_S
        while alive(cloud["pid"]) and time.monotonic() < deadline:
            time.sleep(0.05)
    shutil.rmtree(STATE, ignore_errors=True)
    (ROOT / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)
    say("The local cloud has stopped, and its state is removed.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    starting = commands.add_parser("up")
    starting.add_argument("--wait", choices=("true", "false"), default="true")
    starting.add_argument("--release", default="2")
    starting.add_argument("--effect-s", type=float, default=6.0)
    starting.set_defaults(run=up)
    commands.add_parser("down").set_defaults(run=down)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
