import pytest

from core.domain.discovery import ClusterStatus
from core.services import review
from core.services.taxonomy import taxonomy_view
from pages._parts import review_acts
from pages._shared.grid import GridAct


def groups(ctx):
    return [cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1]


def name_field(at, cluster):
    return next(field for field in at.text_input if field.key.startswith(f"name_{cluster.id}_"))


def node_names(ctx):
    return {node.name for node in taxonomy_view(ctx).taxonomy.walk()}


@pytest.fixture
def at(home, open_page):
    return open_page("review.py")


def test_every_group_has_a_panel_with_its_suggested_name(at, ctx):
    for cluster in groups(ctx):
        assert name_field(at, cluster).value == cluster.suggested_names[0]


def test_a_typed_name_is_kept_and_counts_as_named(at, ctx):
    first = groups(ctx)[0]
    name_field(at, first).set_value("Summer shoes").run()
    assert groups(ctx)[0].name == "Summer shoes"
    assert at.button(key="approve_all").label == "Approve all named (1)"


def test_a_suggestion_is_taken_by_one_click(at, ctx):
    chosen = next(cluster for cluster in groups(ctx) if len(cluster.suggested_names) > 1)
    at.button(key=f"chip_{chosen.id}_{chosen.revision}_0").click().run()
    assert {c.id: c.name for c in groups(ctx)}[chosen.id] == chosen.suggested_names[1]


def test_approving_a_group_makes_a_category_of_it(at, ctx):
    first = groups(ctx)[0]
    name_field(at, first).set_value("Summer shoes").run()
    at.button(key=f"approve_{first.id}").click().run()
    assert "Summer shoes" in node_names(ctx)
    assert groups(ctx)[0].status is ClusterStatus.APPROVED
    assert not [button for button in at.button if button.key == f"approve_{first.id}"]


def test_a_name_typed_right_before_approving_is_the_name_approved(at, ctx):
    first = groups(ctx)[0]
    name_field(at, first).set_value("Typed last")
    at.button(key=f"approve_{first.id}").click().run()
    assert "Typed last" in node_names(ctx)


def test_a_kept_sub_cluster_becomes_a_category_below(at, ctx):
    clusters = review.recut(ctx, 1, 2, "Ada").clusters
    child = next(cluster for cluster in clusters if cluster.level == 2)
    at.session_state[f"subs_{child.parent_id}"] = True
    at.run()
    at.checkbox(key=f"keep_{child.id}").check().run()
    at.button(key=f"approve_{child.parent_id}").click().run()
    taxonomy = taxonomy_view(ctx).taxonomy
    approved = {cluster.id: cluster for cluster in review.open_review(ctx, 1).clusters}
    assert taxonomy.node(approved[child.id].node_id).parent_id == approved[child.parent_id].node_id


def test_approve_all_takes_named_groups_only(at, ctx):
    first, second, *others = groups(ctx)
    name_field(at, first).set_value("One").run()
    name_field(at, second).set_value("Two").run()
    at.button(key="approve_all").click().run()
    assert {"One", "Two"} <= node_names(ctx)
    statuses = {cluster.id: cluster.status for cluster in groups(ctx)}
    assert all(statuses[cluster.id] is ClusterStatus.OPEN for cluster in others)


def test_undo_takes_the_last_act_back(at, ctx):
    first = groups(ctx)[0]
    at.button(key=f"reject_{first.id}").click().run()
    assert groups(ctx)[0].status is ClusterStatus.REJECTED
    at.button(key="review_undo").click().run()
    assert groups(ctx)[0].status is ClusterStatus.OPEN


def test_a_group_turned_down_can_be_opened_again(at, ctx):
    first = groups(ctx)[0]
    at.button(key=f"reject_{first.id}").click().run()
    at.button(key=f"reopen_{first.id}").click().run()
    assert groups(ctx)[0].status is ClusterStatus.OPEN


def test_the_slider_cuts_again_and_keeps_what_was_named(at, ctx):
    first = groups(ctx)[0]
    name_field(at, first).set_value("Mine").run()
    at.slider[0].set_value(6).run()
    assert len(groups(ctx)) == 6
    assert "Mine" in {cluster.name for cluster in groups(ctx)}


def test_a_forbidden_name_is_refused_with_a_remedy(at, ctx):
    name_field(at, groups(ctx)[0]).set_value("Boots > High").run()
    assert at.error
    assert groups(ctx)[0].name == ""


def test_someone_elses_change_is_not_overwritten(at, ctx):
    first = groups(ctx)[0]
    review.name_cluster(ctx, first.id, "Theirs", first.revision, "Bob")
    name_field(at, first).set_value("Mine").run()
    assert groups(ctx)[0].name == "Theirs"
    assert "Theirs" in at.error[0].value


def test_products_set_aside_are_listed_and_sent_back(home, ctx, open_page):
    first = groups(ctx)[0]
    items, _total = review.cluster_products(ctx, 1, first.id, 3)
    ids = tuple(item.product_id for item in items)
    review_acts.on_products(ctx, 1, GridAct("exclude", None, ids))
    at = open_page("review.py")
    assert any("Outliers & excluded · 3 products" in text.value for text in at.markdown)
    review_acts.on_products(ctx, 1, GridAct("send_back", None, ids))
    at.run()
    assert not any("Outliers" in text.value for text in at.markdown)


def test_moved_products_join_the_other_group(home, ctx):
    first, second, *_ = groups(ctx)
    items, _total = review.cluster_products(ctx, 1, first.id, 2)
    review_acts.on_products(ctx, 1, GridAct("move", str(second.id), tuple(item.product_id for item in items)))
    sizes = {cluster.id: cluster.size for cluster in groups(ctx)}
    assert (sizes[first.id], sizes[second.id]) == (first.size - 2, second.size + 2)


def test_without_a_run_the_way_to_discover_is_shown(empty_home, open_page):
    at = open_page("review.py")
    assert at.button(key="empty_state_go").label == "Discover subcategories"


def test_a_run_that_does_not_exist_falls_back_to_the_newest(home, open_page):
    at = open_page("review.py", run="999")
    assert not at.error
