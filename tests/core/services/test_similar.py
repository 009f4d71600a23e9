"""Find similar: nearest neighbours by stored embeddings, against a slow reference."""

import numpy as np
import pytest
from sqlalchemy import select

from core.features.embed import text_key
from core.features.stored_encoders import StoredEncoder, stored_encoders
from core.services.context import Context
from core.services.embedding_space import Modality, load_space
from core.services.similar import WEIGHTS, NothingEncodedError, similar_products
from db.models import ImportRow, ProductRow


def products(context: Context) -> list[ProductRow]:
    with context.database.read() as session:
        return list(session.scalars(select(ProductRow).order_by(ProductRow.id)))


def reference(context: Context, asked: list[int]) -> dict[int, float]:
    """Similarity of every other product, product by product and modality by modality."""
    rows = products(context)
    stored: dict[Modality, dict[int, np.ndarray]] = {}
    for modality in Modality:
        encoder = load_space(context, modality).encoder
        keys = {row.id: row.image_hash if modality is Modality.IMAGE else text_key(row.title) for row in rows}
        keys = {product_id: key for product_id, key in keys.items() if key is not None}
        vectors = context.features.read(encoder.name, encoder.version, list(keys.values())).astype(np.float64)
        if modality is Modality.IMAGE:
            by_key = dict(zip(keys.values(), vectors, strict=True))
            vectors = vectors - np.mean(list(by_key.values()), axis=0)
        stored[modality] = {
            product_id: vector / (np.linalg.norm(vector) or 1) for product_id, vector in zip(keys, vectors, strict=True)
        }
    scores = {}
    for row in rows:
        parts = []
        for modality, of in stored.items():
            known = [of[product_id] for product_id in asked if product_id in of]
            if known and row.id in of:
                mean = np.mean(known, axis=0)
                parts.append((WEIGHTS[modality], float(of[row.id] @ mean / np.linalg.norm(mean))))
        if row.id not in asked and parts:
            scores[row.id] = sum(weight * score for weight, score in parts) / sum(weight for weight, _ in parts)
    return scores


@pytest.mark.parametrize("n_asked", [1, 3])
def test_neighbours_are_those_of_a_slow_reference(discovered, n_asked):
    with discovered.database.write() as session:  # one product without an image is compared by its title alone
        session.scalars(select(ProductRow).order_by(ProductRow.id.desc()).limit(1)).one().image_hash = None
        session.add(ImportRow(file_name="more", author="Ada"))
    asked = [row.id for row in products(discovered)[:n_asked]]
    expected = reference(discovered, asked)
    found = similar_products(discovered, asked, limit=1000)
    assert dict(zip(found.product_ids, found.similarities, strict=True)) == pytest.approx(expected, abs=1e-4)
    assert list(found.similarities) == sorted(found.similarities, reverse=True)
    assert not set(found.product_ids) & set(asked)
    assert found.note == ""


def test_fewer_can_be_asked_for_and_are_the_nearest(discovered):
    asked = [products(discovered)[0].id]
    everything, few = similar_products(discovered, asked, limit=1000), similar_products(discovered, asked, limit=7)
    assert few.product_ids == everything.product_ids[:7]


def test_a_catalogue_nobody_encoded_says_what_to_do(imported):
    with pytest.raises(NothingEncodedError) as fault:
        similar_products(imported, [products(imported)[0].id])
    assert "Discover" in fault.value.remedy


def test_what_was_not_encoded_yet_is_said(discovered):
    first = products(discovered)[0]
    before = similar_products(discovered, [first.id])
    with discovered.database.write() as session:
        values = {
            "platform": "shop",
            "title": "A title nobody encoded",
            "node_id": first.node_id,
            "content_hash": "new",
        }
        session.add(ProductRow(external_id="new", **values))
        session.add(ImportRow(file_name="more", author="Ada"))
    after = similar_products(discovered, [first.id])
    assert after.product_ids == before.product_ids
    n = len(products(discovered))
    assert after.note == f"Looked among the {n - 1:,} of {n:,} products that were encoded so far."


def test_new_embeddings_are_seen_at_once(discovered):
    asked = [products(discovered)[0].id]
    before = similar_products(discovered, asked)
    images = sorted({row.image_hash for row in products(discovered) if row.image_hash})
    vectors = np.random.default_rng(0).standard_normal((len(images), 8)).astype(np.float32)
    discovered.features.append("another", "1", images, vectors)
    assert load_space(discovered, Modality.IMAGE).encoder == StoredEncoder("another", "1")
    assert similar_products(discovered, asked).product_ids != before.product_ids


def test_the_encoder_that_knows_most_of_the_catalogue_is_taken_even_if_another_is_newer(discovered):
    trained = load_space(discovered, Modality.IMAGE).encoder
    images = sorted({row.image_hash for row in products(discovered) if row.image_hash})
    discovered.features.append("few", "1", images[:5], np.eye(5, dtype=np.float32))
    assert stored_encoders(discovered.workspace.features)[0] == StoredEncoder("few", "1")
    assert load_space(discovered, Modality.IMAGE).encoder == trained
