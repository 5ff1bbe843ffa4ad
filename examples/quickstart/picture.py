"""The last lines of `make up`: what the nodes of each place served before, in between, and after; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Node:
    """A node: where it is asked, `host:port`, and its place in words."""

    address: str
    place: str


@dataclass(frozen=True)
class Seen:
    """The moments at which all nodes were asked: which release each of them served, one name for each file.

    `at_complete` is the moment when the service first said Complete; None if it never did.
    """

    before: Mapping[Node, Sequence[str]]
    at_complete: Mapping[Node, Sequence[str]] | None
    after: Mapping[Node, Sequence[str]]


def table(seen: Seen, wanted: str) -> Table:
    """Return one row for each place; those that were stale when the service said Complete come first, in red."""
    moments = {"before": seen.before}
    moments |= {"at Complete": seen.at_complete} if seen.at_complete is not None else {}
    moments |= {"after": seen.after}
    grid = Table("", "place", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    grid.add_column("nodes", justify="right")
    for name in moments:
        grid.add_column(name)
    late = {node.place for found in list(moments.values())[1:] for node in stale(found, wanted)}
    places = {node.place: [one for one in seen.after if one.place == node.place] for node in seen.after}
    for place, nodes in sorted(places.items(), key=lambda item: (item[0] not in late, item[0])):
        cells = [
            _cell([found[node] for node in nodes], wanted, judged=moment != "before")
            for moment, found in moments.items()
        ]
        marked = place in late
        grid.add_row("!" if marked else "", place, str(len(nodes)), *cells, style="red" if marked else None)
    return grid


def stale(found: Mapping[Node, Sequence[str]], wanted: str) -> list[Node]:
    """Return the nodes that serve a file of another release."""
    return [node for node, names in found.items() if set(names) != {wanted}]


def sentences(seen: Seen, wanted: str, waited_s: float | None, command: str = "make up") -> list[str]:
    """Return what the table means. `waited_s`: seconds from the service's Complete to the end of the deployment.

    `command`: what deploys.
    """
    nodes = f"{_nodes(list(seen.after))} in {_places(list(seen.after))}"
    left = stale(seen.after, wanted)
    if left:
        return [
            f"Nothing waited for the nodes: {len(left)} of {nodes} do not serve {wanted} yet.",
            f"`{command} RELEASE={wanted.rsplit(maxsplit=1)[-1]}` waits for them.",
        ]
    if seen.at_complete is None or waited_s is None:
        return [f"All {nodes} serve {wanted}."]
    late = stale(seen.at_complete, wanted)
    if not late:
        return [f"When the service said Complete, all {nodes} served {wanted}."]
    where = " and ".join(sorted({node.place for node in late}))
    return [
        f"When the service said Complete, {_nodes(late)} in {where} still served an old release.",
        f"The deployment went on asking, and ended {waited_s:.1f} s later: all {nodes} serve {wanted}.",
    ]


def _cell(served: Sequence[Sequence[str]], wanted: str, *, judged: bool) -> Text:
    names = sorted({name for node in served for name in node})
    fresh = names == [wanted]
    if not judged:
        return Text(", ".join(names))
    return Text(", ".join(names) + ("" if fresh else " (stale)"), "green" if fresh else "")


def _nodes(nodes: Sequence[Node]) -> str:
    return "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"


def _places(nodes: Sequence[Node]) -> str:
    places = {node.place for node in nodes}
    return "1 place" if len(places) == 1 else f"{len(places)} places"
