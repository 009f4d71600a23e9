"""What curators think of clusters: every opinion ever given, in the order they came."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.domain.opinion import Opinion, Verdict
from db.models import OpinionRow, RunRow


def add(session: Session, run_id: int, cluster_id: int, author: str, verdict: Verdict, name: str) -> int:
    """Write down an opinion.

    Returns:
        Its id.
    """
    row = OpinionRow(run_id=run_id, cluster_id=cluster_id, author=author, verdict=str(verdict), name=name)
    session.add(row)
    session.flush()
    return row.id


def of_run(session: Session, run_id: int, cluster_ids: Sequence[int] | None = None) -> dict[int, list[Opinion]]:
    """Cluster id → opinions in the order they came; of some clusters where those are given."""
    query = select(OpinionRow).where(OpinionRow.run_id == run_id)
    if cluster_ids is not None:
        query = query.where(OpinionRow.cluster_id.in_(cluster_ids))
    return _by_cluster(session, query)


def by_category(session: Session) -> dict[str, dict[int, list[Opinion]]]:
    """Category id → cluster id → opinions in the order they came."""
    category_of = {row.id: row.category_id for row in session.execute(select(RunRow.id, RunRow.category_id))}
    found: dict[str, dict[int, list[Opinion]]] = {}
    for cluster_id, opinions in _by_cluster(session, select(OpinionRow)).items():
        found.setdefault(category_of[opinions[0].run_id], {})[cluster_id] = opinions
    return found


def _by_cluster(session: Session, query: Select[tuple[OpinionRow]]) -> dict[int, list[Opinion]]:
    found: dict[int, list[Opinion]] = {}
    for row in session.scalars(query.order_by(OpinionRow.id)):
        opinion = Opinion(row.id, row.run_id, row.cluster_id, row.author, Verdict(row.verdict), row.name, row.at)
        found.setdefault(row.cluster_id, []).append(opinion)
    return found
