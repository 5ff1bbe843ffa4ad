"""Manifests: the path, size and content hash of each file of a folder, packed as text, digested and compared.

The packed bytes are the JSON `[paths, sizes]`, compressed with zlib, then the hashes, 32 bytes each. Paths are sorted;
sizes and hashes are in the order of the paths. Hashes stay uncompressed, since compression cannot shorten them.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.releases.packed import Envelope

ENVELOPE: Final = Envelope("alicdn-manifest-1", "the stored manifest")
"""The form of a stored manifest."""

_HASH_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two manifests: sorted paths, and the number of files with the same content in both."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    @property
    def count(self) -> int:
        """How many files differ."""
        return len(self.added) + len(self.changed) + len(self.removed)

    @property
    def paths(self) -> tuple[str, ...]:
        """All files that differ, sorted."""
        return tuple(sorted((*self.added, *self.changed, *self.removed)))


def digest(manifest: Manifest) -> str:
    """Return the SHA-256, in hex, of all paths and content hashes; the order of the files does not matter."""
    total = hashlib.sha256()
    for path in sorted(manifest):
        name = path.encode()
        # The length before each path keeps two different manifests from giving the same bytes.
        total.update(len(name).to_bytes(4, "big") + name + manifest[path].sha256)
    return total.hexdigest()


def pack(manifest: Manifest) -> str:
    """Pack *manifest* into one line of ASCII characters; the order of the files does not matter."""
    paths = sorted(manifest)
    table = json.dumps([paths, [manifest[path].size for path in paths]], ensure_ascii=False, separators=(",", ":"))
    body = zlib.compress(table.encode(), 9) + b"".join(manifest[path].sha256 for path in paths)
    return ENVELOPE.seal(digest(manifest), body)


def unpack(text: str) -> dict[str, Asset]:
    """Unpack the manifest that was packed as *text*. Raises DamagedTextError for any other text."""
    expected, body = ENVELOPE.open(text)
    try:
        found = _decode(body)
    except (ValueError, TypeError, zlib.error, RecursionError):
        raise ENVELOPE.damaged() from None
    if digest(found) != expected:
        raise ENVELOPE.damaged()
    return found


def _decode(body: bytes) -> dict[str, Asset]:
    """Read the packed bytes. Raises ValueError, TypeError, RecursionError or zlib.error if they are damaged."""
    inflater = zlib.decompressobj()
    table = inflater.decompress(body) + inflater.flush()
    hashes = inflater.unused_data
    paths, sizes = json.loads(table)
    if not all(isinstance(path, str) for path in paths) or not all(isinstance(size, int) for size in sizes):
        raise TypeError
    if not inflater.eof or len(paths) != len(sizes) or len(hashes) != _HASH_SIZE * len(paths):
        raise ValueError
    return {
        path: Asset(path, size, hashes[_HASH_SIZE * index : _HASH_SIZE * (index + 1)])
        for index, (path, size) in enumerate(zip(paths, sizes, strict=True))
    }


def difference(old: Manifest, new: Manifest, touched: AbstractSet[str] = frozenset()) -> Difference:
    """Compare the files of *old* and *new* by path and content hash.

    *touched* are paths that may have been served with other content since *old*: they count as changed or removed.
    """
    before = old.keys() | touched
    common = before & new.keys()
    changed = sorted(path for path in common if path in touched or old[path].sha256 != new[path].sha256)
    return Difference(
        added=tuple(sorted(new.keys() - common)),
        changed=tuple(changed),
        removed=tuple(sorted(before - common)),
        unchanged=len(common) - len(changed),
    )


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: ``path`` relative to its folder with `/` between the parts, ``size`` in bytes, 32 bytes of hash."""

    path: str
    size: int
    sha256: bytes


Manifest = Mapping[str, Asset]
"""All files of a folder by their path."""
