"""What a tab tells others, and what it notices of them."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.services import presence, review
from pages._parts import presence_watch

RUNS, TEXT = "_n_runs", "some_text"


def app():
    """A page under watch with a text field; a beat that comes late is played by handing over the revision of then."""
    import streamlit as st

    from pages._parts import presence_watch
    from pages._shared import caches, state

    state.full_run_began()
    st.session_state["_n_runs"] = st.session_state.get("_n_runs", 0) + 1
    ctx = caches.context()
    drawn = st.session_state.pop("_drawn", None)
    presence_watch.watch(ctx, 1, lambda: 5)
    presence_watch.show_others(ctx, 1)
    presence_watch.here_too(5)
    st.text_input("Text", key="some_text")
    st.caption(f"drawn at {caches.revision(ctx)[1]}")
    if st.session_state.get("_dialog"):
        state.hold_still()
    if drawn:
        presence_watch._beat(ctx, 1, lambda: 5, drawn)


@pytest.fixture
def at(home):
    return AppTest.from_function(app, default_timeout=30).run()


def beat(at, drawn):
    """The beat of a page that was drawn at a revision."""
    at.session_state["_drawn"] = drawn
    return at.run()


def revision(ctx):
    return ctx.workspace.database_url, review_revision(ctx)


def review_revision(ctx):
    from core.services.catalogue import data_revision

    return data_revision(ctx)


def name_it(ctx, author="Bob"):
    cluster = review.open_review(ctx, 1).clusters[0]
    review.name_cluster(ctx, cluster.id, f"By {author}", cluster.revision, author)


def test_a_watched_page_tells_others_what_is_open(at, ctx):
    (names,) = presence.others(ctx, "somebody else", 1).items()
    assert names == (5, (presence.SOMEBODY,))


def test_the_watch_draws_nothing(at):
    assert [element.type for element in at.main if not isinstance(element, Block)] == ["text_input", "caption"]
    assert not at.exception


def test_an_act_of_somebody_else_redraws_the_page_once(at, ctx):
    drawn = revision(ctx)
    name_it(ctx)
    before = at.session_state[RUNS]
    beat(at, drawn)
    assert at.session_state[RUNS] == before + 2  # the run that noticed, and the one that redrew
    assert at.caption[0].value == f"drawn at {review_revision(ctx)}"


def test_a_page_that_is_up_to_date_is_left_alone(at, ctx):
    before = at.session_state[RUNS]
    beat(at, revision(ctx))
    assert at.session_state[RUNS] == before + 1


def test_what_somebody_typed_stays_when_the_page_is_redrawn(at, ctx):
    at.text_input(key=TEXT).set_value("half a na").run()
    drawn = revision(ctx)
    name_it(ctx)
    beat(at, drawn)
    assert at.text_input(key=TEXT).value == "half a na"


def test_an_open_dialog_is_not_closed_by_what_others_do(at, ctx):
    drawn = revision(ctx)
    name_it(ctx)
    at.session_state["_dialog"] = True
    before = at.session_state[RUNS]
    beat(at, drawn)
    assert at.session_state[RUNS] == before + 1


def test_a_cluster_shows_who_else_has_it_open(at, ctx):
    presence.seen(ctx, "b", "Bob *", 1, 5)
    presence.seen(ctx, "c", "Cid", 1, 6)
    (badge,) = [text.value for text in at.run().markdown]
    assert "Bob" in badge
    assert "has this open, too" in badge
    assert "Cid" not in badge


def test_leaving_the_review_is_seen_at_once_and_told_once(at, ctx):
    def elsewhere():
        from pages._parts import presence_watch
        from pages._shared import caches

        presence_watch.leave(caches.context())

    other = AppTest.from_function(elsewhere)
    for key in ("_session", presence_watch.PRESENT):
        other.session_state[key] = at.session_state[key]
    other.run()
    assert presence.others(ctx, "somebody else", 1) == {}
    assert presence_watch.PRESENT not in other.session_state


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), ""),
        (("Bob",), "Bob has this open, too"),
        (("Bob", "Cid"), "Bob and Cid have this open, too"),
        (("Bob", "Cid", "Dan"), "Bob, Cid and Dan have this open, too"),
        (tuple("ABCDE"), "A, B, C and 2 others have this open, too"),
    ],
)
def test_names_are_said_in_a_sentence(names, said):
    assert presence_watch.open_by(names) == said
