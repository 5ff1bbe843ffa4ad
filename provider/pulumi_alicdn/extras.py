"""What an extra of the package adds, for the command line of an installer; pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable


def install_command(requires: Iterable[str] | None, extra: str) -> str:
    """Return the command that installs what *extra* adds; *requires*: the requirements that the package's data has.

    It does not name the package itself, which may be on no index.
    """
    found = [one.partition(";") for one in requires or ()]
    needs = [need.strip() for need, _, marker in found if f"extra == '{extra}'" in marker.replace('"', "'")]
    return f"pip install {shlex.join(needs)}"
