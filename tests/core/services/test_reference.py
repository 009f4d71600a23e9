"""Reference taxonomies in a workspace, and the names clusters are offered from them."""

import pytest

from core.domain.discovery import NameSource
from core.domain.errors import ReferenceFormatError
from core.services.reference import import_reference, list_references, remove_reference
from core.services.review import open_review, recut

SHOES = ["Boots", "Heels", "Sandals", "Sneakers", "Loafers", "Ankle Boots"]


@pytest.fixture
def shopify(tmp_path):
    lines = ["id,path", "a,Apparel & Accessories", "s,Apparel & Accessories > Shoes"]
    lines += [f"s{number},Apparel & Accessories > Shoes > {name}" for number, name in enumerate(SHOES)]
    file_path = tmp_path / "shopify_taxonomy_2024-07.csv"
    file_path.write_text("\n".join(lines))
    return file_path


def test_what_was_imported_is_listed_and_can_be_removed(context, shopify):
    found = import_reference(context, shopify, "Ada")
    assert (found.label, found.n_nodes, found.n_levels) == ("Shopify 2024-07", 8, 3)
    assert list_references(context) == [found]
    remove_reference(context, found.name, "Ada")
    assert list_references(context) == []
    with pytest.raises(ReferenceFormatError):
        remove_reference(context, found.name, "Ada")


def test_a_newer_version_replaces_the_older_one(context, shopify):
    import_reference(context, shopify, "Ada")
    newer = shopify.rename(shopify.with_name("shopify_taxonomy_2025-01.csv"))
    import_reference(context, newer, "Ada")
    assert [found.label for found in list_references(context)] == ["Shopify 2025-01"]


def test_a_faulty_file_leaves_what_was_there(context, shopify):
    import_reference(context, shopify, "Ada")
    shopify.write_text("id,path\n1,Shoes > Boots\n")
    with pytest.raises(ReferenceFormatError):
        import_reference(context, shopify, "Ada")
    assert [found.n_nodes for found in list_references(context)] == [8]
    assert not list(context.workspace.reference.glob(".*"))


def test_a_recut_offers_names_of_the_reference_with_their_place(discovered, shopify):
    import_reference(discovered, shopify, "Ada")
    review = recut(discovered, 1, open_review(discovered, 1).k_current + 1, "Ada")
    offered = [item for cluster in review.clusters for item in cluster.suggestions]
    referred = [item for item in offered if item.source is NameSource.REFERENCE]
    assert referred
    assert {item.name for item in referred} <= set(SHOES)
    assert all(item.evidence.startswith("Shopify 2024-07: … > Shoes > ") for item in referred)
    firsts = [cluster.suggested_names[0] for cluster in review.clusters if cluster.level == 1]
    assert len(set(firsts)) == len(firsts)
    assert all(item.evidence for item in offered)
