"""Near-duplicates in a real workspace: by image, by title and brand, by likeness."""

import numpy as np
import pytest

from core.services import near_duplicates
from core.services.context import Context
from core.services.embedding_space import Modality, load_space
from core.services.near_duplicates import find_duplicates
from db.models import ImportRow, ProductRow


@pytest.fixture
def with_copies(discovered):
    """The discovered workspace; products 2 and 3 repeat product 1 by image and by title, 5 looks like 4."""
    images = sorted({row.image_hash for row in rows(discovered) if row.image_hash})
    vectors = np.random.default_rng(0).standard_normal((len(images), 32)).astype(np.float32)
    with discovered.database.write() as session:
        first, second, third, fourth, fifth = session.query(ProductRow).order_by(ProductRow.id).limit(5)
        second.image_hash = first.image_hash
        third.title, third.brand = f"  {first.title.upper()}!", first.brand
        vectors[images.index(fifth.image_hash)] = vectors[images.index(fourth.image_hash)] + 0.01
        vectors[images.index(third.image_hash)] = vectors[images.index(first.image_hash)] + 0.3
        session.add(ImportRow(file_name="copies", author="Ada"))
    discovered.features.append("plain", "1", images, vectors)
    assert load_space(discovered, Modality.IMAGE).encoder.name == "plain"
    return discovered


def rows(context: Context) -> list[ProductRow]:
    with context.database.read() as session:
        return list(session.query(ProductRow).order_by(ProductRow.id))


def test_groups_say_what_their_products_have_in_common(with_copies):
    ids = [row.id for row in rows(with_copies)]
    found = find_duplicates(with_copies, ids)
    groups = {group[0]: group for group in found.groups}
    assert groups[ids[0]][:3] == tuple(ids[:3])
    assert groups[ids[3]][:2] == tuple(ids[3:5])
    assert [found.reasons[product_id] for product_id in ids[:5]] == ["", "same image", "same title", "", "99 % alike"]
    assert found.note == ""


def test_the_first_of_a_group_is_the_first_that_was_given(with_copies):
    ids = [row.id for row in rows(with_copies)]
    found = find_duplicates(with_copies, [ids[2], ids[0], ids[1]])
    assert found.groups == ((ids[2], ids[0], ids[1]),)
    assert found.reasons[ids[0]] == "same title"


def test_too_many_products_are_compared_by_equal_images_and_titles_alone(with_copies, monkeypatch):
    monkeypatch.setattr(near_duplicates, "MAX_COMPARED", 4)
    ids = [row.id for row in rows(with_copies)][:5]
    near_duplicates._find.cache_clear()
    found = find_duplicates(with_copies, ids)
    near_duplicates._find.cache_clear()
    assert found.groups == (tuple(ids[:3]),)
    assert "only equal images and equal titles" in found.note


def test_before_anything_is_encoded_equal_titles_are_found(imported):
    with imported.database.write() as session:
        first, second = session.query(ProductRow).order_by(ProductRow.id).limit(2)
        second.title, second.brand = first.title, first.brand
        pair = first.id, second.id
    found = find_duplicates(imported, pair)
    assert found.groups == (pair,)
    assert "No image was encoded yet" in found.note


def test_no_products_have_no_duplicates(discovered):
    assert find_duplicates(discovered, []).groups == ()
