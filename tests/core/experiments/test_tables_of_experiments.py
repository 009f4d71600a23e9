from dataclasses import replace

import numpy as np
import pytest

from core.domain.errors import ParameterError, TooFewProductsError
from core.experiments import cross_platform, path_classifier
from core.experiments.catalogue import TITLE_WORDS
from core.experiments.fusion import FUSION_TITLES, WITH_WORDS
from core.experiments.hiclass_peer import PEER, hiclass_paths
from core.experiments.settings import DUPLICATES, TOGETHER
from tests.core.experiments.small_catalogue import PATHS, QUICK, make_catalogue

PAPER = ("L1 macro F1", "L1 weighted F1", "L2 macro F1", "L2 weighted F1", "hP", "hR", "hF1", "Exact path")
LEARNS = replace(QUICK, max_epochs=40)


def column(outcome, title):
    place = outcome.tables[0].columns.index(title)
    return [row[place] for row in outcome.tables[0].rows]


def test_flat_has_a_row_per_encoder_and_the_columns_of_table_one(run):
    settings = replace(QUICK, encoders=("tfidf", "aligned", "simclr"))
    outcome = run("flat", settings)
    assert outcome.tables[0].columns[:10] == ("Encoder", "Modality", *PAPER)
    assert [row[:2] for row in outcome.tables[0].rows] == [
        ("tfidf", "title"),
        ("aligned", "image"),
        ("simclr", "image"),
    ]
    assert min(column(outcome, "hF1")) > 0.9


def test_flat_without_an_encoder_for_the_modalities_is_an_error(run):
    with pytest.raises(ParameterError, match="No encoder among aligned reads title"):
        run("flat", replace(QUICK, encoders=("aligned",), modalities=("title",)))


def test_fusion_has_unimodal_rows_three_fusions_and_the_peer(run):
    outcome = run("fusion", LEARNS)
    assert outcome.tables[0].columns[2:10] == PAPER
    assert [row[:2] for row in outcome.tables[0].rows] == [
        ("Unimodal", "text (tfidf)"),
        ("Unimodal", "image (aligned)"),
        ("Unimodal", "image (simclr)"),
        *((title, "title + image") for title in FUSION_TITLES.values()),
        (WITH_WORDS, "title + image"),
        (PEER, "title + image"),
    ]
    # HiClass cannot stop at "shoes", which a fifth of the products belong to; everything else is easy.
    assert column(outcome, "Exact path")[-1] == pytest.approx(0.8, abs=0.05)
    assert min(column(outcome, "hF1")) > 0.8


def test_fusion_without_images_has_text_rows_alone(run):
    outcome = run("fusion", replace(QUICK, modalities=("title",), max_epochs=1))
    assert [row[1] for row in outcome.tables[0].rows] == ["text (tfidf)", *["title"] * 5]


def test_hiclass_pads_ragged_paths_and_returns_them_unpadded():
    generator = np.random.default_rng(0)
    paths = [("a", "b", "c"), ("a", "d"), ("e",)] * 20
    centres = {path: generator.normal(size=6) for path in set(paths)}
    features = np.array([centres[path] for path in paths]) + generator.normal(scale=0.01, size=(60, 6))
    assert hiclass_paths(features, paths, features, seed=0) == paths


def test_masking_measures_invalid_paths_which_the_mask_forbids(run):
    outcome = run("masking")
    assert [row[:2] for row in outcome.tables[0].rows] == [
        ("Masked", "Best path"),
        ("Masked", "Level by level"),
        ("Unmasked", "Best path"),
        ("Unmasked", "Level by level"),
    ]
    assert column(outcome, "Invalid paths")[:2] == [0, 0]
    assert {"hF1", "Exact path"} <= set(outcome.tables[0].columns)


def test_imbalance_compares_five_corrections(run):
    outcome = run("imbalance")
    assert [row[0].partition(",")[0] for row in outcome.tables[0].rows] == [
        "None", "Effective number", "Effective number", "Logit adjustment", "Logit adjustment"
    ]  # fmt: skip
    assert all(0 <= value <= 1 for value in column(outcome, "Macro F1"))


def test_cross_platform_never_trains_on_a_test_platform(run, catalogue, monkeypatch):
    seen = []
    fit = path_classifier.fit

    def spying_fit(catalogue, sources, train, validation, *others):
        seen.append({catalogue.platforms[row] for row in (*train, *validation)})
        return fit(catalogue, sources, train, validation, *others)

    monkeypatch.setattr(cross_platform, "fit", spying_fit)
    outcome = run("cross-platform", replace(LEARNS, train_platforms=("shop a",)))
    titles = (*FUSION_TITLES.values(), WITH_WORDS)
    assert seen == [{"shop a"}] * len(titles)
    assert [row[:2] for row in outcome.tables[0].rows] == [(title, "shop a") for title in titles]
    assert [row[0] for row in outcome.tables[1].rows] == ["market", "shop b"]
    assert column(outcome, "Test products")[0] == sum(row[-1] for row in outcome.tables[1].rows)
    assert max(column(outcome, "hF1")) > 0.9


def test_cross_platform_takes_the_largest_platform_and_drops_duplicates_of_it(run, catalogue):
    groups = catalogue.groups.copy()
    foreign, own = catalogue.platforms.index("shop a"), catalogue.platforms.index("market")
    groups[foreign] = groups[own]
    n_foreign = sum(platform != "market" for platform in catalogue.platforms)
    other = replace(catalogue, groups=groups)
    outcome = run("cross-platform", replace(QUICK, max_epochs=1), other=other)
    assert outcome.tables[0].rows[0][1] == "market"
    assert column(outcome, "Test products")[0] == n_foreign - len(_duplicates(other))
    assert column(outcome, "Dropped as duplicates")[0] == pytest.approx(len(_duplicates(other)) / n_foreign, abs=1e-4)


@pytest.mark.parametrize("name", ["fusion", "cross-platform"])
def test_the_fingerprint_stands_for_every_embedding_that_cells_ask_for(run, catalogue, monkeypatch, name):
    named, version = [], catalogue.embedder.version
    monkeypatch.setattr(catalogue.embedder, "version", lambda source, _: named.append(source) or version(source, _))
    run(name, replace(QUICK, max_epochs=1))
    assert set(named) == set(catalogue.embedder.embedded)
    assert TITLE_WORDS in named


@pytest.mark.parametrize("duplicates", DUPLICATES)
def test_cross_platform_says_of_duplicates_what_it_did(run, catalogue, duplicates):
    pairs = replace(catalogue, groups=np.arange(len(catalogue)) % 75)
    outcome = run("cross-platform", replace(QUICK, max_epochs=1, duplicates=duplicates), other=pairs)
    says_dropped = any("no part of the test" in note for note in outcome.notes)
    has_dropped = max(column(outcome, "Dropped as duplicates")) > 0
    assert (says_dropped, has_dropped) == (duplicates == TOGETHER,) * 2


def _duplicates(catalogue):
    own = {group for group, name in zip(catalogue.groups, catalogue.platforms, strict=True) if name == "market"}
    rows = zip(catalogue.groups, catalogue.platforms, strict=True)
    found = [group for group, name in rows if name != "market" and group in own]
    assert found
    return found


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [(("shop z",), "No labelled product is offered on 'shop z'"),
     (("market", "shop a", "shop b"), "leaves no platform to test on")],
)  # fmt: skip
def test_wrong_platforms_are_named_with_the_valid_ones(run, platforms, expected):
    with pytest.raises(ParameterError, match=expected):
        run("cross-platform", replace(QUICK, train_platforms=platforms))


def test_too_few_products_to_hold_any_back_are_an_error(run):
    with pytest.raises(TooFewProductsError):
        run("masking", replace(QUICK, min_products=1), other=make_catalogue(10))


def test_a_modality_that_the_catalogue_lacks_is_an_error(run):
    with pytest.raises(ParameterError, match="no brand to learn from"):
        run("masking", replace(QUICK, modalities=("brand",)))


def test_recategorization_reports_purity_before_and_after_over_the_whole_category(run, catalogue):
    clusters = {path: (f"cluster-{number % 3}", f"cluster-{number + 10}") for number, path in enumerate(PATHS)}
    is_out = [row % 6 == 0 for row in range(len(catalogue))]
    paths = tuple(() if out else clusters[path] for path, out in zip(catalogue.paths, is_out, strict=True))
    truth = tuple("/".join(path) for path in catalogue.paths)
    outcome = run("recategorization", LEARNS, other=replace(catalogue, paths=paths, truth=truth))
    assert [row[0] for row in outcome.tables[0].rows] == ["Level 1 of the clusters", "Level 2 of the clusters"]
    assert column(outcome, "Purity before retraining")[1] == 1.0
    assert column(outcome, "Purity before retraining")[0] < 0.7
    assert column(outcome, "Purity after retraining")[1] > 0.9
    assert column(outcome, "After, of those filtered out")[1] > 0.9
    assert column(outcome, "Products before") == [len(paths) - sum(is_out)] * 2
    assert column(outcome, "Products after") == [len(paths)] * 2


def test_decision_fusion_has_each_modality_every_policy_and_a_vote_with_and_without_doubtful_labels(run):
    outcome = run("decision-fusion")
    title = "image + title"
    assert [row[:2] for row in outcome.tables[0].rows[:7]] == [
        ("Alone", "image"),
        ("Alone", "title"),
        ("Max", title),
        ("Mean", title),
        ("Ridge regression", title),
        ("Bi-modal network", title),
        ("Majority vote", title),
    ]
    assert [row[2] for row in outcome.tables[0].rows] == ["all"] * 7 + ["without the worst 10 %"] * 7
    assert min(column(outcome, "Accuracy")) > 0.9
    assert min(column(outcome, "Multi-label micro F1")) > 0.9
    n_train = column(outcome, "Training products")
    assert 0.85 * n_train[0] < n_train[7] < n_train[0]


def test_decision_fusion_of_one_modality_is_an_error(run):
    with pytest.raises(ParameterError, match="at least two modalities, got title"):
        run("decision-fusion", replace(QUICK, modalities=("title",)))
