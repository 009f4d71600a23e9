import pytest

from core.domain.job import JobKind
from core.services import jobs
from core.services.taxonomy import find_category


def test_the_fullest_category_is_offered_with_its_count(home, open_page):
    at = open_page("discover.py")
    texts = [text.value for text in at.markdown]
    assert "### Shoes" in texts
    assert any("**72** products" in text for text in texts)


def test_the_address_chooses_a_category(home, ctx, open_page):
    at = open_page("discover.py", category=find_category(ctx, ("Bags",)))
    assert "### Bags" in [text.value for text in at.markdown]


def test_discover_queues_a_run_with_the_settings(home, ctx, worker_held, open_page):
    at = open_page("discover.py")
    at.toggle(key="discover_choose_k").set_value(True).run()
    at.number_input(key="discover_k").set_value(5)
    at.number_input(key="discover_seed").set_value(9).run()
    at.button(key="discover_go").click().run()
    job = jobs.list_jobs(ctx)[0]
    assert job.kind is JobKind.DISCOVER
    assert job.arguments["category_id"] == find_category(ctx, ("Apparel", "Shoes"))
    assert job.arguments["parameters"]["n_clusters"] == 5
    assert job.arguments["parameters"]["seed"] == 9
    assert at.button(key="discover_go").disabled


def test_a_run_made_before_can_be_reviewed(home, open_page):
    at = open_page("discover.py")
    assert any("Apparel" in text.value and "Shoes" in text.value for text in at.markdown)
    assert not at.button(key="past_run_1").disabled


@pytest.mark.parametrize("category", ["nonsense", "' or 1=1"])
def test_an_unknown_category_in_the_address_asks_for_a_choice(home, open_page, category):
    at = open_page("discover.py", category=category)
    assert "Choose a category" in at.info[0].value
