"""The products of a category that look most like one that may belong there."""

import numpy as np
import pytest
from sqlalchemy import select

from core.domain.errors import NodeNotFoundError
from core.services.category_examples import nearest_in_category
from core.services.embedding_space import Modality, load_space
from core.services.taxonomy import find_category, taxonomy_view
from db.models import ProductRow

SHOES = ("Apparel & Accessories", "Shoes")


@pytest.fixture
def shoe(discovered):
    """A product with a picture, and its category."""
    category = find_category(discovered, SHOES)
    with discovered.database.read() as session:
        query = select(ProductRow.id).where(ProductRow.node_id == category, ProductRow.image_hash.is_not(None))
        return session.scalars(query.order_by(ProductRow.id)).first(), category


def test_the_nearest_pictures_come_first(discovered, shoe):
    product_id, category = shoe
    found = nearest_in_category(discovered, product_id, category, 5)
    space = load_space(discovered, Modality.IMAGE)
    own = space.vectors[space.rows_of([product_id])[0]]
    similarities = space.vectors[space.rows_of([item.product_id for item in found])] @ own
    assert len(found) == 5
    assert np.all(np.diff(similarities) <= 1e-6)
    everything = nearest_in_category(discovered, product_id, category, 10_000)
    rest = space.vectors[space.rows_of([item.product_id for item in everything])] @ own
    assert similarities[0] == pytest.approx(rest.max())


def test_neither_the_product_itself_nor_the_same_picture_twice(discovered, shoe):
    product_id, category = shoe
    found = nearest_in_category(discovered, product_id, category, 10_000)
    hashes = [item.image_hash for item in found]
    assert product_id not in {item.product_id for item in found}
    assert None not in hashes
    assert len(hashes) == len(set(hashes))


def test_what_is_below_a_category_is_in_it(discovered, shoe):
    product_id, category = shoe
    above = taxonomy_view(discovered).taxonomy.node(category).parent_id
    n_inside = len(nearest_in_category(discovered, product_id, category, 10_000))
    assert len(nearest_in_category(discovered, product_id, above, 10_000)) > n_inside


def test_an_unknown_category_is_refused(discovered, shoe):
    with pytest.raises(NodeNotFoundError):
        nearest_in_category(discovered, shoe[0], "nowhere")
