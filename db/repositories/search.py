"""Products found by words, each with where a run has it: the rows behind a grid."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import MemberRow, ProductRow
from db.repositories.products import chunks

SEARCHED = (ProductRow.title, ProductRow.brand, ProductRow.description, ProductRow.external_id)
_ESCAPE = "\\"
MOST_WORDS, LONGEST_WORD = 32, 100
"""Of a search that is asked of the database: it refuses conditions of a thousand parts, as of a pasted page."""


class FoundProduct(NamedTuple):
    """A product and its place in one run; the place is None throughout where it is not part of the run."""

    product_id: int
    platform: str
    brand: str
    position: int | None
    cluster_id: int | None
    subcluster_id: int | None
    distance: float | None
    is_noise: bool | None
    is_excluded: bool | None
    is_moved: bool | None

    @property
    def is_in_run(self) -> bool:
        """Whether the run holds it, in a cluster or set aside."""
        return self.position is not None


_COLUMNS = (
    ProductRow.id, ProductRow.platform, ProductRow.brand, MemberRow.position, MemberRow.cluster_id,
    MemberRow.subcluster_id, MemberRow.distance, MemberRow.is_noise, MemberRow.is_excluded, MemberRow.is_moved,
)  # fmt: skip


def members_found(
    session: Session, run_id: int, cluster_ids: Sequence[int] | None = None, words: str = ""
) -> list[FoundProduct]:
    """Products of a run that hold all words, most typical first; of the whole run, cluster by cluster.

    Args:
        session: An open session.
        run_id: The run.
        cluster_ids: A cluster and those below it; None takes the whole run, what is set aside last.
        words: Any text; '' asks nothing.
    """
    query = select(*_COLUMNS).join(MemberRow, MemberRow.product_id == ProductRow.id)
    query = query.where(MemberRow.run_id == run_id, holds_words(session, words))
    if cluster_ids is not None:
        inside = MemberRow.cluster_id.in_(cluster_ids) | MemberRow.subcluster_id.in_(cluster_ids)
        return _rows(session, query.where(inside).order_by(MemberRow.distance, MemberRow.position))
    is_aside = MemberRow.cluster_id.is_(None)
    return _rows(session, query.order_by(is_aside, MemberRow.cluster_id, MemberRow.distance, MemberRow.position))


def products_listed(session: Session, run_id: int, product_ids: Sequence[int], words: str = "") -> list[FoundProduct]:
    """Those of the products that hold all words, in the order given, with their place in a run."""
    found: dict[int, FoundProduct] = {}
    for part in chunks(list(dict.fromkeys(product_ids))):
        query = _anywhere(run_id).where(ProductRow.id.in_(part), holds_words(session, words))
        found.update((row.product_id, row) for row in _rows(session, query))
    return [found[key] for key in dict.fromkeys(product_ids) if key in found]


def products_found(session: Session, run_id: int, words: str) -> list[FoundProduct]:
    """Products of the whole catalogue that hold all words, with their place in a run; all words in the title first."""
    in_title = and_(true(), *(_holds(session, ProductRow.title, word) for word in split_words(words)))
    query = _anywhere(run_id).where(holds_words(session, words))
    return _rows(session, query.order_by(case((in_title, 0), else_=1), ProductRow.id))


def split_words(text: str) -> list[str]:
    """The first words a person typed, each once; Unicode NFC, as the catalogue is kept."""
    words = (word[:LONGEST_WORD] for word in unicodedata.normalize("NFC", text).split())
    return list(dict.fromkeys(words))[:MOST_WORDS]


def holds_words(session: Session, text: str) -> ColumnElement[bool]:
    """Whether a product holds every word in its title, brand, description or id, whatever the case.

    A word may stand anywhere in a longer one. `%`, `_` and `*` mean themselves.
    """
    found = (or_(*(_holds(session, column, word) for column in SEARCHED)) for word in split_words(text))
    return and_(true(), *found)


def _holds(session: Session, column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """SQLite's LIKE folds ASCII letters alone, Postgres what its locale knows: other letters are spelt out."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if word.isascii():
        pattern = f"%{''.join(_ESCAPE + mark if mark in '%_' + _ESCAPE else mark for mark in word)}%"
        return column.like(pattern, escape=_ESCAPE) if is_sqlite else column.ilike(pattern, escape=_ESCAPE)
    if is_sqlite:
        letters = (f"[{mark}]" if mark in "*?[" else _either_case(mark) for mark in word)
        return column.op("GLOB", is_comparison=True)(f"*{''.join(letters)}*")
    return column.regexp_match("".join(re.escape(mark) if not mark.isalpha() else _either_case(mark) for mark in word))


def _either_case(letter: str) -> str:
    """A class of one letter's cases, in the notation that GLOB and regular expressions share."""
    cases = {letter, letter.lower(), letter.upper()}
    single = sorted(form for form in cases if len(form) == 1)  # the capital of ß is SS, which is no letter
    return f"[{''.join(single)}]" if len(single) > 1 else letter


def _anywhere(run_id: int) -> Select[tuple]:
    of_run = and_(MemberRow.product_id == ProductRow.id, MemberRow.run_id == run_id)
    return select(*_COLUMNS).select_from(ProductRow).outerjoin(MemberRow, of_run)


def _rows(session: Session, query: Select[tuple]) -> list[FoundProduct]:
    # The driver's own tuples: Row objects around 35,000 of them would take longer than finding them.
    return list(map(FoundProduct._make, session.connection().execute(query).cursor.fetchall()))
