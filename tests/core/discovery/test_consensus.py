"""Where curators stand: a table of cases, and rules that hold for any opinions."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discovery.consensus import blind_labels, newest, standing
from core.domain.opinion import Opinion, StandingKind, Verdict


def opinions(*said):
    """From "Ada: Boots" or "Ada: -" for a rejection, in the order they came."""
    made = []
    for number, text in enumerate(said, 1):
        author, name = text.split(": ")
        verdict = Verdict.REJECT if name == "-" else Verdict.APPROVE
        made.append(
            Opinion(number, 1, 7, author, verdict, "" if name == "-" else name, datetime(2025, 1, 1, tzinfo=UTC))
        )
    return made


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ([], StandingKind.NONE, ""),
        (["Ada: Boots"], StandingKind.WAITING, ""),
        (["Ada: -"], StandingKind.WAITING, ""),
        (["Ada: Boots", "ada: Boots"], StandingKind.WAITING, ""),
        (["Ada: Boots", "Bob: boots"], StandingKind.AGREED_NAME, "Boots"),
        (["Ada: -", "Bob: -"], StandingKind.AGREED_REJECTION, ""),
        (["Ada: Boots", "Bob: Heels"], StandingKind.DISPUTED_NAMES, ""),
        (["Ada: Boots", "Bob: -"], StandingKind.DISPUTED, ""),
        (["Ada: Boots", "Bob: Heels", "Ada: heels"], StandingKind.AGREED_NAME, "Heels"),
        (["Ada: Boots", "Bob: Boots", "Ada: -"], StandingKind.DISPUTED, ""),
        (["Ada: Boots", "Bob: Heels", "Cid: Boots"], StandingKind.AGREED_NAME, "Boots"),
        (["Ada: Boots", "Bob: Heels", "Cid: Boots", "Dan: Heels"], StandingKind.DISPUTED_NAMES, ""),
    ],
)
def test_two_curators_must_want_the_same(said, kind, name):
    found = standing(opinions(*said), 2)
    assert (found.kind, found.name) == (kind, name)


def test_where_one_curator_is_enough_an_opinion_decides():
    assert standing(opinions("Ada: Boots"), 1).kind is StandingKind.AGREED_NAME


def test_a_category_called_reject_is_no_rejection():
    assert standing(opinions("Ada: reject", "Bob: -"), 2).kind is StandingKind.DISPUTED


SAID = st.lists(
    st.builds(
        "{}: {}".format, st.sampled_from(["Ada", "Bob", "Cid"]), st.sampled_from(["Boots", "boots", "Heels", "-"])
    )
)


@given(SAID)
def test_agreement_names_at_least_two_different_curators_who_want_it(said):
    given_ = opinions(*said)
    found = standing(given_, 2)
    if found.is_agreed:
        wanting = {opinion.author for opinion in newest(given_) if opinion.name.casefold() == found.name.casefold()}
        assert len(found.authors) >= 2
        assert set(found.authors) <= wanting
    assert not (found.is_agreed and found.is_disputed)


@given(SAID, st.randoms())
def test_the_order_in_which_opinions_are_handed_over_does_not_matter(said, random):
    given_ = opinions(*said)
    shuffled = random.sample(given_, len(given_))
    assert standing(shuffled, 2) == standing(given_, 2)
    assert blind_labels(shuffled) == blind_labels(given_)


def test_joining_the_other_after_seeing_their_opinion_is_no_agreement_by_oneself():
    labels = blind_labels(opinions("Ada: Boots", "Bob: Heels", "Ada: Heels", "Cid: Heels", "Cid: Boots"))
    assert {curator: name for curator, (_, name) in labels.items()} == {"ada": "boots", "bob": "heels", "cid": "heels"}


def test_a_curator_may_correct_themselves_until_another_speaks():
    assert blind_labels(opinions("Ada: Bots", "Ada: Boots", "Bob: Boots"))["ada"] == (Verdict.APPROVE, "boots")
