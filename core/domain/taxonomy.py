"""The curated tree and its numbered versions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NodeStatus(StrEnum):
    """Where a node stands. Deprecated nodes stay for ever, pointing at what replaced them."""

    DRAFT = "draft"
    APPROVED = "approved"
    DEPRECATED = "deprecated"


class AssignmentSource(StrEnum):
    """Who put a product under a node."""

    IMPORT = "import"
    CLUSTER = "cluster"
    CURATOR = "curator"
    CLASSIFIER = "classifier"


SOURCE_STRENGTH = {
    AssignmentSource.CLASSIFIER: 0,
    AssignmentSource.IMPORT: 1,
    AssignmentSource.CLUSTER: 2,
    AssignmentSource.CURATOR: 3,
}
"""The newest assignment of the strongest source says where a product is."""


@dataclass(frozen=True, slots=True)
class TaxonomyNode:
    """A curated concept. Its identity is `id`, opaque and stable; its name and place may change.

    `position` orders siblings, those of one position by name. `external_id` is its id in the taxonomy it came from,
    such as `google:187`. A deprecated node points at what took its place: `replaced_by`, and where it was split, all
    parts in `split_into`. `revision` grows with every change, so that a stale edit can be refused.
    """

    id: str
    parent_id: str | None
    name: str
    status: NodeStatus = NodeStatus.APPROVED
    replaced_by: str | None = None
    created_in_version: int = 1
    description: str = ""
    position: int = 0
    synonyms: tuple[str, ...] = ()
    external_id: str = ""
    split_into: tuple[str, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class TaxonomyVersion:
    """An immutable numbered snapshot of all nodes."""

    number: int
    note: str
    author: str
    created_at: datetime
    nodes: tuple[TaxonomyNode, ...]
