from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.domain.errors import TooFewProductsError
from core.experiments.catalogue import Source, cut_up, without_rare_paths
from core.experiments.settings import CUT_UP, LEAVE_OUT


def test_a_rare_path_is_cut_to_the_nearest_node_with_enough_below_it():
    paths = [("a", "b", "c")] * 3 + [("a", "b", "d")] + [("a", "e")] + [("f",)]
    assert cut_up(paths, 3) == (*[("a", "b", "c")] * 3, ("a", "b"), ("a",), ())
    assert cut_up(paths, 6) == ((),) * 6


def test_leaving_out_changes_no_path_and_keeps_rows_aligned(catalogue):
    paths = (("shoes", "rare"), *catalogue.paths[1:])
    kept = without_rare_paths(replace(catalogue, paths=paths), 10, LEAVE_OUT)
    assert kept.paths == catalogue.paths[1:]
    assert kept.product_ids.tolist() == catalogue.product_ids[1:].tolist()
    source = Source("title", "tfidf")
    np.testing.assert_array_equal(kept.features([source])["title"], catalogue.features([source])["title"][1:])


def test_cutting_up_keeps_products_of_rare_paths_and_leaves_every_path_enough(catalogue):
    paths = (*[("shoes", "rare")] * 2, *[("hats", "caps")] * 2, *catalogue.paths[4:])
    kept = without_rare_paths(replace(catalogue, paths=paths), 10, CUT_UP)
    assert kept.paths[:2] == (("shoes",), ("shoes",))
    assert min(Counter(kept.paths).values()) >= 10
    assert len(kept) == len(catalogue) - 2


def test_too_few_categories_are_an_error_that_counts_them(catalogue):
    with pytest.raises(TooFewProductsError, match="found 0 among 150"):
        without_rare_paths(catalogue, 1000, LEAVE_OUT)


def test_embeddings_are_computed_once(catalogue):
    sources = [Source("title", "tfidf"), Source("image", "aligned")]
    first, second = catalogue.features(sources), catalogue.features(sources)
    assert catalogue.embedder.embedded == sources
    assert first["image"] is second["image"]


def test_other_paths_share_embeddings_but_nothing_that_came_of_the_paths(catalogue):
    catalogue.features([Source("title", "tfidf")])
    catalogue.remember("split", lambda: "of the old paths")
    other = catalogue.with_paths([("x",)] * len(catalogue))
    other.features([Source("title", "tfidf")])
    assert len(catalogue.embedder.embedded) == 1
    assert other.remember("split", lambda: "of the new paths") == "of the new paths"


@pytest.mark.parametrize(
    "change",
    [
        {"paths": (("shoes", "boots"),) * 150},
        {"platforms": ("one",) * 150},
        {"groups": np.zeros(150, dtype=np.int64)},
        {"content": "other titles"},
        {"product_ids": np.arange(150)},
        {"truth": ("x",) * 150},
    ],
)
def test_the_digest_changes_with_the_data(catalogue, change):
    assert replace(catalogue, **change).digest() != catalogue.digest()
    assert replace(catalogue).digest() == catalogue.digest()
