"""Manifests: the path, size and content hash of each file of a folder, packed as text, digested and compared.

The packed bytes are the JSON `[paths, sizes]`, compressed with zlib, then the hashes, 32 bytes each. Paths are sorted;
sizes and hashes are in the order of the paths. Hashes stay uncompressed, since compression cannot shorten them.

Of many files, the text has only the first 16 bytes of each hash, and begins with a checksum of all that follows it. The
digest that a text states is always the one of the whole hashes, since the triggers of tasks have it.
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

SHORT: Final = Envelope("alicdn-manifest-2", "the stored manifest")
"""The form of a stored manifest of many files, with short hashes."""

MANY_FILES: Final = 10_000
"""The most files whose hashes are stored as a whole. [chosen: 100,000 whole hashes take 4.3 MB in base64, and a state
should stay below 5 MB]"""

_HASH_SIZE: Final = 32
_SHORT_SIZE: Final = 16
"""Bytes of a short hash. [chosen: two files agree in 128 bits by chance once in 10^38 comparisons]"""


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


def stated_digest(text: str) -> str:
    """Return the digest that the packed manifest *text* states; its files are not checked."""
    return (SHORT if text.startswith(SHORT.prefix) else ENVELOPE).stated_digest(text)


def same_content(one: bytes, other: bytes | None) -> bool:
    """Whether two content hashes are of the same bytes; any of the two may be a short one."""
    if one == other or other is None:
        return one == other
    length = min(len(one), len(other))
    return length >= _SHORT_SIZE and one[:length] == other[:length]


def pack(manifest: Manifest, many: int = MANY_FILES) -> str:
    """Pack *manifest* into one line of ASCII characters; the order of the files does not matter.

    Hashes become short if there are more than *many* files, or if any of them is short already.
    """
    paths = sorted(manifest)
    short = len(paths) > many or any(len(one.sha256) < _HASH_SIZE for one in manifest.values())
    table = json.dumps([paths, [manifest[path].size for path in paths]], ensure_ascii=False, separators=(",", ":"))
    size = _SHORT_SIZE if short else _HASH_SIZE
    body = zlib.compress(table.encode(), 9) + b"".join(manifest[path].sha256[:size] for path in paths)
    stated = digest(manifest)
    return SHORT.seal(stated, _checksum(stated, body) + body) if short else ENVELOPE.seal(stated, body)


def unpack(text: str) -> dict[str, Asset]:
    """Unpack the manifest that was packed as *text*. Raises DamagedTextError for any other text."""
    if text.startswith(SHORT.prefix):
        return _decoded(_checked(text), _SHORT_SIZE)
    stated, body = ENVELOPE.open(text)
    found = _decoded(body, _HASH_SIZE)
    if digest(found) != stated:
        raise ENVELOPE.damaged()
    return found


def check(text: str) -> None:
    """Raise DamagedTextError unless *text* is a packed manifest. Many files are not unpacked for that."""
    if text.startswith(SHORT.prefix):
        _checked(text)
    else:
        unpack(text)


def _checked(text: str) -> bytes:
    stated, sealed = SHORT.open(text)
    body = sealed[_SHORT_SIZE:]
    if sealed[:_SHORT_SIZE] != _checksum(stated, body):
        raise SHORT.damaged()
    return body


def _checksum(stated: str, body: bytes) -> bytes:
    return hashlib.sha256(stated.encode() + body).digest()[:_SHORT_SIZE]


def _decoded(body: bytes, hash_size: int) -> dict[str, Asset]:
    """Read the packed bytes. Raises DamagedTextError if they are damaged."""
    inflater = zlib.decompressobj()
    try:
        table = inflater.decompress(body) + inflater.flush()
        hashes = inflater.unused_data
        paths, sizes = json.loads(table)
        if not all(isinstance(path, str) for path in paths) or not all(isinstance(size, int) for size in sizes):
            raise ENVELOPE.damaged()
    except (ValueError, TypeError, zlib.error, RecursionError):
        raise ENVELOPE.damaged() from None
    if not inflater.eof or len(paths) != len(sizes) or len(hashes) != hash_size * len(paths):
        raise ENVELOPE.damaged()
    return {
        path: Asset(path, size, hashes[hash_size * index : hash_size * (index + 1)])
        for index, (path, size) in enumerate(zip(paths, sizes, strict=True))
    }


def difference(old: Manifest, new: Manifest, touched: AbstractSet[str] = frozenset()) -> Difference:
    """Compare the files of *old* and *new* by path and content hash.

    *touched* are paths that may have been served with other content since *old*: they count as changed or removed.
    """
    before = old.keys() | touched
    common = before & new.keys()
    changed = sorted(path for path in common if path in touched or not same_content(old[path].sha256, new[path].sha256))
    return Difference(
        added=tuple(sorted(new.keys() - common)),
        changed=tuple(changed),
        removed=tuple(sorted(before - common)),
        unchanged=len(common) - len(changed),
    )


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: ``path`` relative to its folder with `/` between the parts, ``size`` in bytes, and its hash.

    ``sha256``: 32 bytes; those of a stored release of many files are the first 16. :func:`same_content` compares both.
    """

    path: str
    size: int
    sha256: bytes


Manifest = Mapping[str, Asset]
"""All files of a folder by their path."""
