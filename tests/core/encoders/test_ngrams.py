import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from core.encoders.ngrams import NgramOptions, NgramTfidf, tokenise

TITLES = ["Nike Men's Running Shoes", "running shoes", "Blue RUNNING socks", "café tee", "Café  T-shirt 500ml", ""]


@pytest.mark.parametrize(("analyzer", "ngram_range"), [("word", (1, 2)), ("char_wb", (3, 5))])
def test_weights_equal_those_of_scikit_learn(analyzer, ngram_range):
    documents = [tokenise(title) for title in TITLES]
    reference = TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=ngram_range,
        sublinear_tf=True,
        lowercase=False,
        **({"token_pattern": r"\S+"} if analyzer == "word" else {}),
    )
    expected = reference.fit_transform(documents).toarray()
    family = NgramTfidf.fit(documents, NgramOptions(analyzer, ngram_range), min_documents=1)
    assert family.terms == list(reference.get_feature_names_out())
    np.testing.assert_allclose(family.transform(documents).toarray(), expected, atol=1e-6)


def test_rare_ngrams_are_left_out():
    family = NgramTfidf.fit(["red shoe", "blue shoe", "blue sock"], NgramOptions("word", (1, 1)), min_documents=2)
    assert family.terms == ["blue", "shoe"]


def test_the_most_widespread_ngrams_are_kept():
    options = NgramOptions("word", (1, 1), max_features=1)
    assert NgramTfidf.fit(["a b", "b c", "b"], options, min_documents=1).terms == ["b"]


def test_unknown_words_weigh_nothing_but_their_known_parts_do():
    documents = ["sneaker", "sneakers"]
    words = NgramTfidf.fit(documents, NgramOptions("word", (1, 1)), 1)
    chars = NgramTfidf.fit(documents, NgramOptions("char_wb", (3, 5)), 1)
    assert words.transform(["sneakerhead"]).nnz == 0
    assert chars.transform(["sneakerhead"]).nnz > 0


@pytest.mark.parametrize("documents", [[], [""], ["", ""]])
def test_a_corpus_without_words_has_no_ngrams(documents):
    family = NgramTfidf.fit(documents, NgramOptions("char_wb", (3, 5)), 1)
    assert family.terms == []
    assert family.transform(["shoe", ""]).shape == (2, 0)


def test_tokenise_folds_case_width_and_spacing():
    assert tokenise("  Ｎｉｋｅ — STRASSE\tÉté ") == "nike strasse été"
