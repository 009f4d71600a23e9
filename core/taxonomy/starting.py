"""Published categories taken into a taxonomy, and which of them: a tree in, the nodes of the new tree out."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.domain.errors import CategoryNotFoundError, ParameterError
from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.diff import is_retired
from core.taxonomy.reference import ReferenceNode, ReferenceTaxonomy
from core.taxonomy.rules import check_name
from core.taxonomy.tree import Taxonomy

NamesPath = tuple[str, ...]


class Adoption:
    """A taxonomy while it takes in published categories, parents first.

    A category that has the published id already is kept, wherever it is and whatever its name; so is one at the same
    path, whatever the case of its letters. What went out of use towards its own parent comes back; what was merged
    elsewhere stays so.

    Args:
        taxonomy: The tree.
        scheme: What the published ids begin with here, such as `google`.
        version: Number of the version to come.
        new_id: Gives an id for each new node.

    Attributes:
        added: New nodes, parents first.
        n_kept: Categories that were there.
        n_restored: Categories that are back in use.
    """

    def __init__(self, taxonomy: Taxonomy, scheme: str, version: int, new_id: Callable[[], str]) -> None:
        self._taxonomy, self._scheme, self._version, self._new_id = taxonomy, scheme, version, new_id
        self._changed: dict[str, TaxonomyNode] = {}
        self._node_at: dict[NamesPath, str] = {(): taxonomy.root.id}
        self._by_external = {node.external_id: node.id for node in taxonomy.nodes if node.external_id}
        self._live: dict[tuple[str, str], str] = {}
        self._gone: dict[tuple[str, str], str] = {}
        self._last_position: dict[str, int] = defaultdict(int)
        for node in taxonomy.nodes:
            if node.parent_id is not None:
                held = self._gone if is_retired(node) else self._live
                held[node.parent_id, node.name.casefold()] = node.id
                if not is_retired(node):
                    self._last_position[node.parent_id] = max(self._last_position[node.parent_id], node.position)
        self.added: list[TaxonomyNode] = []
        self.n_kept = self.n_restored = 0

    @property
    def nodes(self) -> Iterator[TaxonomyNode]:
        """All nodes, new ones last and after their parents."""
        yield from (self._changed.get(node.id, node) for node in self._taxonomy.nodes)
        yield from self.added

    def take(self, published: ReferenceNode) -> None:
        """Find or make the category of a published one, whose parent was taken before.

        Raises:
            TaxonomyError: If its name cannot be a category's.
        """
        parent_id = self._node_at[published.path[:-1]]
        name, external_id = check_name(" ".join(published.path[-1].split())), f"{self._scheme}:{published.id}"
        key = parent_id, name.casefold()
        known = self._by_external.get(external_id) or self._live.get(key) or self._gone.get(key)
        if known is None:
            node_id = self._add(parent_id, name, external_id)
        elif is_retired(self._taxonomy.node(known)):
            node_id = self._bring_back(known, parent_id, external_id)
        else:
            node_id = self._keep(known, external_id)
        self._node_at[published.path] = node_id

    def _add(self, parent_id: str, name: str, external_id: str) -> str:
        node = TaxonomyNode(
            self._new_id(), parent_id, name, created_in_version=self._version, position=self._position(parent_id),
            external_id=external_id,
        )  # fmt: skip
        self.added.append(node)
        self._live[parent_id, name.casefold()] = node.id
        return node.id

    def _keep(self, node_id: str, external_id: str) -> str:
        self.n_kept += 1
        node = self._changed.get(node_id) or self._taxonomy.node(node_id)
        if not node.external_id:
            self._changed[node_id] = replace(node, external_id=external_id)
        return node_id

    def _bring_back(self, node_id: str, parent_id: str, external_id: str) -> str:
        node = self._taxonomy.node(node_id)
        namesake = self._live.get((parent_id, node.name.casefold()))
        if node.replaced_by != node.parent_id or namesake is not None:
            return self._keep(namesake or self._taxonomy.replacement(node_id).id, external_id="")
        self.n_restored += 1
        self._changed[node_id] = replace(
            node, parent_id=parent_id, status=NodeStatus.APPROVED, replaced_by=None, split_into=(),
            external_id=node.external_id or external_id, position=self._position(parent_id),
        )  # fmt: skip
        self._live[parent_id, node.name.casefold()] = node_id
        return node_id

    def _position(self, parent_id: str) -> int:
        """Last where a curator put the siblings in order, else by name."""
        last = self._last_position[parent_id]
        if last:
            self._last_position[parent_id] = last + 1
        return self._last_position[parent_id]


def published_branch(
    reference: ReferenceTaxonomy, branch: NamesPath = (), depth: int | None = None
) -> Sequence[ReferenceNode]:
    """The categories of a branch and those above it, parents first, in their published order otherwise.

    Args:
        reference: The published taxonomy.
        branch: Names of the category, in any case; () means all of them.
        depth: Levels to take below the branch; None takes all, 0 the branch alone.

    Raises:
        CategoryNotFoundError: If there is no such branch; the remedy names the closest ones.
        ParameterError: If the depth leaves nothing.
    """
    if depth is not None and depth < (0 if branch else 1):
        raise ParameterError(f"{depth} levels leave no category.", "Take at least one level.")
    wanted = tuple(" ".join(name.split()).casefold() for name in branch)
    nodes = {tuple(name.casefold() for name in node.path): node for node in reference.nodes}
    if wanted and wanted not in nodes:
        raise CategoryNotFoundError(
            f"{reference.label} has no category '{format_path(branch)}'.", _closest(reference, wanted)
        )
    longest = None if depth is None else len(wanted) + depth
    inside = [
        node
        for path, node in nodes.items()
        if (path[: len(wanted)] == wanted and (longest is None or len(path) <= longest)) or wanted[: len(path)] == path
    ]
    return sorted(inside, key=lambda node: len(node.path))


def _closest(reference: ReferenceTaxonomy, wanted: NamesPath) -> str:
    root = TaxonomyNode("root", None, reference.label)
    nodes = [TaxonomyNode(format_path(node.path), format_path(node.path[:-1]) or "root", node.path[-1])
             for node in reference.nodes]  # fmt: skip
    try:
        Taxonomy([root, *nodes]).find_by_path(wanted)
    except CategoryNotFoundError as error:
        return error.remedy
    return "Choose a category that it holds."
