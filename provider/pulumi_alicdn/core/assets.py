"""What a folder of assets holds: each file's path, size and content hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: ``path`` relative to its folder with `/` between its parts, ``size`` in bytes, 32 bytes of hash."""

    path: str
    size: int
    sha256: bytes


Manifest = Mapping[str, Asset]
"""All files of a folder by their path."""
