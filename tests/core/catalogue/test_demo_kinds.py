import itertools

import numpy as np
import pytest

from core.catalogue.demo_canvas import HEIGHT, WIDTH, Canvas, Pose
from core.catalogue.demo_kinds import SUBTYPES, Model, Subtype
from core.catalogue.demo_palette import pick_look

MODELS = [(subtype, model) for subtype in SUBTYPES for model in subtype.models]


def draw(subtype: Subtype, model: Model, seed: int) -> Canvas:
    rng = np.random.default_rng(seed)
    canvas = Canvas(Pose(), rng)
    model.draw(canvas, pick_look(model.palette or subtype.palette, rng))
    return canvas


def mean_silhouette(subtype: Subtype) -> np.ndarray:
    alphas = [draw(subtype, model, seed).alpha for model in subtype.models for seed in range(2)]
    weights = np.repeat([model.weight for model in subtype.models], 2)
    return np.average(alphas, axis=0, weights=weights)


@pytest.mark.parametrize(("subtype", "model"), MODELS, ids=[model.draw.__name__ for _, model in MODELS])
def test_every_model_fills_its_frame_and_is_shaded(subtype: Subtype, model: Model) -> None:
    canvas = draw(subtype, model, seed=5)
    inside = canvas.alpha > 0.9
    rows, columns = np.nonzero(inside)
    assert np.all(np.isfinite(canvas.rgb))
    assert canvas.alpha.max() <= 1.0001
    assert np.ptp(rows) > 0.2 * HEIGHT
    assert np.ptp(columns) > 0.25 * WIDTH
    assert canvas.rgb[inside].mean(axis=1).std() > 0.02
    assert not canvas.alpha[0].any()
    assert not canvas.alpha[-1].any()


@pytest.mark.parametrize("subtype", SUBTYPES, ids=[subtype.name for subtype in SUBTYPES])
def test_every_subtype_comes_in_several_silhouettes(subtype: Subtype) -> None:
    assert len({model.draw for model in subtype.models}) >= 4


def test_mean_silhouettes_of_subtypes_differ() -> None:
    means = {subtype.name: mean_silhouette(subtype) for subtype in SUBTYPES}
    for one, other in itertools.combinations(means, 2):
        overlap = np.minimum(means[one], means[other]).sum() / np.maximum(means[one], means[other]).sum()
        assert overlap < 0.8, f"{one} look like {other}: overlap {overlap:.2f}"
