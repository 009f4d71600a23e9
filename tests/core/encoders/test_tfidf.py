import csv
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.tfidf import BRANDS, FILE_NAME, TfidfEncoder, TfidfParameters

KINDS = {"shoes": "running trail leather", "jeans": "slim washed ripped", "watch": "analog digital steel"}
TITLES = [
    f"{colour} {style} {kind}"
    for kind, styles in KINDS.items()
    for style in styles.split()
    for colour in ("red", "blue", "green")
]
FASHION = Path(__file__).resolve().parents[4] / "shared" / "data" / "fashion" / "products.csv"


def fit(texts, **parameters):
    return TfidfEncoder.fit(texts, NullProgress(), TfidfParameters(**parameters))


def test_embeddings_are_unit_length_float32():
    embeddings = fit(TITLES).encode(TITLES, NullProgress())
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


def test_an_empty_text_is_the_zero_vector():
    embeddings = fit(TITLES).encode(["", "  -- ", TITLES[0]], NullProgress())
    assert not embeddings[:2].any()
    assert embeddings[2].any()


def test_titles_of_one_kind_are_nearer_than_of_two():
    encoder = fit(TITLES)
    shoe, other_shoe, jeans = encoder.encode(
        ["red running shoes", "blue trail shoes", "green slim jeans"], NullProgress()
    )
    assert shoe @ other_shoe > shoe @ jeans


def test_a_misspelt_title_stays_near():
    encoder = fit(TITLES)
    right, wrong, other = encoder.encode(["leather shoes", "lether shoess", "analog watch"], NullProgress())
    assert right @ wrong > 0.5 > right @ other


def test_similarities_are_those_of_scikit_learn_where_no_dimension_is_cut():
    of_words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    of_chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    union = FeatureUnion([("words", of_words), ("chars", of_chars)], transformer_weights={"words": 1.0, "chars": 0.7})
    reference = normalize(union.fit_transform(TITLES)).toarray()
    embeddings = fit(TITLES, n_dimensions=1000, n_iterations=10).encode(TITLES, NullProgress())
    np.testing.assert_allclose(embeddings @ embeddings.T, reference @ reference.T, atol=1e-4)


def test_a_loaded_encoder_embeds_as_before(tmp_path):
    encoder = fit(TITLES)
    encoder.save(tmp_path)
    loaded = TfidfEncoder.load(tmp_path)
    assert (loaded.version, loaded.n_dimensions) == (encoder.version, encoder.n_dimensions)
    unseen = [*TITLES, "never seen shoes", ""]
    np.testing.assert_array_equal(loaded.encode(unseen, NullProgress()), encoder.encode(unseen, NullProgress()))
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_version_follows_texts_and_parameters():
    version = fit(TITLES).version
    assert fit(TITLES).version == version
    assert fit(TITLES[1:]).version != version
    assert fit(TITLES, char_weight=0.5).version != version


def test_fewer_dimensions_where_the_texts_hold_less():
    assert fit(["one", "two"]).n_dimensions == 2
    assert TfidfEncoder.fit(TITLES, NullProgress(), BRANDS).n_dimensions == len(TITLES)


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_a_corpus_without_words_embeds_to_zero(texts, tmp_path):
    encoder = fit(texts)
    encoder.save(tmp_path)
    assert not TfidfEncoder.load(tmp_path).encode(["shoes"], NullProgress()).any()


def test_no_texts_give_no_rows():
    assert fit(TITLES).encode([], NullProgress()).shape == (0, fit(TITLES).n_dimensions)


@pytest.mark.parametrize("content", [None, b"", b"not a safetensors file" * 20])
def test_loading_what_is_no_encoder_says_so(tmp_path, content):
    if content is not None:
        (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(EncoderUnavailableError, match="fitted text encoder"):
        TfidfEncoder.load(tmp_path)


@pytest.mark.skipif(not FASHION.exists(), reason="needs ../shared/data/fashion")
def test_real_titles_are_fitted_and_encoded_quickly():
    with FASHION.open(encoding="utf-8", newline="") as file:
        titles = [row["title"] for row in csv.DictReader(file)][::4]
    started = time.process_time()
    encoder = TfidfEncoder.fit(titles, NullProgress())
    fitted = time.process_time()
    embeddings = encoder.encode(titles, NullProgress())
    assert fitted - started < 40  # seconds of two cores
    assert len(titles) / (time.process_time() - fitted) > 2500  # per second of one core
    assert embeddings.shape == (len(titles), 256)
