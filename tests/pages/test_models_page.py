from dataclasses import replace

import pytest

from core.domain.classifier import ModelStatus
from core.services import models
from core.services.model_comparison import compare_models
from core.services.model_report import held_out, model_report
from core.services.taxonomy import find_category, taxonomy_view
from pages._parts import model_words
from tests.core.services.model_world import add_model, write_artefact

SECTIONS = ("Overview", "Categories", "Mix-ups", "Platforms", "Confidence", "When unsure", "Two stages")


@pytest.fixture
def other(is_trained, ctx):
    """A second model beside the trained one: it puts all that the first held out under one category."""
    taxonomy = taxonomy_view(ctx).taxonomy
    paths = [tuple(node.id for node in taxonomy.path(leaf.id)) for leaf in taxonomy.leaves()]
    model_id = add_model(ctx, author="Bob")
    said = dict.fromkeys(held_out(ctx, 1)["product_id"].tolist(), paths[0])
    write_artefact(ctx, model_id, paths, said)
    return model_id


def press(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def test_without_models_it_leads_to_the_training(home, open_page):
    assert open_page("models.py").button(key="empty_state_go").label == "Retrain the classifier"


def test_promote_roll_back_and_retire(home, ctx, other, open_page):
    at = open_page("models.py")
    assert "No model is in use" in at.info[0].value
    press(press(at, "model_promote_1"), f"model_promote_{other}")
    assert models.active_model(ctx).id == other
    press(at, f"model_back_{other}")
    assert models.active_model(ctx).id == 1
    assert not [button for button in at.button if button.key == "model_back_1"]
    press(at, "model_retire_1")
    assert models.active_model(ctx) is None
    press(at, "model_restore_1")
    assert models.get_model(ctx, 1).status is ModelStatus.CANDIDATE


def test_the_report_has_every_section(home, ctx, is_trained, open_page):
    at = open_page("models.py")
    for section in SECTIONS:
        at.segmented_control(key="model_section").set_value(section).run()
        assert not at.exception
        assert not at.error
        assert not [info for info in at.info if "before such reports" in info.value], section


def test_the_overview_shows_the_figures(home, ctx, is_trained, open_page):
    at = open_page("models.py")
    shown = {metric.label: metric.value for metric in at.metric}
    metrics = models.get_model(ctx, 1).metrics
    assert shown["Overall (hF1)"] == f"{100 * metrics.hierarchical_f1:.1f} %"
    assert shown["Confidence off by"] == f"{100 * metrics.expected_calibration_error:.1f} points"
    assert any("others could give up to" in caption.value for caption in at.caption)
    assert len(at.get("plotly_chart")) == 2, "the loss, and beside it the score"


def test_categories_are_worst_first_and_can_be_searched(home, ctx, is_trained, open_page):
    at = open_page("models.py")
    at.segmented_control(key="model_section").set_value("Categories").run()
    table = at.dataframe[0].value
    assert len(table) == len(model_report(ctx, 1).nodes)
    assert list(table["F1"]) == sorted(table["F1"])
    at.text_input(key="model_categories_search").set_value("first KIND").run()
    assert list(at.dataframe[0].value["Category"]) == ["Apparel > Shoes > First kind"]
    at.text_input(key="model_categories_search").set_value("no such thing").run()
    assert "No category" in at.info[-1].value


def test_a_threshold_is_tried_and_put_to_use(home, ctx, is_trained, open_page):
    at = open_page("models.py")
    at.segmented_control(key="model_section").set_value("When unsure").run()
    assert at.button(key="model_stop_go").disabled
    at.select_slider(key="model_stop_1_0.0").set_value(0.8).run()
    point = next(point for point in model_report(ctx, 1).stopping if point.threshold == 0.8)
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Stopped earlier"] == f"{100 * point.share_stopped:.1f} %"
    assert models.get_model(ctx, 1).stop_below == 0.0
    press(at, "model_stop_go")
    assert models.get_model(ctx, 1).stop_below == 0.8
    at.select_slider(key="model_stop_1_0.8").set_value(0.0).run()
    press(at, "model_stop_go")
    assert models.get_model(ctx, 1).stop_below == 0.0


def test_an_older_model_says_that_it_has_no_report(home, ctx, other, open_page):
    at = open_page("models.py")
    press(at, f"model_show_{other}")
    at.segmented_control(key="model_section").set_value("Mix-ups").run()
    assert "before such reports" in at.info[-1].value


def test_two_models_are_compared(home, ctx, open_page):
    taxonomy = taxonomy_view(ctx).taxonomy
    shoes, bags = (
        tuple(node.id for node in taxonomy.path(find_category(ctx, names)))
        for names in (("Apparel", "Shoes"), ("Bags",))
    )
    for said in (shoes, bags):
        write_artefact(ctx, add_model(ctx), [shoes, bags], dict.fromkeys(range(1, 61), said))
    at = open_page("models.py")
    at.session_state["models_tab"] = "Compare two"
    at.run()
    found = compare_models(ctx, 1, 2)
    assert found.is_enough
    shown = {metric.label: metric for metric in at.metric}
    assert shown["Whole path right"].value == f"{100 * found.b.exact_path_accuracy:.1f} %"
    difference = found.b.exact_path_accuracy - found.a.exact_path_accuracy
    assert shown["Whole path right"].delta == f"{100 * difference:+.1f} points"
    assert list(at.dataframe[0].value["Category"]) == [node.path for node in found.nodes]
    sections = at.segmented_control(key="compare_section_1_2")
    sections.set_value("Platforms").run()
    assert list(at.dataframe[0].value["Platform"]) == ["shop"]
    at.segmented_control(key="compare_section_1_2").set_value("Where they differ (60)").run()
    assert not at.exception
    assert not at.error
    assert "Model 1 is right (60)" in at.segmented_control(key="compare_right_1_2").options


def test_too_few_common_products_show_each_on_its_own(home, ctx, is_trained, open_page):
    add_model(ctx)
    at = open_page("models.py")
    at.session_state["models_tab"] = "Compare two"
    at.run()
    assert "Only 0 products" in at.warning[0].value
    assert len([metric for metric in at.metric if metric.label == "Overall (hF1)"]) == 2


def test_a_list_of_models_keeps_its_words_when_one_is_retired(home, ctx, other, open_page):
    before = open_page("models.py").selectbox(key="model_open").options
    models.retire_model(ctx, other, "Ada")
    assert open_page("models.py").selectbox(key="model_open").options == before


def test_chance_is_the_half_width_of_an_interval_that_holds_all_right(home, ctx, is_trained):
    metrics = models.get_model(ctx, 1).metrics
    half = model_words.chance(replace(metrics, exact_path_accuracy=0.5, n_products=96))
    assert half == pytest.approx(100 * 1.96 * 0.05)
    assert model_words.chance(replace(metrics, exact_path_accuracy=1.0, n_products=96)) > 0
    assert model_words.chance(replace(metrics, n_products=0)) == 0
