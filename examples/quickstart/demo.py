"""Run the quickstart: `up` starts the local cloud and deploys, `down` stops the local cloud and removes everything.

Pulumi deploys; with `--terraform PROGRAM`, that program does.

All files of the quickstart are in the folder `.state` of the checkout.
"""

import argparse
import hashlib
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from picture import Node, Seen, sentences, table
from rich.console import Console
from steps import fetch
from with_terraform import Workspace

from pulumi_alicdn.emulator.running import Emulator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STATE = ROOT / ".state"
STACK = "quickstart"
DOMAIN = "www.example.com"
ASSETS = ("index.html", "app.js", "style.css")
URLS = [f"https://{DOMAIN}/{asset}" for asset in ASSETS]
START_S = 30.0

NODES = 24
EDGES = 3
LATE = "Guangdong"
"""The province whose nodes get a release late: after the service has said Complete."""
EFFECT_S = 6.0
MAX_EFFECT_S = 600.0
MAX_LAG_S = 2.4
"""Seconds by which they are late at most: the proof asks stale nodes again after 1 s and after 3 s."""
ASK_EVERY_S = 0.1

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    console.print(text, style="bold", markup=False)


def alive(pid: int) -> bool:
    """Whether the process is still our emulator, and not a later process with the same id."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        command = answer.stdout
    return b"emulator" in command


def running() -> Emulator | None:
    """The emulator of this checkout, if it runs."""
    try:
        announced: dict[str, Any] = json.loads((STATE / "emulator.json").read_text())
    except (OSError, ValueError):
        return None
    return Emulator(**announced) if alive(announced["pid"]) else None


def has_addresses() -> bool:
    """Whether this machine has addresses for nodes; macOS has 127.0.0.1 alone."""
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.1.1", 0))
        except OSError:
            return False
    return True


def start(effect_s: float) -> Emulator:
    """Start the emulator with its nodes; it keeps running after this program ends."""
    origin = STATE / "origin"
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(mode=0o700)
    shutil.copytree(HERE / "releases" / "1", origin)
    announcement = STATE / "emulator.json"
    lag_s = min(effect_s / 2, MAX_LAG_S) if has_addresses() else 0.0
    command = [sys.executable, "-m", "pulumi_alicdn.emulator", "--origin", str(origin), "--domain", DOMAIN]
    command += ["--edges", str(EDGES), "--effect-s", str(effect_s - lag_s)]
    command += ["--nodes", str(NODES)] if has_addresses() else []
    with announcement.open("w") as out, (STATE / "emulator.log").open("w") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_S
    while not announcement.read_text().endswith("\n"):
        if child.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the emulator did not start: {(STATE / 'emulator.log').read_text().strip()}")
        time.sleep(0.05)
    (STATE / "effect_s").write_text(f"{effect_s:g}")
    cloud = Emulator(**json.loads(announcement.read_text()))
    cloud.admin("domain-settings", {"settings": {DOMAIN: {"service": "vod", "https": True}}})
    cloud.admin("world", {"lag": [{"province": LATE, "seconds": lag_s}] if lag_s else [], "fill": URLS})
    return cloud


def nodes_of(cloud: Emulator) -> list[Node]:
    """Return all nodes with their places; without addresses for them, the edges."""
    if not cloud.node_port:
        return [Node(edge.removeprefix("http://"), "this machine") for edge in cloud.edges]
    return [Node(f"{one['address']}:{cloud.node_port}", _place(one)) for one in cloud.nodes]


def _place(node: dict[str, Any]) -> str:
    country, province = node["country"], node["province"]
    return str(country) if country == province else f"{country}, {province}"


def pulumi(*arguments: str, cloud: Emulator, quiet: bool = False) -> None:
    """Run the real engine with its state in `.state`, and the emulator as its cloud.

    In a terminal it draws its tree, which takes the terminal as its input, too.
    """
    drawn = not quiet and sys.stdin.isatty() and sys.stdout.isatty()
    environment = {
        **os.environ,
        **cloud.environment(),
        "PULUMI_BACKEND_URL": f"file://{STATE}",
        "PULUMI_CONFIG_PASSPHRASE": "quickstart",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    command = ["pulumi", *arguments, "--stack", STACK, *([] if drawn else ["--non-interactive"])]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=quiet,
        text=True,
        stdin=None if drawn else subprocess.DEVNULL,
    )
    if done.returncode != 0:
        if quiet:
            sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(done.returncode)


def with_pulumi(cloud: Emulator, wait: str, release: str) -> Callable[[], None]:
    """Make everything ready, and return what deploys."""
    pulumi("stack", "select", "--create", cloud=cloud, quiet=True)
    values = {
        "origin": str(STATE / "origin"),
        "domain": DOMAIN,
        "wait": wait,
        "release": release,
        "report": str(STATE / "release.html"),
    }
    if not cloud.node_port:
        values |= {f"edges[{index}]": node.address for index, node in enumerate(nodes_of(cloud))}
    pairs = [part for name, value in values.items() for part in ("--plaintext", f"{name}={value}")]
    pulumi("config", "set-all", "--path", *pairs, cloud=cloud, quiet=True)
    return partial(pulumi, "up", "--yes", "--skip-preview", "--suppress-progress", cloud=cloud)


def with_terraform(program: str, cloud: Emulator, wait: str, release: str) -> Callable[[], None]:
    """Do the same with Terraform or OpenTofu."""
    workspace = Workspace(program, STATE / "terraform", cloud)
    values: dict[str, object] = {
        "origin": str(STATE / "origin"),
        "releases": str(HERE / "releases"),
        "domain": DOMAIN,
        "wait": wait == "true",
        "release": release,
        "report": str(STATE / "release.html"),
    }
    if not cloud.node_port:
        values["edges"] = [node.address for node in nodes_of(cloud)]
    workspace.prepare(values)
    return partial(Workspace.apply, workspace)


def releases() -> list[str]:
    return sorted(path.name for path in (HERE / "releases").iterdir())


def names() -> dict[str, str]:
    """Return the name of each file's release, by the digest of the file."""
    files = sorted((HERE / "releases").glob("*/*"))
    return {hashlib.sha256(path.read_bytes()).hexdigest()[:16]: f"release {path.parent.name}" for path in files}


def served(nodes: Sequence[Node]) -> dict[Node, list[str]]:
    """Return the releases that each node serves now, one for each asset."""
    known = names()

    def ask(node: Node) -> list[str]:
        digests = [fetch(node.address, url)["digest"] for url in URLS]
        return [known.get(one, one) for one in digests]

    with ThreadPoolExecutor(8) as threads:
        return dict(zip(nodes, threads.map(ask, nodes), strict=True))


class Witness(threading.Thread):
    """Waits beside a deployment until the service says Complete, and asks all nodes in that moment."""

    def __init__(self, cloud: Emulator, nodes: Sequence[Node]) -> None:
        super().__init__(daemon=True)
        self._cloud = cloud
        self._nodes = nodes
        self._earlier = len(cloud.tasks())
        self._ended = threading.Event()
        self.seen: dict[Node, list[str]] | None = None
        self.complete_at = math.nan

    def run(self) -> None:
        while not self._ended.wait(ASK_EVERY_S):
            rows = self._cloud.tasks()[self._earlier :]
            if rows and all(row["Status"] == "Complete" for row in rows):
                self.complete_at = time.monotonic()
                self.seen = served(self._nodes)
                return

    def end(self) -> None:
        """Return once no node is asked any more."""
        self._ended.set()
        self.join()


def take_turns(by: str) -> None:
    """Have *by* deploy from now on. What it did before the other one deployed is not what the origin has any more."""
    turn = STATE / "deployed_by"
    last = turn.read_text() if turn.exists() else by
    if last != by:
        for state in (".pulumi", "terraform"):
            shutil.rmtree(STATE / state, ignore_errors=True)
        say(f"{last} deployed here last: {by} begins anew.")
    turn.write_text(by)


def up(wait: str, release: str, effect_s: float | None, program: str) -> None:
    cloud = running()
    if cloud is None:
        cloud = start(EFFECT_S if effect_s is None else effect_s)
        nodes = nodes_of(cloud)
        places = len({node.place for node in nodes})
        where = f"{len(nodes)} nodes in {places} places" if cloud.node_port else f"{len(nodes)} edges"
        say(f"The local cloud runs: an origin with release 1, and {where} that have copies of it")
    else:
        nodes = nodes_of(cloud)
        set_to = float((STATE / "effect_s").read_text())
        if effect_s not in {None, set_to}:
            say(f"The local cloud runs already, with EFFECT_S={set_to:g}: `make down` before another EFFECT_S.")
    before = served(nodes)
    command, target = (f"{Path(program).name} apply", "make up-terraform") if program else ("pulumi up", "make up")
    say(f"Deploying release {release} with `{command}`")
    take_turns(command.split()[0])
    ready = partial(with_terraform, program) if program else with_pulumi
    deploy = ready(cloud, wait, release)
    witness = Witness(cloud, nodes)
    witness.start()
    try:
        deploy()
    finally:
        ended_at = time.monotonic()
        witness.end()
    seen, wanted = Seen(before, witness.seen, served(nodes)), f"release {release}"
    console.print(table(seen, wanted))
    console.print()
    for sentence in sentences(seen, wanted, ended_at - witness.complete_at, target):
        say(sentence)
    report = STATE / "release.html"
    if wait == "true" and report.exists():
        console.print(f"The report: {report.relative_to(ROOT)}", markup=False)
    console.print(f"The local cloud keeps running at {cloud.endpoint} until `make down`.", markup=False)


def down() -> None:
    cloud = running()
    if cloud is not None:
        os.kill(cloud.pid, signal.SIGTERM)
        deadline = time.monotonic() + START_S
        while alive(cloud.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
    shutil.rmtree(STATE, ignore_errors=True)
    (ROOT / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)
    stopped = "No local cloud of this folder runs" if cloud is None else "The local cloud has stopped"
    say(f"{stopped}, and its state is removed.")


def choice(name: str, given: str, allowed: Sequence[str]) -> str:
    """Return *given*. Raises SystemExit with one sentence if it is not one of *allowed*."""
    if given not in allowed:
        raise SystemExit(f"{name} is {given!r}, but must be {' or '.join(allowed)}.")
    return given


def seconds(name: str, given: str) -> float | None:
    """Return *given* as seconds, None if it is empty. Raises SystemExit with one sentence if it is no such number."""
    if not given:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MAX_EFFECT_S:
        raise SystemExit(f"{name} is {given!r}, but must be a number of seconds from 0 to {MAX_EFFECT_S:g}.")
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    starting = commands.add_parser("up")
    for name, default in (("--wait", "true"), ("--release", "2"), ("--effect-s", ""), ("--terraform", "")):
        starting.add_argument(name, default=default)
    commands.add_parser("down")
    given = parser.parse_args()
    if given.command == "down":
        down()
        return
    up(
        choice("WAIT", given.wait, ("true", "false")),
        choice("RELEASE", given.release, releases()),
        seconds("EFFECT_S", given.effect_s),
        given.terraform,
    )


if __name__ == "__main__":
    main()
