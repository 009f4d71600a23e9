def test_totals_and_one_reading_per_chart(home, open_page):
    at = open_page("catalogue.py")
    figures = {metric.label: metric.value for metric in at.metric}
    assert figures["Products"] == "84"
    assert figures["Platforms"] == "2"
    readings = [caption.value for caption in at.caption]
    assert "86 % of products sit 2 levels deep." in readings
    assert sum("Half of the titles" in reading for reading in readings) == 1
    assert len(at.get("plotly_chart")) == 8


def test_an_empty_catalogue_leads_to_the_import(empty_home, open_page):
    at = open_page("catalogue.py")
    assert at.button(key="empty_state_go").label == "Import a catalogue"
