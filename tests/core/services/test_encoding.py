"""Encoders of a workspace: fitted once, kept by version, and only missing embeddings computed."""

import pytest

from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.tfidf import TfidfEncoder
from core.services.context import Context
from core.services.encoding import encode_catalogue, load_encoders, prepare_encoders
from db.repositories import products as product_rows


class Messages:
    """A progress that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        self.heard.append(message)


def catalogue(context: Context) -> list:
    with context.database.read() as session:
        return product_rows.all_products(session)


def versions(context: Context) -> dict[str, str]:
    return prepare_encoders(context, catalogue(context), NullProgress()).versions


def test_every_modality_of_the_catalogue_is_embedded(discovered):
    counts = encode_catalogue(discovered, NullProgress())
    products = catalogue(discovered)
    assert counts["title"] == len(products)
    assert counts["image"] == sum(product.image_hash is not None for product in products)
    assert counts["brand"] == sum(bool(product.brand) for product in products)


def test_what_is_there_is_not_computed_again(discovered):
    encode_catalogue(discovered, NullProgress())
    second = Messages()
    encode_catalogue(discovered, second)
    missing = [message for message in second.heard if message.endswith("to encode")]
    assert len(missing) >= 3
    assert all(message.startswith("0 of") for message in missing), missing
    assert not any(message.startswith("Learning") for message in second.heard)


def test_only_new_products_are_embedded(discovered, write_csv, import_file):
    encode_catalogue(discovered, NullProgress())
    rows = [{"sku": f"new{n}", "title": f"Entirely new boot {n}", "brand": "", "category": "Bags"} for n in range(5)]
    import_file(discovered, write_csv(rows))
    heard = Messages()
    encode_catalogue(discovered, heard)
    assert any(message.startswith("5 of") for message in heard.heard)


def test_encoders_stay_the_same_until_the_catalogue_has_grown_much(discovered, write_csv, import_file):
    before = versions(discovered)
    rows = [{"sku": f"new{n}", "title": f"New boot {n}", "brand": "", "category": "Bags"} for n in range(20)]
    import_file(discovered, write_csv(rows))
    assert versions(discovered) == before
    rows = [{"sku": f"more{n}", "title": f"Strange lamp {n}", "brand": "", "category": "Lamps"} for n in range(300)]
    import_file(discovered, write_csv(rows))
    after = versions(discovered)
    assert after["title"] != before["title"]
    assert after["image"] == before["image"]
    load_encoders(discovered, before)  # what an older classifier speaks is still there


def test_an_encoder_whose_files_are_gone_is_fitted_again(discovered):
    before = versions(discovered)
    folder = discovered.workspace.encoders / "title" / before["title"]
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(EncoderUnavailableError) as caught:
        load_encoders(discovered, before)
    assert "Retrain" in caught.value.remedy
    assert versions(discovered) == before, "the same catalogue gives the same encoder"
    assert isinstance(load_encoders(discovered, before).by_modality["title"], TfidfEncoder)


def test_few_pictures_train_no_image_encoder(context, write_csv, import_file, draw_pictures):
    rows = [{"sku": str(n), "title": f"Boot {n}", "category": "Shoes", "image": f"{n}.png"} for n in range(15)]
    import_file(context, write_csv(rows), draw_pictures(15))
    assert "image" not in versions(context)


def test_an_empty_catalogue_has_nothing_to_encode(context):
    assert encode_catalogue(context, NullProgress()) == {}
