"""Hashes many files at once, in threads: Python lets other threads run while it reads or hashes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show
from pulumi_alicdn.releases.manifest import Asset

_BUFFER: Final = 256 * 1024
"""Bytes per read. [chosen: fits into a core's cache, and holds most assets of a site as a whole]"""

_CHUNK: Final = 16
"""Files per task of a thread. [chosen: a task costs as much as opening a file; large files still spread]"""

_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags for opening a file that may have become a link or a pipe since it was listed: follow and wait for nothing."""

_TRIES: Final = 2
"""Times that a file is read which changes meanwhile. [chosen: a file may be replaced once by a build that is ending]"""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to hash.

    ``path``: in the folder, with `/`
    ``real``: its absolute path without links
    """

    path: str
    real: str


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file and its hash; ``mtime_ns``: when it was last written, nanoseconds since 1970."""

    asset: Asset
    mtime_ns: int


def threads() -> int:
    """Return how many files are hashed at once: one for each processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hash_files(files: Sequence[Found]) -> Iterator[Hashed]:
    """Hash all of *files*, in their order.

    Raises InputError, which names the file, for a file that cannot be read, is no ordinary file any more, or changed
    during each of two reads.
    """
    chunks = [files[at : at + _CHUNK] for at in range(0, len(files), _CHUNK)]
    pool = ThreadPoolExecutor(threads(), thread_name_prefix="hash")
    try:
        yield from chain.from_iterable(pool.map(_hash_chunk, chunks))
    finally:
        pool.shutdown(cancel_futures=True)


def _hash_chunk(files: Sequence[Found]) -> list[Hashed]:
    buffer = memoryview(bytearray(_BUFFER))
    return [_hash(file, buffer) for file in files]


def _hash(file: Found, buffer: memoryview) -> Hashed:
    for _ in range(_TRIES):
        try:
            hashed = _try(file, buffer)
        except OSError as error:
            raise InputError(
                f"directory holds {show(file.path)}, which cannot be read: {error.strerror or error}"
            ) from error
        if hashed is not None:
            return hashed
    raise InputError(
        f"directory holds {show(file.path)}, which changed while it was read, {_TRIES} times in a row; "
        "let whatever writes it finish first"
    )


def _try(file: Found, buffer: memoryview) -> Hashed | None:
    """Hash *file*; None if it changed during the read. Raises OSError where it cannot be read."""
    total = hashlib.sha256()
    size = 0
    with open(file.real, "rb", buffering=0, opener=_open) as stream:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise InputError(f"directory holds {show(file.path)}, which is no ordinary file any more")
        # Stop at the known size: a file that grows is found by its size afterwards, and may grow for ever.
        while size < before.st_size and (count := stream.readinto(buffer)):
            total.update(buffer[:count])
            size += count
    try:
        # Check the name, not the open file: another file may have been moved into its place.
        after = os.lstat(file.real)
    except FileNotFoundError:
        return None
    if size != before.st_size or _state(before) != _state(after):
        return None
    return Hashed(Asset(file.path, size, total.digest()), after.st_mtime_ns)


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _FLAGS)


def _state(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
