from pathlib import Path

import pytest

from core.domain.errors import ModelNotFoundError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.inference.two_stage import TwoStageClassifier
from core.services.model_bundle import bundle_of, present_names
from core.services.models import get_model, retire_model
from core.services.taxonomy import taxonomy_view
from core.services.taxonomy_edit import rename
from core.taxonomy.tree import Taxonomy


def node(node_id, parent_id, name, **others):
    return TaxonomyNode(id=node_id, parent_id=parent_id, name=name, **others)


def test_names_are_those_of_the_present_taxonomy():
    gone = NodeStatus.DEPRECATED
    tree = Taxonomy([
        node("root", None, "All"),
        node("shoes", "root", "Footwear"),
        node("boots", "shoes", "Boots", status=gone, replaced_by="winter"),
        node("winter", "shoes", "Winter shoes"),
        node("odd", "shoes", "Odd", status=gone, replaced_by="root"),
    ])  # fmt: skip
    paths = [("shoes", "boots"), ("shoes", "odd"), ("shoes", "vanished", "deeper"), ("nowhere",)]
    assert present_names(tree, paths) == {
        "shoes": ("Footwear",),
        "boots": ("Footwear", "Winter shoes"),
        "odd": (),
        "vanished": ("Footwear",),
        "deeper": ("Footwear",),
        "nowhere": (),
    }


def test_the_bundle_of_a_workspace_is_that_of_the_model_in_use(trained):
    bundle = bundle_of(trained)
    model = get_model(trained, 1)
    assert (bundle.model_id, bundle.taxonomy_version) == (1, model.taxonomy_version)
    assert bundle.escalate_below == model.escalate_below
    assert set(bundle.encoders) == set(model.config["encoders"])
    assert (bundle.text_stage is not None) == ("text_stage" in model.config)
    tree = taxonomy_view(trained).taxonomy
    assert {node_id: tree.names(node_id) for node_id in bundle.node_paths} == bundle.node_paths
    assert TwoStageClassifier.load(bundle).full_stage.tree.depth == bundle.n_levels


def test_a_renamed_node_has_its_new_name_and_another_fingerprint(trained):
    before = bundle_of(trained)
    tree = taxonomy_view(trained).taxonomy
    node_id = next(iter(sorted(before.node_paths, key=lambda node_id: -tree.depth(node_id))))
    revisions = {node_id: tree.node(node_id).revision}
    rename(trained, node_id, "Quite another name", revisions=revisions, author="Ada")
    after = bundle_of(trained)
    assert after.node_paths[node_id][-1] == "Quite another name"
    assert after.fingerprint != before.fingerprint


def test_there_is_no_bundle_where_there_is_no_model(trained, imported):
    with pytest.raises(ModelNotFoundError):
        bundle_of(imported)
    with pytest.raises(ModelNotFoundError):
        bundle_of(trained, 99)
    retire_model(trained, 1, "Ada")
    with pytest.raises(ModelNotFoundError):
        bundle_of(trained)
    assert bundle_of(trained, 1).model_id == 1


def test_a_model_whose_files_are_gone_has_no_bundle(trained):
    (Path(bundle_of(trained).full_stage) / "config.json").unlink()
    with pytest.raises(ModelNotFoundError) as refused:
        bundle_of(trained)
    assert refused.value.remedy
