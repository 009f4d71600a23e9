"""Groups of near-duplicates: equal keys and hardly different vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discovery import near_duplicates
from core.discovery.near_duplicates import DuplicateReason, duplicate_groups, title_key
from core.domain.errors import ShapeError


def at_angles(*degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_a_product_joins_the_first_one_it_is_near_to():
    firsts, reasons, similarities = duplicate_groups([None] * 4, [None] * 4, at_angles(0, 40, 1, 42), 0.99, 0.5)
    assert firsts.tolist() == [0, 1, 0, 1]
    assert reasons.tolist() == [0, 0, DuplicateReason.ALIKE, DuplicateReason.ALIKE]
    assert similarities[2] == pytest.approx(np.cos(np.radians(1)), abs=1e-6)


def test_a_chain_of_small_steps_does_not_join_what_is_far_apart():
    firsts, _, _ = duplicate_groups([None] * 5, [None] * 5, at_angles(0, 6, 12, 18, 24), np.cos(np.radians(7)), 0.5)
    assert firsts.tolist() == [0, 0, 2, 2, 4]


def test_an_equal_image_counts_more_than_an_equal_title_and_that_more_than_likeness():
    firsts, reasons, _ = duplicate_groups(["a", "b", "a", "c"], ["x", "y", "y", "y"], at_angles(0, 0, 0, 0), 0.9, 0.5)
    assert firsts.tolist() == [0, 0, 0, 0]
    assert reasons.tolist() == [0, DuplicateReason.ALIKE, DuplicateReason.SAME_IMAGE, DuplicateReason.SAME_TITLE]


def test_an_equal_title_on_clearly_different_images_is_no_duplicate():
    titles, vectors = ["x", "x", "x", "x"], at_angles(0, 80, 85, 0)
    vectors[3] = 0  # without an image there is no telling: the title counts
    firsts, reasons, _ = duplicate_groups([None] * 4, titles, vectors, None, np.cos(np.radians(20)))
    assert firsts.tolist() == [0, 1, 1, 0]
    assert reasons.tolist() == [0, 0, DuplicateReason.SAME_TITLE, DuplicateReason.SAME_TITLE]


def test_products_without_image_title_or_vector_stay_alone():
    vectors = np.zeros((3, 2), dtype=np.float32)
    firsts, reasons, _ = duplicate_groups([None] * 3, [None] * 3, vectors, 0.5, 0.5)
    assert firsts.tolist() == [0, 1, 2]
    assert not reasons.any()


def test_lengths_that_differ_are_refused():
    with pytest.raises(ShapeError):
        duplicate_groups(["a"], [], at_angles(0), 0.9, 0.5)


def same_title(i, firsts, titles, vectors, least) -> int | None:
    known = list(dict.fromkeys(firsts[j] for j in range(i) if titles[j] == titles[i] is not None))
    scores = [float(vectors[j] @ vectors[i]) if vectors[j].any() and vectors[i].any() else least for j in known]
    if not known or max(scores) < least:
        return None
    return known[scores.index(max(scores))]


def plainly(images, titles, vectors, threshold, title_threshold) -> list[int]:
    firsts: list[int] = []
    for i in range(len(images)):
        found = next((firsts[j] for j in range(i) if images[j] == images[i] is not None), None)
        if found is None:
            found = same_title(i, firsts, titles, vectors, title_threshold)
        if found is None:
            near = [(float(vectors[j] @ vectors[i]), -j) for j in range(i) if firsts[j] == j]
            near = [pair for pair in near if pair[0] >= threshold]
            found = -max(near)[1] if near else i
        firsts.append(found)
    return firsts


KEYS = st.sampled_from([None, None, "a", "b", "c"])


WHOLE = st.tuples(st.integers(-2, 2), st.integers(-2, 2))  # products of small whole numbers are exact


@given(st.lists(st.tuples(KEYS, KEYS, WHOLE), max_size=30))
def test_groups_are_those_of_a_plain_loop(rows):
    images, titles = [row[0] for row in rows], [row[1] for row in rows]
    vectors = np.array([row[2] for row in rows], dtype=np.float32).reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_duplicates, "_BLOCK", 4)
        firsts, _, _ = duplicate_groups(images, titles, vectors, 3.0, 2.0)
    assert firsts.tolist() == plainly(images, titles, vectors, 3.0, 2.0)


def test_titles_that_differ_in_case_marks_and_spacing_are_one():
    assert title_key("NIKE  Air-Max!", "Nike") == title_key("Nike air max", "nike")
    assert title_key("Air Max", "Nike") != title_key("Air Max", "Puma")
    assert title_key("?!", "Nike") is None
