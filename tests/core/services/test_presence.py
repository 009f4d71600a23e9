"""Who has what open, seen from several tabs."""

import time
from datetime import timedelta

from core.services import presence
from db.base import utc_now
from db.repositories import presence as rows


def say(context, session_id, author, run_id, cluster_id, ago=timedelta(0)):
    with context.database.write() as session:
        rows.put(session, session_id, author, run_id, cluster_id, utc_now() - ago)


def last(context, session_id):
    with context.database.read() as session:
        return rows.row_of(session, session_id)


def test_others_see_which_cluster_somebody_has_open(context):
    presence.seen(context, "a", "Ada", 1, 5)
    presence.seen(context, "b", "Bob", 1, 5)
    presence.seen(context, "c", "Cid", 1, 6)
    presence.seen(context, "d", "Dan", 1, None)
    presence.seen(context, "e", "Eve", 2, 5)
    assert presence.others(context, "a", 1) == {5: ("Bob",), 6: ("Cid",), None: ("Dan",)}


def test_going_to_another_cluster_is_seen_at_once(context):
    presence.seen(context, "a", "Ada", 1, 5)
    presence.seen(context, "a", "Ada", 1, 6)
    assert presence.others(context, "b", 1) == {6: ("Ada",)}


def test_ones_own_second_tab_is_nobody_else(context):
    presence.seen(context, "a", "Ada", 1, 5)
    presence.seen(context, "a2", "ada", 1, 5)
    assert presence.others(context, "a", 1) == {}


def test_readers_without_a_name_are_somebody_also_to_each_other(context):
    presence.seen(context, "a", "", 1, 5)
    presence.seen(context, "b", "", 1, 5)
    assert presence.others(context, "a", 1) == {5: (presence.SOMEBODY,)}


def test_who_was_not_heard_of_for_half_a_minute_has_left(context):
    say(context, "a", "Ada", 1, 5, ago=timedelta(seconds=31))
    say(context, "b", "Bob", 1, 5, ago=timedelta(seconds=25))
    assert presence.others(context, "c", 1) == {5: ("Bob",)}


def test_leaving_is_seen_at_once(context):
    presence.seen(context, "a", "Ada", 1, 5)
    presence.gone(context, "a")
    assert presence.others(context, "b", 1) == {}


def test_a_tab_that_stays_writes_only_now_and_then(context):
    say(context, "a", "Ada", 1, 5, ago=timedelta(seconds=2))
    before = last(context, "a").seen_at
    presence.seen(context, "a", "Ada", 1, 5)
    assert last(context, "a").seen_at == before
    say(context, "a", "Ada", 1, 5, ago=presence.TOLD_EVERY)
    presence.seen(context, "a", "Ada", 1, 5)
    assert last(context, "a").seen_at > before


def test_old_rows_are_cleaned_away(context):
    say(context, "old", "Ada", 1, 5, ago=presence.KEPT_FOR + timedelta(seconds=1))
    presence.seen(context, "b", "Bob", 1, 5)
    assert last(context, "old") is None


def test_a_busy_database_is_passed_over_in_silence_and_without_waiting(context):
    presence.seen(context, "a", "Ada", 1, 5)
    with context.database.write() as writer:
        writer.connection()  # holds the one writer's lock, as a long import does
        started = time.monotonic()
        presence.seen(context, "a", "Ada", 1, 6)
        presence.gone(context, "a")
        assert time.monotonic() - started < 5  # a patient writer waits for 30 s
    assert presence.others(context, "b", 1) == {5: ("Ada",)}
