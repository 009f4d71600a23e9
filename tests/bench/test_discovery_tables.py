from bench.discovery_methods import NOT_SMOOTHED
from bench.discovery_records import Record, Score
from bench.discovery_tables import (
    TARGET_CATEGORIES,
    Results,
    category_table,
    fewer_clusters,
    modality_table,
    smoothing_table,
    target_table,
)

SHOES = TARGET_CATEGORIES[0]


def _record(method, category, seed, purity, n_clusters=12):
    return Record(method, category, seed, 100, 2, 3.0, 0.5, (Score(12, n_clusters, purity, 0.4, 0.3),))


def test_a_method_is_the_mean_of_its_seeds_with_their_range():
    table = category_table(SHOES, Results([_record("x", SHOES, 0, 0.7), _record("x", SHOES, 1, 0.8)]), [12])
    assert table.splitlines()[2] == "| x | 0.750 (0.70–0.80) | 0.40 | 0.30 | 2.0% | 3 s | 0.50 GiB |"


def test_the_targets_are_met_or_missed_over_the_four_named_categories_alone():
    purities = dict(zip(TARGET_CATEGORIES, (0.84, 0.88, 0.92, 0.96), strict=True))
    records = [_record("whole", name, 0, purity) for name, purity in purities.items()]
    records += [_record("whole", "Apparel > Topwear", 0, 0.1), _record("part", SHOES, 0, 0.99)]
    assert target_table(Results(records), 12).splitlines()[2:] == [
        "| whole | **0.900** | 0.840 | 0.880 | 0.920 | 0.960 |",
        "| *target* | 0.88 | 0.84 |  |  |  |",
    ]


def test_a_set_that_falls_under_one_of_its_modalities_is_called_out():
    records = [
        _record("simclr+tfidf", SHOES, 0, 0.75),
        _record("simclr", SHOES, 0, 0.5),
        _record("tfidf", SHOES, 0, 0.78),
        _record("simclr+tfidf", "Bags", 0, 0.9),
        _record("tfidf", "Bags", 0, 0.8),
    ]
    under, fine = modality_table(Results(records), [SHOES, "Bags"], "simclr+tfidf", 12).splitlines()[2:]
    assert under.endswith("| 0.750 | 0.500 | 0.780 | **falls under tfidf by 0.030** |")
    assert fine.endswith("| no |")


def test_smoothing_is_compared_where_both_were_measured():
    records = [_record("a+b", SHOES, 0, 0.8), _record("a+b" + NOT_SMOOTHED, SHOES, 0, 0.75)]
    rows = smoothing_table(Results(records), [SHOES, "Bags"], "a+b", [12]).splitlines()[2:]
    assert rows == [f"| {SHOES} | 0.800, 0.750 (+0.050) |", "| Bags |  |"]


def test_methods_that_gave_fewer_clusters_are_named():
    records = [_record("x", SHOES, 0, 0.7, n_clusters=7), _record("y", SHOES, 0, 0.7)]
    assert fewer_clusters(Results(records), [SHOES]) == [f"- x on {SHOES}: 7 of 12 clusters"]
