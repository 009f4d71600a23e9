"""The review page through the router: what a curator can do to the cluster that is open, and to many at once."""

import pytest

from core.domain.discovery import ClusterStatus
from core.services import opinions, review, settings
from core.services.settings import SECOND_CURATOR
from core.services.taxonomy import taxonomy_view
from pages._parts.cluster_names import name_key, shown_name


@pytest.fixture
def at(home, open_page):
    return open_page("review.py")


def groups(ctx):
    return [cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1]


def name_field(at, cluster):
    return at.text_input(key=name_key(cluster))


def open_cluster(open_page, cluster):
    return open_page("review.py", run="1", cluster=str(cluster.id))


def node_names(ctx):
    return {node.name for node in taxonomy_view(ctx).taxonomy.nodes}


def test_the_first_open_cluster_is_shown_with_its_suggested_name(at, ctx):
    first = groups(ctx)[0]
    assert name_field(at, first).value == shown_name(first) == first.suggested_names[0]


def test_the_address_opens_a_cluster(ctx, open_page):
    second = groups(ctx)[1]
    assert name_field(open_cluster(open_page, second), second).value == shown_name(second)


def test_a_typed_name_is_kept_and_counts_as_named(at, ctx):
    first = groups(ctx)[0]
    name_field(at, first).set_value("Summer shoes").run()
    assert groups(ctx)[0].name == "Summer shoes"
    at.session_state["approve_many"] = True
    at.run()
    assert at.button(key="approve_all").label == "Approve all named (1)"


def test_a_suggestion_is_taken_by_one_click(ctx, open_page):
    chosen = next(cluster for cluster in groups(ctx) if len(cluster.suggested_names) > 1)
    at = open_cluster(open_page, chosen)
    at.button(key=f"chip_{chosen.id}_{chosen.revision}_0").click().run()
    assert {c.id: c.name for c in groups(ctx)}[chosen.id] == chosen.suggested_names[1]


def test_approving_makes_a_category_and_opens_the_next_cluster(at, ctx):
    first, second, *_ = groups(ctx)
    name_field(at, first).set_value("Summer shoes").run()
    at.button(key="approve_open").click().run()
    assert "Summer shoes" in node_names(ctx)
    assert groups(ctx)[0].status is ClusterStatus.APPROVED
    assert name_field(at, second).value == shown_name(second)


def test_a_name_typed_right_before_approving_is_the_name_approved(at, ctx):
    name_field(at, groups(ctx)[0]).set_value("Typed last")
    at.button(key="approve_open").click().run()
    assert "Typed last" in node_names(ctx)


def test_a_kept_sub_cluster_becomes_a_category_below(ctx, open_page):
    clusters = review.recut(ctx, 1, 2, "Ada").clusters
    child = next(cluster for cluster in clusters if cluster.level == 2)
    parent = next(cluster for cluster in clusters if cluster.id == child.parent_id)
    at = open_cluster(open_page, parent)
    at.session_state[f"subs_{child.parent_id}"] = True
    at.run()
    at.checkbox(key=f"keep_{child.id}").check().run()
    at.button(key="approve_open").click().run()
    taxonomy = taxonomy_view(ctx).taxonomy
    approved = {cluster.id: cluster for cluster in review.open_review(ctx, 1).clusters}
    assert taxonomy.node(approved[child.id].node_id).parent_id == approved[child.parent_id].node_id


def test_approve_all_takes_named_clusters_only(ctx, open_page):
    first, second, *others = groups(ctx)
    review.name_cluster(ctx, first.id, "One", first.revision, "Ada")
    review.name_cluster(ctx, second.id, "Two", second.revision, "Ada")
    at = open_page("review.py")
    at.session_state["approve_many"] = True
    at.run()
    at.button(key="approve_all").click().run()
    assert {"One", "Two"} <= node_names(ctx)
    statuses = {cluster.id: cluster.status for cluster in groups(ctx)}
    assert all(statuses[cluster.id] is ClusterStatus.OPEN for cluster in others)


def test_undo_takes_the_last_act_back_and_redo_does_it_again(at, ctx):
    at.button(key="reject_open").click().run()
    assert groups(ctx)[0].status is ClusterStatus.REJECTED
    at.button(key="review_undo").click().run()
    assert groups(ctx)[0].status is ClusterStatus.OPEN
    at.button(key="review_redo").click().run()
    assert groups(ctx)[0].status is ClusterStatus.REJECTED


def test_an_act_that_would_end_a_branch_of_history_asks_first(at, ctx):
    first = groups(ctx)[0]
    name_field(at, first).set_value("First try").run()
    at.button(key="review_undo").click().run()
    name_field(at, first).set_value("Second try").run()
    assert groups(ctx)[0].name == ""
    at.button(key="held_go").click().run()
    assert groups(ctx)[0].name == "Second try"


def test_an_act_is_taken_back_from_the_history_whoever_did_it(ctx, open_page):
    first = groups(ctx)[0]
    review.name_cluster(ctx, first.id, "Theirs", first.revision, "Bob")
    at = open_page("review.py")
    at.segmented_control(key="review_side").set_value("History").run()
    assert any("Bob" in text.value for text in at.markdown)
    newest = next(button for button in at.button if (button.key or "").startswith("review_history_1_"))
    newest.click().run()
    assert groups(ctx)[0].name == ""


def test_a_cluster_turned_down_can_be_opened_again(ctx, open_page):
    first = groups(ctx)[0]
    review.reject_cluster(ctx, first.id, "Ada")
    at = open_cluster(open_page, first)
    at.button(key="reopen_open").click().run()
    assert groups(ctx)[0].status is ClusterStatus.OPEN


def test_the_slider_cuts_again_and_keeps_what_was_named(at, ctx):
    name_field(at, groups(ctx)[0]).set_value("Mine").run()
    next(slider for slider in at.slider if slider.key.startswith("granularity_1_")).set_value(6).run()
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


def test_with_the_rule_of_two_an_approval_waits_for_another_curator(ctx, open_page):
    settings.put(ctx, SECOND_CURATOR, True, "Ada")
    at = open_page("review.py")
    at.button(key="approve_open").click().run()
    assert groups(ctx)[0].status is ClusterStatus.OPEN


def test_without_a_run_the_way_to_discover_is_shown(empty_home, open_page):
    at = open_page("review.py")
    assert at.button(key="empty_state_go").label == "Discover subcategories"


def test_a_run_that_does_not_exist_falls_back_to_the_newest(home, open_page):
    at = open_page("review.py", run="999")
    assert not at.error


def test_with_the_rule_of_two_the_agreement_of_curators_is_shown(ctx, open_page):
    settings.put(ctx, SECOND_CURATOR, True, "Ada")
    at = open_page("review.py")
    at.session_state["approve_many"] = True
    at.run()
    assert any("judged by two curators" in text.value for text in at.caption)
    first = groups(ctx)[0]
    for author in ("Ada", "Bob"):
        opinions.give(ctx, 1, first.id, opinions.Verdict.APPROVE, "Boots", first.revision, author)
    at.run()
    assert [frame.value["Clusters"].tolist() for frame in at.dataframe if "Clusters" in frame.value] == [[1]]
