"""Tasks for Label Studio."""

import json
from xml.etree import ElementTree

from core.domain.taxonomy import AssignmentSource, NodeStatus, TaxonomyNode
from core.taxonomy.export_csv import AssignmentRow
from core.taxonomy.label_studio import LabelTask, labeling_config, task_document, write_label_studio
from core.taxonomy.tree import Taxonomy

TREE = Taxonomy(
    [
        TaxonomyNode("root", None, "All"),
        TaxonomyNode("a", "root", 'Shoes & "more" <b>'),
        TaxonomyNode("b", "a", "Boots / Wellies"),
        TaxonomyNode("c", "a", "Booties", NodeStatus.DEPRECATED, "b"),
    ]
)
BOOT = AssignmentRow("7", "shop", "Boot <img>", TREE.names("b"), "b", AssignmentSource.CLASSIFIER, 0.5)


def choices(element: ElementTree.Element) -> dict:
    return {child.attrib["value"]: choices(child) for child in element.findall("Choice")}


def test_the_interface_offers_the_tree_in_use():
    view = ElementTree.fromstring(labeling_config(TREE))
    assert view.tag == "View"
    assert choices(view.find("Taxonomy")) == {'Shoes & "more" <b>': {"Boots / Wellies": {}}}


def test_a_task_fits_the_interface():
    view = ElementTree.fromstring(labeling_config(TREE))
    task = task_document(LabelTask(BOOT, "https://x/1.jpg", "Acme"), 3)
    asked = {element.attrib["value"].removeprefix("$") for element in view if "value" in element.attrib}
    assert asked <= task["data"].keys()
    [prediction] = task["predictions"]
    [result] = prediction["result"]
    control = view.find("Taxonomy")
    assert (result["type"], result["from_name"], result["to_name"]) == (
        "taxonomy", control.attrib["name"], control.attrib["toName"],
    )  # fmt: skip
    assert result["to_name"] in {element.attrib["name"] for element in view}
    offered = choices(control)
    for name in result["value"]["taxonomy"][0]:
        offered = offered[name]
    assert prediction["score"] == 0.5


def test_a_product_without_a_category_has_no_pre_annotation():
    row = AssignmentRow("8", "shop", "Thing", (), "root", AssignmentSource.IMPORT, None)
    assert task_document(LabelTask(row, "", ""), 1)["predictions"] == []


def test_the_interface_lies_beside_the_tasks(tmp_path):
    config_path = write_label_studio(tmp_path / "tasks.json", [LabelTask(BOOT, "", "")], TREE, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"tasks.json", "tasks.xml"}
    assert config_path == tmp_path / "tasks.xml"
    assert [task["data"]["product_id"] for task in json.loads((tmp_path / "tasks.json").read_text())] == ["7"]
