"""The whole discovery."""

import numpy as np
import pytest

from core.discovery.cascade import discover
from core.discovery.cut import cut
from core.discovery.quality import purity
from core.discovery.run_file import RunFile
from core.domain.discovery import DiscoveryParameters, OutlierReason
from core.domain.errors import JobCancelledError, ParameterError, ShapeError, TooFewProductsError
from core.domain.progress import NullProgress

KINDS = ("boot", "sandal", "sneaker", "loafer", "heel")
COLOURS = ("red", "blue", "green")


def mixture(n_products: int, seed: int = 0, n_kinds: int = 5):
    """Products of a few kinds that each modality tells apart in part, with titles that say the kind."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, n_kinds, n_products)
    image = generator.normal(size=(n_kinds, 32))[truth] + 0.6 * generator.normal(size=(n_products, 32))
    text = generator.normal(size=(n_kinds, 24))[truth] + 0.6 * generator.normal(size=(n_products, 24))
    tokens = [[COLOURS[generator.integers(3)], KINDS[kind]] for kind in truth]
    return image.astype(np.float32), text.astype(np.float32), tokens, np.array([KINDS[kind] for kind in truth])


def run(image, text, tokens, progress=None, **parameters):
    return discover(
        np.arange(len(tokens)) + 100,
        {"image": (image, 1.0), "text": (text, 0.7)},
        image,
        tokens,
        DiscoveryParameters(**parameters),
        progress or NullProgress(),
    )


class Recorder:
    def __init__(self, cancel_above: float = 2.0) -> None:
        self.fractions: list[float] = []
        self._cancel_above = cancel_above

    def report(self, fraction, message="", **metrics):
        self.fractions.append(fraction)
        if fraction > self._cancel_above:
            raise JobCancelledError


@pytest.fixture(scope="module")
def five_kinds():
    image, text, tokens, truth = mixture(500)
    recorder = Recorder()
    return run(image, text, tokens, recorder), truth, recorder


def test_five_kinds_are_found_pure_and_named(five_kinds):
    cascade, truth, _ = five_kinds
    level_1 = [cluster for cluster in cascade.clusters if cluster.level == 1]
    assert len(level_1) == 5
    assert purity(cascade.cluster_ids, truth) >= 0.95
    assert {cluster.suggested_names[0] for cluster in level_1} == {"Boots", "Sandals", "Sneakers", "Loafers", "Heels"}
    for cluster in level_1:
        kind = max(KINDS, key=lambda kind: (truth[cluster.positions] == kind).sum())
        assert cluster.suggested_names[0] == f"{kind.capitalize()}s"


def test_clouds_without_groups_stay_whole(five_kinds):
    assert all(cluster.level == 1 for cluster in five_kinds[0].clusters)


def test_every_product_is_in_one_level_1_cluster_or_is_noise(five_kinds):
    cascade, truth, _ = five_kinds
    level_1 = [cluster for cluster in cascade.clusters if cluster.level == 1]
    inside = np.concatenate([cluster.positions for cluster in level_1])
    assert sorted([*inside, *np.flatnonzero(cascade.run_file.is_noise)]) == list(range(len(truth)))
    for cluster in level_1:
        assert (cascade.cluster_ids[cluster.positions] == cluster.number - 1).all()
        assert np.array_equal(cluster.distances, cascade.distances[cluster.positions])
    assert np.array_equal(cascade.cluster_ids < 0, cascade.run_file.is_noise)


def test_clusters_are_numbered_from_one_larger_first(five_kinds):
    level_1 = [cluster for cluster in five_kinds[0].clusters if cluster.level == 1]
    assert [cluster.number for cluster in level_1] == [1, 2, 3, 4, 5]
    sizes = [len(cluster.positions) for cluster in level_1]
    assert sizes == sorted(sizes, reverse=True)


def test_the_stored_run_gives_the_same_cut_again(five_kinds, tmp_path):
    cascade, _, _ = five_kinds
    cascade.run_file.save(tmp_path / "1.npz")
    read = RunFile.load(tmp_path / "1.npz")
    assert read.product_ids.tolist() == list(range(100, 600))
    assert np.array_equal(cut(read.dendrogram, 5), cascade.cluster_ids)


def test_progress_only_grows_and_ends_at_one(five_kinds):
    fractions = five_kinds[2].fractions
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert len(fractions) > 30


def test_figures_and_the_way_taken_are_recorded(five_kinds):
    cascade, _, _ = five_kinds
    assert cascade.quality["n_clusters"] == 5
    assert cascade.quality["silhouette"] > 0.7
    assert cascade.quality["stability"] > 0.95
    assert cascade.details == {
        "image filter": f"HDBSCAN: {int(cascade.run_file.is_noise.sum())} of 500 images",
        "linkage": "ward, exact",
        "number of clusters": "suggested",
    }
    assert [score.n_clusters for score in cascade.curve] == list(range(3, 21))


def test_the_same_seed_gives_the_same_result():
    image, text, tokens, _ = mixture(220)
    first, again = (run(image, text, tokens, seed=4) for _ in range(2))
    assert np.array_equal(first.run_file.reduced, again.run_file.reduced)
    assert np.array_equal(first.run_file.projection, again.run_file.projection)
    assert np.array_equal(first.cluster_ids, again.cluster_ids)
    assert first.quality == again.quality
    for one, other in zip(first.clusters, again.clusters, strict=True):
        assert np.array_equal(one.positions, other.positions)
        assert (one.suggested_names, one.evidence, one.quality) == (
            other.suggested_names,
            other.evidence,
            other.quality,
        )


def test_groups_inside_a_group_are_found_below_it():
    generator = np.random.default_rng(0)
    outer, inner = generator.integers(0, 3, 450), generator.integers(0, 2, 450)
    # The first kind holds two styles; the others are plain clouds.
    image = 4 * generator.normal(size=(3, 32))[outer] + 0.6 * generator.normal(size=(450, 32))
    image[outer == 0] += (1.5 * generator.normal(size=(2, 32)))[inner[outer == 0]]
    styles = ("ankle", "rain")
    tokens = [[styles[i], "boot"] if o == 0 else [KINDS[o]] for o, i in zip(outer, inner, strict=True)]
    cascade = run(image.astype(np.float32), np.zeros((450, 8), dtype=np.float32), tokens, n_clusters=3)
    level_1 = {cluster.number: cluster for cluster in cascade.clusters if cluster.level == 1}
    level_2 = [cluster for cluster in cascade.clusters if cluster.level == 2]
    assert {cluster.suggested_names[0] for cluster in level_2} == {"Ankle Boots", "Rain Boots"}
    assert [cluster.number for cluster in level_2] == [4, 5]
    (parent_number,) = {cluster.parent_number for cluster in level_2}
    together = np.sort(np.concatenate([cluster.positions for cluster in level_2]))
    assert np.array_equal(together, level_1[parent_number].positions)
    for cluster in level_2:
        assert np.bincount(inner[cluster.positions]).max() > 0.95 * len(cluster.positions)
    assert cascade.details["number of clusters"] == "given"


def test_one_level_can_be_asked_for():
    image, text, tokens, _ = mixture(60)
    assert {cluster.level for cluster in run(image, text, tokens, levels=1).clusters} == {1}


@pytest.mark.parametrize("n_products", [8, 11, 20, 40])
def test_few_products_are_enough(n_products):
    cascade = run(*mixture(n_products)[:3])
    assert sum(len(c.positions) for c in cascade.clusters if c.level == 1) == n_products
    assert all(cluster.suggested_names for cluster in cascade.clusters)


def test_fewer_products_than_asked_clusters_give_one_each():
    cascade = run(*mixture(9)[:3], n_clusters=30)
    assert len(cascade.clusters) == 9


def test_too_few_or_identical_products_are_refused():
    with pytest.raises(TooFewProductsError, match="holds 3"):
        run(*mixture(3)[:3])
    with pytest.raises(TooFewProductsError, match="apart"):
        run(np.ones((30, 4)), np.zeros((30, 4)), [["boot"]] * 30)


def test_text_alone_or_images_alone_will_do():
    image, text, tokens, truth = mixture(120)
    nothing = np.zeros_like(image)
    by_text = discover(
        np.arange(120), {"text": (text, 0.7)}, None, tokens, DiscoveryParameters(n_clusters=5), NullProgress()
    )
    assert purity(by_text.cluster_ids, truth) > 0.9
    by_zero_images = run(nothing, text, tokens, n_clusters=5)
    assert purity(by_zero_images.cluster_ids, truth) > 0.9
    by_image = run(image, np.zeros_like(text), [[] for _ in tokens], n_clusters=5)
    assert purity(by_image.cluster_ids, truth) > 0.9
    assert [c.suggested_names for c in by_image.clusters if c.level == 1] == [(f"Group {i}",) for i in range(1, 6)]


def test_duplicated_products_share_their_cluster():
    image, text, tokens, _ = mixture(30)
    thrice = run(np.repeat(image, 3, axis=0), np.repeat(text, 3, axis=0), [t for t in tokens for _ in range(3)])
    ids = thrice.cluster_ids.reshape(30, 3)
    assert (ids == ids[:, :1]).all(axis=1).mean() > 0.95


def test_an_odd_image_becomes_noise_with_a_distance():
    image, text, tokens, _ = mixture(300)
    image[:3] = 4 * np.random.default_rng(9).normal(size=(3, 32))
    cascade = run(image, text, tokens, n_clusters=5)
    assert cascade.run_file.is_noise[:3].any()
    noise = np.flatnonzero(cascade.run_file.is_noise)
    assert (cascade.cluster_ids[noise] == -1).all()
    assert (cascade.distances[noise] > 0).all()
    assert not any(np.isin(cluster.positions, noise).any() for cluster in cascade.clusters)


@pytest.mark.parametrize("cancel_above", [0.0, 0.4, 0.55, 0.75])
def test_a_cancel_passes_through_at_any_stage(cancel_above):
    with pytest.raises(JobCancelledError):
        run(*mixture(60)[:3], Recorder(cancel_above))


def test_inputs_of_different_lengths_are_refused():
    image, _, tokens, _ = mixture(30)
    with pytest.raises(ShapeError, match="tokens"):
        discover(np.arange(30), {"image": (image, 1.0)}, image, tokens[:29], DiscoveryParameters(), NullProgress())


@pytest.fixture(scope="module")
def dense_groups():
    image, text, tokens, truth = mixture(300)
    return run(image, text, tokens, clusterer="hdbscan", image_filter="kmeans"), truth


def test_hdbscan_chooses_its_own_number_and_its_tree_is_cut_again(dense_groups, tmp_path):
    cascade, truth = dense_groups
    assert purity(cascade.cluster_ids, truth) > 0.85
    assert cascade.curve == ()
    assert cascade.details["linkage"] == "HDBSCAN, exact"
    assert cascade.details["number of clusters"] == "HDBSCAN's own selection"
    assert cascade.details["image filter"].startswith("K-Means: ")
    cascade.run_file.save(tmp_path / "1.npz")
    read = RunFile.load(tmp_path / "1.npz")
    own = int(cascade.quality["n_clusters"])
    assert np.array_equal(cut(read.dendrogram, own), cascade.cluster_ids)
    assert cut(read.dendrogram, 3).max() == 2
    assert np.array_equal(read.outlier_reasons, cascade.run_file.outlier_reasons)


def test_products_between_clusters_have_their_reason_and_are_not_image_noise(dense_groups):
    file = dense_groups[0].run_file
    is_between = file.outlier_reasons == OutlierReason.BETWEEN
    assert np.array_equal(is_between, (file.dendrogram.leaf_of_product < 0) & ~file.is_noise)
    assert np.array_equal(dense_groups[0].cluster_ids < 0, is_between | file.is_noise)
    assert (file.outlier_scores[is_between] >= 0.8).all()
    assert dense_groups[0].quality["n_between"] == is_between.sum()


@pytest.mark.parametrize("parameters", [{"clusterer": "hdbscan"}, {"linkage": "average"}, {"linkage": "complete"}])
def test_every_way_of_clustering_repeats_itself_and_keeps_every_product(parameters):
    image, text, tokens, _ = mixture(100)
    first, again = (run(image, text, tokens, seed=2, **parameters) for _ in range(2))
    assert np.array_equal(first.cluster_ids, again.cluster_ids)
    assert first.quality == again.quality
    inside = sum(len(cluster.positions) for cluster in first.clusters if cluster.level == 1)
    assert inside + (first.cluster_ids < 0).sum() == 100
    assert next(iter(parameters.values())).upper() in first.details["linkage"].upper()


@pytest.mark.parametrize("clusterer", ["agglomerative", "hdbscan"])
def test_few_products_are_enough_for_every_clusterer(clusterer):
    cascade = run(*mixture(8)[:3], clusterer=clusterer, linkage="average")
    assert sum(len(c.positions) for c in cascade.clusters if c.level == 1) == 8


@pytest.mark.parametrize("setting", ["image_filter", "clusterer", "linkage"])
def test_an_unknown_setting_is_refused_before_any_work(setting):
    recorder = Recorder()
    with pytest.raises(ParameterError, match="Choose one of"):
        run(*mixture(8)[:3], recorder, **{setting: "sieve"})
    assert recorder.fractions == []


def test_backgrounds_reach_the_image_filter():
    image, text, tokens, _ = mixture(100)
    cascade = discover(
        np.arange(100),
        {"image": (image, 1.0), "text": (text, 0.7)},
        image,
        tokens,
        DiscoveryParameters(n_clusters=5, levels=1),
        NullProgress(),
        backdrop=np.ones(100, dtype=np.float32),
    )
    assert "backgrounds" in cascade.details["image filter"]
