"""What a release has to do, as plain data: what the plan decided, and what edges are to serve then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.urls import urls


@dataclass(frozen=True, slots=True)
class Work:
    """The parts of a plan that its steps need. ``unchanged`` counts files; ``reason`` is the plan's sentence."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    refresh: tuple[str, ...]
    refresh_type: str
    prefetch: tuple[str, ...]
    reason: str

    @classmethod
    def of(cls, plan: Plan) -> Work:
        """What *plan* decided."""
        return cls(
            plan.added,
            plan.changed,
            plan.removed,
            plan.unchanged,
            plan.refresh,
            str(plan.refresh_type),
            plan.prefetch,
            plan.reason,
        )

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Work:
        """The opposite of :meth:`plain`."""
        lists = {name: tuple(value[name]) for name in ("added", "changed", "removed", "refresh", "prefetch")}
        return cls(
            unchanged=int(value["unchanged"]),
            refresh_type=str(ObjectType(value["refresh_type"])),
            reason=str(value["reason"]),
            **lists,
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @property
    def anything(self) -> bool:
        """Whether something is refreshed or prefetched."""
        return bool(self.refresh or self.prefetch)

    @property
    def paths(self) -> tuple[str, ...]:
        """All files that differ, sorted."""
        return tuple(sorted((*self.added, *self.changed, *self.removed)))


def expected(
    work: Work, manifest: Manifest, base_urls: Sequence[str], index_files: Sequence[str]
) -> tuple[Expected, ...]:
    """What every edge has to serve once *work* is done: each file that differs, at each of its URLs, once."""
    found: dict[str, Expected] = {}
    for one in _expected(work, manifest, base_urls, index_files):
        found.setdefault(one.url, one)
    return tuple(found.values())


def _expected(
    work: Work, manifest: Manifest, base_urls: Sequence[str], index_files: Sequence[str]
) -> Iterator[Expected]:
    if not work.anything:
        return  # nothing was done about it: edges may hold what they held
    for base in base_urls:
        for path in (*work.changed, *work.added):
            asset = manifest[path]
            for url in urls(base, path, index_files):
                yield Expected(url, asset.sha256, asset.size)
        for path in work.removed:
            for url in urls(base, path, index_files):
                yield Expected(url, None)
