"""Which products are the same thing offered twice."""

from collections.abc import Sequence

from core.classifier.split import duplicate_groups
from core.domain.arrays import IntArray
from core.domain.product import Product
from core.features.embed import normalise_text


def product_groups(products: Sequence[Product]) -> IntArray:
    """Group of each product, from 0; products with the same image, or the same title but for case, share one.

    No split may part a group: what teaches would else vouch for its own twin. Shape: (n_products,).
    """
    titles = [normalise_text(product.title).casefold() for product in products]
    return duplicate_groups([product.image_hash for product in products], titles)
