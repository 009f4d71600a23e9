"""What a curator can do with the products selected on the review page; each act can be taken back and done again."""

from collections.abc import Sequence

from core.services import cluster_split
from core.services import review as service
from core.services.context import Context
from core.services.review import Review
from pages._parts import review_view
from pages._parts.review_acts import author, do
from pages._shared import words


def split_off(ctx: Context, review: Review, product_ids: Sequence[int], seen_in: int | None) -> None:
    """Make a cluster of the selected products, and open it."""

    def act() -> str:
        made = cluster_split.split_off(ctx, review.run.id, list(product_ids), author(), seen_in=seen_in)
        review_view.show_row(review.run.id, f"cluster:{made}")
        return f"A new cluster of {words.count(len(product_ids), 'product')}."

    do(ctx, review, act)


def move(ctx: Context, review: Review, product_ids: Sequence[int], to_id: int, seen_in: int | None) -> None:
    """Send products to another cluster."""

    def act() -> str:
        service.move_products(ctx, review.run.id, list(product_ids), to_id, author(), seen_in)
        return f"{words.count(len(product_ids), 'product')} moved."

    do(ctx, review, act)


def exclude(ctx: Context, review: Review, product_ids: Sequence[int], seen_in: int | None) -> None:
    """Set products aside."""

    def act() -> str:
        service.exclude_products(ctx, review.run.id, list(product_ids), author(), seen_in)
        return f"{words.count(len(product_ids), 'product')} excluded."

    do(ctx, review, act)


def send_back(ctx: Context, review: Review, product_ids: Sequence[int]) -> None:
    """Put products that are set aside into the nearest cluster."""

    def act() -> str:
        service.send_back(ctx, review.run.id, list(product_ids), author())
        return f"{words.count(len(product_ids), 'product')} sent back to the nearest cluster."

    do(ctx, review, act)
