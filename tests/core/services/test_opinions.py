"""A second curator judges without seeing the first; what both want is done, what they differ in is shown."""

from collections import Counter

import pytest

from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.services import history, opinions, settings
from core.services.history import run_scope
from core.services.opinions import StandingKind, Verdict
from core.services.review import approve_clusters, name_cluster, open_review, recut
from core.services.settings import SECOND_CURATOR


@pytest.fixture
def reviewed(discovered):
    """The discovered workspace, in which approvals need a second curator."""
    settings.put(discovered, SECOND_CURATOR, True, "Ada")
    return discovered


def groups(context):
    return [cluster for cluster in open_review(context, 1).clusters if cluster.level == 1]


def give(context, cluster, author, name, verdict=Verdict.APPROVE):
    return opinions.give(context, 1, cluster.id, verdict, name, cluster.revision, author)


def test_the_first_approval_waits_and_the_second_of_the_same_name_agrees(reviewed):
    first = groups(reviewed)[0]
    assert give(reviewed, first, "Ada", "Boots").kind is StandingKind.WAITING
    agreed = give(reviewed, first, "Bob", "boots")
    assert (agreed.kind, agreed.name, agreed.authors) == (StandingKind.AGREED_NAME, "Boots", ("Ada", "Bob"))


def test_one_curator_cannot_be_their_own_second(reviewed):
    first = groups(reviewed)[0]
    give(reviewed, first, "Ada", "Boots")
    assert give(reviewed, first, "ADA", "Boots").kind is StandingKind.WAITING


def test_a_dispute_ends_when_one_joins_the_other(reviewed):
    first = groups(reviewed)[0]
    give(reviewed, first, "Ada", "Boots")
    assert give(reviewed, first, "Bob", "Heels").kind is StandingKind.DISPUTED_NAMES
    assert give(reviewed, first, "Ada", "Heels").name == "Heels"


def test_two_who_turn_a_cluster_down_agree_on_that(reviewed):
    first = groups(reviewed)[0]
    give(reviewed, first, "Ada", "", Verdict.REJECT)
    assert give(reviewed, first, "Bob", "ignored", Verdict.REJECT).kind is StandingKind.AGREED_REJECTION


def test_one_curator_is_enough_where_no_second_is_asked_for(discovered):
    assert opinions.required(discovered) == 1
    assert give(discovered, groups(discovered)[0], "Ada", "Boots").is_agreed


def test_saying_the_same_twice_is_one_opinion_and_one_act(reviewed):
    first = groups(reviewed)[0]
    for _ in range(2):
        give(reviewed, first, "Ada", "Boots")
    assert Counter(len(given) for given in opinions.of_run(reviewed, 1).values()) == {1: 1}
    assert len(history.entries(reviewed, run_scope(1))) == 1


def test_an_opinion_makes_nobodys_view_of_the_cluster_stale(reviewed):
    first = groups(reviewed)[0]
    give(reviewed, first, "Ada", "Boots")
    assert groups(reviewed)[0].revision == first.revision


def test_an_opinion_on_a_cluster_that_changed_meanwhile_is_refused(reviewed):
    first = groups(reviewed)[0]
    name_cluster(reviewed, first.id, "Shoes of Bob", first.revision, "Bob")
    with pytest.raises(StaleRevisionError, match="Shoes of Bob"):
        give(reviewed, first, "Ada", "Boots")


def test_an_opinion_needs_an_open_cluster_of_the_run_and_a_name_that_can_be_a_nodes(reviewed):
    first, second, *_ = groups(reviewed)
    with pytest.raises(TaxonomyError):
        give(reviewed, first, "Ada", "Boots > High")
    with pytest.raises(RunNotFoundError):
        opinions.give(reviewed, 2, first.id, Verdict.APPROVE, "Boots", first.revision, "Ada")
    for author in ("Ada", "Bob"):
        give(reviewed, second, author, "Heels")
    approve_clusters(reviewed, 1, {second.id: "Heels"}, "", "Ada")
    with pytest.raises(TaxonomyError, match="approved already"):
        give(reviewed, groups(reviewed)[1], "Ada", "Heels")
    assert opinions.of_run(reviewed, 1).keys() == {second.id}


def test_an_opinion_is_taken_back_and_given_again(reviewed):
    first = groups(reviewed)[0]
    give(reviewed, first, "Ada", "Boots")
    given = opinions.of_run(reviewed, 1)
    history.undo(reviewed, run_scope(1), "Ada")
    assert opinions.of_run(reviewed, 1) == {}
    history.redo(reviewed, run_scope(1), "Ada")
    assert opinions.of_run(reviewed, 1) == given


def test_the_history_never_says_what_the_opinion_is(reviewed):
    first, second, *_ = groups(reviewed)
    give(reviewed, first, "Ada", "Boots")
    give(reviewed, second, "Ada", "", Verdict.REJECT)
    summaries = {entry.summary for entry in history.entries(reviewed, run_scope(1))}
    assert summaries == {f"Gave an opinion on cluster {cluster.number}" for cluster in (first, second)}


def test_several_clusters_are_judged_in_one_act(reviewed):
    first, second, *_ = groups(reviewed)
    names = {first.id: "Boots", second.id: "Heels"}
    opinions.give_all(reviewed, 1, names, {}, "Ada")
    assert [entry.summary for entry in history.entries(reviewed, run_scope(1))] == ["Gave an opinion on 2 clusters"]
    given = opinions.give_all(reviewed, 1, {**names, second.id: "Sandals"}, {}, "Bob")
    assert given.agreed == {first.id: "Boots"}
    assert given.standings[second.id].kind is StandingKind.DISPUTED_NAMES


def test_a_subcluster_waits_until_the_cluster_it_is_part_of_is_agreed(subdivided):
    settings.put(subdivided, SECOND_CURATOR, True, "Ada")
    child = next(cluster for cluster in open_review(subdivided, 1).clusters if cluster.level == 2)
    opinions.give_all(subdivided, 1, {child.parent_id: "Boots", child.id: "Ankle boots"}, {}, "Ada")
    other = opinions.give_all(subdivided, 1, {child.parent_id: "Footwear", child.id: "Ankle boots"}, {}, "Bob")
    assert other.standings[child.id].kind is StandingKind.AGREED_NAME
    assert other.agreed == {}
    same = opinions.give_all(subdivided, 1, {child.parent_id: "Boots", child.id: "Ankle boots"}, {}, "Bob")
    assert same.agreed == {child.parent_id: "Boots", child.id: "Ankle boots"}


def test_a_cut_elsewhere_leaves_clusters_that_are_being_judged(reviewed):
    first = groups(reviewed)[0]
    give(reviewed, first, "Ada", "Boots")
    assert first.id in {cluster.id for cluster in recut(reviewed, 1, 8, "Bob").clusters}


def test_a_decision_without_a_second_curator_is_refused(reviewed):
    first = groups(reviewed)[0]

    def check(name, verdict=Verdict.APPROVE):
        with reviewed.database.read() as session:
            opinions.check_agreed(session, 1, {first.id: name}, verdict)

    give(reviewed, first, "Ada", "Boots")
    with pytest.raises(TaxonomyError, match="two curators"):
        check("Boots")
    give(reviewed, first, "Bob", "Boots")
    check("boots")
    for name, verdict in (("Heels", Verdict.APPROVE), ("", Verdict.REJECT)):
        with pytest.raises(TaxonomyError, match="two curators"):
            check(name, verdict)
    settings.put(reviewed, SECOND_CURATOR, False, "Ada")
    check("Heels")


def test_agreement_is_measured_on_what_was_said_before_seeing_the_others(reviewed):
    first, second, third, *_ = groups(reviewed)
    for cluster, name in ((first, "Boots"), (second, "Heels"), (third, "Heels")):
        give(reviewed, cluster, "Ada", name)
    for cluster, name in ((first, "boots"), (second, "Boots")):
        give(reviewed, cluster, "Bob", name)
    give(reviewed, second, "Bob", "Heels")  # joins Ada once both have spoken: no agreement to be proud of
    (found,) = opinions.agreement(reviewed)
    assert found.path == "Apparel & Accessories > Shoes"
    assert (found.n_clusters, found.observed, found.authors) == (2, 0.5, ("Ada", "Bob"))
    assert found.kappa == pytest.approx(0.0)


def test_agreement_on_one_label_has_no_kappa(reviewed):
    first = groups(reviewed)[0]
    assert opinions.agreement(reviewed) == []
    for author in ("Ada", "Bob"):
        give(reviewed, first, author, "Boots")
    (found,) = opinions.agreement(reviewed)
    assert (found.n_clusters, found.observed, found.kappa) == (1, 1.0, None)
