"""Who needs whom, as pure questions over edges {service: those it needs}."""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def path(edges: Mapping[Node, Iterable[Node]], start: Node, goal: Node) -> list[Node]:
    """The shortest way along the edges, both ends included; empty if there is none. A node is no way to itself
    unless an edge leads back."""
    came_from: dict[Node, Node] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in edges.get(here, ()):
            if there == goal:
                way = [there, here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if there not in came_from and there != start:
                came_from[there] = here
                waiting.append(there)
    return []


def reach(edges: Mapping[Node, Iterable[Node]], start: Node) -> dict[Node, list[Node]]:
    """Everything that can be reached from `start`, nearest first, each with a shortest way there (both ends
    included). `start` itself is left out."""
    ways: dict[Node, list[Node]] = {start: [start]}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in edges.get(here, ()):
            if there not in ways:
                ways[there] = [*ways[here], there]
                waiting.append(there)
    del ways[start]
    return ways


def reversed_edges(edges: Mapping[Node, Iterable[Node]]) -> dict[Node, list[Node]]:
    """The same edges walked the other way."""
    turned: dict[Node, list[Node]] = {}
    for here, targets in edges.items():
        for there in targets:
            turned.setdefault(there, []).append(here)
    return turned
