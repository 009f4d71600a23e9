"""Products as tasks for Label Studio, each with its present category as a pre-annotation.

Format: https://labelstud.io/guide/tasks and https://labelstud.io/guide/predictions, with the tag of
https://labelstud.io/tags/taxonomy.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from core.taxonomy.cells import whole_file
from core.taxonomy.export_csv import AssignmentRow
from core.taxonomy.tree import Taxonomy

CONTROL, OBJECT = "category", "image"
PATH_SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class LabelTask:
    """A product to be labelled: where it is now, and what helps to judge it.

    `image` is an address that Label Studio can load; '' where the product has no picture.
    """

    assignment: AssignmentRow
    image: str
    brand: str


def write_label_studio(file_path: Path, tasks: Iterable[LabelTask], taxonomy: Taxonomy, version: int) -> Path:
    """Write a task file to import, and the labelling interface beside it, each whole or not at all.

    Args:
        file_path: Where the tasks go, as JSON.
        tasks: The products.
        taxonomy: What annotators can choose from: its categories in use.
        version: Number of the taxonomy's version: the pre-annotations' model version.

    Returns:
        Where the interface lies: the same place, with the suffix `.xml`.
    """
    config_path = file_path.with_suffix(".xml")
    with whole_file(config_path) as stream:
        stream.write(labeling_config(taxonomy))
    with whole_file(file_path) as stream:
        json.dump([task_document(task, version) for task in tasks], stream, ensure_ascii=False)
    return config_path


def task_document(task: LabelTask, version: int) -> dict[str, Any]:
    """One task with its pre-annotation; a product directly below the root has none."""
    row = task.assignment
    data = {
        "image": task.image,
        "title": row.title,
        "brand": task.brand,
        "platform": row.platform,
        "product_id": row.product_id,
        "node_id": row.node_id,
    }
    return {"data": data, "predictions": [_prediction(row, version)] if row.path else []}


def labeling_config(taxonomy: Taxonomy) -> str:
    """The labelling interface as XML: picture, words, and the tree of categories in use."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Image", name=OBJECT, value="$image")
    for name in ("title", "brand", "platform"):
        ElementTree.SubElement(view, "Text", name=name, value=f"${name}")
    control = ElementTree.SubElement(
        view, "Taxonomy", name=CONTROL, toName=OBJECT, maxUsages="1", required="true", showFullPath="true",
        pathSeparator=PATH_SEPARATOR,
    )  # fmt: skip
    elements = {taxonomy.root.id: control}
    for node in taxonomy.walk():
        if node.parent_id is not None:
            elements[node.id] = ElementTree.SubElement(elements[node.parent_id], "Choice", value=node.name)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _prediction(row: AssignmentRow, version: int) -> dict[str, Any]:
    result = {
        "id": "category",
        "from_name": CONTROL,
        "to_name": OBJECT,
        "type": "taxonomy",
        "value": {"taxonomy": [list(row.path)]},
    }
    score = {} if row.confidence is None else {"score": row.confidence}
    return {"model_version": f"taxonomy v{version}, {row.source}", **score, "result": [result]}
