"""The quickstart with Terraform or OpenTofu: a folder with the configuration, the provider and the state."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator

CONFIGURATION = Path(__file__).resolve().parent / "terraform"
PROGRAMS = Path(sys.executable).parent


class Workspace:
    """A folder in which *program* runs, at *cloud*."""

    def __init__(self, program: str, folder: Path, cloud: Emulator) -> None:
        self._program = program
        self._folder = folder
        self._environment = {
            **os.environ,
            **cloud.environment(),
            # Terraform starts the provider, which is beside the interpreter.
            "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
            "CHECKPOINT_DISABLE": "1",
        }

    def prepare(self, values: Mapping[str, object]) -> None:
        """Write the configuration and its *values*, and install the provider, as a user does."""
        shutil.copytree(CONFIGURATION, self._folder, dirs_exist_ok=True)
        (self._folder / "terraform.tfvars.json").write_text(json.dumps(values))
        self._run([str(PROGRAMS / "alicdn"), "terraform", "install"], quiet=True)
        self._run([self._program, "init", "-input=false"], quiet=True)

    def apply(self) -> None:
        """Deploy, and show what the program says."""
        color = [] if sys.stdout.isatty() else ["-no-color"]
        self._run([self._program, "apply", "-auto-approve", "-input=false", *color], quiet=False)

    def _run(self, command: Sequence[str], *, quiet: bool) -> None:
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            check=False,
            capture_output=quiet,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            if quiet:
                sys.stderr.write(done.stdout + done.stderr)
            raise SystemExit(done.returncode)
