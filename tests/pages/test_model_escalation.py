"""The curve by which a curator chooses how many products the text stage settles."""

import pytest

from core.domain.escalation import EscalationPoint, EscalationReport, Prices
from core.services import escalation, models
from core.services.catalogue import recent_events
from pages._parts import model_escalation
from pages._shared import escalation_chart
from tests.core.services.model_world import write_text_stage

POINTS = (
    EscalationPoint(0.0, 0.0, 0.952, 0.912),
    EscalationPoint(0.5, 0.01, 0.965, 0.931),
    EscalationPoint(0.8, 0.05, 0.9745, 0.945),
    EscalationPoint(0.95, 0.2, 0.976, 0.947),
    EscalationPoint(1.01, 1.0, 0.9758, 0.9465),
)
REPORT = EscalationReport(POINTS, suggested=0.8, n_products=2_000, text_calibration_error=0.012)


@pytest.fixture
def two_stages(is_trained, ctx):
    """Model 1 with a text stage beside it, of which the suggested threshold is in use."""
    write_text_stage(ctx, 1, REPORT, escalate_below=0.8)


@pytest.fixture
def open_section(home, open_page):
    def opened():
        at = open_page("models.py")
        return tried(at.segmented_control(key="model_section").set_value("Two stages").run())

    return opened


def tried(at):
    assert not at.exception
    assert not at.error
    return at


def shown(at):
    return {metric.label: (metric.value, metric.delta) for metric in at.metric}


def test_a_model_of_one_stage_says_so(is_trained, open_section):
    assert "one stage: it reads title" in open_section().info[-1].value


def test_the_section_opens_at_what_is_in_use(two_stages, open_section):
    at = open_section()
    assert at.select_slider(key="model_escalate_1_0.8").value == 0.8
    assert at.button(key="model_escalate_go").disabled
    assert shown(at)["Settled by text"] == ("95.0 %", "5.0 % go on")
    assert shown(at)["Overall (hF1)"] == ("97.45 %", "-0.13 points against the full model")
    captions = " ".join(caption.value for caption in at.caption)
    assert "2,000 products that neither stage ever saw" in captions
    assert "no more than 0.2 points" in captions


def test_a_point_of_the_curve_is_tried_and_put_to_use(two_stages, ctx, open_section):
    at = open_section()
    tried(at.select_slider(key="model_escalate_1_0.8").set_value(0.5).run())
    assert shown(at)["Settled by text"] == ("99.0 %", "1.0 % go on")
    assert models.get_model(ctx, 1).escalate_below == 0.8
    tried(at.button(key="model_escalate_go").click().run())
    assert models.get_model(ctx, 1).escalate_below == 0.5
    assert recent_events(ctx, 1).iloc[0].summary == (
        "Model 1 asks the full model where its text stage is less than 50 % sure"
    )
    assert at.button(key="model_escalate_go").disabled


def test_a_threshold_that_nothing_tested_fell_below_is_no_threshold_of_nothing():
    said = [model_escalation.said(EscalationPoint(threshold, 0.0, 0.9, 0.9)) for threshold in (0.0, 0.5)]
    assert said == ["none goes on", "0.0 % go on · below 50 % sure"]
    assert model_escalation.said(POINTS[-1]) == "all go on"


def test_everything_and_nothing_can_be_sent_on(two_stages, ctx, open_section):
    at = open_section()
    for in_use, chosen in ((0.8, 1.01), (1.01, 0.0)):
        tried(at.select_slider(key=f"model_escalate_1_{in_use}").set_value(chosen).run())
        tried(at.button(key="model_escalate_go").click().run())
        assert models.get_model(ctx, 1).escalate_below == chosen
    assert shown(at)["Settled by text"] == ("100.0 %", "0.0 % go on")


def test_the_cost_follows_the_prices_that_somebody_sets(two_stages, ctx, open_section):
    at = open_section()
    assert shown(at)["Cost per 100,000"] == ("3\\.50 €", "93 % less than the full model")
    tried(at.number_input(key="model_full_per_1000_0.5").set_value(2.0).run())
    tried(at.text_input(key="model_currency_€").set_value("$ <b>").run())
    assert escalation.prices(ctx) == Prices(0.01, 2.0, "$ <b>")
    assert shown(at)["Cost per 100,000"] == ("11\\.00 \\$ \\<b\\>", "94 % less than the full model")
    bars = next(element.value for element in at.get("html") if "sw-cost" in str(element.value))
    assert "200.00 $ &lt;b&gt;" in bars
    assert "$ <b>" not in bars


def test_a_threshold_between_the_points_is_shown_at_the_nearest(two_stages, ctx, open_section):
    escalation.set_escalate_below(ctx, 1, 0.93, "Ada")
    at = open_section()
    assert at.select_slider(key="model_escalate_1_0.93").value == 0.95


def test_a_report_that_is_gone_is_told_with_a_remedy(two_stages, ctx, open_page):
    (ctx.workspace.models / "model-1-text" / "config.json").unlink()
    at = open_page("models.py")
    at.segmented_control(key="model_section").set_value("Two stages").run()
    assert not at.exception
    assert "Train again" in at.error[0].value


def test_the_overview_says_what_happens_to_products(two_stages, home, open_page):
    facts = " ".join(text.value for text in open_page("models.py").markdown)
    assert "asks the full model where its text stage is less than 80 % sure" in facts


@pytest.mark.parametrize("points", [POINTS, (POINTS[0], POINTS[-1])])
def test_the_chart_holds_every_mark_and_the_band_of_what_may_be_lost(points):
    report = EscalationReport(points, 0.0, 10, 0.0)
    marked = {"Suggested": points[0], "In use": points[-1], "Chosen here": points[1]}
    drawn = escalation_chart.figure(report, marked)
    assert [trace.name for trace in drawn.data] == ["Both stages", *marked]
    low, high = drawn.layout.yaxis.range
    assert low < points[0].hierarchical_f1
    assert low < report.full.hierarchical_f1 - 0.002
    assert high > report.full.hierarchical_f1
    assert drawn.layout.xaxis.range[1] >= 1.0, "the point where all go on is marked"
    assert sorted(shape.y0 for shape in drawn.layout.shapes) == [pytest.approx(0.9738), 0.9758]


def test_the_chart_shows_where_the_curve_rises_and_not_the_flat_rest():
    report = EscalationReport(POINTS, 0.8, 10, 0.0)
    drawn = escalation_chart.figure(report, {"Suggested": POINTS[2], "Chosen here": POINTS[1]})
    assert 0.05 < drawn.layout.xaxis.range[1] < 0.5
