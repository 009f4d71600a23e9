"""How right the classifier is by the curator's decisions, and how that grew with every training."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from core.domain.classifier import ModelVersion, ReviewState
from core.domain.prediction_queue import PredictionQuery, ReviewRound
from core.services.context import Context
from pages._parts import prediction_view
from pages._shared import charts, prediction_caches, words

SENTENCE = (
    "Accuracy is the share you accepted of a random sample, judged in its own order, with its 95 % interval. What the "
    "queue puts first is chosen for being doubtful, so less of it is right than of the rest."
)


def draw(ctx: Context, model: ModelVersion, rounds: Sequence[ReviewRound], counts: Mapping[ReviewState, int]) -> None:
    """Draw the figures of the active model in one line, with the way to judge its sample and to train the next."""
    now = next((each for each in rounds if each.model_id == model.id), None)
    n_decided = sum(counts.values()) - counts[ReviewState.PENDING]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="predictions_rounds"):
        st.title("Predictions", anchor=False, width="content")
        st.html(_figures(model, now), width="stretch")
        if rounds:
            with st.popover("Rounds", icon=":material/show_chart:", key="predictions_history"):
                history(_with(rounds, model))
        _judge(ctx)
        if n_decided:
            _retrain(n_decided)


def _with(rounds: Sequence[ReviewRound], model: ModelVersion) -> list[ReviewRound]:
    """The rounds with that of the model in use, of which nothing may be decided yet."""
    if any(each.model_id == model.id for each in rounds):
        return list(rounds)
    return [*rounds, ReviewRound(model.id, 0, 0, 0, 0, 0.0, 1.0, model.metrics.hierarchical_f1)]


def _figures(model: ModelVersion, now: ReviewRound | None) -> str:
    figures = []
    if now is not None and now.n_sample:
        said = f"right ({100 * now.low:.0f}–{100 * now.high:.0f} %), by {now.n_sample:,} of the sample"
        figures.append((words.percent(now.n_sample_right / now.n_sample), said, SENTENCE))
    else:
        figures.append(("?", "right: judge the random sample", SENTENCE))
    about = f"Model {model.id}, on {model.metrics.n_products:,} products that it did not learn from"
    figures.append((words.percent(model.metrics.hierarchical_f1, 1), "hF1 when tested", about))
    drawn = (
        f'<div title="{escape(tip)}"><b>{escape(value)}</b> <span>{escape(label)}</span></div>'
        for value, label, tip in figures
    )
    return f'<div class="pq-strip-figures">{"".join(drawn)}</div>'


def _retrain(n_decided: int) -> None:
    if st.button(
        f"Retrain with {words.count(n_decided, 'decision')}",
        key="predictions_retrain",
        icon=":material/model_training:",
        help="So many since the last training: the next one learns from them.",
    ):
        st.switch_page("retrain.py")


def _judge(ctx: Context) -> None:
    """The way to the random sample, while some of it waits."""
    n_left = prediction_caches.n_found(ctx, PredictionQuery(only_sample=True))
    if n_left and not prediction_view.current().only_sample:
        st.button(
            f"Judge the sample: {n_left:,} left",
            key="predictions_judge",
            icon=":material/casino:",
            help="Products drawn at random: what you say of them tells how accurate the classifier is.",
            on_click=lambda: prediction_view.show(PredictionQuery(only_sample=True)),
        )


def history(rounds: Sequence[ReviewRound]) -> None:
    """Draw all rounds: a chart where the sample of some was judged, and the figures below it."""
    judged = [each for each in rounds if each.n_sample]
    if judged:
        charts.show(
            charts.rounds([f"Model {each.model_id}" for each in judged],
                          [(each.n_sample_right / each.n_sample, each.low, each.high) for each in judged],
                          [each.test_hierarchical_f1 for each in judged]),
            key="predictions_rounds_chart", alt="Accuracy of each model on its random sample, with intervals",
        )  # fmt: skip
    rows = "".join(
        f"<tr><td>Model {each.model_id}</td><td>{_share(each.n_sample_right, each.n_sample)}</td>"
        f"<td>{_share(each.n_right, each.n_decided)}</td><td>{words.percent(each.test_hierarchical_f1, 1)}</td></tr>"
        for each in rounds
    )
    st.html(
        '<table class="pq-rounds"><tr><th>Round</th><th>Right, random sample</th><th>Right, all looked at</th>'
        f"<th>Test hF1</th></tr>{rows}</table>"
    )
    st.caption(SENTENCE)


def _share(n_right: int, n: int) -> str:
    return f"{words.percent(n_right / n)} <span>of {n:,}</span>" if n else "<span>none judged</span>"
