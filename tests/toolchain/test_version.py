"""The version is written in pyproject.toml alone, and every place that shows it says the same."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pulumi_alicdn as alicdn
from support.loopback import serve_with

ROOT = Path(__file__).resolve().parents[2]
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
PROGRAMS = Path(sys.executable).parent
DEADLINE_S = 60.0


def run(folder: Path, *command: str, code: int = 0) -> str:
    """What a command of the environment prints, in a home without files."""
    environment = {
        "PATH": f"{PROGRAMS}:/usr/bin:/bin",
        "HOME": str(folder),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "canary-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-secret",
    }
    done = subprocess.run(
        [str(PROGRAMS / command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def test_all_that_is_installed_has_the_version_of_the_project(tmp_path: Path) -> None:
    assert alicdn.__version__ == VERSION
    assert run(tmp_path, "alicdn", "--version") == f"alicdn {VERSION}\n"
    assert run(tmp_path, "python", "-m", "pulumi_alicdn", "--version") == f"alicdn {VERSION}\n"
    block = run(tmp_path, "alicdn", "terraform", "install", "--dir", ".")
    assert re.findall(r"version = \"(.*)\"", block) == [VERSION]
    plugins = list(tmp_path.rglob("terraform-provider-*"))
    assert {(path.name, path.parents[1].name) for path in plugins} == {
        (f"terraform-provider-alicdn_v{VERSION}", VERSION)
    }


def test_each_call_of_the_api_says_the_version(tmp_path: Path) -> None:
    agents: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            agents.append(self.headers["User-Agent"])
            body = b'{"Code": "Forbidden.RAM", "Message": "no", "RequestId": "1"}'
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        server = serve_with(running, Handler, None)
        run(tmp_path, "alicdn", "quota", "--service", "cdn", "--endpoint", f"http://{server}", code=4)
    assert agents
    assert {agent.rpartition(" ")[2] for agent in agents} == {f"pulumi-alicdn/{VERSION}"}


def test_the_pages_and_the_lock_have_the_version_of_the_project() -> None:
    shown = "import runpy; conf = runpy.run_path('docs/conf.py'); print(conf['release'], conf['version'])"
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=True
    )
    assert done.stdout.split() == [VERSION, VERSION]
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert [one["version"] for one in lock["package"] if one["name"] == "pulumi-alicdn"] == [VERSION]


def test_no_other_file_of_the_project_has_the_number() -> None:
    """A second place would keep the old number with the next release."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.toml", "*.md", "*.yml", "*.yaml", "*.tf", "Makefile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    number = re.compile(rf"(?:alicdn.*|\bversion\s*=\s*\")(?<![\d.]){re.escape(VERSION)}(?![\d.])")
    named = {name for name in listed.stdout.split() if number.search((ROOT / name).read_text(encoding="utf-8"))}
    assert named - {"CHANGELOG.md"} == {"pyproject.toml"}
