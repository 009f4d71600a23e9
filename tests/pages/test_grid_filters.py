"""The row of filters above a grid narrows what it shows."""

import pytest
from streamlit.testing.v1 import AppTest

from core.services import review
from core.services.grid_query import GridOnly, GridQuery, GridSource, facets, grid_ids

SHOP = "two"


def page(source="run"):
    """A page with the filters alone; it keeps the query they give, and counts changes."""
    import streamlit as st

    from core.services.grid_query import GridQuery, GridSource
    from pages._parts import grid_filters
    from pages._shared import caches

    def changed():
        st.session_state["n_changes"] = st.session_state.get("n_changes", 0) + 1

    query = GridQuery(1, GridSource(source), cluster_id=1 if source == "cluster" else None)
    st.session_state["given"] = grid_filters.draw(caches.context(), query, key="g", on_change=changed)


@pytest.fixture
def drawn(home):
    def draw(source="run"):
        at = AppTest.from_function(page, kwargs={"source": source}, default_timeout=30).run()
        assert not at.exception, at.exception
        return at

    return draw


def given(at: AppTest) -> GridQuery:
    assert not at.exception, at.exception
    return at.session_state["given"]


def test_without_filters_the_query_is_as_it_was_and_nothing_is_to_be_cleared(drawn):
    at = drawn()
    assert given(at) == GridQuery(1, GridSource.RUN)
    assert not at.button


def test_every_filter_narrows_and_clear_takes_all_of_them_off(drawn, ctx):
    at = drawn()
    at.text_input(key="filter_words_g").set_value(" boot ").run()
    assert given(at) == GridQuery(1, GridSource.RUN, words="boot")
    at.selectbox(key="filter_platform_g").set_value(SHOP).run()
    at.selectbox(key="filter_brand_g").set_value("Sol").run()
    at.selectbox(key="filter_only_g").set_value(GridOnly.NEAR_DUPLICATES).run()
    assert given(at) == GridQuery(
        1, GridSource.RUN, words="boot", platform=SHOP, brand="Sol", only=GridOnly.NEAR_DUPLICATES
    )
    assert at.session_state["n_changes"] == 4
    at.button(key="filter_clear_g").click().run()
    assert given(at) == GridQuery(1, GridSource.RUN)
    assert at.text_input(key="filter_words_g").value == ""
    assert at.session_state["n_changes"] == 5


def test_the_menus_count_what_the_other_filters_leave(drawn, ctx):
    at = drawn()
    at.text_input(key="filter_words_g").set_value("boot").run()
    found = facets(ctx, GridQuery(1, GridSource.RUN, words="boot"))
    assert at.selectbox(key="filter_platform_g").options == [f"{name} · {count}" for name, count in found.platforms]
    assert sum(count for _, count in found.platforms) == len(grid_ids(ctx, given(at))) > 0


def test_a_choice_stays_when_another_filter_leaves_none_of_it(drawn):
    at = drawn()
    at.selectbox(key="filter_brand_g").set_value("Sol").run()
    at.text_input(key="filter_words_g").set_value("nothing has this word").run()
    assert given(at).brand == "Sol"
    assert at.selectbox(key="filter_brand_g").options == ["Sol · 0"]


def test_words_can_be_looked_for_in_the_whole_catalogue(drawn, ctx):
    at = drawn("cluster")
    assert not at.checkbox
    at.text_input(key="filter_words_g").set_value("handbag").run()
    assert grid_ids(ctx, given(at)) == []
    at.checkbox(key="filter_everywhere_g").check().run()
    assert given(at) == GridQuery(1, GridSource.SEARCH, words="handbag", is_everywhere=True)
    assert len(grid_ids(ctx, given(at))) == 12


def test_noise_is_offered_where_a_whole_run_is_shown(drawn):
    assert "Set aside" in drawn("run").selectbox(key="filter_only_g").options
    assert "Set aside" not in drawn("cluster").selectbox(key="filter_only_g").options


def test_a_choice_that_another_source_does_not_offer_is_dropped(home):
    at = AppTest.from_function(page, kwargs={"source": "cluster"}, default_timeout=30)
    at.session_state["filter_only_g"] = GridOnly.NOISE
    assert given(at.run()).only is GridOnly.ALL
    assert at.selectbox(key="filter_only_g").value is GridOnly.ALL


def test_what_is_shown_alone_is_explained(drawn):
    at = drawn()
    assert not at.caption
    at.selectbox(key="filter_only_g").set_value(GridOnly.OUTLIERS).run()
    assert "farthest first" in at.caption[0].value


def test_moved_products_are_found_through_the_filter(drawn, ctx):
    clusters = [cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1]
    moved = grid_ids(ctx, GridQuery(1, GridSource.CLUSTER, cluster_id=clusters[1].id))[:2]
    review.move_products(ctx, 1, moved, clusters[0].id, "Ada")
    at = drawn()
    at.selectbox(key="filter_only_g").set_value(GridOnly.MOVED).run()
    assert sorted(grid_ids(ctx, given(at))) == sorted(moved)
