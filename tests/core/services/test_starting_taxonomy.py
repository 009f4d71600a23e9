"""A published taxonomy, or a branch of it, as the categories to begin with."""

import time
from pathlib import Path

import pytest

from core.domain.errors import AppError, CategoryNotFoundError, ParameterError, ReferenceFormatError, TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.services import history
from core.services.context import Context
from core.services.reference import import_reference
from core.services.starting_taxonomy import start_from_reference
from core.services.taxonomy import find_category, list_versions, taxonomy_view
from core.services.taxonomy_edit import add_category, deprecate, merge, move, rename, reorder
from core.taxonomy.operations import validate
from db.repositories import taxonomy as taxonomy_rows

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "taxonomies"
LINES = """# Google_Product_Taxonomy_Version: 2019-07-10
166 - Apparel & Accessories
187 - Apparel & Accessories > Shoes
200 - Apparel & Accessories > Shoes > Boots
201 - Apparel & Accessories > Shoes > Boots > Ankle Boots
188 - Apparel & Accessories > Jewelry
1 - Animals & Pet Supplies
"""
SHOES = ("Apparel & Accessories", "Shoes")


@pytest.fixture
def google(context: Context, tmp_path: Path) -> str:
    (tmp_path / "taxonomy-with-ids.en-US.txt").write_text(LINES)
    return import_reference(context, tmp_path / "taxonomy-with-ids.en-US.txt", "Ada").name


def paths(context: Context) -> set[str]:
    taxonomy = taxonomy_view(context).taxonomy
    return {" > ".join(taxonomy.names(node.id)) for node in taxonomy.walk()} - {""}


def external_ids(context: Context) -> dict[str, str]:
    taxonomy = taxonomy_view(context).taxonomy
    return {node.external_id: node.name for node in taxonomy.walk() if node.external_id}


def test_all_categories_come_with_their_published_ids_in_one_version(context, google):
    summary = start_from_reference(context, google, "Ada")
    assert (summary.n_added, summary.n_kept, summary.version) == (6, 0, 2)
    assert paths(context) == {line.partition(" - ")[2] for line in LINES.splitlines()[1:]}
    assert external_ids(context)["google:201"] == "Ankle Boots"
    assert list_versions(context)[0].note == "Started from Google 2019-07-10 en-US: 6 categories new, 0 kept"


@pytest.mark.parametrize(
    ("branch", "depth", "ids"),
    [
        (SHOES, None, {"166", "187", "200", "201"}),
        (("apparel & accessories", "SHOES"), 1, {"166", "187", "200"}),
        (SHOES, 0, {"166", "187"}),
        ((), 1, {"166", "1"}),
        ((), 2, {"166", "1", "187", "188"}),
    ],
)
def test_a_branch_comes_with_the_categories_above_it_and_as_deep_as_asked(context, google, branch, depth, ids):
    start_from_reference(context, google, "Ada", branch, depth)
    assert set(external_ids(context)) == {f"google:{number}" for number in ids}


def test_categories_at_the_same_path_are_kept_and_get_the_published_id(imported, tmp_path):
    (tmp_path / "taxonomy-with-ids.en-US.txt").write_text(LINES)
    name = import_reference(imported, tmp_path / "taxonomy-with-ids.en-US.txt", "Ada").name
    shoes, counts = find_category(imported, SHOES), taxonomy_view(imported).direct_counts
    summary = start_from_reference(imported, name, "Ada", SHOES)
    assert (summary.n_added, summary.n_kept) == (2, 2)
    assert find_category(imported, SHOES) == shoes
    assert taxonomy_view(imported).taxonomy.node(shoes).external_id == "google:187"
    assert taxonomy_view(imported).direct_counts == counts


def test_a_second_start_changes_nothing_even_after_renames_and_moves(context, google):
    start_from_reference(context, google, "Ada")
    boots = find_category(context, (*SHOES, "Boots"))
    rename(context, boots, "Stiefel", revisions={}, author="Ada")
    move(context, [boots], "root", revisions={}, author="Ada")
    before = paths(context)
    summary = start_from_reference(context, google, "Ada")
    assert (summary.event_id, summary.n_added, summary.n_kept) == (None, 0, 6)
    assert paths(context) == before


def test_undo_takes_the_start_back_and_redo_and_a_new_start_bring_the_same_nodes(context, google):
    summary = start_from_reference(context, google, "Ada")
    ids = {node.id for node in taxonomy_view(context).taxonomy.nodes}
    assert history.undo(context, "taxonomy", "Ada")
    assert paths(context) == set()
    assert history.redo(context, "taxonomy", "Ada")
    assert len(paths(context)) == summary.n_added
    history.undo(context, "taxonomy", "Ada")
    again = start_from_reference(context, google, "Ada")
    assert (again.n_added, again.n_restored) == (0, 6)
    assert {node.id for node in taxonomy_view(context).taxonomy.nodes} == ids
    assert len(paths(context)) == 6


def test_what_was_merged_elsewhere_stays_merged(context, google):
    start_from_reference(context, google, "Ada")
    boots, jewelry = find_category(context, (*SHOES, "Boots")), find_category(context, (SHOES[0], "Jewelry"))
    merge(context, [boots], jewelry, revisions={}, author="Ada")
    deprecate(context, [find_category(context, ("Animals & Pet Supplies",))], revisions={}, author="Ada")
    summary = start_from_reference(context, google, "Ada")
    assert (summary.n_added, summary.n_restored) == (0, 1)
    taxonomy = validate(taxonomy_view(context).taxonomy.nodes)
    assert taxonomy.node(boots).status is NodeStatus.DEPRECATED
    assert taxonomy.node(jewelry).external_id == "google:188"


def test_where_siblings_were_ordered_new_ones_come_last(context, google):
    [apparel] = add_category(context, "root", SHOES[0], revisions={}, author="Ada").node_ids
    for name in ("Zebra prints", "Aprons"):
        add_category(context, apparel, name, revisions={}, author="Ada")
    reorder(context, find_category(context, (SHOES[0], "Zebra prints")), 0, revisions={}, author="Ada")
    start_from_reference(context, google, "Ada", (SHOES[0],), 1)
    children = taxonomy_view(context).taxonomy.children(apparel)
    assert [child.name for child in children] == ["Zebra prints", "Aprons", "Shoes", "Jewelry"]


def test_what_cannot_be_started_from_is_refused_and_changes_nothing(context, google, tmp_path):
    with pytest.raises(ReferenceFormatError, match="nothing"):
        start_from_reference(context, "nothing", "Ada")
    with pytest.raises(CategoryNotFoundError) as caught:
        start_from_reference(context, google, "Ada", (SHOES[0], "Shoos"))
    assert "'Apparel & Accessories > Shoes'" in caught.value.remedy
    with pytest.raises(ParameterError):
        start_from_reference(context, google, "Ada", depth=0)
    (tmp_path / "other.csv").write_text("id,path\n1," + "x" * 130 + "\n")
    other = import_reference(context, tmp_path / "other.csv", "Ada").name
    with pytest.raises(TaxonomyError, match="at most 120"):
        start_from_reference(context, other, "Ada")
    assert len(list_versions(context)) == 1


def published(name: str) -> Path:
    if not (PUBLISHED / name).is_file():
        pytest.skip(f"{name} is not at hand: it is the publisher's, and no part of the repository")
    return PUBLISHED / name


@pytest.mark.parametrize("language", ["de-DE", "en-US", "es-ES", "fr-FR"])
def test_google_starts_in_each_language(context, language):
    summary = import_reference(context, published(f"google_taxonomy-with-ids.{language}.txt"), "Ada")
    found = start_from_reference(context, summary.name, "Ada")
    assert (found.n_added, found.n_kept) == (summary.n_nodes, 0)
    with context.database.read() as session:
        validate(taxonomy_rows.load_nodes(session))


def test_shopifys_ten_thousand_categories_start_within_seconds(context):
    summary = import_reference(context, published("shopify_taxonomy_2024-07.csv"), "Ada")
    started = time.process_time()
    found = start_from_reference(context, summary.name, "Ada")
    assert time.process_time() - started < 5.0
    assert found.n_added == 10_281
    assert len(paths(context)) == 10_281


def test_another_language_of_the_same_taxonomy_adds_no_doubles(context):
    german = import_reference(context, published("google_taxonomy-with-ids.de-DE.txt"), "Ada").name
    english = import_reference(context, published("google_taxonomy-with-ids.en-US.txt"), "Ada").name
    first = start_from_reference(context, german, "Ada", depth=1)
    second = start_from_reference(context, english, "Ada", depth=1)
    assert (second.n_added, second.n_kept) == (0, first.n_added)


def test_every_fault_names_a_remedy(context):
    with pytest.raises(AppError) as caught:
        start_from_reference(context, "google-en-us", "Ada")
    assert "none is imported" in caught.value.remedy
