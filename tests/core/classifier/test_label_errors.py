import random
import warnings

import numpy as np
import pytest

from core.classifier.label_errors import MIN_OTHERS, label_quality, worst
from core.domain.errors import ParameterError, ShapeError
from core.domain.progress import NullProgress
from core.encoders.tfidf import TfidfEncoder


@pytest.fixture(scope="module")
def planted(catalogue_factory):
    """A catalogue where one label in ten was replaced by another."""
    catalogue = catalogue_factory(60, noise=0.6)
    generator = np.random.default_rng(1)
    flipped = generator.choice(len(catalogue.paths), len(catalogue.paths) // 10, replace=False)
    choices = sorted(set(catalogue.paths))
    paths = list(catalogue.paths)
    for row in flipped:
        paths[row] = choices[(choices.index(paths[row]) + generator.integers(1, len(choices))) % len(choices)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return catalogue, paths, set(flipped.tolist()), label_quality(catalogue.features, paths, None)


def test_most_planted_errors_are_among_the_worst_labels(planted):
    _, paths, flipped, found = planted
    rows = worst(found.quality, 0.15)
    assert len(rows) == int(0.15 * len(paths))
    assert len(flipped & set(rows.tolist())) >= 0.9 * len(flipped)
    assert (np.diff(found.quality[rows]) >= 0).all()


def test_issues_are_the_planted_errors_and_the_true_path_is_suggested(planted):
    catalogue, _, flipped, found = planted
    issues = set(np.flatnonzero(found.is_issue).tolist())
    assert len(issues & flipped) >= 0.8 * len(flipped)
    assert len(issues & flipped) >= 0.8 * len(issues)
    is_right = [found.suggested_paths[row] == catalogue.paths[row] for row in flipped]
    assert np.mean(is_right) > 0.9


def _titles(seed):
    """Boots and handbags, 60 of each, told apart by their titles alone, the first six boots labelled as handbags."""
    draw = random.Random(seed)
    words = ("classic", "soft", "city", "summer", "light", "slim", "warm")
    kinds = ["ankle boot"] * 60 + ["leather handbag"] * 60
    titles = [f"{draw.choice(words)} {draw.choice(words)} {kind} {draw.choice(('red', 'blue'))}" for kind in kinds]
    is_boot = np.arange(120) < 60
    return titles, [("boots",) if boot and row >= 6 else ("handbags",) for row, boot in enumerate(is_boot)]


@pytest.mark.parametrize("seed", [4, 5])
@pytest.mark.parametrize("are_twins_grouped", [False, True])
def test_wrong_labels_of_a_small_catalogue_of_titles_are_found_almost_alone(seed, are_twins_grouped):
    titles, paths = _titles(seed)
    features = {"title": TfidfEncoder.fit(titles, NullProgress()).encode(titles, NullProgress())}
    found = label_quality(features, paths, titles if are_twins_grouped else None, seed)
    issues = set(np.flatnonzero(found.is_issue).tolist())
    assert len(issues & set(range(6))) >= 5
    assert len(issues - set(range(6))) <= 1
    assert (found.quality[:6] < 0.2).all()
    assert 0.9 < found.quality[6:].mean() < 1.0, "as sure of the labels as they are right, or nearly"


def test_a_suggestion_is_another_path_and_of_an_issue_a_likelier_one(planted):
    _, paths, _, found = planted
    assert all(suggested != path for suggested, path in zip(found.suggested_paths, paths, strict=True))
    assert (found.suggested_confidence[found.is_issue] > found.quality[found.is_issue]).all()
    assert ((found.quality >= 0) & (found.quality <= 1)).all()
    assert (found.suggested_confidence + found.quality <= 1 + 1e-5).all()


def test_the_same_seed_judges_the_same(planted):
    catalogue, paths, _, found = planted
    again = label_quality(dict(reversed(catalogue.features.items())), paths, None)
    np.testing.assert_array_equal(found.quality, again.quality)
    np.testing.assert_array_equal(found.is_issue, again.is_issue)
    assert not np.array_equal(found.quality, label_quality(catalogue.features, paths, None, seed=1).quality)


def test_a_wrong_label_with_a_wrong_twin_is_still_found(catalogue_factory):
    catalogue = catalogue_factory(40, noise=0.4)
    features = {name: np.vstack([rows, rows]) for name, rows in catalogue.features.items()}
    groups = np.tile(np.arange(len(catalogue.paths)), 2)
    wrong = [3, 47, 95]
    paths = list(catalogue.paths)
    for row in wrong:
        paths[row] = ("jewellery", "rings", "gold", "plain", "thin")
    found = label_quality(features, paths * 2, groups)
    assert found.is_issue[wrong].all()
    assert found.is_issue[[row + len(paths) for row in wrong]].all()


def test_products_with_too_few_others_are_never_issues(catalogue_factory):
    catalogue = catalogue_factory(40)
    paths = list(catalogue.paths)
    rare = list(range(MIN_OTHERS))
    for row in rare:
        paths[row] = ("shoes", "clogs")  # each has one other too few, and looks like heels
    found = label_quality(catalogue.features, paths, None)
    assert not found.is_judged[rare].any()
    assert not found.is_issue[rare].any()
    assert (found.quality[rare] == 1.0).all()
    assert found.is_judged[MIN_OTHERS:].all()
    assert not set(worst(found.quality, 1.0).tolist()) & set(rare)


def test_duplicates_do_not_count_as_others(catalogue_factory):
    catalogue = catalogue_factory(40)
    paths = list(catalogue.paths)
    groups = np.arange(len(paths))
    paths[:20], groups[:20] = [("shoes", "clogs")] * 20, 0
    assert not label_quality(catalogue.features, paths, groups).is_judged[:20].any()


def test_a_single_class_has_no_issues(catalogue_factory):
    catalogue = catalogue_factory(20, paths=[("shoes",)])
    found = label_quality(catalogue.features, catalogue.paths, None)
    assert not found.is_issue.any()
    assert found.suggested_paths == tuple(catalogue.paths)


def test_worst_takes_the_share_and_leaves_what_is_beyond_doubt():
    quality = np.array([0.5, 0.1, 1.0, 0.1, 0.9], dtype=np.float32)
    assert worst(quality, 0.4).tolist() == [1, 3]
    assert worst(quality, 1.0).tolist() == [1, 3, 0, 4]
    assert worst(quality, 0.0).tolist() == []
    with pytest.raises(ParameterError):
        worst(quality, 1.1)


def test_missing_products_are_refused(catalogue_factory):
    catalogue = catalogue_factory(5)
    with pytest.raises(ShapeError):
        label_quality(catalogue.features, catalogue.paths[:-1], None)
    with pytest.raises(ShapeError):
        label_quality({}, catalogue.paths, None)
