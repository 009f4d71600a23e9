"""What a run keeps out of its clusters, by the reason for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sqlalchemy import select

from core.discovery.run_file import RunFile
from core.domain.arrays import IntArray
from core.domain.discovery import OutlierReason
from core.services.context import Context
from core.services.grid_items import GridItem, load_items
from core.services.review import ready_run
from core.services.review_rows import load_run_file
from db.models import MemberRow


class AsideKind(StrEnum):
    """Why products are in no cluster, in the order they are shown."""

    UNLIKE = "unlike"
    BUSY_BACKGROUND = "busy_background"
    BETWEEN = "between"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class AsideSet:
    """Products in no cluster for one reason, the surest first; `total` counts those not among the items, too."""

    kind: AsideKind
    items: tuple[GridItem, ...]
    total: int


def aside_sets(context: Context, run_id: int, limits: Mapping[str, int], default_limit: int = 24) -> list[AsideSet]:
    """Everything that a run or its curator set aside. A note on each item says how sure the run is, from 0 to 100 %.

    Args:
        context: The open workspace.
        run_id: The run.
        limits: Items wanted of a kind.
        default_limit: Items wanted of the other kinds.

    Returns:
        The sets that hold anything, in the order of `AsideKind`.

    Raises:
        RunNotFoundError: If there is no such run.
        RunNotReadyError: If it has not been finished.
    """
    with context.database.read() as session:
        ready_run(session, run_id)
        query = select(MemberRow.product_id, MemberRow.position, MemberRow.is_excluded)
        chosen = (MemberRow.run_id == run_id) & MemberRow.cluster_id.is_(None)
        rows = session.execute(query.where(chosen).order_by(MemberRow.position)).all()
        if not rows:
            return []
        file = load_run_file(context, run_id)
        ids, positions, is_excluded = (np.array(column) for column in zip(*rows, strict=True))
        kinds = kinds_of(file, positions, is_excluded)
        scores = np.where(positions >= 0, file.outlier_scores[positions], 0.0)  # brought in: the run never judged it
        sets = []
        for kind in AsideKind:
            inside = np.flatnonzero(kinds == kind)
            if len(inside) == 0:
                continue
            shown = inside[np.argsort(-scores[inside], kind="stable")][: limits.get(kind, default_limit)]
            notes = {int(ids[index]): note_of(kind, float(scores[index])) for index in shown}
            sets.append(AsideSet(kind, tuple(load_items(session, list(notes), notes)), len(inside)))
        return sets


def kinds_of(file: RunFile, positions: IntArray, is_excluded: IntArray) -> np.ndarray:
    """The kind of each product that is set aside; runs of before there were reasons only knew one."""
    reasons = np.zeros(len(positions), dtype=np.int64)
    if file.outlier_reasons is not None:
        reasons = np.where(positions >= 0, file.outlier_reasons[positions], 0)
    kinds = np.full(len(positions), AsideKind.UNLIKE, dtype=object)
    kinds[reasons == OutlierReason.BUSY_BACKGROUND] = AsideKind.BUSY_BACKGROUND
    kinds[reasons == OutlierReason.BETWEEN] = AsideKind.BETWEEN
    kinds[is_excluded.astype(bool)] = AsideKind.EXCLUDED
    return kinds


def note_of(kind: AsideKind, score: float) -> str:
    """The badge of a product that is set aside; `score` in [0, 1] says how surely."""
    if kind is AsideKind.EXCLUDED:
        return "excluded"
    return f"{score:.0%} {'between' if kind is AsideKind.BETWEEN else 'unlike'}"
