import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.statistics import (
    brand_lorenz,
    brand_skew,
    clean_background_share,
    depth_distribution,
    gini,
    imbalance_per_level,
    node_sizes,
    products_per_level,
    title_lengths,
    top_brands,
)
from core.domain.product import CLEAN_BACKGROUND, format_path

EVERY = (
    depth_distribution,
    node_sizes,
    products_per_level,
    imbalance_per_level,
    title_lengths,
    top_brands,
    brand_skew,
    brand_lorenz,
    clean_background_share,
)


def catalogue(rows: list[tuple[str, str, str, str, float | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["platform", "brand", "title", "path", "background_cleanliness"])
    frame["background_cleanliness"] = frame["background_cleanliness"].astype(float)
    names = frame["path"].map(lambda path: [name for name in path.split(" > ") if name])
    return frame.assign(depth=names.map(len).astype(int), level_1=names.map(lambda parts: parts[0] if parts else ""))


@pytest.fixture
def small() -> pd.DataFrame:
    return catalogue(
        [
            ("a", "Nike", "red shoe", "Apparel > Shoes", 1.0),
            ("a", "Nike", "blue shoe", "Apparel > Shoes > Heels", 0.95),
            ("a", "Puma", "bag", "Apparel > Bags", 0.5),
            ("b", "", "a very long title indeed", "Beauty", None),
            ("b", "Nike", "shirt " * 60, "Apparel", 0.9),
        ]
    )


def test_depths_are_counted(small):
    assert depth_distribution(small).to_dict("list") == {
        "depth": [1, 2, 3],
        "n_products": [2, 2, 1],
        "share": [0.4, 0.4, 0.2],
    }


def test_a_node_counts_the_products_below_it_too(small):
    assert node_sizes(small).to_numpy().tolist() == [
        [1, "Apparel", 4],
        [1, "Beauty", 1],
        [2, "Apparel > Shoes", 2],
        [2, "Apparel > Bags", 1],
        [3, "Apparel > Shoes > Heels", 1],
    ]


def test_levels_count_nodes_and_products_that_reach_them(small):
    assert products_per_level(small).to_numpy().tolist() == [[1, 2, 5], [2, 2, 3], [3, 1, 1]]


def test_imbalance_compares_the_largest_node_with_the_median(small):
    first = imbalance_per_level(small).iloc[0]
    assert (first["n_nodes"], first["largest"], first["median"], first["largest_to_median"]) == (2, 4, 2.5, 1.6)
    assert first["gini"] == pytest.approx(0.3)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_gini_equals_the_mean_absolute_difference(counts):
    values = np.array(counts, dtype=float)
    if values.sum() == 0:
        assert gini(values) == 0
    else:
        differences = np.abs(values[:, None] - values[None, :])
        assert gini(values) == pytest.approx(differences.mean() / (2 * values.mean()), abs=1e-12)


def test_gini_of_equal_sizes_is_zero_and_of_one_owner_nearly_one():
    assert gini(np.full(10, 7)) == 0
    assert gini(np.array([0] * 99 + [5])) == pytest.approx(0.99)


def test_titles_are_counted_in_words_and_the_longest_share_a_bin(small):
    lengths = title_lengths(small).set_index("n_words")["n_products"]
    assert lengths.index.tolist() == list(range(1, 41))
    assert lengths[lengths > 0].to_dict() == {1: 1, 2: 2, 5: 1, 40: 1}


def test_products_without_a_brand_do_not_dilute_the_shares(small):
    assert top_brands(small, 1).to_dict("list") == {
        "brand": ["Nike"],
        "n_products": [3],
        "share": [0.75],
        "cumulative_share": [0.75],
    }
    assert brand_skew(small, top=(1, 2, 10))["share"].tolist() == [0.75, 1.0, 1.0]


def test_equal_brands_come_in_the_order_of_their_names():
    frame = catalogue([("p", brand, "t", "c", None) for brand in "cabcab"])
    assert top_brands(frame)["brand"].tolist() == ["a", "b", "c"]


@given(st.lists(st.sampled_from(["a", "b", "c", "d", ""]), min_size=1, max_size=60))
def test_the_lorenz_curve_is_convex_and_its_area_is_the_gini(brands):
    curve = brand_lorenz(catalogue([("p", brand, "t", "c", None) for brand in brands]))
    counts = pd.Series([brand for brand in brands if brand], dtype=str).value_counts()
    if not len(counts):
        assert curve.empty
        return
    x, y = curve["brand_share"].to_numpy(), curve["product_share"].to_numpy()
    assert (x[0], y[0], x[-1]) == (0, 0, 1)
    assert y[-1] == pytest.approx(1)
    assert np.all(np.diff(np.diff(y) / np.diff(x)) > -1e-9)
    assert 1 - 2 * np.trapezoid(y, x) == pytest.approx(gini(counts.to_numpy()), abs=1e-9)


def test_the_lorenz_curve_has_at_most_the_points_asked_for():
    frame = catalogue([("p", f"brand {i}", "t", "c", None) for i in range(500)])
    assert len(brand_lorenz(frame, n_points=11)) == 11


def test_clean_backgrounds_are_shared_out_over_products_with_an_image(small):
    assert clean_background_share(small).to_dict("list") == {
        "platform": ["a", "b"],
        "n_images": [3, 1],
        "clean_share": [pytest.approx(2 / 3), 0.0],
    }
    assert clean_background_share(small, "level_1")["level_1"].tolist() == ["Apparel"]


def test_the_threshold_itself_is_not_clean():
    frame = catalogue([("p", "b", "t", "c", CLEAN_BACKGROUND), ("p", "b", "t", "c", CLEAN_BACKGROUND + 1e-6)])
    assert clean_background_share(frame)["clean_share"].tolist() == [0.5]


def test_an_empty_catalogue_gives_empty_tables_with_the_same_columns(small):
    for statistic in EVERY:
        empty = statistic(small.iloc[:0])
        assert len(empty) == 0
        assert list(empty.columns) == list(statistic(small).columns)


def test_a_catalogue_of_thirty_five_thousand_takes_a_fraction_of_a_second():
    rng = np.random.default_rng(0)
    rows = [
        (f"p{i % 40}", f"b{i % 1000}", "word " * int(n), format_path([f"n{n}", f"m{i % 50}", f"k{i % 900}"]), 0.9)
        for i, n in enumerate(rng.integers(1, 12, 35_000))
    ]
    frame = catalogue(rows)
    started = time.process_time()
    for statistic in EVERY:
        statistic(frame)
    assert time.process_time() - started < 0.6  # half a budget of slack: about 0.1 s on a quiet core
