"""A taxonomy as a tree: an immutable, indexed view over its nodes."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from core.domain.errors import CategoryNotFoundError, NodeNotFoundError, TaxonomyError
from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus, TaxonomyNode

N_CLOSEST = 3


class Taxonomy:
    """All nodes of a taxonomy, deprecated ones included, found by id, by parent and by path.

    Args:
        nodes: In any order. Exactly one has no parent: the root.

    Raises:
        TaxonomyError: If there is not exactly one root, an id stands twice, a parent is missing, or nodes form a
            circle.
    """

    def __init__(self, nodes: Iterable[TaxonomyNode]) -> None:
        self._nodes = tuple(nodes)
        self._by_id = {node.id: node for node in self._nodes}
        self._children: dict[str, list[TaxonomyNode]] = defaultdict(list)
        for node in self._nodes:
            if node.parent_id is not None:
                self._children[node.parent_id].append(node)
        for children in self._children.values():
            children.sort(key=_in_order)
        self._check_tree()

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._by_id

    @property
    def nodes(self) -> tuple[TaxonomyNode, ...]:
        """All nodes, in the order given."""
        return self._nodes

    @property
    def root(self) -> TaxonomyNode:
        """The node above all others. It is no part of a path."""
        return self._root

    def node(self, node_id: str) -> TaxonomyNode:
        """The node with this id.

        Raises:
            NodeNotFoundError: If there is none.
        """
        try:
            return self._by_id[node_id]
        except KeyError:
            raise NodeNotFoundError(
                f"The taxonomy holds no node with the id {node_id!r}.",
                "Reload the page: the taxonomy may have changed since.",
            ) from None

    def children(self, node_id: str, include_deprecated: bool = False) -> tuple[TaxonomyNode, ...]:
        """Nodes directly below, in the curator's order; those of one position by name without regard to case."""
        found = self._children.get(self.node(node_id).id, [])
        return tuple(node for node in found if include_deprecated or node.status is not NodeStatus.DEPRECATED)

    def path(self, node_id: str) -> tuple[TaxonomyNode, ...]:
        """Nodes from below the root down to the node; empty for the root."""
        path = []
        node = self.node(node_id)
        while node.parent_id is not None:
            path.append(node)
            node = self._by_id[node.parent_id]
        return tuple(reversed(path))

    def names(self, node_id: str) -> tuple[str, ...]:
        """Names along the path."""
        return tuple(node.name for node in self.path(node_id))

    def depth(self, node_id: str) -> int:
        """Level of a node: 0 for the root."""
        return len(self.path(node_id))

    def walk(self, node_id: str | None = None, include_deprecated: bool = False) -> Iterator[TaxonomyNode]:
        """A node (the root by default) and all below it, parents first, siblings in their order."""
        waiting = [self.node(node_id) if node_id is not None else self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(self.children(node.id, include_deprecated)))

    def subtree_ids(self, node_id: str, include_deprecated: bool = False) -> frozenset[str]:
        """Ids of a node and of all below it."""
        return frozenset(node.id for node in self.walk(node_id, include_deprecated))

    def leaves(self, node_id: str | None = None) -> tuple[TaxonomyNode, ...]:
        """Active nodes without active children, below a node (the root by default), in walking order."""
        return tuple(node for node in self.walk(node_id) if not self.children(node.id))

    def replacement(self, node_id: str) -> TaxonomyNode:
        """What a node has become: itself while active, else the end of its chain of replacements.

        Raises:
            NodeNotFoundError: If there is no such node.
            TaxonomyError: If the chain is a circle.
        """
        node, passed = self.node(node_id), {node_id}
        while node.status is NodeStatus.DEPRECATED and node.replaced_by is not None:
            node = self.node(node.replaced_by)
            if node.id in passed:
                raise TaxonomyError(
                    f"The replacements of {self.node(node_id).name!r} lead in a circle.",
                    "Restore an earlier version of the taxonomy.",
                )
            passed.add(node.id)
        return node

    def find_by_path(self, names: Sequence[str]) -> TaxonomyNode:
        """The active node at a path of names, without regard to case; no names find the root.

        Raises:
            CategoryNotFoundError: If there is none; its remedy lists the closest paths.
        """
        node = self.root
        for name in names:
            wanted = name.strip().casefold()
            below = (child for child in self.children(node.id) if child.name.casefold() == wanted)
            found = next(below, None)
            if found is None:
                raise CategoryNotFoundError(
                    f"The taxonomy holds no category {format_path(tuple(names))!r}.", self._closest(names, node)
                )
            node = found
        return node

    def _closest(self, names: Sequence[str], reached: TaxonomyNode) -> str:
        """A remedy: paths that look alike anywhere, else what there is below the last category that was found."""
        paths = {format_path(self.names(node.id)).casefold(): node for node in self.walk() if node is not self.root}
        alike = difflib.get_close_matches(format_path(tuple(names)).casefold(), paths, N_CLOSEST, 0.6)
        nodes = [paths[path] for path in alike] or list(self.children(reached.id)[:N_CLOSEST])
        if not nodes:
            return "Import a catalogue with categories first."
        return "Did you mean " + " or ".join(f"'{format_path(self.names(node.id))}'" for node in nodes) + "?"

    def _check_tree(self) -> None:
        roots = [node for node in self._nodes if node.parent_id is None]
        if len(roots) != 1:
            raise _broken(f"expected exactly one root, got {len(roots)}")
        self._root = roots[0]
        if len(self._by_id) != len(self._nodes):
            raise _broken("expected every id once, got one several times")
        for parent_id in self._children:
            if parent_id not in self._by_id:
                raise _broken(f"node {self._children[parent_id][0].name!r} hangs below the missing id {parent_id!r}")
        n_reached = sum(1 for _ in self.walk(include_deprecated=True))
        if n_reached != len(self._nodes):
            raise _broken(f"{len(self._nodes) - n_reached} nodes form a circle apart from the root")


def _in_order(node: TaxonomyNode) -> tuple[int, str, str]:
    return node.position, node.name.casefold(), node.id


def _broken(what: str) -> TaxonomyError:
    return TaxonomyError(f"These nodes are no tree: {what}.", "Restore an earlier version of the taxonomy.")
