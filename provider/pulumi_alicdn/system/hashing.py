"""The hashing of many files at once, in threads: Python runs other threads while it reads or hashes."""

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
"""Bytes per read. [chosen: fits into a core's cache, and most assets of a site fit into it]"""

_CHUNK: Final = 16
"""Files per job of a thread. [chosen: a job costs as much as opening a file; large files still spread over threads]"""

_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags of open: a file may have become a link or a pipe since it was listed; do not follow it, and do not block."""

_TRIES: Final = 2
"""The most reads of a file that changes meanwhile. [chosen: a build that is ending may replace a file once]"""


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
    """A file and its hash; ``mtime_ns``: its mtime in nanoseconds since 1970."""

    asset: Asset
    mtime_ns: int


def threads() -> int:
    """Return the number of threads: one for each processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hash_files(files: Sequence[Found]) -> Iterator[Hashed]:
    """Hash all of *files*, in their order.

    Raises InputError, with the path, for a file that cannot be read, is no longer an ordinary file, or changed during
    each of two reads.
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
                f"directory contains {show(file.path)}, which cannot be read: {error.strerror or error}"
            ) from error
        if hashed is not None:
            return hashed
    raise InputError(
        f"directory contains {show(file.path)}, which changed while it was read, {_TRIES} times in a row; "
        "let the program that writes it finish first"
    )


def _try(file: Found, buffer: memoryview) -> Hashed | None:
    """Hash *file*; return None if it changed during the read. Raises OSError if it cannot be read."""
    total = hashlib.sha256()
    size = 0
    with open(file.real, "rb", buffering=0, opener=_open) as stream:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise InputError(f"directory contains {show(file.path)}, which is no longer an ordinary file")
        # Stop at the known size: a file may grow forever. The size shows afterwards whether it has grown.
        while size < before.st_size and (count := stream.readinto(buffer)):
            total.update(buffer[:count])
            size += count
    try:
        # Check the path and not the open file: another file may have replaced it.
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
