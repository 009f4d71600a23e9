"""Versions: drafts, saving, differences, and going back without losing anything."""

import pytest

from core.domain.errors import TaxonomyError
from core.services import history, taxonomy_edit, versions
from core.services.taxonomy import find_category, list_versions, taxonomy_view

SHOES = ("Apparel & Accessories", "Shoes")
WITH = {"revisions": {}, "author": "Ada"}


def live(context):
    return {(node.id, node.parent_id, node.name) for node in taxonomy_view(context).taxonomy.walk()}


def test_edits_are_drafts_until_they_are_saved(imported):
    newest = taxonomy_view(imported).version
    assert versions.unsaved_changes(imported).n_changes == 0
    shoes = find_category(imported, SHOES)
    taxonomy_edit.add_category(imported, shoes, "Boots", **WITH)
    taxonomy_edit.rename(imported, shoes, "Footwear", **WITH)
    unsaved = versions.unsaved_changes(imported)
    assert ([node.name for node in unsaved.added], len(unsaved.renamed), unsaved.n_changes) == (["Boots"], 1, 2)
    assert taxonomy_view(imported).version == newest
    assert versions.save_version(imported, "Boots at last", "Bob") == newest + 1
    assert versions.unsaved_changes(imported).n_changes == 0
    first = list_versions(imported)[0]
    assert (first.number, first.note, first.author) == (newest + 1, "Boots at last", "Bob")
    assert versions.load(imported, newest + 1).nodes == tuple(taxonomy_view(imported).taxonomy.nodes)
    assert next(node for node in unsaved.added).created_in_version == newest + 1


def test_saving_nothing_is_refused(imported):
    with pytest.raises(TaxonomyError, match="Nothing changed since version"):
        versions.save_version(imported, "", "Ada")


def test_the_difference_of_two_versions_reads_both_ways(imported):
    shoes = find_category(imported, SHOES)
    before = taxonomy_view(imported).version
    taxonomy_edit.rename(imported, shoes, "Footwear", **WITH)
    after = versions.save_version(imported, "", "Ada")
    there, back = versions.version_diff(imported, before, after), versions.version_diff(imported, after, before)
    assert [(c.before.name, c.after.name) for c in there.renamed] == [("Shoes", "Footwear")]
    assert [(c.before.name, c.after.name) for c in back.renamed] == [("Footwear", "Shoes")]


def test_going_back_saves_unsaved_edits_keeps_every_product_and_can_be_undone(imported):
    old, was = taxonomy_view(imported).version, live(imported)
    counts = taxonomy_view(imported).direct_counts
    shoes = find_category(imported, SHOES)
    boots = taxonomy_edit.add_category(imported, shoes, "Boots", **WITH).node_ids[0]
    taxonomy_edit.merge(imported, [shoes], find_category(imported, SHOES[:1]), **WITH)
    edited, edited_counts = live(imported), taxonomy_view(imported).direct_counts
    number = versions.roll_back(imported, old, "", "Ada")
    assert number == old + 2
    assert [version.note for version in list_versions(imported)[:2]] == [
        f"Went back to version {old}", f"Edits before going back to version {old}",
    ]  # fmt: skip
    assert (live(imported), taxonomy_view(imported).direct_counts) == (was, counts)
    assert taxonomy_view(imported).taxonomy.replacement(boots).id == find_category(imported, SHOES[:1])
    assert versions.unsaved_changes(imported).n_changes == 0
    history.undo(imported, history.TAXONOMY, "Ada")
    assert (live(imported), taxonomy_view(imported).direct_counts) == (edited, edited_counts)
    assert versions.unsaved_changes(imported).n_changes == 0
    history.redo(imported, history.TAXONOMY, "Ada")
    assert (live(imported), taxonomy_view(imported).direct_counts) == (was, counts)


def test_names_that_were_exchanged_are_exchanged_back(imported):
    shoes = find_category(imported, SHOES)
    one, two = (taxonomy_edit.add_category(imported, shoes, name, **WITH).node_ids[0] for name in ("One", "Two"))
    old = versions.save_version(imported, "", "Ada")
    for node_id, name in ((one, "Three"), (two, "One"), (one, "Two")):
        taxonomy_edit.rename(imported, node_id, name, **WITH)
    versions.roll_back(imported, old, "", "Ada")
    taxonomy = taxonomy_view(imported).taxonomy
    assert (taxonomy.node(one).name, taxonomy.node(two).name) == ("One", "Two")


def test_going_back_to_what_is_or_never_was_is_refused(imported):
    newest = taxonomy_view(imported).version
    for number in (newest, 99):
        with pytest.raises(TaxonomyError):
            versions.roll_back(imported, number, "", "Ada")
    assert taxonomy_view(imported).version == newest


def test_what_came_and_went_since_the_version_is_no_unsaved_change(imported):
    taxonomy_edit.add_category(imported, "root", "Toys", revisions={}, author="Ada")
    assert versions.unsaved_changes(imported).n_changes == 1
    history.undo(imported, history.TAXONOMY, "Ada")
    assert versions.unsaved_changes(imported).n_changes == 0
