"""The files of earlier releases: those of the last one, and removed ones that may still be served."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.globs import Chooser
from pulumi_alicdn.releases.heals.pending import Pending
from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.packed import unpack
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.release_options import Policy, Removed
from pulumi_alicdn.releases.removed import OldFiles, stored_pending
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.state import ReleaseRecordState


@dataclass(frozen=True, slots=True)
class EarlierFiles:
    """What ``record``, the last release, says of files. ``manifest``: the files of the folder now."""

    policy: Policy
    manifest: Manifest
    record: ReleaseRecordState | None
    chooser: Chooser

    def released(self) -> Manifest | None:
        """Return the files of the last release, without those that are left out by now: they were not removed."""
        if self.record is None:
            return None
        found = manifests.unpack(self.record["manifest"])
        return {path: one for path, one in found.items() if path in self.manifest or self.chooser.takes(path)}

    def still_served(self) -> Manifest:
        """Return the files that left the folder with earlier releases, and were still served after them."""
        if self.policy.removed is Removed.IGNORE:
            return {}
        found = stored_pending(self.record or {})
        return {path: one for path, one in found.items() if path not in self.manifest and self.chooser.takes(path)}

    def returned(self) -> frozenset[str]:
        """Return the files that had left the folder, were still served, and are in it again with other bytes."""
        return frozenset(
            path
            for path, one in stored_pending(self.record or {}).items()
            if path in self.manifest and not manifests.same_content(self.manifest[path].sha256, one.sha256)
        )

    def lost(self, touched: Collection[str]) -> OldFiles:
        """Return the files *touched* not in the folder; an interrupted release may have changed their bytes."""
        return dict.fromkeys(path for path in sorted(touched) if path not in self.manifest and self.chooser.takes(path))

    def to_heal(self, old: Manifest | None, left: Pending | None) -> frozenset[str]:
        """Return the files, also those of *old*, whose URLs earlier runs *left* to heal."""
        return self._at(old, ObjectType.FILE, tuple(one.url for one in left.urls)) if left is not None else frozenset()

    def refreshed(self, old: Manifest | None, done: Plan | None) -> frozenset[str]:
        """Return the files, also those of *old*, that *done* refreshes or prefetches."""
        if done is None:
            return frozenset()
        return self._at(old, done.refresh_type, done.refresh) | self._at(old, ObjectType.PRELOAD, done.prefetch)

    def _at(self, old: Manifest | None, object_type: ObjectType, urls: tuple[str, ...]) -> frozenset[str]:
        return StartedTask(object_type, urls, (), "").files(self.policy, {*(old or {}), *self.manifest})

    def homes(self) -> tuple[str, ...]:
        """Return the index files at whose folders the site serves the page of `/`, as the last proof left them."""
        text = self.record.get("home_folders") if self.record is not None else None
        return tuple(unpack(text)) if text else ()
