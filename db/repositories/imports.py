"""Imports and the rows they turned away."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.domain.product import Reject, RejectReason
from db.models import ImportRow, RejectRow


def add_import(
    session: Session, file_name: str, author: str, n_rows: int, counts: tuple[int, int, int], rejects: Sequence[Reject]
) -> ImportRow:
    """Write down an import and its rejects. `counts` are new, updated and unchanged rows."""
    n_new, n_updated, n_unchanged = counts
    row = ImportRow(file_name=file_name, author=author, n_rows=n_rows, n_new=n_new, n_updated=n_updated,
                    n_unchanged=n_unchanged, n_rejected=len(rejects))  # fmt: skip
    session.add(row)
    session.flush()
    if rejects:
        values = [
            {"import_id": row.id, "row": reject.row, "external_id": reject.external_id, "title": reject.title,
             "reason": str(reject.reason), "detail": reject.detail}
            for reject in sorted(rejects, key=lambda reject: reject.row)
        ]  # fmt: skip
        session.execute(insert(RejectRow), values)
    return row


def latest(session: Session) -> ImportRow | None:
    """The newest import, None before the first."""
    return session.scalars(select(ImportRow).order_by(ImportRow.id.desc()).limit(1)).first()


def reasons(session: Session, import_id: int) -> dict[str, int]:
    """Reason → number of rejects of an import."""
    query = select(RejectRow.reason, func.count()).where(RejectRow.import_id == import_id).group_by(RejectRow.reason)
    return dict(session.execute(query).all())


def rejects(session: Session, import_id: int) -> list[Reject]:
    """Rejects of an import, in the file's order."""
    query = select(RejectRow).where(RejectRow.import_id == import_id).order_by(RejectRow.row)
    return [
        Reject(row.row, row.external_id, row.title, RejectReason(row.reason), row.detail)
        for row in session.scalars(query)
    ]
