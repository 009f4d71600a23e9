"""The simulated curator on four clouds of products, one of which is a mixture of two kinds."""

from dataclasses import replace

import numpy as np
import pytest

from bench import curator_policies as policies
from bench.curator_case import Case, make_case
from bench.curator_clusters import DiscoveredClusters, KMeansClusters
from bench.curator_curves import crossing, mean_curve
from bench.curator_desk import Desk
from bench.curator_plan import WAYS, mean_ceiling, work
from bench.curator_tables import curves_table, effort_table, marks_table, verdicts
from core.discovery.linkage import ward_dendrogram

KINDS = ("boots", "heels", "sandals", "trainers")
N_BLIND = 12
"""Few enough decisions to leave some products unseen."""
ALL = [way.policy for way in WAYS]


def made_case(seed: int = 0, n_per_kind: int = 80) -> Case:
    generator = np.random.default_rng(seed)
    centres = np.array([[6, 0, 0, 0], [0, 6, 0, 0], [0, 0, 6, 0], [0, 0, 6, 2.5]])
    truth = np.repeat(np.arange(4), n_per_kind)
    points = (centres[truth] + generator.normal(size=(len(truth), 4)) * 0.7).astype(np.float32)
    labels = [KINDS[kind] for kind in truth]
    return make_case(labels, {"image": points}, points, points, ward_dendrogram(points), 3, seed)


@pytest.fixture(scope="module")
def case() -> Case:
    return made_case()


@pytest.mark.parametrize("policy", ALL)
def test_same_seed_gives_the_same_curve(case, policy):
    one, two = (policies.simulate(case, policy, 20) for _ in range(2))
    assert one.curve == two.curve
    assert np.array_equal(one.labelled, two.labelled)


@pytest.mark.parametrize("policy", ALL)
@pytest.mark.parametrize("from_names", [False, True])
def test_no_choice_depends_on_the_truth_of_what_was_not_shown(case, policy, from_names):
    honest = policies.simulate(case, policy, N_BLIND, from_names)
    unseen = ~honest.seen
    assert unseen.any()
    other_truth = case.truth.copy()
    other_truth[unseen] = (other_truth[unseen] + 1 + np.random.default_rng(9).integers(0, 3, int(unseen.sum()))) % 4
    blind = policies.simulate(replace(case, truth=other_truth), policy, N_BLIND, from_names)
    assert np.array_equal(blind.seen, honest.seen)
    assert np.array_equal(blind.answers(), honest.answers())
    assert blind.counts == honest.counts


@pytest.mark.parametrize("policy", ALL)
def test_own_labels_are_true(case, policy):
    desk = policies.simulate(case, policy, 20)
    known = desk.labelled >= 0
    assert known.any()
    assert np.array_equal(desk.labelled[known], case.truth[known])


@pytest.mark.parametrize("policy", ALL)
def test_curator_stops_at_his_budget_but_for_the_act_in_hand(case, policy):
    assert policies.simulate(case, policy, 6).n_decisions <= 6 + len(KINDS) + 3


def test_survey_names_every_suggested_cluster_and_splits_come_after(case):
    desk = policies.simulate(case, policies.discovered_names, 12)
    assert desk.counts["name"] >= 3
    assert (desk.named >= 0).all()
    assert desk.counts["split"] >= 1


def test_splitting_a_mixture_raises_what_names_alone_get_right(case):
    before = policies.simulate(case, policies.discovered_names, 3).curve[-1].by_names
    after = policies.simulate(case, policies.discovered_names, 12).curve[-1].by_names
    assert after > before + 0.1


def test_clusters_need_fewer_decisions_than_products_one_by_one(case):
    found, alone = (
        crossing(mean_curve([policies.simulate(case, policy, 80)], "by_classifier", 80), 0.9)
        for policy in (policies.discovered_screens, policies.random_singles)
    )
    assert found.held is not None
    assert alone.held is None or found.held < alone.held


def test_classifier_queue_ends_when_all_products_are_labelled(case):
    desk = policies.simulate(case, policies.hesitant_screens, 10_000)
    assert desk.curve[-1].by_names == 1.0


@pytest.mark.parametrize("clusters", [DiscoveredClusters, KMeansClusters])
def test_parts_of_a_cluster_hold_its_members_once(case, clusters):
    shown = clusters(case)
    first = shown.first()
    assert sorted(np.concatenate(first).tolist()) == list(range(len(case.truth)))
    parts = shown.parts(first[0])
    assert len(parts) == 2
    assert sorted(np.concatenate(parts).tolist()) == sorted(first[0].tolist())
    assert sorted(shown.typical_first(first[0]).tolist()) == sorted(first[0].tolist())


def test_noise_is_in_no_cluster(case):
    leaves = case.dendrogram.leaf_of_product.copy()
    leaves[:5] = -1
    noisy = replace(case, dendrogram=replace(case.dendrogram, leaf_of_product=leaves))
    assert not set(range(5)) & set(np.concatenate(DiscoveredClusters(noisy).first()).tolist())


def test_tables_name_every_way_and_say_whether_the_targets_were_met():
    cases = [made_case(seed) for seed in (0, 1)]
    worked = work(cases, tell=lambda name: None)
    ceiling = mean_ceiling(cases)
    for table in (marks_table(worked, ceiling, 320), curves_table(worked, 320), effort_table(worked)):
        assert [line.split(" | ")[0][2:] for line in table.splitlines()[2:]] == [way.name for way in WAYS]
    assert len(verdicts(worked, ceiling, 320)) == 4
    assert all("target met" in line or "TARGET MISSED" in line for line in verdicts(worked, ceiling, 320))


def test_desk_hides_what_was_not_looked_at(case):
    desk = Desk(case.truth)
    assert not desk.seen.any()
    desk.look(np.array([3, 9]))
    assert np.flatnonzero(desk.seen).tolist() == [3, 9]
