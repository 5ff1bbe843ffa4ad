"""Files that are too large to be compared by their bytes: what ETags and checksums say of their copies.

Copies of equal length can differ. A strong ETag names one version at whatever server it is seen (RFC 9110, section
8.8.1), and OSS states a checksum of each object (`x-oss-hash-crc64ecma`), which caches pass on. So where copies of a
file name different versions, one copy of each version is read, and its bytes decide for all others.
"""

from __future__ import annotations

from typing import Final

from pulumi_alicdn.releases.proof.judge import Probe, Served

_KINDS: Final = ("checksum", "etag")
"""The texts that name a version, the better one first."""


def agree(one: Served, other: Served) -> bool | None:
    """Whether both are the same version; None if neither ETag nor checksum says so."""
    for kind in _KINDS:
        names = _named(one, kind), _named(other, kind)
        if all(names):
            return names[0] == names[1]
    return None


def _named(served: Served, kind: str) -> str:
    """Return the name of the version by its *kind*; empty without one. A weak ETag does not stand for equal bytes."""
    text: str = getattr(served, kind)
    return "" if kind == "etag" and (text.upper().startswith("W/") or served.content_encoding) else text


class LargeFile:
    """The copies of one file at its edges."""

    def __init__(self) -> None:
        """Begin without copies."""
        self._by_length: dict[Probe, Served] = {}
        self._right: list[Served] = []
        self._wrong: list[Served] = []
        self._unread: list[Served] = []

    def add(self, probe: Probe, served: Served) -> None:
        """Add a copy that was compared by its length, which is right."""
        self._by_length[probe] = served

    def read(self, served: Served, *, right: bool | None) -> None:
        """Add a copy whose bytes were compared: whether they are the file's; None if they could not be read."""
        (self._unread if right is None else self._right if right else self._wrong).append(served)

    def to_read(self, origin: Served | None) -> list[Probe]:
        """Return one copy for each version whose bytes have to be read: none if all copies, and *origin*, agree."""
        if not self._differ(origin):
            return []
        chosen: dict[Probe, Served] = {}
        for probe, served in self._by_length.items():
            known = (*self._unread, *chosen.values())
            if self._by_bytes(served) is None and not any(agree(served, one) is not False for one in known):
                chosen[probe] = served
        return list(chosen)

    def verdict(self, served: Served, origin: Served | None) -> bool | None:
        """Whether *served*, a copy of the right length, is the release; None if its length is all that is known."""
        by_bytes = self._by_bytes(served)
        if by_bytes is not None or not any(agree(served, one) for one in self._unread):
            return by_bytes
        # Copies differ, and their bytes could not be read: the origin's version is the better guess.
        return None if origin is not None and agree(served, origin) else False

    def _by_bytes(self, served: Served) -> bool | None:
        said = [agree(served, one) for one in self._right]
        if True in said:
            return True
        return False if False in said or any(agree(served, one) for one in self._wrong) else None

    def _differ(self, origin: Served | None) -> bool:
        all_ = [*self._by_length.values(), *self._right, *self._wrong]
        if origin is not None:
            all_.append(origin)
        first = {kind: next((name for one in all_ if (name := _named(one, kind))), "") for kind in _KINDS}
        return any(_named(one, kind) not in ("", first[kind]) for one in all_ for kind in _KINDS)
