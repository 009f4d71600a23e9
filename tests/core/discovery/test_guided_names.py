"""Clusters that continue a known group carry its name."""

import numpy as np

from core.discovery.guidance import Group
from core.discovery.guided_names import continued_suggestions, group_names
from core.domain.discovery import NameSource, NameSuggestion

WORDS = (NameSuggestion("Running Shoes", NameSource.WORDS, ""), NameSuggestion("sneakers", NameSource.WORDS, ""))
GROUPS = (Group("Sneakers", "n1"), Group("Boots"), Group(""))


def test_the_approved_name_comes_first_with_its_evidence_and_only_once():
    found = continued_suggestions(WORDS, np.array([0, 0, -1, 0]), GROUPS)
    assert found[0] == NameSuggestion("Sneakers", NameSource.APPROVED, "continues 'Sneakers', 3 of its products")
    assert [item.name for item in found] == ["Sneakers", "Running Shoes"]


def test_a_name_still_in_review_says_whose_it_is():
    assert continued_suggestions(WORDS, np.array([1, -1]), GROUPS)[0].source is NameSource.CURATOR


def test_without_a_named_group_the_words_stand():
    assert continued_suggestions(WORDS, np.array([-1, 2, 2]), GROUPS) == WORDS
    assert continued_suggestions(WORDS, np.array([-1]), ()) == WORDS


def test_names_that_are_taken_are_told():
    assert group_names(GROUPS) == ("Sneakers", "Boots")
