"""What `pulumi_alicdn.pth` does when Python starts: nothing that another program could notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PTH = Path(__file__).parents[2] / "provider" / "pulumi_alicdn.pth"
PROVIDER = ("-m", "pulumi.dynamic", "127.0.0.1:1")
STAYS = "import site, sys; site.addsitedir(sys.argv[1]); print('stays')"


def started(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start Python with the .pth file in a folder of packages of its own."""
    (site / PTH.name).write_bytes(PTH.read_bytes())
    command = [sys.executable, "-S", "-c", STAYS, str(site), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "package",
    [None, "raise ImportError('half')", "raise RuntimeError('old')", "this is no Python"],
    ids=["missing", "without a module", "failing", "cut off"],
)
@pytest.mark.parametrize("arguments", [(), PROVIDER], ids=["any program", "a provider process"])
def test_a_package_that_is_half_uninstalled_is_not_noticed(
    package: str | None, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    if package is not None:
        (tmp_path / "pulumi_alicdn").mkdir()
        (tmp_path / "pulumi_alicdn" / "__init__.py").write_text(package)
    done = started(tmp_path, *arguments)
    assert (done.stdout, done.stderr, done.returncode) == ("stays\n", "", 0)


def test_a_program_that_only_names_the_module_and_an_address_is_left_alone(tmp_path: Path) -> None:
    """Its package would end it, if it were taken for a provider process whose engine is gone."""
    (tmp_path / "pulumi_alicdn" / "resources" / "engine").mkdir(parents=True)
    watch = "import os\ndef watch_provider_process():\n    os._exit(1)\n"
    (tmp_path / "pulumi_alicdn" / "resources" / "engine" / "engine_watch.py").write_text(watch)
    assert started(tmp_path, "pulumi.dynamic", "127.0.0.1:1").returncode == 0
    assert started(tmp_path, *PROVIDER).returncode == 1
