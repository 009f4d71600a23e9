from hypothesis import given
from hypothesis import strategies as st

from core.inference.batch_attempts import Attempts, Narrowing, begun_partitions, split_span
from core.inference.batch_plan import BatchPlan, Partition, RunFolder, identity_of, partitions_of

ROWS = st.integers(1, 5_000)


@given(n_rows=ROWS, rows_per_partition=st.integers(1, 700))
def test_every_row_is_in_exactly_one_partition_in_order(n_rows, rows_per_partition):
    partitions = partitions_of(n_rows, rows_per_partition)
    covered = [row for part in partitions for row in range(part.first, part.first + part.n_rows)]
    assert covered == list(range(1, n_rows + 1))
    assert all(part.n_rows == rows_per_partition for part in partitions[:-1])
    assert len({part.name for part in partitions}) == len(partitions)
    assert sorted(part.name for part in partitions) == [part.name for part in partitions]


@given(first=ROWS, n_rows=ROWS)
def test_the_parts_of_a_stretch_are_the_stretch(first, n_rows):
    parts = split_span((first, n_rows))
    assert [row for start, count in parts for row in range(start, start + count)] == list(range(first, first + n_rows))
    assert 1 <= len(parts) <= 16


@given(n_rows=st.integers(1, 600), harmful=st.sets(st.integers(1, 600), max_size=3), dies=st.booleans())
def test_taking_apart_gives_up_the_harmful_rows_and_no_other(n_rows, harmful, dies):
    narrowing, classified = Narrowing(split_span((1, n_rows))), []
    while narrowing.todo:
        narrowing.current = first, count = narrowing.todo.pop(0)
        rows = range(first, first + count)
        if harmful.isdisjoint(rows):
            classified += rows
            narrowing.current = None
        elif dies:
            narrowing.bury()
        else:
            narrowing.refuse("why")
    expected = {row for row in harmful if row <= n_rows}
    assert set(narrowing.given_up) == expected
    assert classified == [row for row in range(1, n_rows + 1) if row not in expected]


def test_a_single_row_gets_a_second_chance_before_it_is_given_up():
    narrowing = Narrowing([], current=(9, 1))
    narrowing.bury()
    assert (narrowing.todo, narrowing.given_up) == ([(9, 1)], {})


def test_where_a_worker_left_off_is_kept(tmp_path):
    folder = RunFolder(tmp_path)
    folder.clear()
    attempts = Attempts(folder, Partition(4, 100, 40))
    narrowing = attempts.load_narrowing()
    narrowing.current = narrowing.todo.pop(0)
    narrowing.given_up[7] = "why"
    narrowing.strikes["7+1"] = 2
    attempts.save_narrowing(narrowing)
    assert attempts.load_narrowing() == narrowing


def test_what_was_begun_counts_until_it_ends_or_stops_in_good_order(tmp_path):
    folder = RunFolder(tmp_path)
    folder.clear()
    first, second = (Attempts(folder, Partition(number, 1 + 8 * number, 8)) for number in (0, 1))
    assert [first.begin(), first.begin(), second.begin()] == [0, 1, 0]
    assert (begun_partitions(folder, 1), begun_partitions(folder, 2)) == ({0, 1}, {0})
    first.withdraw()
    second.end()
    assert begun_partitions(folder, 1) == {0}


def test_a_plan_is_read_as_it_was_written_and_one_of_another_version_is_none(tmp_path):
    folder = RunFolder(tmp_path)
    folder.clear()
    assert folder.load_plan() is None
    plan = BatchPlan("abc", 10, 4, {"title": "Titel"}, ("Titel", "größe"))
    folder.save_plan(plan)
    assert folder.load_plan() == plan
    path = tmp_path / "plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format_version": 1', '"format_version": 0'))
    assert folder.load_plan() is None


def test_a_file_is_known_by_its_content_and_a_folder_by_its_files(tmp_path):
    (tmp_path / "a").write_text("same")
    (tmp_path / "b").write_text("same")
    assert identity_of(tmp_path / "a") == identity_of(tmp_path / "b")
    before = identity_of(tmp_path)
    (tmp_path / "b").write_text("other words")
    assert identity_of(tmp_path / "a") != identity_of(tmp_path / "b")
    assert identity_of(tmp_path) != before
