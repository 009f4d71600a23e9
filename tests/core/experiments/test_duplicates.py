from dataclasses import replace

import numpy as np

from core.experiments.experiment import prepare_common
from core.experiments.path_classifier import ordinary_split
from core.experiments.settings import APART, ExperimentSettings


def parted_groups(catalogue, seed=0):
    """Groups of duplicates with products in training and in the test."""
    split = ordinary_split(catalogue, seed)
    return set(catalogue.groups[split.train]) & set(catalogue.groups[split.test])


def test_duplicates_stay_together_unless_asked_for_and_the_table_says_so(catalogue):
    pairs = replace(catalogue, groups=np.arange(len(catalogue)) // 2)
    settings = ExperimentSettings(min_products=1)
    together, apart = (prepare_common(pairs, each) for each in (settings, replace(settings, duplicates=APART)))
    assert not parted_groups(together)
    assert parted_groups(replace(apart, groups=pairs.groups, _memory=split_memory(apart)))
    assert any("may be parted" in note for note in apart.notes)
    assert not any("may be parted" in note for note in together.notes)


def split_memory(catalogue):
    ordinary_split(catalogue, 0)
    return catalogue._memory
