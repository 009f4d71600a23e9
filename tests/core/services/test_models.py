"""Which classifier is in use, and the way back from every change of it."""

import pytest

from core.domain.classifier import ModelStatus
from core.domain.errors import ModelNotFoundError, ParameterError, StaleRevisionError
from core.services.catalogue import recent_events
from core.services.models import (
    active_model,
    get_model,
    list_models,
    promote_model,
    restore_model,
    retire_model,
    roll_back,
    set_stop_below,
)
from tests.core.services.model_world import add_model


def statuses(context):
    return {model.id: model.status for model in list_models(context)}


def newest_event(context):
    return recent_events(context, 1).iloc[0]


def n_events(context):
    return len(recent_events(context, 100))


@pytest.fixture
def three(context):
    """An empty workspace with three candidates."""
    for _ in range(3):
        add_model(context)
    return context


def test_models_are_listed_newest_first(three):
    assert [model.id for model in list_models(three)] == [3, 2, 1]


def test_a_promotion_remembers_what_it_replaced_and_when(three):
    promote_model(three, 1, "Ada")
    promote_model(three, 3, "Bob")
    promoted = active_model(three)
    assert (promoted.id, promoted.previous_id) == (3, 1)
    assert promoted.promoted_at >= get_model(three, 1).promoted_at
    assert statuses(three)[1] is ModelStatus.RETIRED
    event = newest_event(three)
    assert (event.author, event.summary) == ("Bob", "Promoted model 3 instead of model 1")


def test_promoting_the_model_in_use_changes_nothing(three):
    promote_model(three, 1, "Ada")
    promote_model(three, 2, "Ada")
    before = n_events(three)
    promote_model(three, 2, "Ada")
    assert active_model(three).previous_id == 1
    assert n_events(three) == before


def test_rolling_back_walks_the_way_it_came(three):
    for model_id in (1, 2, 3):
        promote_model(three, model_id, "Ada")
    assert [roll_back(three, "Bob"), roll_back(three, "Bob")] == [2, 1]
    assert active_model(three).id == 1
    assert statuses(three) == {1: ModelStatus.ACTIVE, 2: ModelStatus.RETIRED, 3: ModelStatus.RETIRED}
    assert newest_event(three).summary == "Rolled back from model 2 to model 1"


def test_there_is_no_way_back_before_the_first_model(three):
    promote_model(three, 2, "Ada")
    with pytest.raises(ModelNotFoundError, match="No model was in use before model 2") as caught:
        roll_back(three, "Ada")
    assert caught.value.remedy
    assert active_model(three).id == 2


def test_without_a_model_in_use_there_is_nothing_to_roll_back(three):
    with pytest.raises(ModelNotFoundError, match="No model is in use"):
        roll_back(three, "Ada")


def test_two_who_roll_back_the_same_model_go_back_one_step(three):
    for model_id in (1, 2, 3):
        promote_model(three, model_id, "Ada")
    assert roll_back(three, "Ada", seen_id=3) == 2
    before = n_events(three)
    with pytest.raises(StaleRevisionError, match="Model 3 is not in use any more"):
        roll_back(three, "Bob", seen_id=3)
    assert (active_model(three).id, n_events(three)) == (2, before)


def test_retiring_tells_whether_the_model_was_in_use(three):
    promote_model(three, 1, "Ada")
    assert [retire_model(three, model_id, "Ada") for model_id in (2, 1, 1)] == [False, True, False]


def test_retiring_the_model_in_use_leaves_none_and_says_so(three):
    promote_model(three, 1, "Ada")
    retire_model(three, 1, "Ada")
    assert active_model(three) is None
    assert "no model is in use" in newest_event(three).summary


@pytest.mark.parametrize("bring_back", [promote_model, restore_model])
def test_a_retired_model_comes_back(three, bring_back):
    retire_model(three, 2, "Ada")
    bring_back(three, 2, "Ada")
    wanted = ModelStatus.ACTIVE if bring_back is promote_model else ModelStatus.CANDIDATE
    assert statuses(three)[2] is wanted


def test_restoring_does_not_take_a_model_out_of_use(three):
    promote_model(three, 1, "Ada")
    before = n_events(three)
    restore_model(three, 1, "Ada")
    assert active_model(three).id == 1
    assert n_events(three) == before


def test_the_threshold_is_kept_and_its_change_is_an_event(three):
    set_stop_below(three, 2, 0.8, "Bob")
    assert [model.stop_below for model in list_models(three)] == [0.0, 0.8, 0.0]
    assert newest_event(three).summary == "Model 2 stops at the parent where it is less than 80 % sure"
    set_stop_below(three, 2, 0.0, "Bob")
    assert newest_event(three).summary == "Model 2 never stops"


@pytest.mark.parametrize("threshold", [-0.1, 1.0, float("nan")])
def test_a_threshold_out_of_range_is_refused(three, threshold):
    with pytest.raises(ParameterError):
        set_stop_below(three, 1, threshold, "Ada")
    assert get_model(three, 1).stop_below == 0.0


@pytest.mark.parametrize("act", [promote_model, retire_model, restore_model])
def test_acts_on_an_unknown_model_are_faults_with_a_remedy(three, act):
    with pytest.raises(ModelNotFoundError) as caught:
        act(three, 9, "Ada")
    assert caught.value.remedy
    assert set(statuses(three).values()) == {ModelStatus.CANDIDATE}
