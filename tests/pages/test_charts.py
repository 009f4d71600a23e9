"""What the charts of a training must not get wrong."""

import pytest

from pages._shared import charts

CURVE = [{"epoch": number, "train_loss": 1 / number, "validation_loss": 2 / number, "validation_hf1": 1 - 1 / number}
         for number in range(1, 31)]  # fmt: skip


@pytest.fixture(autouse=True)
def colours(monkeypatch):
    monkeypatch.setattr(charts, "palette", lambda: ["#000000", "#ffffff"])


def test_a_short_training_has_whole_epochs_and_a_long_one_room():
    assert charts.loss_curve(CURVE[:2]).layout.xaxis.dtick == charts.score_curve(CURVE[:2]).layout.xaxis.dtick == 1
    assert charts.loss_curve(CURVE).layout.xaxis.dtick is None


def test_the_whole_loss_is_in_sight():
    lowest, highest = charts.loss_curve(CURVE).layout.yaxis.range
    assert lowest == 0
    assert highest > 2


def test_curves_without_points_can_be_drawn():
    assert not charts.loss_curve([]).data
    assert len(charts.score_curve([{"loss": 1.0}]).data[0].x or ()) == 0
