"""A trained classifier on disk: weights as safetensors, everything else as JSON, nothing pickled."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from core.classifier.label_tree import LabelTree
from core.classifier.metrics import NodeMetrics
from core.classifier.model import build_model
from core.classifier.parameters import TrainingParameters
from core.classifier.trained import TrainedClassifier
from core.domain.classifier import HierarchicalMetrics, LevelMetrics
from core.domain.errors import AppError, ModelNotFoundError

FORMAT_VERSION = 1
WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"


def save_classifier(folder: Path, trained: TrainedClassifier, extra_config: dict[str, Any] | None = None) -> None:
    """Write an artefact in one step: the folder is there whole or not at all, replacing an earlier one.

    Args:
        folder: Where the artefact will lie; its parents are made.
        trained: The classifier.
        extra_config: Anything JSON to keep beside it, such as the names of encoders.
    """
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    weights = save({name: value.contiguous() for name, value in trained.model.state_dict().items()})
    (partial / WEIGHTS_FILE).write_bytes(weights)
    config = json.loads(json.dumps(_to_config(trained, extra_config or trained.extra_config)))
    config["weights_sha256"] = hashlib.sha256(weights).hexdigest()
    config["config_sha256"] = _checksum(config)
    (partial / CONFIG_FILE).write_text(json.dumps(config, indent=1), encoding="utf-8")
    _replace(partial, folder)


def load_classifier(folder: Path) -> TrainedClassifier:
    """Read an artefact back.

    Args:
        folder: Where `save_classifier` wrote it.

    Returns:
        A classifier that predicts exactly what the saved one did.

    Raises:
        ModelNotFoundError: If there is none, or its files are damaged or of another format.
    """
    try:
        weights = (folder / WEIGHTS_FILE).read_bytes()
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        _require_whole(config, weights)
        return _from_config(config, weights)
    except FileNotFoundError as error:
        raise _not_found(folder, f"{Path(error.filename).name} is missing") from error
    except ModelNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, AppError) as error:
        raise _not_found(folder, f"its files are damaged: {error}") from error


def _to_config(trained: TrainedClassifier, extra_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "tree": trained.tree.to_dict(),
        "temperatures": list(trained.temperatures),
        "parameters": asdict(trained.parameters),
        "seed": trained.parameters.seed,
        "dimensions": trained.dimensions,
        "split_sizes": trained.split_sizes,
        "metrics": asdict(trained.metrics),
        "node_metrics": [asdict(node) for node in trained.node_metrics],
        "curve": list(trained.curve),
        "extra": extra_config,
    }


def _from_config(config: dict[str, Any], weights: bytes) -> TrainedClassifier:
    tree = LabelTree.from_dict(config["tree"])
    parameters = TrainingParameters(**config["parameters"])
    with torch.random.fork_rng(devices=[]):  # the random start that the weights replace leaves no trace
        model = build_model(config["dimensions"], tree, parameters)
    model.load_state_dict(load(weights))
    model.eval()
    levels = tuple(LevelMetrics(**level) for level in config["metrics"]["levels"])
    return TrainedClassifier(
        model=model,
        tree=tree,
        temperatures=tuple(config["temperatures"]),
        parameters=parameters,
        dimensions=config["dimensions"],
        metrics=HierarchicalMetrics(**{**config["metrics"], "levels": levels}),
        node_metrics=tuple(NodeMetrics(**node) for node in config["node_metrics"]),
        split_sizes=config["split_sizes"],
        curve=tuple(config["curve"]),
        extra_config=config["extra"],
    )


def _require_whole(config: dict[str, Any], weights: bytes) -> None:
    if config["format_version"] != FORMAT_VERSION:
        raise ValueError(f"expected format {FORMAT_VERSION}, got {config['format_version']}")
    if hashlib.sha256(weights).hexdigest() != config["weights_sha256"]:
        raise ValueError(f"{WEIGHTS_FILE} is not the file that was saved")
    if _checksum(config) != config["config_sha256"]:
        raise ValueError(f"{CONFIG_FILE} is not the file that was saved")


def _checksum(config: dict[str, Any]) -> str:
    rest = {key: value for key, value in config.items() if key != "config_sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _replace(partial: Path, folder: Path) -> None:
    previous = folder.with_name(f".{folder.name}.previous-{os.getpid()}")
    if folder.exists():
        folder.rename(previous)
    partial.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)


def _not_found(folder: Path, why: str) -> ModelNotFoundError:
    return ModelNotFoundError(f"No usable classifier in {folder}: {why}.", "Train again, or choose another model.")
