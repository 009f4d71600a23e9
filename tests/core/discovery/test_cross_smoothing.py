"""Each modality borrows from the neighbours in the others."""

import numpy as np

from core.discovery import cross_smoothing
from core.discovery.cross_smoothing import smooth_across


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def slow_reference(features, n_neighbors):
    smoothed = {}
    for name, rows in features.items():
        result = rows.astype(np.float64).copy()
        for other, seen in features.items():
            if other == name:
                continue
            for i in range(len(rows)):
                if not seen[i].any():
                    continue
                lenders = [j for j in range(len(rows)) if j != i and seen[j].any() and rows[j].any()]
                nearest = sorted(lenders, key=lambda j: np.linalg.norm(seen[i] - seen[j]))[:n_neighbors]
                result[i] += rows[nearest].mean(axis=0)
        norms = np.linalg.norm(result, axis=1, keepdims=True)
        smoothed[name] = result / np.where(norms > 0, norms, 1)
    return smoothed


def test_smoothing_equals_a_slow_reference_also_where_modalities_are_missing():
    generator = np.random.default_rng(3)
    image, text = unit(generator.normal(size=(30, 6))), unit(generator.normal(size=(30, 4)))
    image[[2, 7]] = 0
    text[[4, 7, 9]] = 0
    found = smooth_across({"image": image, "text": text}, 5)
    expected = slow_reference({"image": image, "text": text}, 5)
    for name in found:
        assert np.allclose(found[name], expected[name], atol=1e-5)


def test_a_product_without_words_takes_those_of_its_look_alikes():
    image = unit(np.array([[1, 0], [1, 0.01], [1, 0.02], [0, 1], [0.01, 1], [0.02, 1]], dtype=float))
    text = np.array([[0, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], dtype=np.float32)
    found = smooth_across({"image": image, "text": text}, 2)
    assert np.allclose(found["text"][0], [1, 0])


def test_one_modality_alone_stays_as_it_is():
    image = unit(np.random.default_rng(0).normal(size=(9, 3)))
    assert np.allclose(smooth_across({"image": image})["image"], image)


def test_words_that_differ_for_one_kind_of_product_come_closer():
    generator = np.random.default_rng(5)
    kinds = np.repeat([0, 1], 40)
    image = unit(np.eye(2)[kinds] + 0.05 * generator.normal(size=(80, 2)))
    synonym = 2 * kinds + np.tile([0, 1], 40)  # two words for each kind
    text = np.eye(4, dtype=np.float32)[synonym]
    found = smooth_across({"image": image, "text": text})["text"]
    same_kind, other_word = found[0] @ found[1], text[0] @ text[1]
    assert other_word == 0
    assert same_kind > 0.4
    assert abs(found[0] @ found[-1]) < 0.05


def test_neighbours_in_a_sample_smooth_about_as_well(monkeypatch):
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 4, 600)

    def modality(spread: float) -> np.ndarray:
        rows = generator.normal(size=(4, 12))[truth] + spread * generator.normal(size=(600, 12))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    features = {"image": modality(1.0), "text": modality(1.0)}
    whole = cross_smoothing.smooth_across(features)
    monkeypatch.setattr(cross_smoothing, "N_LENDERS", 200)
    sampled, again = cross_smoothing.smooth_across(features), cross_smoothing.smooth_across(features)
    for name in features:
        assert np.array_equal(sampled[name], again[name])
        assert (sampled[name] * whole[name]).sum(axis=1).mean() > 0.9
