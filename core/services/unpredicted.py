"""How much of the catalogue the active classifier has not seen yet."""

from core.services.context import Context
from core.services.models import active_row
from db.repositories import unpredicted


def count_unpredicted(context: Context) -> int | None:
    """Products without a prediction of the active classifier, or changed since, that no curator settled.

    Returns:
        Their number; None where no classifier is in use.
    """
    with context.database.read() as session:
        model = active_row(session)
        return None if model is None else unpredicted.count_unpredicted(session, model.id)
