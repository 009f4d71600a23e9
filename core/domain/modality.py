"""What a classifier can read of a product, and from when on a catalogue counts as having it."""

MODALITIES = ("title", "brand", "description", "image")
MIN_DESCRIBED = 0.2
"""Descriptions are a modality where at least this share of the products has one."""
MIN_IMAGES = 16
"""Different images under which no image encoder can learn."""


def present_modalities(n_products: int, n_branded: int, n_described: int, n_images: int) -> tuple[str, ...]:
    """The modalities that a catalogue has.

    Args:
        n_products: All products; each has a title.
        n_branded: Those with a brand.
        n_described: Those with a description.
        n_images: Different images.

    Returns:
        Names in the order of `MODALITIES`.
    """
    has = {
        "title": n_products > 0,
        "brand": n_branded > 0,
        "description": n_described > 0 and n_described >= MIN_DESCRIBED * n_products,
        "image": n_images >= MIN_IMAGES,
    }
    return tuple(name for name in MODALITIES if has[name])
