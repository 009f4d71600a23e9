"""The file of a run."""

import time

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from core.discovery.dendrogram import Dendrogram
from core.discovery.naming import build_token_counts
from core.discovery.run_file import RunFile
from core.domain.errors import RunNotFoundError, ShapeError


def run_of(n_products: int, tokens: list[list[str]] | None = None) -> RunFile:
    generator = np.random.default_rng(0)
    m = min(n_products, 20_000)
    counts, vocabulary = build_token_counts(tokens or [["boot", "ankle"]] * n_products, 1)
    return RunFile(
        product_ids=np.arange(n_products) * 7,
        reduced=generator.normal(size=(n_products, 10)).astype(np.float32),
        projection=generator.normal(size=(n_products, 2)).astype(np.float32),
        dendrogram=Dendrogram(generator.random((m - 1, 4)), np.arange(n_products) % m, "by hand"),
        is_noise=generator.random(n_products) < 0.1,
        outlier_scores=generator.random(n_products).astype(np.float32),
        counts=counts,
        vocabulary=vocabulary,
    )


def test_what_is_saved_is_what_is_loaded(tmp_path):
    run = run_of(50, [["botte", "été"], []] * 25)
    run.save(tmp_path / "runs" / "1.npz")
    read = RunFile.load(tmp_path / "runs" / "1.npz")
    for name in ("product_ids", "reduced", "projection", "is_noise", "outlier_scores"):
        assert np.array_equal(getattr(read, name), getattr(run, name))
        assert getattr(read, name).dtype == getattr(run, name).dtype
    assert np.array_equal(read.dendrogram.linkage, run.dendrogram.linkage)
    assert np.array_equal(read.dendrogram.leaf_of_product, run.dendrogram.leaf_of_product)
    assert read.dendrogram.method == "by hand"
    assert (read.counts != run.counts).nnz == 0
    assert read.vocabulary == run.vocabulary
    assert "été" in " ".join(read.vocabulary)


def test_a_run_without_words_is_saved_too(tmp_path):
    run_of(5, [[] for _ in range(5)]).save(tmp_path / "1.npz")
    read = RunFile.load(tmp_path / "1.npz")
    assert read.vocabulary == ()
    assert read.counts.shape == (5, 0)


def test_a_missing_file_is_a_fault_with_a_remedy(tmp_path):
    with pytest.raises(RunNotFoundError, match="missing"):
        RunFile.load(tmp_path / "none.npz")


@pytest.mark.parametrize("keep", [0, 10, 2_000])
def test_a_broken_file_is_a_fault_with_a_remedy(tmp_path, keep):
    run_of(50).save(tmp_path / "1.npz")
    whole = (tmp_path / "1.npz").read_bytes()
    (tmp_path / "1.npz").write_bytes(whole[:keep])
    with pytest.raises(RunNotFoundError, match="cannot be read"):
        RunFile.load(tmp_path / "1.npz")


def test_a_file_of_something_else_is_a_fault_with_a_remedy(tmp_path):
    np.savez(tmp_path / "1.npz", something=np.arange(3))
    with pytest.raises(RunNotFoundError):
        RunFile.load(tmp_path / "1.npz")


def test_saving_replaces_the_former_run_and_leaves_no_litter(tmp_path):
    run_of(5).save(tmp_path / "1.npz")
    run_of(6).save(tmp_path / "1.npz")
    assert len(RunFile.load(tmp_path / "1.npz").product_ids) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["1.npz"]


def test_a_failed_save_keeps_the_former_run(tmp_path, monkeypatch):
    run_of(5).save(tmp_path / "1.npz")

    def disk_full(*_args, **_kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", disk_full)
    with pytest.raises(OSError, match="No space"):
        run_of(6).save(tmp_path / "1.npz")
    assert len(RunFile.load(tmp_path / "1.npz").product_ids) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["1.npz"]


def test_arrays_of_different_lengths_are_refused():
    run = run_of(5)
    with pytest.raises(ShapeError, match="projection"):
        RunFile(
            run.product_ids,
            run.reduced,
            run.projection[:4],
            run.dendrogram,
            run.is_noise,
            run.outlier_scores,
            csr_matrix((5, 0)),
            (),
        )


@pytest.mark.parametrize(("n_products", "seconds"), [(6_000, 0.1), (35_000, 0.4)])
def test_a_run_loads_while_a_page_opens(tmp_path, n_products, seconds):
    run_of(n_products).save(tmp_path / "1.npz")
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        RunFile.load(tmp_path / "1.npz")
        taken.append(time.perf_counter() - started)
    assert min(taken) < seconds
