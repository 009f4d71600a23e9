import numpy as np
import pytest

from core.domain.errors import EncoderUnavailableError, ShapeError
from core.domain.progress import NullProgress
from core.encoders.variance_pca import FILE_NAME, ReducedImageEncoder, VariancePca


@pytest.fixture
def embeddings():
    """Most of the variance lies in four of twenty directions."""
    draw = np.random.default_rng(0)
    scales = np.array([5.0, 4.0, 3.0, 2.0] + 16 * [0.3])
    return (3 + draw.normal(size=(300, 20)) * scales).astype(np.float32)


class FakeEncoder:
    """Embeds the paths "0", "1", … as rows of a table."""

    name, version = "vit", "v1"

    def __init__(self, table):
        self.table, self.n_dimensions = table, table.shape[1]

    def encode(self, images, progress):
        return self.table[[int(path) for path in images]]


def kept_share(pca, embeddings, n_dimensions):
    centred = embeddings - embeddings.mean(axis=0)
    projected = centred @ pca.components[:n_dimensions].T
    return (projected**2).sum() / (centred**2).sum()


def test_as_few_directions_as_hold_the_share_are_kept(embeddings):
    pca = VariancePca.fit(embeddings, 0.9)
    assert kept_share(pca, embeddings, pca.n_dimensions) >= 0.9
    assert kept_share(pca, embeddings, pca.n_dimensions - 1) < 0.9
    assert VariancePca.fit(embeddings, 0.99).n_dimensions > pca.n_dimensions


def test_it_agrees_with_a_singular_value_decomposition(embeddings):
    pca = VariancePca.fit(embeddings)
    centred = embeddings - embeddings.mean(axis=0)
    _, _, rows = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(pca.components @ rows[: pca.n_dimensions].T), np.eye(pca.n_dimensions), atol=1e-3)
    expected = centred @ pca.components.T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(pca.transform(embeddings), expected, atol=1e-4)


def test_products_without_an_image_neither_count_nor_gain_one(embeddings):
    with_gaps = np.concatenate([embeddings, np.zeros((100, 20), dtype=np.float32)])
    pca = VariancePca.fit(with_gaps)
    assert pca.version == VariancePca.fit(embeddings).version
    reduced = pca.transform(with_gaps)
    assert reduced.dtype == np.float32
    assert not reduced[300:].any()
    np.testing.assert_allclose(np.linalg.norm(reduced[:300], axis=1), 1, atol=1e-5)


def test_what_was_saved_reduces_alike(embeddings, tmp_path):
    pca = VariancePca.fit(embeddings)
    pca.save(tmp_path)
    loaded = VariancePca.load(tmp_path)
    assert loaded.version == pca.version
    np.testing.assert_array_equal(loaded.transform(embeddings), pca.transform(embeddings))


def test_a_folder_without_a_fit_says_so(tmp_path):
    with pytest.raises(EncoderUnavailableError, match="fitted PCA"):
        VariancePca.load(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"broken")
    with pytest.raises(EncoderUnavailableError, match="fitted PCA"):
        VariancePca.load(tmp_path)


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_nothing_to_tell_apart_cannot_be_fitted(rows):
    with pytest.raises(ShapeError):
        VariancePca.fit(np.ones((rows, 4), dtype=np.float32))


def test_a_wrapped_encoder_gives_reduced_embeddings_under_a_version_of_its_own(embeddings):
    plain = FakeEncoder(embeddings)
    pca = VariancePca.fit(plain.encode([str(row) for row in range(300)], NullProgress()))
    wrapped = ReducedImageEncoder(plain, pca)
    np.testing.assert_array_equal(wrapped.encode(["7", "3"], NullProgress()), pca.transform(embeddings[[7, 3]]))
    assert (wrapped.name, wrapped.n_dimensions) == ("vit", pca.n_dimensions)
    assert wrapped.version not in (plain.version, pca.version)
    assert wrapped.version != ReducedImageEncoder(plain, VariancePca.fit(embeddings[:200])).version


def test_a_fit_of_another_encoder_is_refused(embeddings):
    with pytest.raises(ShapeError):
        ReducedImageEncoder(FakeEncoder(embeddings[:, :10]), VariancePca.fit(embeddings))
