from core.services import history, review, taxonomy_edit, versions
from core.services.taxonomy import find_category, taxonomy_view
from pages._parts import taxonomy_rows
from pages._parts.taxonomy_diff import DiffRow, diff_rows
from pages._parts.taxonomy_split_form import parse_parts

SHOES = ("Apparel", "Shoes")
BY = {"revisions": {}, "author": "Curator"}


def approve_first(ctx):
    first = next(cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1)
    review.approve_clusters(ctx, 1, {first.id: "Sneakers & **co**"}, "", "Ada")
    return first


def choose(at, *node_ids):
    """What the tree tells when somebody clicks."""
    at.session_state["taxonomy_tree"] = {"selected": {"ids": list(node_ids), "token": 0}}
    return at.run()


def open_form(at, name):
    at.button_group(key="taxonomy_form").set_value(name).run()
    return at


def field(at, kind, prefix):
    return next(item for item in at.get(kind) if item.key and item.key.startswith(prefix))


def texts(at):
    return "\n".join(item.value for item in (*at.markdown, *at.caption))


def test_the_tree_marks_what_is_new_and_counts_below(home, ctx):
    first = approve_first(ctx)
    view = taxonomy_view(ctx)
    rows = {row.name: row for row in taxonomy_rows.editor_rows(view, ())}
    assert rows["Sneakers & **co**"].badge == "new in v3"
    assert rows["Sneakers & **co**"].n_products == first.size
    assert rows["Shoes"].n_products == 72
    assert (rows["Apparel"].parent_id, rows["All products"].fixed) == ("root", "root")
    assert [row.name for row in taxonomy_rows.rows(view) if row.parent_id is None] == ["Apparel", "Bags"]


def test_a_chosen_category_says_what_is_in_it(home, ctx, open_page):
    at = choose(open_page("taxonomy.py"), find_category(ctx, ("Bags",)))
    assert "**12** products" in texts(at)


def test_a_rename_with_its_reason_is_one_undoable_act(home, ctx, open_page):
    shoes = find_category(ctx, SHOES)
    at = open_form(choose(open_page("taxonomy.py"), shoes), "rename")
    field(at, "text_input", "rename_").set_value("Footwear")
    field(at, "text_input", "why_").set_value("shops say so")
    field(at, "button", "rename_go_").click().run()
    assert taxonomy_view(ctx).taxonomy.node(shoes).name == "Footwear"
    [entry] = history.entries(ctx, history.TAXONOMY)
    assert (entry.summary, entry.why) == ("Renamed 'Shoes' to 'Footwear'", "shops say so")
    assert "**1 unsaved change** since version 2" in texts(at)
    at.button(key="taxonomy_undo").click().run()
    assert taxonomy_view(ctx).taxonomy.node(shoes).name == "Shoes"


def test_a_form_that_was_open_while_somebody_else_edited_is_refused_with_what_they_did(home, ctx, open_page):
    shoes = find_category(ctx, SHOES)
    at = open_form(choose(open_page("taxonomy.py"), shoes), "rename")
    field(at, "text_input", "rename_").set_value("Footwear")
    taxonomy_edit.rename(ctx, shoes, "Schuhe", revisions={}, author="Bob")
    field(at, "button", "rename_go_").click().run()
    assert taxonomy_view(ctx).taxonomy.node(shoes).name == "Schuhe"
    assert any("Bob" in fault.value and "Renamed" in fault.value for fault in at.error)


def test_edits_are_saved_as_a_version_with_a_note(home, ctx, open_page):
    taxonomy_edit.add_category(ctx, find_category(ctx, SHOES), "Boots", **BY)
    at = open_page("taxonomy.py")
    at.text_input(key="taxonomy_note").set_value("Boots at last")
    at.button(key="taxonomy_save_go").click().run()
    assert taxonomy_view(ctx).version == 3
    assert "**Version 3**, all saved" in texts(at)
    assert versions.load(ctx, 3).note == "Boots at last"


def test_several_categories_are_merged_and_the_one_that_stays_is_chosen(home, ctx, open_page):
    shoes = find_category(ctx, SHOES)
    one, two = (taxonomy_edit.add_category(ctx, shoes, name, **BY).node_ids[0] for name in ("One", "Two"))
    at = open_form(choose(open_page("taxonomy.py"), one, two), "merge")
    field(at, "radio", "bulk_merge").set_value(two)
    field(at, "button", "bulk_go_merge").click().run()
    assert taxonomy_view(ctx).taxonomy.node(one).replaced_by == two


def test_a_category_out_of_use_can_be_brought_back(home, ctx, open_page):
    bags = find_category(ctx, ("Bags",))
    taxonomy_edit.deprecate(ctx, [bags], find_category(ctx, SHOES), **BY)
    at = choose(open_page("taxonomy.py"), bags)
    assert "Out of use" in texts(at)
    at.button(key=f"restore_{bags}").click().run()
    assert taxonomy_view(ctx).direct_counts[bags] == 12


def test_a_split_is_counted_before_it_is_done(home, ctx, open_page):
    shoes = find_category(ctx, SHOES)
    at = open_form(choose(open_page("taxonomy.py"), shoes), "split")
    field(at, "text_area", "split_").set_value("Boots: boot\nSandals: sandal").run()
    assert "**Boots** 24 products" in texts(at)
    field(at, "button", "split_go_").click().run()
    view = taxonomy_view(ctx)
    assert {view.taxonomy.node(n.id).name: view.counts[n.id] for n in view.taxonomy.children(shoes)} == {
        "Boots": 24, "Sandals": 24,
    }  # fmt: skip


def test_a_drop_asks_before_it_moves(home, ctx, open_page):
    from pages._shared.tree import TreeAct

    bags, shoes = find_category(ctx, ("Bags",)), find_category(ctx, SHOES)
    at = open_page("taxonomy.py")
    at.session_state["_taxonomy_dropped"] = TreeAct("drop", (bags,), {bags: 0}, target=shoes)
    at.run()
    assert "Move 'Bags' below 'Shoes'?" in texts(at)
    assert taxonomy_view(ctx).taxonomy.node(bags).parent_id == "root"
    at.button(key="drop_move").click().run()
    assert taxonomy_view(ctx).taxonomy.node(bags).parent_id == shoes


def test_the_versions_show_what_differs_and_lead_back(home, ctx, open_page):
    taxonomy_edit.rename(ctx, find_category(ctx, SHOES), "Footwear <i", **BY)
    versions.save_version(ctx, "shops say so", "Ada")
    at = open_page("taxonomy.py")
    at.session_state["taxonomy_tab"] = "Versions"
    at.run()
    assert "**Version 3**" in texts(at)
    [shown] = [item.proto.body for item in at.get("html") if "taxonomy-diff" in item.proto.body]
    assert "Footwear &lt;i" in shown
    assert "renamed" in shown
    at.button(key="version_back_go_2").click().run()
    assert find_category(ctx, SHOES)
    assert taxonomy_view(ctx).version == 4


def test_every_file_is_offered(home, ctx, open_page):
    approve_first(ctx)
    at = open_page("taxonomy.py")
    at.session_state["taxonomy_tab"] = "Import & export"
    at.run()
    assert {button.label for button in at.get("download_button")} == {
        "Taxonomy (CSV)", "Taxonomy (JSON)", "Taxonomy (SKOS)", "Product assignments (CSV)",
        "Product assignments (Parquet)", "Labelling tasks (Label Studio)", "Migration from version 2 to 3",
    }  # fmt: skip


def test_an_empty_workspace_leads_to_the_import(empty_home, open_page):
    at = open_page("taxonomy.py")
    assert at.button(key="empty_state_go").label == "Import a catalogue"


def test_a_difference_shows_changes_with_what_is_above_them_and_folds_the_rest(home, ctx):
    before = taxonomy_view(ctx).taxonomy.nodes
    taxonomy_edit.add_category(ctx, find_category(ctx, SHOES), "Boots", **BY)
    rows = list(diff_rows(before, taxonomy_view(ctx).taxonomy.nodes))
    names = [(row.after.name, row.kind) if isinstance(row, DiffRow) else row for row in rows]
    assert names == [("Apparel", ""), ("Shoes", ""), ("Boots", "added"), 1]


def test_parts_are_read_line_by_line():
    parts = parse_parts("Boots: ankle, Chelsea boot\n\n Clogs :\n: nothing")
    assert [(part.name, part.words) for part in parts] == [("Boots", ("ankle", "Chelsea boot")), ("Clogs", ())]
