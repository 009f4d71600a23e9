import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.columns import FIELDS, check_mapping, suggest_mapping
from core.domain.errors import CatalogueFormatError

GOOGLE = "id title description link image_link additional_image_link availability price brand gtin mpn product_type"
SHOPIFY = ["Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Variant SKU", "Variant Price"]


def test_a_google_merchant_feed_is_understood():
    assert suggest_mapping([f"g:{name}" for name in GOOGLE.split()]) == {
        "product_id": "g:id",
        "title": "g:title",
        "brand": "g:brand",
        "description": "g:description",
        "price": "g:price",
        "gtin": "g:gtin",
        "sku": "g:mpn",
        "url": "g:link",
        "image": "g:image_link",
        "category": "g:product_type",
    }


def test_a_shopify_export_is_understood():
    mapping = suggest_mapping([*SHOPIFY, "Variant Barcode", "Image Src", "SEO Title"])
    assert mapping["product_id"] == "Handle"
    assert (mapping["title"], mapping["brand"]) == ("Title", "Vendor")
    assert (mapping["description"], mapping["category"]) == ("Body (HTML)", "Product Category")
    assert (mapping["sku"], mapping["price"]) == ("Variant SKU", "Variant Price")
    assert (mapping["gtin"], mapping["image"]) == ("Variant Barcode", "Image Src")


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("title", "Product Name"),
        ("title", "productDisplayName"),
        ("title", " TITLE* "),
        ("title", "Título"),
        ("category", "category_path"),
        ("category", "google_product_category"),
        ("category", "Catégorie"),
        ("category", "main category"),
        ("brand", "MANUFACTURER"),
        ("platform", "retailer"),
        ("platform", "source"),
        ("image", "Image URL"),
        ("image", "image-link"),
        ("gtin", "EAN"),
        ("offer_id", "offerId"),
        ("batch_id", "Batch ID"),
        ("currency", "Währung"),
        ("url", "URL"),
    ],
)
def test_one_column_alone_finds_its_field(field, column):
    assert suggest_mapping([column]) == {field: column}


def test_a_whole_name_beats_a_part_wherever_it_stands():
    for columns in (["seo title", "title"], ["title", "seo title"]):
        assert suggest_mapping(columns) == {"title": "title"}


def test_a_column_about_the_category_is_not_the_category():
    assert suggest_mapping(["category id", "brand_url", "price date", "colour"]) == {}


@given(st.lists(st.sampled_from([a for f in FIELDS for a in f.aliases]) | st.text(max_size=10), unique=True))
def test_no_column_is_used_twice_and_only_columns_there_are(columns):
    mapping = suggest_mapping(columns)
    assert len(set(mapping.values())) == len(mapping)
    assert set(mapping.values()) <= set(columns)


def test_the_order_of_columns_does_not_matter_where_names_are_whole():
    columns = [*GOOGLE.split(), "platform", "currency"]
    expected = suggest_mapping(columns)
    random.Random(0).shuffle(columns)
    assert suggest_mapping(columns) == expected


def test_no_two_fields_claim_the_same_alias():
    aliases = [alias for field in FIELDS for alias in field.aliases]
    assert len(set(aliases)) == len(aliases)


def test_a_full_mapping_passes():
    check_mapping({"title": "name", "category": "path", "brand": ""}, ["name", "path"])


def test_a_missing_title_says_which_columns_there_are_and_what_to_do():
    with pytest.raises(CatalogueFormatError, match=r"'title' has no column\. The file has: foo, bar") as caught:
        check_mapping({"category": "bar"}, ["foo", "bar"])
    assert "screen" in caught.value.remedy
    assert "rename the column to 'title'" in caught.value.remedy


def test_a_category_is_needed_only_where_products_are_not_to_be_classified():
    with pytest.raises(CatalogueFormatError, match="'category' has no column"):
        check_mapping({"title": "t", "category": ""}, ["t"])
    check_mapping({"title": "t"}, ["t"], require_category=False)


def test_a_mapped_column_that_does_not_exist_is_named():
    with pytest.raises(CatalogueFormatError, match="'Titel', mapped to title, is not in the file"):
        check_mapping({"title": "Titel"}, ["title"], require_category=False)


def test_an_unknown_field_lists_the_known_ones():
    with pytest.raises(CatalogueFormatError, match="no field 'colour'") as caught:
        check_mapping({"colour": "c"}, ["c"])
    assert "category" in caught.value.remedy
