from core.services import review
from core.services.taxonomy import find_category, taxonomy_view
from pages._parts import taxonomy_rows


def approve_first(ctx):
    first = next(cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1)
    review.approve_clusters(ctx, 1, {first.id: "Sneakers & **co**"}, "", "Ada")
    return first


def test_versions_and_downloads_are_offered(home, ctx, open_page):
    approve_first(ctx)
    at = open_page("taxonomy.py")
    assert {button.label for button in at.get("download_button")} == {"Taxonomy (CSV)", "Product assignments (CSV)"}
    assert any("**Version 3** · 1 category added" in text.value for text in at.markdown)


def test_the_tree_marks_what_is_new_and_counts_below(home, ctx):
    first = approve_first(ctx)
    rows = {row.name: row for row in taxonomy_rows.rows(taxonomy_view(ctx), with_statuses=True)}
    assert rows["Sneakers & **co**"].badge == "new"
    assert rows["Sneakers & **co**"].n_products == first.size
    assert rows["Shoes"].n_products == 72
    assert rows["Apparel"].parent_id is None


def test_a_chosen_node_says_what_is_in_it(home, ctx, open_page):
    at = open_page("taxonomy.py")
    at.session_state["taxonomy_tree"] = {"selected": find_category(ctx, ("Bags",))}
    at.run()
    assert any("**12** products" in text.value for text in at.markdown)


def test_an_empty_workspace_leads_to_the_import(empty_home, open_page):
    at = open_page("taxonomy.py")
    assert at.button(key="empty_state_go").label == "Import a catalogue"
