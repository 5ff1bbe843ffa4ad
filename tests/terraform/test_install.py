"""`alicdn terraform install`: the real `terraform init` then works offline, and locks the same hash everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pulumi_alicdn.cli.plugin_folder import go_platform, required_providers
from pulumi_alicdn.errors import AlicdnError
from support.measuring import measuring
from support.terraform_program import needed

PROGRAMS = Path(sys.executable).parent
DEADLINE_S = 120.0
RESOURCE = """
resource "alicdn_refresh_task" "site" {
  service      = "cdn"
  object_paths = ["http://example.com/a.js"]
}
"""


def run(folder: Path, home: Path, *command: str, programs: str = str(PROGRAMS)) -> tuple[int, str, str]:
    """Run a command without a network: a proxy that is not there stands for it."""
    settings = home / "rc"
    settings.touch()
    environment = {
        "PATH": os.pathsep.join([programs, "/usr/bin", "/bin"]),
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(settings),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "CHECKPOINT_DISABLE": "1",
        **measuring(),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    return done.returncode, done.stdout, " ".join(done.stderr.replace("│", " ").split())


def install(folder: Path, home: Path, *options: str) -> tuple[int, str, str]:
    return run(folder, home, str(PROGRAMS / "alicdn"), "terraform", "install", *options)


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "first", tmp_path / "second"]
    for folder in made:
        folder.mkdir()
    return made


def test_init_needs_no_network_and_locks_the_same_hash_in_each_folder(folders: list[Path], tmp_path: Path) -> None:
    program, locks = needed(), []
    for folder, options in zip(folders, ([], ["--user"]), strict=True):
        code, printed, said = install(folder, tmp_path, *options)
        assert code == 0, said
        assert said.count("wrote ") == 2
        assert "put this block into the configuration, then run `terraform init`" in said
        (folder / "main.tf").write_text(printed + RESOURCE)
        for command in ("init", "validate"):
            code, _, said = run(folder, tmp_path, program, command, "-no-color")
            assert code == 0, said
        locks.append((folder / ".terraform.lock.hcl").read_text())
    assert locks[0] == locks[1]
    assert "h1:" in locks[0]
    assert not (folders[1] / "terraform.d").exists()

    # Without the package's programs, Terraform shows the sentence of the file.
    code, _, said = run(folders[0], tmp_path, program, "validate", "-no-color", programs="/bin")
    assert code == 1
    assert "terraform-provider-alicdn is not on PATH: activate the environment of pulumi-alicdn" in said


def test_the_block_is_printed_and_a_second_install_changes_nothing(folders: list[Path], tmp_path: Path) -> None:
    first = install(tmp_path, tmp_path, "--dir", "first")
    (written,) = {path.read_bytes() for path in folders[0].rglob("terraform-provider-*")}
    assert (first[0], first[1]) == (0, required_providers(version("pulumi-alicdn")) + "\n")
    assert written.count(b"\n") == 3
    assert str(tmp_path).encode() not in written
    assert install(tmp_path, tmp_path, "--dir", "first") == first
    files = [path for path in folders[0].rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {path.read_bytes() for path in files} == {written}
    assert all(os.access(path, os.X_OK) for path in files)


def test_what_cannot_be_written_is_named(folders: list[Path], tmp_path: Path) -> None:
    (folders[0] / "terraform.d").write_text("a file")
    code, printed, said = install(folders[0], tmp_path)
    assert (code, printed) == (1, "")
    assert said.startswith("alicdn: 'terraform.d/plugins/registry.terraform.io/")
    assert said.endswith("cannot be written: Not a directory")
    assert install(folders[1], tmp_path, "--dir", "none") == (
        2,
        "",
        "alicdn: --dir is 'none', but must be the folder of a configuration: there is no such folder",
    )
    assert install(folders[1], tmp_path, "--dir", ".", "--user")[0] == 2
    assert list(folders[1].iterdir()) == []


def test_a_program_that_is_not_on_the_path_is_said_with_the_next_step(folders: list[Path], tmp_path: Path) -> None:
    command = (str(PROGRAMS / "alicdn"), "terraform", "install")
    code, printed, said = run(folders[0], tmp_path, *command, programs="/bin")
    assert (code, printed) == (0, required_providers(version("pulumi-alicdn")) + "\n")
    assert said.endswith(
        "alicdn: terraform-provider-alicdn is not on PATH, where Terraform has to find it: "
        f"export PATH={PROGRAMS}:$PATH"
    )


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [("Linux", "x86_64", "linux_amd64"), ("Darwin", "arm64", "darwin_arm64"), ("Linux", "aarch64", "linux_arm64")],
)
def test_a_machine_has_the_name_that_terraform_gives_it(system: str, machine: str, name: str) -> None:
    assert go_platform(system, machine) == name


def test_windows_is_refused_in_a_sentence() -> None:
    with pytest.raises(AlicdnError, match="runs on Linux and macOS, and this is Windows"):
        go_platform("Windows", "AMD64")
