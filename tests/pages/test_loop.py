import pytest

from core.services.catalogue import LoopState
from pages._shared.loop import loop_steps, next_step


def state(n_products=0, n_runs=0, n_open=0, n_nodes=0, n_models=0, active=False, n_pending=0, n_decided=0, step=""):
    return LoopState(n_products, n_runs, n_open, n_nodes, n_models, active, n_pending, n_decided, step)


def test_nothing_is_done_in_an_empty_workspace():
    assert not any(step.is_done for step in loop_steps(state(step="import")))


def test_a_review_is_done_once_no_cluster_is_open():
    half = state(10, 1, n_open=2, n_nodes=1, step="retrain")
    done = state(10, 1, n_open=0, n_nodes=3, step="retrain")
    assert [step.is_done for step in loop_steps(half)][:3] == [True, True, False]
    assert [step.is_done for step in loop_steps(done)][:3] == [True, True, True]


@pytest.mark.parametrize(
    ("step", "page"),
    [
        ("import", "import_catalogue.py"),
        ("discover", "discover.py"),
        ("review", "review.py"),
        ("retrain", "retrain.py"),
        ("predictions", "predictions.py"),
        ("export", "taxonomy.py"),
    ],
)
def test_the_next_step_leads_to_its_page(step, page):
    assert next_step(state(step=step)).page == page


def test_an_untrained_and_an_unpromoted_classifier_are_told_apart():
    untrained = next_step(state(10, 1, 0, 2, step="retrain"))
    unpromoted = next_step(state(10, 1, 0, 2, n_models=1, step="retrain"))
    assert "Teach" in untrained.advice
    assert "promoted" in unpromoted.advice
