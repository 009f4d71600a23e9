import pytest

from core.domain.classifier import ModelStatus
from core.domain.job import JobKind
from core.services import jobs, models


def test_retrain_queues_a_training(home, ctx, worker_held, open_page):
    at = open_page("retrain.py")
    at.button(key="retrain_go").click().run()
    job = jobs.list_jobs(ctx)[0]
    as_it_is = {"fusion": "late", "modalities": None, "class_balance": 0.0, "drop_label_errors": 0.0}
    assert (job.kind, job.arguments) == (JobKind.TRAIN, as_it_is)
    assert at.button(key="retrain_go").disabled
    assert at.button(key="retrain_job_cancel").label == "Cancel"


def test_the_options_go_with_the_job(home, ctx, worker_held, open_page):
    at = open_page("retrain.py")
    at.radio(key="retrain_fusion").set_value("early")
    at.pills(key="retrain_modalities").set_value(["title", "image"])
    at.toggle(key="retrain_favour_rare").set_value(True)
    at.toggle(key="retrain_drop_label_errors").set_value(True)
    at.run()
    at.button(key="retrain_go").click().run()
    chosen = {"fusion": "early", "modalities": ["title", "image"], "class_balance": 0.99, "drop_label_errors": 0.1}
    assert jobs.list_jobs(ctx)[0].arguments == chosen


def test_only_what_the_catalogue_has_can_be_read(home, ctx, worker_held, open_page):
    at = open_page("retrain.py")
    assert at.pills(key="retrain_modalities").options == ["Title", "Brand", "Image"]
    assert any("Too few products have a description" in caption.value for caption in at.caption)


def test_without_anything_to_read_it_cannot_begin(home, ctx, worker_held, open_page):
    at = open_page("retrain.py")
    at.pills(key="retrain_modalities").set_value([]).run()
    assert at.button(key="retrain_go").disabled
    assert [warning for warning in at.warning if "must read something" in warning.value]


def test_an_empty_workspace_has_nothing_to_learn_from(empty_home, open_page):
    at = open_page("retrain.py")
    assert at.button(key="empty_state_go").label == "Import"


@pytest.mark.usefixtures("is_trained")
def test_a_candidate_shows_its_figures_and_is_promoted(home, ctx, open_page):
    at = open_page("retrain.py")
    shown = {metric.label: metric.value for metric in at.metric}
    metrics = models.get_model(ctx, 1).metrics
    assert shown["Overall (hF1)"] == f"{100 * metrics.hierarchical_f1:.1f} %"
    assert list(at.dataframe[0].value["Products"]) == [level.n_products for level in metrics.levels]
    at.button(key="promote").click().run()
    assert models.active_model(ctx).id == 1
    assert not [button for button in at.button if button.key == "promote"]


@pytest.mark.usefixtures("is_trained")
def test_a_second_candidate_is_set_beside_the_model_in_use(home, ctx, open_page):
    models.promote_model(ctx, 1, "Ada")
    _copy_model(ctx, hierarchical_f1=0.5)
    at = open_page("retrain.py")
    titles = [text.value for text in at.markdown if text.value.startswith("####")]
    assert titles == ["#### Candidate", "#### In use"]
    in_use = models.get_model(ctx, 1).metrics.hierarchical_f1
    assert at.metric[0].delta == f"{100 * (0.5 - in_use):+.1f} points"
    assert [model.status for model in models.list_models(ctx)] == [ModelStatus.CANDIDATE, ModelStatus.ACTIVE]


def _copy_model(ctx, **metrics):
    from db.models import ModelRow

    with ctx.database.write() as session:
        row = session.get(ModelRow, 1)
        session.add(
            ModelRow(
                taxonomy_version=row.taxonomy_version,
                status="candidate",
                config=row.config,
                metrics={**row.metrics, **metrics},
                curve=row.curve,
                artefact_path=row.artefact_path,
                author="Bob",
            )
        )
