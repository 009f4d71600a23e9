"""Names for clusters."""

import time

import numpy as np
import pytest

from core.discovery.naming import build_token_counts, class_tfidf, suggest_names
from core.domain.errors import ShapeError


def named(groups: list[list[str]], min_df: int = 1, **options):
    """Suggestions for clusters given as lists of titles."""
    titles = [title.split() for group in groups for title in group]
    cluster_ids = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    counts, vocabulary = build_token_counts(titles, min_df)
    return suggest_names(counts, vocabulary, cluster_ids, len(groups), **options)


def test_a_word_and_its_plural_are_one_term():
    counts, vocabulary = build_token_counts([["boot"], ["boots"], ["black", "boots"]], min_df=3)
    assert vocabulary == ("boots",)
    assert counts.toarray().tolist() == [[1], [1], [1]]


def test_rare_terms_are_left_out_and_a_repeated_word_counts_once():
    counts, vocabulary = build_token_counts([["boot", "boot"], ["boot", "rare"]], min_df=2)
    assert vocabulary == ("boots",)
    assert counts.toarray().tolist() == [[1], [1]]


def test_only_words_that_end_titles_get_a_plural():
    _, vocabulary = build_token_counts([["casual", "shoe"]] * 5, min_df=1)
    assert set(vocabulary) == {"casual", "shoes", "casual shoes"}


def test_the_weights_are_those_of_the_formula():
    counts, vocabulary = build_token_counts([["a1", "b1"], ["a1"], ["b1"], ["c1"]], min_df=1)
    cluster_ids = np.array([0, 0, 1, -1])
    table = np.zeros((2, len(vocabulary)))
    for product, cluster in enumerate(cluster_ids):
        if cluster >= 0:
            table[cluster] += counts[[product]].toarray()[0]
    mean_size = table.sum() / 2
    for cluster in range(2):
        for term in range(len(vocabulary)):
            frequency = table[:, term].sum()
            share = table[cluster, term] / table[cluster].sum()
            expected = share * np.log(1 + mean_size / frequency) if frequency else 0.0
            assert class_tfidf(counts, cluster_ids, 2)[cluster, term] == pytest.approx(expected)


def test_names_are_title_case_plurals_with_their_evidence():
    boots, sneakers = named([["casual boot"] * 6 + ["casual boots"] * 2, ["casual sneaker"] * 8])
    assert (boots.names[0], sneakers.names[0]) == ("Boots", "Sneakers")
    assert boots.keywords[0] == "boots"
    assert boots.evidence[boots.keywords.index("boots")] == 1.0


def test_two_words_that_belong_together_are_preferred_to_one():
    ankle, rain = named([["suede ankle boot", "ankle boots", "old ankle boot"], ["rain boots", "rubber rain boot"] * 2])
    assert ankle.names[0] == "Ankle Boots"
    assert rain.names[0] == "Rain Boots"


def test_a_word_with_many_neighbours_stands_alone():
    sandals, _ = named([["red sandal", "blue sandal", "flat sandal", "thong sandal"], ["polo shirt"] * 4])
    assert sandals.names[0] == "Sandals"


def test_a_material_names_no_cluster_where_a_kind_is_there():
    boots, bags = named([["suede boot nubuck"] * 6 + ["boot mesh"] * 4, ["leather bag"] * 8])
    assert boots.names[0] == "Boots"
    assert not {"Nubucks", "Meshes", "Nubuck", "Mesh"} & set(boots.names)
    assert bags.names[0] == "Bags"


def test_a_plural_is_not_invented_for_what_titles_rarely_end_with():
    _, vocabulary = build_token_counts([["car", "mat", "swift"], ["car", "mat", "alto"], ["bright", "usb", "lamp"]], 1)
    assert {"mat", "usb", "car"} <= set(vocabulary)


def test_the_kind_is_named_before_what_follows_it():
    covers, _ = named([["back cover | apple ipad"] * 6, ["usb cable"] * 6])
    assert covers.names[0] == "Back Covers"
    assert not any("Ipad" in name for name in covers.names)


def test_the_end_of_a_longer_attribute_makes_no_name():
    tees, _ = named([["round neck t-shirt"] * 6 + ["polo t-shirt"] * 2, ["check shirt"] * 8])
    assert tees.names[0] == "T-shirts"
    assert "Neck T-shirts" not in tees.names


def test_a_colour_adds_nothing_to_a_kind():
    shoes, _ = named([["black loafer"] * 6 + ["loafers"] * 2, ["white sneaker"] * 6])
    assert shoes.names == ("Loafers",)


def test_a_hollow_head_gets_the_word_before_it():
    sets, _ = named([["jewellery set"] * 6 + ["bangle set"] * 2, ["ring"] * 6])
    assert sets.names[0] == "Jewellery Sets"


def test_the_evidence_of_a_name_is_where_its_words_stand():
    boots, _ = named([["ankle boot"] * 3 + ["clog"], ["boot sandal"] + ["sandal"] * 3])
    assert boots.suggestions[0].evidence == "'ankle boots' in 75 % of titles here, 0 % elsewhere"


def test_siblings_never_share_their_first_name():
    groups = named([["plain shoe"] * 5, ["plain shoe"] * 9, ["plain shoe"] * 3])
    first = [group.names[0] for group in groups]
    assert len(set(first)) == 3
    assert first[1] in ("Plain Shoes", "Shoes")  # the largest gets the plain name
    assert all("Shoes" in name for name in first)


def test_a_name_to_avoid_is_not_given():
    (only,) = named([["shoe"] * 5], avoid=("shoes",))
    assert only.names == ("Other Shoes",)


def test_a_cluster_without_words_is_a_numbered_group():
    worded, silent = named([["boot"] * 4, [""] * 3])
    assert worded.names[0] == "Boots"
    assert (silent.names, silent.keywords, silent.evidence) == (("Group 2",), (), ())


def test_no_words_at_all_are_no_fault():
    assert [group.names for group in named([["", ""], [""]])] == [("Group 1",), ("Group 2",)]


def test_noise_has_no_say():
    counts, vocabulary = build_token_counts([["boot"]] * 3 + [["hat"]] * 30, min_df=1)
    (group,) = suggest_names(counts, vocabulary, np.array([0] * 3 + [-1] * 30), 1)
    assert group.names == ("Boots",)


def test_a_word_of_few_titles_does_not_name_the_group():
    rare, _ = named([["boot"] * 18 + ["xylophone boot"], ["sandal"] * 19])
    assert rare.names == ("Boots",)


def test_at_most_as_many_names_as_asked():
    titles = ["boot heel", "boot clog", "heel clog"] * 4
    assert all(len(group.names) == 1 for group in named([titles, ["hat"] * 5], n_names=1))
    assert 1 < len(named([titles, ["hat"] * 5])[0].names) <= 3


def test_shapes_must_fit():
    counts, vocabulary = build_token_counts([["boot"]] * 3, min_df=1)
    with pytest.raises(ShapeError):
        suggest_names(counts, vocabulary, np.zeros(4, dtype=np.int64), 1)


def test_renaming_twenty_clusters_of_six_thousand_products_keeps_up_with_a_slider():
    generator = np.random.default_rng(0)
    words = [f"word{'abcdefghij'[i % 10]}{'abcdefghijklmnopqrst'[i // 10 % 20]}" for i in range(200)]
    counts, vocabulary = build_token_counts([generator.choice(words, 6).tolist() for _ in range(6_000)], 3)
    cluster_ids = generator.integers(0, 20, 6_000)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        suggest_names(counts, vocabulary, cluster_ids, 20)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.1
