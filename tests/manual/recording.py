"""`python -m manual.recording COMMAND`: run a command in a terminal, and keep what it shows as an animated SVG."""

from __future__ import annotations

import argparse
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Final

from manual.pages import DOCS

PICTURE: Final = DOCS / "images" / "make-up.svg"
"""The recording that README shows."""

_LONGEST_FRAME_MS: Final = 1500
"""A terminal that shows nothing new for longer is shortened to this: nobody waits for a picture."""


def record(command: str, picture: Path, geometry: str) -> None:
    """Record *command* in a terminal of COLUMNSxROWS. Raises CalledProcessError if the recorder fails."""
    # The recorder ends with its standard input: it gets that of a terminal, at which nobody types.
    master, terminal = pty.openpty()
    # A make below another make would say in which folder of this machine it is.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    try:
        recorder = str(Path(sys.executable).parent / "termtosvg")
        look = ["--template", "gjm8_single_loop", "--max-frame-duration", str(_LONGEST_FRAME_MS)]
        subprocess.run(
            [recorder, str(picture), "--command", command, "--screen-geometry", geometry, *look],
            stdin=terminal,
            env=environment,
            check=True,
        )
    finally:
        os.close(master)
        os.close(terminal)


def main() -> None:
    """Record the command of the arguments."""
    parser = argparse.ArgumentParser(prog="manual.recording", description=__doc__)
    parser.add_argument("command")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    parser.add_argument("--geometry", default="110x44", metavar="COLUMNSxROWS")
    options = parser.parse_args()
    record(options.command, options.picture, options.geometry)


if __name__ == "__main__":
    main()
