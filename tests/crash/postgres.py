"""A PostgreSQL server of a test's own, on a free loopback port."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.stack import eventually

USER = "tester"
READY = "database system is ready to accept connections"


def programs() -> Path | None:
    """The folder of the server's programs, newest version first; None where there is no server."""
    on_path = shutil.which("initdb")
    # Debian keeps them off PATH, a folder per version.
    folders = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists() and (folder / "initdb").exists()), None)


def _as_somebody() -> dict[str, Any]:
    """The server refuses to run as root: then it runs as another user of the machine."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = names.get("postgres") or names["nobody"]
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server of the programs in *folder*; yields the URL of its database."""
    somebody = _as_somebody()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, socket.socket() as free:
        data, password = Path(home) / "data", secrets.token_hex(16)
        word = Path(home) / "password"
        word.write_text(password)
        if somebody:
            for path in (Path(home), word):
                os.chown(path, somebody["user"], somebody["group"])
        subprocess.run(
            [
                str(folder / "initdb"),
                "-D",
                str(data),
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile",
                str(word),
                "--no-sync",
            ],
            cwd=home,
            check=True,
            capture_output=True,
            **somebody,
        )
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (Path(home) / "log").open("wb") as log:
            child = subprocess.Popen(
                [folder / "postgres", "-D", data, *settings], cwd=home, stdout=log, stderr=log, **somebody
            )
        try:
            eventually(lambda: READY in (Path(home) / "log").read_text(), "the server says that it is ready")
            yield f"postgres://{USER}:{password}@127.0.0.1:{port}/postgres?sslmode=disable"
        finally:
            child.send_signal(signal.SIGINT)  # a fast shutdown, in its own words
            child.wait(30)
