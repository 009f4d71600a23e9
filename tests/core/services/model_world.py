"""Classifiers without weights: rows and artefact files as a training leaves them, with predictions chosen by a test."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from core.domain.classifier import HierarchicalMetrics, LevelMetrics
from core.domain.escalation import EscalationReport
from core.services.context import Context
from core.services.escalation import ESCALATION, TEXT_STAGE_KEY, text_stage_name
from core.services.taxonomy import taxonomy_view
from db.models import ModelRow

METRICS = HierarchicalMetrics(0.9, 0.8, 0.85, (LevelMetrics(1, 10, 0.9, 0.9),), 10, 0.8, 0.02)
NodePath = tuple[str, ...]


def add_model(context: Context, *, status: str = "candidate", author: str = "Ada") -> int:
    """A row of a classifier that speaks of the newest version, without an artefact."""
    with context.database.write() as session:
        row = ModelRow(taxonomy_version=taxonomy_view(context).version, status=status, config={}, curve=[],
                       metrics=asdict(METRICS), artefact_path="", author=author)  # fmt: skip
        session.add(row)
        session.flush()
        row.artefact_path = f"model-{row.id}"
        return row.id


def write_artefact(
    context: Context, model_id: int, known: Sequence[NodePath], said: Mapping[int, NodePath], platform: str = "shop"
) -> None:
    """Files of a classifier that learned `known` paths and said this of the products it held out, surely."""
    folder = context.workspace.models / f"model-{model_id}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"tree": {"paths": [list(path) for path in known]}}))
    paths = [json.dumps(list(path)) for path in said.values()]
    pd.DataFrame(
        {
            "product_id": list(said),
            "platform": [platform] * len(said),
            "true_path": paths,
            "predicted_path": paths,
            "level_confidences": [json.dumps([1.0] * len(path)) for path in said.values()],
            "confidence": [1.0] * len(said),
        }
    ).to_parquet(folder / "test.parquet")


def write_text_stage(context: Context, model_id: int, report: EscalationReport, escalate_below: float) -> None:
    """Files of a text stage without weights beside a model, and the threshold that is in use."""
    with context.database.write() as session:
        row = session.get_one(ModelRow, model_id)
        folder = context.workspace.models / text_stage_name(row.artefact_path)
        row.config, row.escalate_below = row.config | {TEXT_STAGE_KEY: folder.name}, escalate_below
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"extra": {ESCALATION: asdict(report)}}))
