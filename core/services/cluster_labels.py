"""The clusters of a run as plots call and colour them: the map and the tree must agree."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ClusterRow


@dataclass(frozen=True, slots=True)
class ClusterLabel:
    """A cluster on a plot. `parent` and `top` are places in the same list: -1 for none, `top` that of its level 1."""

    id: int
    label: str
    parent: int
    top: int


def cluster_labels(session: Session, run_id: int) -> list[ClusterLabel]:
    """Clusters of a run, upper levels first, then by number: the place of one at level 1 decides its colour.

    Called by its name, else by the best suggestion, else by its number.
    """
    columns = (ClusterRow.id, ClusterRow.parent_id, ClusterRow.number, ClusterRow.name, ClusterRow.suggested_names)
    query = select(*columns).where(ClusterRow.run_id == run_id).order_by(ClusterRow.level, ClusterRow.number)
    found: list[ClusterLabel] = []
    place: dict[int, int] = {}
    for cluster_id, parent_id, number, name, suggested in session.execute(query):
        place[cluster_id] = len(found)
        parent = place.get(parent_id, -1) if parent_id is not None else -1
        label = name or (suggested[0]["name"] if suggested else "") or f"Cluster {number}"
        found.append(ClusterLabel(cluster_id, label, parent, found[parent].top if parent >= 0 else len(found)))
    return found
