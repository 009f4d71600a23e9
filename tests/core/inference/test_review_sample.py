import numpy as np
import pytest

from core.inference.review_sample import SAMPLE_SIZE, draw_sample, sample_order, sample_size


@pytest.mark.parametrize("draw", [draw_sample, sample_order])
def test_draws_are_uniform_whatever_the_ids_have_in_common(draw):
    for ids in (np.arange(20_000), 1000 * np.arange(20_000)):
        found = draw(ids, 7)
        assert np.histogram(found, 10, (0, 1))[0] == pytest.approx(2_000, abs=200)
        assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.03


def test_models_and_purposes_draw_independently():
    ids = np.arange(20_000)
    drawn = np.stack([draw_sample(ids, 1), draw_sample(ids, 2), sample_order(ids, 1), sample_order(ids, 2)])
    assert np.abs(np.corrcoef(drawn) - np.eye(4)).max() < 0.03


def test_a_draw_depends_on_its_own_id_alone():
    assert draw_sample(np.array([5, 9]), 3)[1] == draw_sample(np.array([9]), 3)[0]


@pytest.mark.parametrize(("n", "expected"), [(0, 0), (1, 1), (222, 23), (2_000, 200), (35_000, SAMPLE_SIZE)])
def test_a_sample_is_a_tenth_up_to_its_size(n, expected):
    assert sample_size(n) == expected
