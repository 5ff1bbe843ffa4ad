"""One stack of one program on the real Pulumi engine, in a folder and with a state of its own.

The engine runs what is tested. What only prepares or reads a stack goes to its files instead: each command costs 0.1 to
0.3 s of computing, and the suite has hundreds of them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

COMMAND_S = 240.0

PROJECT = "name: tested\nruntime: python\n"

_SECRET: Final = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")
"""The key, and its value, that mark a secret in a state."""

_PLAIN: Final = re.compile(r"[\w./:@,=-]{1,300}")
"""Values that every writer of YAML writes alike."""

_LOGGED: Final = re.compile(r'\{"time":"[^"]*","level":.*')
"""An entry of the engine's own log, up to the end of its line."""

_ENDED_BY_THE_ENGINE: Final = re.compile(
    r"^( *)Traceback \(most recent call last\):\n(?:\1 +.*\n)+\1KeyboardInterrupt\b.*$", re.MULTILINE
)
"""What Python 3.13 writes where the engine ends a program that has failed while Pulumi's own code writes its log."""

_YAML: Final = YAML(typ="safe")

_fresh: Final[dict[tuple[str, str], dict[str, bytes]]] = {}
"""The files that `pulumi stack init` left, for each PATH and passphrase."""

PREAMBLE = """\
import json, os
import pulumi
import pulumi_alicdn as alicdn

config = pulumi.Config()

"""


def alone(folder: Path) -> dict[str, str]:
    """The environment of a stack outside of pytest, with its state and Pulumi's own files in *folder*."""
    command = [sys.executable, str(Path(__file__).resolve().parents[2] / "provider" / "toolchain" / "engine.py")]
    engine = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    return {
        "PATH": os.pathsep.join([engine, str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(folder),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
    }


@dataclass(frozen=True)
class Ended:
    """A command that ended, and all it printed."""

    code: int
    output: str

    @property
    def ok(self) -> bool:
        return self.code == 0


class Stack:
    """Runs pulumi commands. Only processes that it started are ever killed."""

    def __init__(self, folder: Path, environment: Mapping[str, str], program: str) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self._running: list[subprocess.Popen[str]] = []
        (folder / "Pulumi.yaml").write_text(PROJECT)
        self.write(program)
        self._init()

    def _init(self) -> None:
        """Make a stack. Stacks in folders of their own begin with the same files, which the first one leaves."""
        if not self._in_its_folder:
            self.run("stack", "init", "dev").expect_ok()
            return
        key = (self.environment["PATH"], self.environment["PULUMI_CONFIG_PASSPHRASE"])
        if key not in _fresh:
            before = set(self.folder.rglob("*"))
            self.run("stack", "init", "dev").expect_ok()
            made = [path for path in self.folder.rglob("*") if path.is_file() and path not in before]
            _fresh[key] = {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in made}
        for name, content in _fresh[key].items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    @property
    def _in_its_folder(self) -> bool:
        """Whether the state is a file of this folder, and not in a database."""
        return self.environment["PULUMI_BACKEND_URL"] == f"file://{self.folder}"

    def write(self, program: str) -> None:
        """Replace the program; the usual imports come with it."""
        (self.folder / "__main__.py").write_text(PREAMBLE + program)

    def configure(self, **values: str) -> None:
        """Set configuration of the stack; `alicdn__region` is `alicdn:region`."""
        if not all(map(_PLAIN.fullmatch, values.values())):
            # The engine alone knows how it writes such a value.
            pairs = [part for name, value in values.items() for part in ("--plaintext", f"{self._key(name)}={value}")]
            self.run("config", "set-all", *pairs).expect_ok()
            return
        file = self.folder / "Pulumi.dev.yaml"
        settings = _YAML.load(file) if file.exists() else {}
        named = {self._key(name): value for name, value in values.items()}
        settings["config"] = {**settings.get("config", {}), **named}
        _YAML.dump(settings, file)

    def configure_secret(self, **values: str) -> None:
        """The same, encrypted in the stack's file."""
        pairs = [part for name, value in values.items() for part in ("--secret", f"{self._key(name)}={value}")]
        self.run("config", "set-all", *pairs).expect_ok()

    def _key(self, name: str) -> str:
        project, _, key = name.rpartition("__")
        return f"{project or self._project}:{key}"

    @property
    def _project(self) -> str:
        return str(_YAML.load(self.folder / "Pulumi.yaml")["name"])

    def cancel(self) -> None:
        """Do what docs/promises.md says for a killed engine: delete an empty .attrs file, take the lock away."""
        for attrs in self.folder.rglob("stacks/*/dev.json.attrs"):
            if not attrs.stat().st_size:
                attrs.unlink()
        self.run("cancel", "--yes").expect_ok()

    def run(self, *arguments: str, timeout_s: float = COMMAND_S) -> _Checked:
        child = self.popen(*arguments)
        try:
            output, _ = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.kill(child)
            raise
        return _Checked(child.returncode, output)

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        stack = () if arguments[:2] == ("stack", "init") else ("--stack", "dev")
        child = subprocess.Popen(
            ["pulumi", *arguments, *stack, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running.append(child)
        return child

    def up(self, *arguments: str) -> _Checked:
        return self.run("up", "--yes", "--skip-preview", *arguments)

    def preview(self, *arguments: str) -> _Checked:
        return self.run("preview", *arguments)

    def refresh(self) -> _Checked:
        return self.run("refresh", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """What `pulumi stack output --json` shows."""
        shown: dict[str, Any] = {}
        for entry in self.resources():
            if entry["type"] == "pulumi:pulumi:Stack":
                shown = _without_secrets(entry.get("outputs", {}))
        return shown

    def state(self) -> str:
        """The whole state as text, as `pulumi stack export` shows it."""
        if not self._in_its_folder:
            return self.run("stack", "export").expect_ok().output
        stored = json.loads((self.folder / f".pulumi/stacks/{self._project}/dev.json").read_text())
        return json.dumps({"version": stored["version"], "deployment": stored["checkpoint"]["latest"]}, indent=4)

    def resources(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.state())["deployment"].get("resources", [])
        return found

    def completion(self) -> dict[str, Any]:
        """What the state holds of the last step of its only task."""
        (found,) = [entry for entry in self.resources() if entry["type"].endswith((":Wait", ":Attach"))]
        outputs: dict[str, Any] = found["outputs"]
        return outputs

    def kill(self, child: subprocess.Popen[str]) -> None:
        """SIGKILL the command and all that it started, which share its process group."""
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(timeout=30)

    def close(self) -> None:
        for child in self._running:
            if child.poll() is None:
                self.kill(child)
            if child.stdout is not None:
                child.stdout.close()


class _Checked(Ended):
    def expect_ok(self) -> _Checked:
        assert self.ok, self.output
        return self

    def expect_failure(self) -> _Checked:
        assert not self.ok, self.output
        # With `-v`, newer engines write into their log how Pulumi's own calls ended.
        assert "Traceback" not in _ENDED_BY_THE_ENGINE.sub("", _LOGGED.sub("", self.output)), self.output
        return self

    def changes(self) -> dict[str, int]:
        """The summary of an update: `{"created": 3, "unchanged": 1}`."""
        words = "created|updated|unchanged|replaced|deleted|errored"
        # Changes of several kinds are added up beside what is unchanged: `3 changes. 3 unchanged`.
        found = re.findall(rf"^\s+\S*?\s*(?:\d+ changes\. )?(\d+) ({words})$", self.output, re.MULTILINE)
        return {word: int(count) for count, word in found}


def _without_secrets(value: Any) -> Any:  # noqa: ANN401  any JSON
    if isinstance(value, dict):
        name, mark = _SECRET
        return "[secret]" if value.get(name) == mark else {key: _without_secrets(part) for key, part in value.items()}
    return [_without_secrets(part) for part in value] if isinstance(value, list) else value


def eventually(condition: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Poll until *condition* holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.05)
