"""Settings that hold for everybody."""

from core.services import settings
from core.services.catalogue import data_revision, recent_events
from core.services.settings import SECOND_CURATOR
from db.repositories import settings as rows


def test_a_setting_has_its_default_until_somebody_sets_it(context):
    assert settings.get(context, SECOND_CURATOR) is False
    settings.put(context, SECOND_CURATOR, True, "Ada")
    assert settings.get(context, SECOND_CURATOR) is True


def test_the_history_says_who_changed_a_setting_and_to_what(context):
    settings.put(context, SECOND_CURATOR, True, "Ada")
    newest = recent_events(context).iloc[0]
    assert (newest.author, newest.summary) == ("Ada", "Approvals need a second curator: yes")


def test_setting_what_is_set_already_is_no_act(context):
    before = data_revision(context)
    settings.put(context, SECOND_CURATOR, False, "Ada")
    assert data_revision(context) == before


def test_values_of_any_json_kind_are_kept(context):
    with context.database.write() as session:
        for value in (1.5, "text", ["a", {"b": None}]):
            rows.put(session, "any", value)
            assert rows.get(session, "any") == value
