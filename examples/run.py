"""Run one example at a cloud of its own on this machine: `make example NAME=static-site`.

An origin has an old release, and the edges hold it. The new one is uploaded, and the example is deployed. Then a table
shows what the edges held before, what they hold now and what a visitor gets, and which calls were made. The cloud ends
with the run; the project and its state stay in `.state/examples/NAME`, until the next run.
"""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table

from pulumi_alicdn.emulator.running import Emulator, start

HERE = Path(__file__).resolve().parent
STATE = HERE.parent / ".state" / "examples"
STACK = "dev"
EFFECT_S = 5.0
OLD = "the old release\n"
MAX_WIDTH = 4096
"""More characters than a row of the table has."""

console = Console(highlight=False, soft_wrap=True)

Config = Mapping[str, str]


def say(text: str) -> None:
    console.print(text, style="bold", markup=False)


def nothing_else(_: Emulator) -> AbstractContextManager[Config]:
    return nullcontext({})


class _Heard(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        say(f"The webhook heard: {text}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def webhook(_: Emulator) -> Iterator[Config]:
    """What the example announces its release to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Heard) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"webhook": f"http://127.0.0.1:{server.server_port}/"}
        server.shutdown()


@contextmanager
def submitted(cloud: Emulator) -> Iterator[Config]:
    """A task of somebody else, which the example waits for."""
    command = ["refresh", "--service", "vod", "--no-wait", "--output", "json", "https://media.example.com/index.m3u8"]
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_alicdn", *command],
        env={**os.environ, **cloud.environment()},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    yield {"task": str(json.loads(done.stdout)[0]["task_id"])}


@dataclass(frozen=True)
class Scene:
    """What an example needs around it. *files* are below each of *sites*; with *folder*, they are those of it."""

    sites: Sequence[str]
    config: Callable[[Emulator], Config]
    files: Sequence[str] = ()
    folder: str = ""
    around: Callable[[Emulator], AbstractContextManager[Config]] = nothing_else
    warm: bool = True
    """Whether edges hold the old release; else they hold nothing."""


def edges(cloud: Emulator, name: str = "edges") -> Config:
    return {f"{name}[{index}]": edge for index, edge in enumerate(cloud.edges)}


def site(cloud: Emulator, domain: str) -> Config:
    return {"domain": domain, "origin": cloud.origin, **edges(cloud)}


WWW, MEDIA, CDN = "www.example.com", "media.example.com", "cdn.example.com"
SCENES = {
    "attach": Scene([f"https://{MEDIA}/"], lambda _: {}, ["index.m3u8"], around=submitted),
    "gate-another-resource": Scene(
        [f"https://{WWW}/"], lambda cloud: {**site(cloud, WWW), "version": "2"}, folder="dist", around=webhook
    ),
    "minimal": Scene([f"https://{MEDIA}/"], lambda _: {"version": "2"}, ["index.m3u8"]),
    "purge-then-prefetch": Scene(
        [f"https://{CDN}/assets/"], lambda _: {"version": "2", "domain": CDN}, ["app.js", "style.css"]
    ),
    "static-site": Scene([f"https://{WWW}/"], lambda cloud: site(cloud, WWW), folder="dist"),
    "two-domains": Scene(
        [f"https://{WWW}/", "https://www.example.cn/"],
        lambda cloud: {
            "domains[0]": WWW,
            "domains[1]": "www.example.cn",
            "origin": cloud.origin,
            f'resolve["{WWW}"][0]': cloud.edges[0],
            **{f'resolve["www.example.cn"][{index}]': edge for index, edge in enumerate(cloud.edges[1:])},
        },
        folder="dist",
    ),
    "vod-library": Scene([f"https://{MEDIA}/library/"], lambda cloud: site(cloud, MEDIA), folder="library", warm=False),
}
ELSEWHERE = {
    "own-domain": "It makes a bucket and a domain, so it needs an account. examples/own-domain/README.md says how.",
    "pipelines": "These are files for GitHub and GitLab. examples/pipelines/README.md says where to put them.",
    "quickstart": "`make up` runs it.",
    "terraform": "These are for Terraform and OpenTofu. examples/terraform/README.md says how they run.",
}
"""Examples that cannot run so, and what to do instead."""


def files(scene: Scene, example: Path) -> list[str]:
    """The paths of the example's files below a site."""
    if not scene.folder:
        return list(scene.files)
    found = (path for path in (example / scene.folder).rglob("*") if path.is_file() and path.suffix != ".map")
    return sorted(path.relative_to(example / scene.folder).as_posix() for path in found)


def etag(origin: str, url: str) -> str:
    """The ETag of what the origin serves for a URL now."""
    _, _, host, path = url.split("/", 3)
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
    connection.request("HEAD", f"/{path}", headers={"Host": host})
    found = connection.getresponse().headers.get("ETag", "")
    connection.close()
    return found


def counted(tags: Iterable[str], new: str) -> str:
    """How many edges have the old and the new release, by the ETags of their copies."""
    found = Counter("new" if tag == new else "old" for tag in tags)
    return ", ".join(f"{word} at {found[word]}" for word in ("old", "new") if found[word]) or "nothing"


def held(cloud: Emulator, urls: Sequence[str]) -> dict[str, str]:
    """What the edges hold of each URL, by what the origin serves now."""
    copies: Any = cloud.admin("edges")["edges"]
    return {
        url: counted((copy["etag"] for copy in copies if copy["url"] == url), etag(cloud.origin, url)) for url in urls
    }


def served(cloud: Emulator, urls: Sequence[str]) -> dict[str, str]:
    """What the edges answer to a visitor of each URL."""
    return {
        url: counted((one.headers.get("etag", "") for one in cloud.get_everywhere(url)), etag(cloud.origin, url))
        for url in urls
    }


def pulumi(folder: Path, cloud: Emulator, *arguments: str) -> None:
    """Run the real engine with its state in the folder, and the emulator as its cloud."""
    environment = {
        **os.environ,
        **cloud.environment(),
        # The program runs with the interpreter that this one has.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "example",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    quiet = arguments[0] != "up"
    done = subprocess.run(
        ["pulumi", *arguments, "--stack", STACK],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=quiet,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        sys.stderr.write(f"{done.stdout}{done.stderr}" if quiet else "")
        raise SystemExit(done.returncode)


def put(origin: Path, url: str, text: str) -> None:
    """Upload one file."""
    path = origin / url.split("/", 3)[3]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def upload(scene: Scene, example: Path, origin: Path, urls: Sequence[str]) -> None:
    """Put the new release on the origin."""
    if scene.folder:
        for one in scene.sites:
            shutil.copytree(example / scene.folder, origin / one.split("/", 3)[3], dirs_exist_ok=True)
    else:
        for url in urls:
            put(origin, url, "the new release\n")


def run(name: str) -> None:
    """Run an example, and show what happened."""
    scene, folder = SCENES[name], STATE / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / name, folder)
    origin = folder / "origin"
    origin.mkdir()
    urls = [one + file for one in scene.sites for file in files(scene, folder)]
    for url in urls if scene.warm else []:
        put(origin, url, OLD)
    with start(origin=origin, effect_s=EFFECT_S) as cloud:
        for url in urls if scene.warm else []:
            cloud.get_everywhere(url)
        upload(scene, folder, origin, urls)
        say(f"The origin has the new release; {len(cloud.edges)} edges hold what they fetched before.")
        before = held(cloud, urls)
        with scene.around(cloud) as more:
            pulumi(folder, cloud, "stack", "init")
            config = {**scene.config(cloud), **more}
            pairs = [part for pair in config.items() for part in ("--plaintext", "=".join(pair))]
            pulumi(folder, cloud, "config", "set-all", "--path", *pairs)
            pulumi(folder, cloud, "up", "--yes", "--skip-preview")
        after, then = held(cloud, urls), served(cloud, urls)
        say("What the edges hold")
        columns = [Column(name, no_wrap=True) for name in ("URL", "before", "after", "a visitor gets")]
        table = Table(*columns, box=None, pad_edge=False, padding=(0, 3, 0, 0))
        for url in urls:
            table.add_row(url, before[url], after[url], then[url])
        # A URL stays in one piece, to be copied, on a terminal that is narrower than the table, too.
        width = Measurement.get(console, console.options.update(width=MAX_WIDTH), table).maximum
        Console(highlight=False, width=width).print(table)
        calls = Counter(str(call["action"]) for call in cloud.calls())
        say("Calls: " + ", ".join(f"{count} {action}" for action, count in calls.items()))
    place = folder.relative_to(HERE.parent)
    if (folder / "release.html").exists():
        say(f"The report is {place}/release.html.")
    say(f"The project and its state are in {place}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help=", ".join(sorted({*SCENES, *ELSEWHERE})))
    name = parser.parse_args().name
    if name in ELSEWHERE:
        raise SystemExit(f"{name} does not run so. {ELSEWHERE[name]}")
    if name not in SCENES:
        raise SystemExit(f"There is no example {name!r}; there are {', '.join(sorted(SCENES))}.")
    run(name)


if __name__ == "__main__":
    main()
