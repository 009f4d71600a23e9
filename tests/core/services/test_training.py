"""Retraining and the life of a model: candidate, active, retired."""

import json
import math
import shutil

import pytest
from sqlalchemy import func, select, update

from core.classifier.artefact import load_classifier
from core.classifier.parameters import TrainingParameters
from core.classifier.word_path import WORDS
from core.domain.classifier import ModelStatus, ReviewState
from core.domain.errors import JobCancelledError, ModelNotFoundError, TrainingDataError
from core.domain.job import JobKind
from core.domain.prediction_queue import PredictionQuery
from core.domain.progress import NullProgress
from core.jobs.handlers import HANDLERS
from core.services.escalation import escalation_report
from core.services.model_report import held_out, model_report
from core.services.models import (
    active_model,
    get_model,
    list_models,
    promote_model,
    retire_model,
    training_readiness,
)
from core.services.prediction_acts import accept, correct
from core.services.prediction_queue import queue_page
from core.services.predictions import prediction_counts
from core.services.review import approve_clusters, open_review
from core.services.taxonomy import find_category
from core.services.training import run_training
from core.services.training_set import teaching_placements, teaching_rows
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.models import ModelRow, PredictionRow, ProductRow
from db.repositories import products
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.unpredicted import unpredicted_ids
from db.session import Database

QUICK = TrainingParameters(max_epochs=2)
SHOES = ("Apparel & Accessories", "Shoes")


class Curve:
    """A progress that keeps metrics, and cancels at a fraction if told to."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        self.points: list[dict[str, float]] = []
        self._cancel_at = cancel_at

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        if metrics:
            self.points.append(metrics)
        if fraction >= self._cancel_at:
            raise JobCancelledError


def n_rows(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_training_ends_with_a_candidate_and_a_prediction_for_every_product(trained):
    model = get_model(trained, 1)
    assert (model.taxonomy_version, model.author) == (3, "Ada")
    assert set(model.config["encoders"]) >= {"title", "image"}
    assert model.metrics.n_products > 0
    assert 0 <= model.metrics.hierarchical_f1 <= 1
    assert {level.level for level in model.metrics.levels} == {1, 2, 3}
    assert (trained.workspace.models / model.artefact_path).is_dir()
    with trained.database.read() as session:
        rows = session.scalars(select(PredictionRow)).all()
        node_of = dict(session.execute(select(ProductRow.id, ProductRow.node_id)).all())
    assert sorted(row.product_id for row in rows) == sorted(node_of)
    for row in rows:
        assert row.path[-1] == row.node_id
        assert len(row.path) == len(row.level_confidences)
        assert row.level_confidences == sorted(row.level_confidences, reverse=True)
        assert math.isclose(row.confidence, row.level_confidences[-1], abs_tol=1e-5)
        assert row.is_change == (row.node_id != node_of[row.product_id])


def test_the_curve_is_told_while_it_trains_and_kept_with_the_model(trained):
    progress = Curve()
    model_id = run_training(trained, QUICK, "Ada", progress)
    assert len(progress.points) == 2
    assert {"train_loss", "validation_loss", "validation_hf1"} <= set(progress.points[0])
    assert len(get_model(trained, model_id).curve) == 2


def test_the_same_seed_gives_the_same_model_and_predictions(trained):
    first, second = (get_model(trained, run_training(trained, QUICK, "Ada", NullProgress())) for _ in range(2))
    assert first.metrics == second.metrics
    assert first.curve == second.curve


def test_one_model_at_most_is_active(trained):
    second = run_training(trained, QUICK, "Ada", NullProgress())
    assert get_model(trained, second).status is ModelStatus.CANDIDATE
    assert active_model(trained).id == 1
    promote_model(trained, second, "Ada")
    assert [(model.id, model.status) for model in list_models(trained)] == [
        (2, ModelStatus.ACTIVE), (1, ModelStatus.RETIRED),
    ]  # fmt: skip
    promote_model(trained, 1, "Ada")
    assert active_model(trained).id == 1
    retire_model(trained, 1, "Ada")
    assert active_model(trained) is None
    assert prediction_counts(trained) == dict.fromkeys(ReviewState, 0)


def test_an_unknown_model_is_a_fault_with_a_remedy(trained):
    for call in (lambda: get_model(trained, 9), lambda: promote_model(trained, 9, "Ada")):
        with pytest.raises(ModelNotFoundError) as caught:
            call()
        assert caught.value.remedy
    assert active_model(trained).id == 1


def test_one_class_cannot_train_a_classifier(context, write_csv, import_file):
    rows = [{"sku": str(n), "title": f"Boot {n}", "category": "Shoes"} for n in range(30)]
    import_file(context, write_csv(rows))
    assert any("two categories" in problem for problem in training_readiness(context).problems)
    with pytest.raises(TrainingDataError, match="only one category") as caught:
        run_training(context, QUICK, "Ada", NullProgress())
    assert "Approve" in caught.value.remedy
    assert not list(context.workspace.encoders.iterdir()), "told before anything is encoded"


def test_nothing_cannot_train_a_classifier(context):
    with pytest.raises(TrainingDataError, match="no category"):
        run_training(context, QUICK, "Ada", NullProgress())
    assert len(training_readiness(context).problems) == 2


@pytest.mark.parametrize("fraction", [0.0, 0.6, 0.8, 0.92])
def test_a_cancelled_training_leaves_no_model(trained, fraction):
    before = sorted(trained.workspace.models.glob("model-*"))
    with pytest.raises(JobCancelledError):
        run_training(trained, QUICK, "Ada", Curve(fraction))
    assert n_rows(trained.database, ModelRow) == 1
    assert n_rows(trained.database, PredictionRow) == 222
    assert sorted(trained.workspace.models.glob("model-*")) == before


def test_who_cancels_once_the_model_is_written_gets_the_whole_of_it(trained):
    model_id = run_training(trained, QUICK, "Ada", Curve(0.95))
    with trained.database.read() as session:
        values = session.scalars(select(PredictionRow.value).where(PredictionRow.model_id == model_id)).all()
    assert len(values) == 222
    assert all(value > 0 for value in values)


def test_a_text_stage_is_trained_on_the_very_products_that_taught_the_full_model(trained):
    folders = [trained.workspace.models / name for name in ("model-1", "model-1-text")]
    full, text = map(load_classifier, folders)
    for part in ("train", "validation", "test"):
        assert getattr(text.split, part).tolist() == getattr(full.split, part).tolist()
    assert text.tree.paths == full.tree.paths
    assert set(full.dimensions) - set(text.dimensions) == {"image"}
    assert all(mask.is_enforced for mask in text.model.masks)
    assert get_model(trained, 1).config["text_stage"] == "model-1-text"
    assert text.extra_config["encoders"] == full.extra_config["encoders"]


def test_both_stages_leave_out_the_same_doubtful_labels(trained):
    model_id = run_training(trained, QUICK, "Ada", NullProgress(), None, 0.2)
    full, text = (load_classifier(trained.workspace.models / f"model-{model_id}{end}") for end in ("", "-text"))
    assert len(full.dropped) > 0
    assert text.dropped == full.dropped
    assert text.split.train.tolist() == full.split.train.tolist()


def test_every_prediction_says_what_the_text_stage_alone_would_have_given(trained):
    text = load_classifier(trained.workspace.models / "model-1-text")
    said = dict(zip(text.test.product_ids, text.test.predicted, strict=True))
    with trained.database.read() as session:
        rows = session.scalars(select(PredictionRow)).all()
    assert {row.stage for row in rows} == {2}
    assert all(row.text_node_id and 0 < row.text_confidence <= 1 for row in rows)
    tested = [row for row in rows if row.product_id in said]
    assert len(tested) == len(said) > 0
    for row in tested:
        assert row.text_node_id == said[row.product_id].node_ids[-1]
        assert math.isclose(row.text_confidence, said[row.product_id].confidence, abs_tol=1e-5)


def test_the_suggested_threshold_is_in_use_from_the_start(trained):
    report = escalation_report(trained, 1)
    assert get_model(trained, 1).escalate_below == report.suggested
    assert report.suggested in [point.threshold for point in report.points]
    assert report.n_products == get_model(trained, 1).metrics.n_products
    assert math.isclose(report.full.hierarchical_f1, get_model(trained, 1).metrics.hierarchical_f1)


def test_a_product_that_changes_while_a_model_is_trained_is_classified_anew(trained):
    class Meanwhile:
        def report(self, fraction: float, message: str = "", **metrics: float) -> None:
            if message == "Writing the model and its predictions":
                with trained.database.write() as session:
                    chosen = update(ProductRow).where(ProductRow.id == 7)
                    session.execute(chosen.values(title="Canvas backpack", updated_at=utc_now()))

    promote_model(trained, run_training(trained, QUICK, "Ada", Meanwhile(), ("title",)), "Ada")
    with trained.database.read() as session:
        assert unpredicted_ids(session, 2) == [7]


def test_what_a_killed_training_wrote_is_gone_with_the_next(trained):
    models = trained.workspace.models
    for name in ("model-2", "model-2-text", ".model-2.partial-17", ".model-2-text.partial-17"):
        (models / name).mkdir()
        (models / name / "left.txt").touch()
    run_training(trained, QUICK, "Ada", NullProgress())
    assert not list(models.rglob("left.txt"))
    assert not list(models.glob(".model-*"))
    assert load_classifier(models / "model-2").split_sizes == load_classifier(models / "model-2-text").split_sizes


@pytest.mark.parametrize("modalities", [("title", "brand"), ("image",)])
def test_without_both_texts_and_images_there_is_one_stage(trained, modalities):
    folder = trained.workspace.models / "model-2-text"
    shutil.copytree(trained.workspace.models / "model-1-text", folder)  # as a killed training would leave it
    model = get_model(trained, run_training(trained, QUICK, "Ada", NullProgress(), modalities))
    assert model.escalate_below is None
    assert "text_stage" not in model.config
    assert escalation_report(trained, model.id) is None
    assert not folder.exists()
    with trained.database.read() as session:
        rows = session.scalars(select(PredictionRow).where(PredictionRow.model_id == model.id)).all()
    assert {(row.stage, row.text_node_id, row.text_confidence) for row in rows} == {(2, None, None)}


def test_a_training_stopped_in_its_second_stage_goes_on_there(trained):
    whole = get_model(trained, run_training(trained, QUICK, "Ada", NullProgress()))
    with pytest.raises(JobCancelledError):
        run_training(trained, QUICK, "Ada", Curve(0.84))
    progress = Curve()
    resumed = get_model(trained, run_training(trained, QUICK, "Ada", progress))
    assert progress.points == [], "no epoch had to be trained again"
    assert (resumed.curve, resumed.metrics) == (whole.curve, whole.metrics)
    assert escalation_report(trained, resumed.id) == escalation_report(trained, whole.id)
    assert not list(trained.workspace.models.glob("training*/*")), "finished trainings are not kept"


def test_what_a_curator_decided_is_learned_from_and_not_asked_again(trained):
    asked, _ = queue_page(trained, PredictionQuery())
    bags = find_category(trained, ("Luggage & Bags",))
    accept(trained, [asked[0].id], "Ada")
    correct(trained, [asked[1].id], bags, "Ada")
    decided = {asked[0].product.product_id, asked[1].product.product_id}
    promote_model(trained, run_training(trained, QUICK, "Ada", NullProgress()), "Ada")
    items, total = queue_page(trained, PredictionQuery(), 500)
    assert total == 220
    assert not decided & {item.product.product_id for item in items}
    with trained.database.read() as session:
        catalogue = products.all_products(session)
        teaching = teaching_rows(Taxonomy(taxonomy_rows.load_nodes(session)), catalogue)
    assert decided <= {catalogue[row].id for row in teaching}


def test_products_left_at_a_refined_category_do_not_teach(trained):
    """Shoes got two kinds: who stayed at Shoes since the import is unsorted, not an example of no kind."""
    ready = training_readiness(trained)
    clusters = open_review(trained, 1).clusters
    n_approved = sum(found.size for found in clusters if found.level == 1 and found.node_id)
    assert ready.problems == ()
    assert ready.n_left_out == 92 - n_approved > 0
    assert ready.n_products == 222 - ready.n_left_out
    assert ready.n_nodes == 4


def test_products_a_curator_put_at_a_refined_category_teach(trained):
    from core.services.taxonomy import taxonomy_view

    taxonomy = taxonomy_view(trained).taxonomy
    shoes = find_category(trained, SHOES)
    first = find_category(trained, (*SHOES, "First kind"))
    placed = {(first, "cluster"), (shoes, "import"), (shoes, "curator"), ("root", "import")}
    assert teaching_placements(taxonomy, placed) == {(first, "cluster"), (shoes, "curator")}


def test_readiness_follows_an_approval(discovered):
    before = training_readiness(discovered)
    assert (before.n_products, before.n_nodes, before.n_left_out) == (222, 3, 0)
    clusters = open_review(discovered, 1).clusters
    approve_clusters(discovered, 1, {clusters[0].id: "Boots"}, "", "Ada")
    after = training_readiness(discovered)
    assert after.n_nodes == 3  # Boots came, Shoes does not teach any more
    assert after.n_left_out == 92 - clusters[0].size


def test_a_model_keeps_its_report_its_split_and_what_it_said_of_the_test_part(trained):
    report, table = model_report(trained, 1), held_out(trained, 1)
    assert report.metrics == get_model(trained, 1).metrics
    assert report.share_invalid == 0.0
    assert [found.level for found in report.calibration] == [0, 1, 2, 3]
    folder = trained.workspace.models / get_model(trained, 1).artefact_path
    split, config = (json.loads((folder / name).read_text()) for name in ("split.json", "config.json"))
    assert sorted(split["test"]) == sorted(table["product_id"])
    assert config["taxonomy_version"] == get_model(trained, 1).taxonomy_version
    assert sum(each.n_products for each in report.platforms) == len(table) == report.metrics.n_products
    with trained.database.read() as session:
        rows = session.execute(select(ProductRow.id, ProductRow.platform, ProductRow.node_id)).all()
    known = {row.id: row for row in rows}
    for row in table.itertuples():
        assert row.platform == known[row.product_id].platform
        assert row.true_path[-1] == known[row.product_id].node_id
        assert len(row.predicted_path) == len(row.level_confidences)
        assert row.confidence == row.level_confidences[-1]


def test_a_model_of_before_reports_has_none(trained):
    folder = trained.workspace.models / get_model(trained, 1).artefact_path
    for name in ("metrics.json", "test.parquet"):
        (folder / name).unlink()
    assert model_report(trained, 1) is None
    table = held_out(trained, 1)
    assert (len(table), list(table.columns)[:2]) == (0, ["product_id", "platform"])


def test_a_damaged_report_says_what_to_do(trained):
    folder = trained.workspace.models / get_model(trained, 1).artefact_path
    for name, read in (("metrics.json", model_report), ("test.parquet", held_out)):
        (folder / name).write_bytes(b"{}")
        with pytest.raises(ModelNotFoundError, match=name) as caught:
            read(trained, 1)
        assert "Train again" in caught.value.remedy


def test_only_the_chosen_modalities_are_learned_from(trained):
    model = get_model(trained, run_training(trained, QUICK, "Ada", NullProgress(), ("brand", "title", "title")))
    assert set(model.config["encoders"]) == {"brand", "title"}
    assert model.config["modalities"] == ["brand", "title"]
    loaded = load_classifier(trained.workspace.models / model.artefact_path)
    assert set(loaded.dimensions) == {"brand", "title", WORDS}
    assert loaded.extra_config["modalities"] == ["brand", "title"]


@pytest.mark.parametrize(
    ("modalities", "message", "valid"),
    [(("title", "smell"), "'smell'", "description"), ((), "at least one", "image"), (("sound",), "'sound'", "title")],
)
def test_an_unknown_modality_or_none_is_refused_with_the_valid_ones(trained, modalities, message, valid):
    with pytest.raises(TrainingDataError, match=message) as caught:
        run_training(trained, QUICK, "Ada", NullProgress(), modalities)
    assert valid in caught.value.remedy
    assert n_rows(trained.database, ModelRow) == 1


def test_a_modality_that_the_catalogue_lacks_is_refused_with_those_it_has(context, write_csv, import_file):
    rows = [{"sku": str(n), "title": f"{kind} {n}", "category": kind} for n in range(15) for kind in ("Shoe", "Bag")]
    import_file(context, write_csv([{**row, "sku": str(i)} for i, row in enumerate(rows)]))
    with pytest.raises(TrainingDataError, match="'brand'") as caught:
        run_training(context, QUICK, "Ada", NullProgress(), ("title", "brand"))
    assert "title" in caught.value.remedy


def test_doubtful_labels_can_be_left_out_of_the_training(trained):
    whole, model = (
        get_model(trained, run_training(trained, QUICK, "Ada", NullProgress(), ("title",), share))
        for share in (0.0, 0.2)
    )
    n_dropped = model.config["n_dropped"]
    assert (model.config["drop_label_errors"], whole.config["n_dropped"]) == (0.2, 0)
    assert 0 < n_dropped <= 0.2 * whole.config["split_sizes"]["train"]
    assert model.config["split_sizes"]["train"] == whole.config["split_sizes"]["train"] - n_dropped
    assert model.config["split_sizes"]["test"] == whole.config["split_sizes"]["test"]
    folder = trained.workspace.models / model.artefact_path
    assert len(json.loads((folder / "split.json").read_text())["dropped"]) == n_dropped
    assert held_out(trained, model.id)["product_id"].tolist() == held_out(trained, whole.id)["product_id"].tolist()


def test_a_job_passes_on_what_was_chosen(trained):
    arguments = {"fusion": "early", "seed": 3, "modalities": ["title"], "class_balance": 0.9, "logit_adjustment": 0.5,
                 "drop_label_errors": 0.0, "decode": "greedy"}  # fmt: skip
    model = get_model(trained, HANDLERS[JobKind.TRAIN](trained, arguments, "Ada", NullProgress())["model_id"])
    assert model.config["modalities"] == ["title"]
    told = ("fusion", "seed", "class_balance", "logit_adjustment", "decode")
    assert {name: model.config["parameters"][name] for name in told} == {name: arguments[name] for name in told}
