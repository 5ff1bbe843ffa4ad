"""The comparison of what nodes serve for the same URL: what most of them serve, and which differ; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from pulumi_alicdn.api.nodes import Node
from pulumi_alicdn.releases.proof.judge import Served


@dataclass(frozen=True, slots=True)
class NodeAnswer:
    """What *node* serves for *url*; ``differs``: most nodes serve something else, or it serves nothing."""

    node: Node
    url: str
    served: Served
    differs: bool = False


def compared(answers: Iterable[tuple[Node, str, Served]]) -> Sequence[NodeAnswer]:
    """Mark the answers that differ from those of most nodes, and put them first; then in the order of the places.

    Where two answers are equally frequent, no majority is right: all answers for that URL differ.
    """
    by_url: dict[str, list[tuple[Node, Served]]] = defaultdict(list)
    for node, url, served in answers:
        by_url[url].append((node, served))
    found = [
        NodeAnswer(node, url, served, content is None or content != usual)
        for url, entries in by_url.items()
        for usual in [_usual([served for _, served in entries])]
        for node, served in entries
        for content in [_content(served)]
    ]
    return sorted(found, key=lambda one: (not one.differs, one.node.place, one.node.city, one.node.address, one.url))


def _usual(answers: Sequence[Served]) -> Hashable | None:
    """Return the content that most nodes serve; None if there is none, or if two are equally frequent."""
    counts = Counter(content for content in map(_content, answers) if content is not None).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def _content(served: Served) -> Hashable | None:
    """Return what makes two answers equal: the status and the bytes; None without an answer."""
    if not served.status:
        return None
    return served.status, served.sha256 or (served.etag, served.size)
