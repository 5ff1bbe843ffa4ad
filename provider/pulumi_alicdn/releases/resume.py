"""Tasks of an interrupted release: whether a release continues them, and of which files edges may hold any version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.releases.release_options import Policy, Strategy
from pulumi_alicdn.releases.urls import directory_url
from pulumi_alicdn.state import IntentState
from pulumi_alicdn.validation import UNKNOWN, Unknown


@dataclass(frozen=True, slots=True)
class StartedTask:
    """A task of a release, as the intent in the state describes it.

    ``object_type``, ``object_paths``: the objects that it refreshes or prefetches.
    ``triggers``: the digest of the release's files, then the user's values.
    ``not_before``: the server's time of the intent; it is different for every task of the release.
    ``service``: where it was submitted; empty where that is not known.
    ``force``: whether it refreshes also what the origin has not modified.
    """

    object_type: str
    object_paths: tuple[str, ...]
    triggers: tuple[Any, ...]
    not_before: str
    service: str = ""
    force: bool = False

    @classmethod
    def read(cls, intent: IntentState | None) -> StartedTask | None:
        """Read the outputs of an intent; None without an intent, or for one without triggers."""
        triggers = intent.get("triggers") if intent is not None else None
        if intent is None or not triggers:
            return None
        return cls(
            str(intent.get("object_type") or ObjectType.FILE),
            tuple(intent.get("object_paths") or ()),
            tuple(triggers),
            str(intent.get("not_before") or ""),
            str(intent.get("service") or ""),
            bool(intent.get("force")),
        )

    def at(self, service: str) -> bool:
        """Whether it was submitted to *service*."""
        return self.service in ("", service)

    def forced_as(self, force: bool | Unknown | None) -> bool:
        """Whether it was begun with the option *force* of a refresh, or with more: a forced refresh does all of it.

        UNKNOWN stands for the one that it was begun with. None is an option that was not given: a refresh of
        directories is then forced.
        """
        if isinstance(force, Unknown):
            return True
        return self.force or not (self.object_type != ObjectType.FILE if force is None else force)

    def proven(self, digest: str, object_paths: Sequence[str], earlier: Sequence[str]) -> bool:
        """Whether the proof of a release covers this task.

        *digest*: the digest of the release's files. *object_paths*: the objects of its task of this kind. *earlier*:
        ``not_before`` of all tasks that were begun before it. The state keeps a task until a release is proven, even
        if that release needs no task of this kind.
        """
        own = self.triggers[0] == digest and self.object_paths == tuple(object_paths)
        return own or self.not_before in earlier

    def going_on(self, triggers: Sequence[Any]) -> bool:
        """Whether it was begun with *triggers* and therefore continues; UNKNOWN equals any value.

        The first one is the digest of the files. Of the user's, some may be gone: an emergency trigger that is taken
        away again asks for nothing.
        """
        (digest, *asked), then = triggers, [_listed(one) for one in self.triggers]
        if digest != then.pop(0) or len(asked) > len(then):
            return False
        for value in (_listed(one) for one in asked if one is not UNKNOWN):
            if value not in then:
                return False
            then.remove(value)
        return True

    @property
    def strategy(self) -> Strategy:
        """The strategy of the refresh."""
        return Strategy.DIRECTORY if self.object_type == ObjectType.DIRECTORY else Strategy.FILES

    def files(self, policy: Policy, known: AbstractSet[str], but: AbstractSet[str] = frozenset()) -> frozenset[str]:
        """Return the paths of the files at its object paths, without the object paths *but*.

        *known*: all files of the folder, now and before. A directory stands for the known files below it.
        """
        found = (_paths(url, policy, known, self.strategy) for url in self.object_paths if url not in but)
        return frozenset(path for paths in found for path in paths)


def _listed(value: object) -> object:
    """Return *value* with lists in place of tuples, as in the state."""
    if isinstance(value, Mapping):
        return {name: _listed(part) for name, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, list | tuple) else value


def _paths(url: str, policy: Policy, known: AbstractSet[str], strategy: Strategy) -> Iterator[str]:
    for base in map(directory_url, policy.base_urls):
        if not url.startswith(base):
            continue
        path = unquote(url.removeprefix(base))
        if strategy is Strategy.DIRECTORY:
            yield from (one for one in known if one.startswith(path))
        elif path and not path.endswith("/"):
            yield path
        else:
            yield from (path + name for name in policy.index_files if path + name in known)
