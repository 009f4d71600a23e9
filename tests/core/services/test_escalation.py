"""Which products go on to the full model, what that costs, and who decided it."""

import pytest

from core.domain.errors import ModelNotFoundError, ParameterError
from core.domain.escalation import Prices
from core.services.catalogue import data_revision, recent_events
from core.services.escalation import (
    ALWAYS,
    NEVER,
    escalation_report,
    prices,
    said,
    said_sure,
    set_escalate_below,
    set_prices,
)
from core.services.models import get_model
from db.models import ModelRow
from tests.core.services.model_world import add_model


@pytest.fixture
def two_stages(context):
    """An empty workspace with a model that has a text stage."""
    model_id = add_model(context)
    with context.database.write() as session:
        session.get_one(ModelRow, model_id).escalate_below = 0.5
    return context


def newest_event(context):
    return recent_events(context, 1).iloc[0]


@pytest.mark.parametrize(
    ("threshold", "kept", "summary"),
    [
        (0.97, 0.97, "Model 1 asks the full model where its text stage is less than 97 % sure"),
        (NEVER, NEVER, "Model 1 settles every product by its text"),
        (1.0, ALWAYS, "Model 1 gives every product to the full model"),
    ],
)
def test_the_threshold_is_kept_and_its_change_is_an_event(two_stages, threshold, kept, summary):
    set_escalate_below(two_stages, 1, threshold, "Bob")
    assert get_model(two_stages, 1).escalate_below == kept
    event = newest_event(two_stages)
    assert (event.author, event.summary) == ("Bob", summary)


def test_setting_the_threshold_that_is_in_use_is_no_act(two_stages):
    before = data_revision(two_stages)
    set_escalate_below(two_stages, 1, 0.5, "Ada")
    assert data_revision(two_stages) == before


@pytest.mark.parametrize("threshold", [-0.1, 1.02, float("nan")])
def test_a_threshold_out_of_range_is_refused(two_stages, threshold):
    with pytest.raises(ParameterError, match="from 0"):
        set_escalate_below(two_stages, 1, threshold, "Ada")
    assert get_model(two_stages, 1).escalate_below == 0.5


def test_a_model_of_one_stage_has_no_threshold_and_no_report(context):
    add_model(context)
    with pytest.raises(ParameterError, match="no text stage"):
        set_escalate_below(context, 1, 0.5, "Ada")
    assert get_model(context, 1).escalate_below is None
    assert escalation_report(context, 1) is None


def test_an_unknown_model_is_a_fault_with_a_remedy(context):
    for call in (lambda: escalation_report(context, 9), lambda: set_escalate_below(context, 9, 0.5, "Ada")):
        with pytest.raises(ModelNotFoundError) as caught:
            call()
        assert caught.value.remedy


def test_a_damaged_or_lost_report_says_what_to_do(trained):
    config = trained.workspace.models / "model-1-text" / "config.json"
    config.write_text("{}")
    for _ in range(2):
        with pytest.raises(ModelNotFoundError, match=r"config\.json") as caught:
            escalation_report(trained, 1)
        assert "Train again" in caught.value.remedy
        config.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (0.5, "50 %"),
        (0.97, "97 %"),
        (0.9973, "99.7 %"),
        (0.99987, "99.99 %"),
        (0.9999996, "99.999 %"),
        (0.466942, "47 %"),
    ],
)
def test_a_threshold_has_as_many_digits_as_tell_it_from_certainty(threshold, words):
    assert said_sure(threshold) == words
    assert words in said(threshold)


def test_prices_have_defaults_until_somebody_sets_them(context):
    assert prices(context) == Prices()
    set_prices(context, Prices(0.02, 3, " CHF "), "Bob")
    assert prices(context) == Prices(0.02, 3.0, "CHF")


def test_the_history_says_which_prices_changed(context):
    set_prices(context, Prices(full_per_1000=2.5), "Bob")
    event = newest_event(context)
    assert (event.author, event.summary) == ("Bob", "Price of the full model for 1,000 products: 2.5")
    before = data_revision(context)
    set_prices(context, Prices(full_per_1000=2.5), "Bob")
    assert data_revision(context) == before


@pytest.mark.parametrize(
    "wrong",
    [Prices(-0.1), Prices(float("nan")), Prices(full_per_1000=float("inf")), Prices(full_per_1000=2e6),
     Prices(currency=""), Prices(currency="much too long"), Prices(currency="\n€\n$")],
)  # fmt: skip
def test_prices_that_make_no_sense_are_refused_and_nothing_changes(context, wrong):
    with pytest.raises(ParameterError) as caught:
        set_prices(context, wrong, "Ada")
    assert caught.value.remedy
    assert prices(context) == Prices()


def test_the_cost_is_that_of_reading_all_and_looking_at_some():
    own = Prices(text_per_1000=0.01, full_per_1000=0.5)
    assert own.per_100_000(0.0) == pytest.approx(1.0)
    assert own.per_100_000(0.2) == pytest.approx(11.0)
    assert own.per_100_000(1.0) == pytest.approx(51.0)
