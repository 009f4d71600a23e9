"""A second opinion is asked for blind; a dispute is shown to those who are in it, with a way out."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.discovery import ClusterStatus
from core.domain.opinion import Opinion, Verdict
from core.services import history, opinions, review, settings
from core.services.history import run_scope
from core.services.settings import SECOND_CURATOR
from pages._parts import second_opinion
from pages._parts.second_opinion import view


def opinion(number, author, name):
    verdict = Verdict.APPROVE if name else Verdict.REJECT
    return Opinion(number, 1, 7, author, verdict, name, datetime(2025, 1, 1, tzinfo=UTC))


BOOTS, HEELS, NONE = opinion(1, "Ada", "Boots"), opinion(2, "Bob", "Heels"), opinion(3, "Cid", "")


@pytest.mark.parametrize("given", [[BOOTS], [BOOTS, HEELS], [BOOTS, NONE], [NONE]])
@pytest.mark.parametrize("viewer", ["Zoe", ""])
def test_who_has_not_judged_yet_sees_neither_names_nor_verdicts(given, viewer):
    seen = view(given, viewer)
    assert seen.badge == "waits for a second opinion"
    assert seen.ways_out == ()
    for hidden in ("Boots", "Heels", "reject", "Ada", "Bob"):
        assert hidden not in seen.text


def test_who_judged_first_sees_their_own_opinion_alone():
    seen = view([BOOTS], "ada")
    assert "“Boots”" in seen.text
    assert seen.ways_out == ()


@pytest.mark.parametrize(("viewer", "other"), [("Ada", HEELS), ("Bob", BOOTS)])
def test_both_sides_of_a_dispute_see_it_and_can_join_the_other(viewer, other):
    seen = view([BOOTS, HEELS], viewer)
    assert seen.badge == "disputed"
    assert "Boots" in seen.text
    assert "Heels" in seen.text
    assert seen.ways_out == ((f"Agree with {other.author}", other),)


def test_what_is_agreed_but_not_done_can_be_done():
    same = opinion(2, "Bob", "boots")
    assert view([BOOTS, same], "Zoe").ways_out == (("Do it now", BOOTS),)
    assert "Ada and Bob agree on approving it as “Boots”" in view([BOOTS, same], "Zoe").text


def test_a_cluster_that_nobody_judged_says_nothing():
    assert view([], "Ada") is None


def app():
    """The parts around the first open cluster, as a page would use them."""
    import streamlit as st

    from core.domain.opinion import Verdict
    from core.services import review
    from pages._parts import agreement_table, second_opinion
    from pages._shared import caches, layout, state

    ctx = caches.context()
    cluster = next(c for c in caches.open_review(ctx, 1).clusters if c.level == 1)

    def approve(name: str) -> None:
        layout.acting(
            lambda: second_opinion.approve(
                ctx,
                1,
                {cluster.id: name},
                {cluster.id: cluster.revision},
                lambda agreed: str(review.approve_clusters(ctx, 1, agreed, "", state.author()).version),
            )
        )

    def reject() -> None:
        layout.acting(
            lambda: second_opinion.reject(
                ctx, cluster, lambda: review.reject_cluster(ctx, cluster.id, state.author()) or "Rejected."
            )
        )

    layout.show_flashes()
    second_opinion.toggle(ctx)
    second_opinion.badge(ctx, cluster)
    second_opinion.line(ctx, cluster, lambda o: approve(o.name) if o.verdict is Verdict.APPROVE else reject())
    st.text_input("Name", key="name")
    st.button("Approve", key="approve", on_click=lambda: approve(st.session_state["name"]))
    st.button("Reject", key="reject", on_click=reject)
    agreement_table.agreement_table(ctx)


@pytest.fixture
def open_as(home):
    def open_(author: str) -> AppTest:
        at = AppTest.from_function(app, default_timeout=30)
        at.session_state["author"] = author
        return at.run()

    return open_


@pytest.fixture
def second_needed(ctx):
    settings.put(ctx, SECOND_CURATOR, True, "Ada")


def say(at, button, name=""):
    at.text_input(key="name").set_value(name)
    return at.button(key=button).click().run()


def shown(at) -> str:
    return " ".join(text.value for text in at.markdown)


def first(ctx):
    return next(cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1)


def test_the_switch_sets_the_rule_for_everybody(open_as, ctx):
    at = open_as("Ada")
    at.toggle[0].set_value(True).run()
    assert settings.get(ctx, SECOND_CURATOR) is True
    assert at.toggle[0].value is open_as("Bob").toggle[0].value is True
    at.toggle[0].set_value(False).run()
    assert settings.get(ctx, SECOND_CURATOR) is False


def test_a_tab_that_has_not_heard_of_the_rule_yet_does_not_undo_it(open_as, ctx):
    at = open_as("Ada")
    settings.put(ctx, SECOND_CURATOR, True, "Bob")
    at.button(key="reject").click().run()  # sends the switch as this browser still shows it: off
    assert settings.get(ctx, SECOND_CURATOR) is True
    assert at.toggle[0].value is True


def test_without_the_rule_one_approval_is_enough(open_as, ctx):
    say(open_as("Ada"), "approve", "Boots")
    assert first(ctx).status is ClusterStatus.APPROVED
    assert opinions.of_run(ctx, 1) == {}


def test_the_second_approval_of_the_same_name_makes_the_category(open_as, ctx, second_needed):
    at = say(open_as("Ada"), "approve", "Boots")
    assert first(ctx).status is ClusterStatus.OPEN
    assert "your opinion" in shown(at)
    at = open_as("Bob")
    assert "waits for a second opinion" in shown(at)
    assert "Boots" not in shown(at)
    say(at, "approve", "boots")
    assert (first(ctx).status, first(ctx).name) == (ClusterStatus.APPROVED, "Boots")


def test_two_rejections_reject(open_as, ctx, second_needed):
    say(open_as("Ada"), "reject")
    assert first(ctx).status is ClusterStatus.OPEN
    say(open_as("Bob"), "reject")
    assert first(ctx).status is ClusterStatus.REJECTED


def test_a_dispute_ends_by_joining_the_other(open_as, ctx, second_needed):
    say(open_as("Ada"), "approve", "Boots")
    at = say(open_as("Bob"), "approve", "Heels")
    assert "disputed" in shown(at)
    join = next(button for button in at.button if button.label == "Agree with Ada")
    join.click().run()
    assert (first(ctx).status, first(ctx).name) == (ClusterStatus.APPROVED, "Boots")
    assert "agree" not in shown(at)


def test_an_approval_taken_back_can_be_done_again_by_anybody(open_as, ctx, second_needed):
    say(open_as("Ada"), "approve", "Boots")
    say(open_as("Bob"), "approve", "Boots")
    history.undo(ctx, run_scope(1), "Bob")
    at = open_as("Zoe")
    next(button for button in at.button if button.label == "Do it now").click().run()
    assert first(ctx).status is ClusterStatus.APPROVED


def test_agreement_is_listed_with_what_it_means(open_as, ctx, second_needed):
    at = open_as("Ada")
    assert "No cluster has been judged by two curators yet." in [text.value for text in at.caption]
    say(at, "approve", "Boots")
    at = say(open_as("Bob"), "approve", "Heels")
    row = at.dataframe[0].value.iloc[0]
    assert (row["Category"], row["Clusters"], row["Same choice"], row["Beyond chance"]) == ("Apparel > Shoes", 1, 0, 0)
    assert row["Curators"] == "Ada, Bob"


def test_a_category_without_a_kappa_says_why(open_as, ctx, second_needed):
    for author in ("Ada", "Bob"):
        opinions.give(ctx, 1, first(ctx).id, Verdict.APPROVE, "Boots", first(ctx).revision, author)
    at = open_as("Ada")
    assert at.dataframe[0].value["Beyond chance"].isna().all()
    assert any("everybody chose the same" in text.value for text in at.caption)


def test_a_name_with_formatting_is_shown_as_text(open_as, ctx, second_needed):
    at = say(open_as("Ada"), "approve", "**Boots** [x](y)")
    assert "\\*\\*Boots\\*\\*" in shown(at)
    assert second_opinion.said(opinion(1, "Ada", "Boots")) == "approve as “Boots”"
