"""How a training went, or goes: the loss by epoch, and beside it how right it was."""

from collections.abc import Sequence

import streamlit as st

from pages._shared import charts

SCORE = "validation_hf1"


def draw(points: Sequence[dict[str, float]], *, key: str) -> None:
    """Draw the curves of a job or a model; the loss alone where nothing was told of the score."""
    has_score = any(SCORE in point for point in points)
    loss, score = st.columns(2, gap="large") if has_score else (st.container(), None)
    with loss:
        charts.show(charts.loss_curve(points), key=f"{key}_curve", alt="Loss at each epoch: less is better")
    if score is not None:
        with score:
            charts.show(charts.score_curve(points), key=f"{key}_score", alt="hF1 on products kept apart at each epoch")
