"""What there is to read of the products of a workspace."""

from sqlalchemy import func, select

from core.domain.modality import present_modalities
from core.services.context import Context
from db.models import ProductRow


def catalogue_modalities(context: Context) -> tuple[str, ...]:
    """The modalities that the catalogue has, in the order of `core.domain.modality.MODALITIES`."""
    counts = select(
        func.count(ProductRow.id),
        func.count(func.nullif(ProductRow.brand, "")),
        func.count(func.nullif(ProductRow.description, "")),
        func.count(func.distinct(ProductRow.image_hash)),
    )
    with context.database.read() as session:
        return present_modalities(*session.execute(counts).one())
