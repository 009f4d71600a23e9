"""Measure what each week brought that is new to the catalogue and to the active classifier. Worker only."""

from core.domain.errors import ModelNotFoundError
from core.domain.progress import Progress
from core.inference.drift import UNSURE_BELOW, ArrivedProduct, DriftCounter
from core.services.context import Context
from core.services.model_report import taught_by
from core.services.models import active_row
from core.services.shown_prediction import shown_prediction
from db.base import utc_now
from db.repositories import drift
from db.repositories import products as product_rows


def measure_drift(context: Context, progress: Progress) -> int:
    """Count products, unsure predictions, unseen brands and words by platform and ISO week, and write that down.

    A product counts in the week it first came, also where it changed since. A prediction is unsure below the model's
    threshold for stopping at a parent, or below `UNSURE_BELOW` where it has none; products that taught the model are
    left out there, as it is surer of these than of whatever comes later. Products are read as a stream, so that memory
    grows with the vocabulary alone.

    Args:
        context: The open workspace.
        progress: Told of every part; a measurement that is cancelled leaves the one before as it was.

    Returns:
        How many rows were written, one per platform and week; they replace all of the measurement before.

    Raises:
        ModelNotFoundError: If no classifier is in use.
    """
    progress.report(0.0, "Counting the products")
    measured_at = utc_now()  # what comes while it is counted is of the next measurement
    with context.database.read() as session:
        model = active_row(session)
        if model is None:
            raise ModelNotFoundError("Drift is measured with a classifier, and none is in use.",
                                     "Retrain, and promote the model.")  # fmt: skip
        taught = taught_by(context, model.id)
        n_products = max(product_rows.count_products(session), 1)
        counter, n_read = DriftCounter(model.stop_below or UNSURE_BELOW), 0
        for rows in drift.arrivals(session, model.id, shown_prediction(session, model).node_id):
            counter.add(ArrivedProduct(*row, is_taught=key in taught) for key, *row in rows)
            n_read += len(rows)
            progress.report(0.95 * min(n_read / n_products, 1.0), f"Reading products: {n_read:,} of {n_products:,}")
    weeks = counter.weeks()
    progress.report(0.95, "Writing the weeks")
    with context.database.write() as session:
        drift.replace_weeks(session, model.id, weeks, measured_at)
    progress.report(1.0, "Measured")
    return len(weeks)
