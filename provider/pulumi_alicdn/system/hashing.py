"""Content hashes of many files at once, by threads: reading and hashing both let other threads run."""

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
"""Bytes read at once. [chosen: stays in a core's cache, and holds most assets of a site whole]"""

_CHUNK: Final = 16
"""Files that a thread takes at once. [chosen: handing over costs as much as opening a file; large ones still spread]"""

_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""What was an ordinary file when it was listed may be a link or a pipe by now: follow nothing, wait for nothing."""

_TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A file to hash: its path in the folder, and where it really is."""

    path: str
    real: str


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file as it was while it was hashed; ``mtime_ns`` in nanoseconds since 1970."""

    asset: Asset
    mtime_ns: int


def threads() -> int:
    """How many files are hashed at once: as many as there are processors for us."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hash_files(files: Sequence[Found]) -> Iterator[Hashed]:
    """Hash all of *files*, in their order.

    Raises InputError, which names the file, for one that cannot be read, is no ordinary file, or changed while it was
    read, twice.
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
    """Hash *file*; None if it changed meanwhile. Raises OSError where it cannot be read."""
    total = hashlib.sha256()
    size = 0
    with open(file.real, "rb", buffering=0, opener=_open) as stream:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise InputError(f"directory holds {show(file.path)}, which is no ordinary file any more")
        # A file that grows is told by its size afterwards: no need to look for an end beyond the one that is known.
        while size < before.st_size and (count := stream.readinto(buffer)):
            total.update(buffer[:count])
            size += count
    try:
        # By name, not by what is open: another file may have been put in its place.
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
