import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from core.experiments.scores import class_figures, level_columns, path_figures

IDS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


@given(IDS)
def test_class_figures_are_those_of_scikit_learn(pairs):
    true_ids, predicted_ids = (np.array(ids) for ids in zip(*pairs, strict=True))
    figures = class_figures(true_ids, predicted_ids)
    assert figures["exact"] == pytest.approx(accuracy_score(true_ids, predicted_ids))
    for average in ("macro", "weighted"):
        expected = f1_score(true_ids, predicted_ids, average=average, zero_division=0)
        assert figures[f"{average}_f1"] == pytest.approx(expected)


def test_figures_of_ragged_paths_by_hand():
    true_paths = [("a", "b"), ("a",), ("c", "d")]
    predicted = [("a", "b"), ("a", "b"), ("c",)]
    figures = path_figures(true_paths, predicted)
    assert figures["hierarchical_precision"] == pytest.approx(4 / 5)
    assert figures["hierarchical_recall"] == pytest.approx(4 / 5)
    assert figures["exact"] == pytest.approx(1 / 3)
    assert figures["level_1_macro_f1"] == 1.0
    assert figures["level_2_macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 0 + 0 + 0) / 4)
    assert figures["n_test"] == 3
    assert [column.title for column in level_columns([figures])] == [
        "L1 macro F1",
        "L1 weighted F1",
        "L2 macro F1",
        "L2 weighted F1",
    ]
