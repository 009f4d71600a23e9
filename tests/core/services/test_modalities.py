"""Which modalities a catalogue has."""

from core.domain.modality import MIN_IMAGES, present_modalities
from core.services.modalities import catalogue_modalities


def test_a_catalogue_has_what_enough_of_its_products_have():
    assert present_modalities(100, 1, 20, MIN_IMAGES) == ("title", "brand", "description", "image")
    assert present_modalities(100, 0, 19, MIN_IMAGES - 1) == ("title",)
    assert present_modalities(0, 0, 0, 0) == ()


def test_it_is_counted_in_the_workspace(context, import_file, write_csv):
    rows = [{"id": str(number), "title": f"Shoe {number}", "category": "Shoes", "brand": "", "description": ""}
            for number in range(10)]  # fmt: skip
    assert catalogue_modalities(context) == ()
    import_file(context, write_csv(rows))
    assert catalogue_modalities(context) == ("title",)
    described = [row | {"brand": "Nord", "description": "Soft"} if row["id"] in "01" else row for row in rows]
    import_file(context, write_csv(described))
    assert catalogue_modalities(context) == ("title", "brand", "description")
