import numpy as np

from bench.discovery_ceiling import supervised_ceiling


def _two_kinds(n=100):
    generator = np.random.default_rng(0)
    labels = np.repeat(["a", "b"], n // 2)
    image = generator.normal(size=(n, 4)).astype(np.float32)
    image[:, 0] += 8 * (labels == "b")
    return {"image": image, "text": np.zeros((n, 3), dtype=np.float32)}, labels


def test_kinds_far_apart_are_all_learned():
    features, labels = _two_kinds()
    assert supervised_ceiling(features, labels) == 1


def test_wrong_labels_lower_the_ceiling_by_their_share():
    features, labels = _two_kinds()
    noisy = labels.copy()
    noisy[::10] = np.where(noisy[::10] == "a", "b", "a")
    assert 0.8 <= supervised_ceiling(features, noisy) <= 0.92
