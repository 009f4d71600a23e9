"""Splits by words and by products."""

import pytest

from core.domain.errors import StaleRevisionError, TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.services import history
from core.services.taxonomy import find_category, taxonomy_view
from core.services.taxonomy_split import SplitPart, preview_split, split
from db.repositories import products

SHOES = ("Apparel & Accessories", "Shoes")
PARTS = (SplitPart("Boots", ("boot",)), SplitPart("Trainers", ("SNEAKER", "trainer")))


def shoes_of(context):
    node_id = find_category(context, SHOES)
    with context.database.read() as session:
        return node_id, products.products_under(session, [node_id])


def test_the_preview_counts_what_the_split_then_moves(imported):
    shoes, before = shoes_of(imported)
    preview = preview_split(imported, shoes, PARTS)
    assert preview.n_products[0] == sum("boot" in product.title.casefold() for product in before) > 0
    assert sum(preview.n_products) + preview.n_rest == len(before) == 92
    assert all("boot" in title.casefold() for title in preview.examples[0])
    result = split(imported, shoes, PARTS, is_kept=True, revisions={shoes: 0}, author="Ada", why="too broad")
    view = taxonomy_view(imported)
    assert [view.direct_counts.get(node_id, 0) for node_id in result.node_ids[:2]] == list(preview.n_products)
    assert [view.taxonomy.node(node_id).parent_id for node_id in result.node_ids[:2]] == [shoes, shoes]
    assert (view.direct_counts[shoes], view.counts[shoes]) == (preview.n_rest, 92)
    assert result.n_products == sum(preview.n_products)


def test_where_the_category_goes_its_rest_is_in_the_first_part(imported):
    shoes, before = shoes_of(imported)
    trainers = preview_split(imported, shoes, PARTS).n_products[1]
    result = split(imported, shoes, PARTS, is_kept=False, revisions={}, author="Ada")
    view = taxonomy_view(imported)
    first, second = result.node_ids[:2]
    assert (view.direct_counts[second], view.direct_counts[first]) == (trainers, len(before) - trainers)
    gone = view.taxonomy.node(shoes)
    assert (gone.status, gone.replaced_by, gone.split_into) == (NodeStatus.DEPRECATED, first, (first, second))
    assert view.counts["root"] == 222


def test_products_named_by_id_go_where_they_were_sent_and_before_any_word(imported):
    shoes, before = shoes_of(imported)
    boot = next(product for product in before if "boot" in product.title.casefold())
    parts = (SplitPart("Boots", ("boots", "boot")), SplitPart("Mine", (), (boot.id, 10**9)))
    assert preview_split(imported, shoes, parts).n_contested == 1
    result = split(imported, shoes, parts, is_kept=True, revisions={}, author="Ada")
    with imported.database.read() as session:
        assert [product.id for product in products.products_under(session, [result.node_ids[1]])] == [boot.id]


def test_a_word_matches_whole_words_and_plurals_without_regard_to_accents(imported):
    shoes, before = shoes_of(imported)
    n_boots = sum("boot" in product.title.casefold().split() for product in before)
    assert preview_split(imported, shoes, [SplitPart("B", ("bóot",))]).n_products[0] >= n_boots > 0
    assert preview_split(imported, shoes, [SplitPart("B", ("boo",)), SplitPart("C")]).n_products == (0, 0)


def test_a_split_is_undone_with_its_products_and_redone(imported):
    shoes, before = shoes_of(imported)
    result = split(imported, shoes, PARTS, is_kept=False, revisions={}, author="Ada")
    counts = taxonomy_view(imported).direct_counts
    history.undo(imported, history.TAXONOMY, "Ada")
    view = taxonomy_view(imported)
    assert view.direct_counts[shoes] == len(before)
    assert {view.taxonomy.node(node_id).status for node_id in result.node_ids[:2]} == {NodeStatus.DEPRECATED}
    history.redo(imported, history.TAXONOMY, "Ada")
    assert taxonomy_view(imported).direct_counts == counts


def test_a_part_may_take_over_the_name_of_a_category_that_goes(imported):
    shoes, _ = shoes_of(imported)
    parts = (SplitPart("Shoes"), SplitPart("Boots", ("boot",)))
    result = split(imported, shoes, parts, is_kept=False, revisions={}, author="Ada")
    assert find_category(imported, SHOES) == result.node_ids[0]


def test_a_stale_split_and_one_without_parts_write_nothing(imported):
    shoes, before = shoes_of(imported)
    with pytest.raises(StaleRevisionError):
        split(imported, shoes, PARTS, is_kept=True, revisions={shoes: 5}, author="Ada")
    with pytest.raises(TaxonomyError):
        split(imported, shoes, [SplitPart("Boots")], is_kept=False, revisions={}, author="Ada")
    assert shoes_of(imported) == (shoes, before)
