"""A trained classifier on disk: weights as safetensors, tables as Parquet, the rest as JSON, nothing pickled."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from core.classifier.held_out import SPLIT_FILE, TEST_FILE, read_held_out
from core.classifier.label_tree import LabelTree
from core.classifier.model import build_model
from core.classifier.parameters import TrainingParameters
from core.classifier.report_file import METRICS_FILE, metrics_from_dict, report_from_dict, report_to_dict
from core.classifier.split import Split
from core.classifier.trained import TrainedClassifier
from core.classifier.whole_folder import replace_folder
from core.domain.errors import AppError, ModelNotFoundError
from core.domain.model_report import NodeMetrics, TestReport

FORMAT_VERSION = 2
EARLY_FORMAT_VERSION = 1
"""Weights and one JSON with the main figures; neither the split nor what was said of the test part."""
WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"
_DAMAGES = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, pa.ArrowException, AppError)


def save_classifier(
    folder: Path,
    trained: TrainedClassifier,
    extra_config: dict[str, Any] | None = None,
    taxonomy_version: int | None = None,
) -> None:
    """Write an artefact in one step: the folder is there whole or not at all, replacing an earlier one.

    Args:
        folder: Where the artefact will lie; its parents are made.
        trained: The classifier.
        extra_config: Anything JSON to keep beside it, such as the names of encoders.
        taxonomy_version: The version of the taxonomy whose node ids it speaks.
    """
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    files = _files(trained)
    for name, content in files.items():
        (partial / name).write_bytes(content)
    facts = _to_config(trained, extra_config or trained.extra_config, taxonomy_version)
    config = json.loads(json.dumps(facts | {"sha256": {name: _sha256(content) for name, content in files.items()}}))
    config["config_sha256"] = _checksum(config)
    (partial / CONFIG_FILE).write_text(json.dumps(config, indent=1), encoding="utf-8")
    replace_folder(partial, folder)


def load_classifier(folder: Path) -> TrainedClassifier:
    """Read an artefact back, also one of an earlier format. Nothing in it is run.

    Args:
        folder: Where `save_classifier` wrote it.

    Returns:
        A classifier that predicts exactly what the saved one did.

    Raises:
        ModelNotFoundError: If there is none, or its files are damaged or of another format.
    """
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        contents = {name: (folder / name).read_bytes() for name in _checksums(config)}
        _require_whole(config, contents)
        return _from_files(config, contents)
    except FileNotFoundError as error:
        raise _not_found(folder, f"{Path(error.filename).name} is missing") from error
    except ModelNotFoundError:
        raise
    except _DAMAGES as error:
        raise _not_found(folder, f"its files are damaged: {error}") from error


def _files(trained: TrainedClassifier) -> dict[str, bytes]:
    """Content of every file but the config."""
    weights = save({name: value.contiguous() for name, value in trained.model.state_dict().items()})
    files = {WEIGHTS_FILE: weights, METRICS_FILE: _json(report_to_dict(trained.report))}
    if trained.split is not None:
        parts = {name: getattr(trained.split, name).tolist() for name in ("train", "validation", "test")}
        files[SPLIT_FILE] = _json({**parts, "dropped": list(trained.dropped)})
    if trained.test is not None:
        files[TEST_FILE] = trained.test.to_bytes()
    return files


def _to_config(
    trained: TrainedClassifier, extra_config: dict[str, Any], taxonomy_version: int | None
) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "taxonomy_version": taxonomy_version,
        "tree": trained.tree.to_dict(),
        "temperatures": list(trained.temperatures),
        "parameters": asdict(trained.parameters),
        "seed": trained.parameters.seed,
        "dimensions": trained.dimensions,
        "split_sizes": trained.split_sizes,
        "curve": list(trained.curve),
        "extra": extra_config,
    }


def _from_files(config: dict[str, Any], contents: dict[str, bytes]) -> TrainedClassifier:
    tree = LabelTree.from_dict(config["tree"])
    parameters = TrainingParameters(**config["parameters"])
    with torch.random.fork_rng(devices=[]):  # the random start that the weights replace leaves no trace
        model = build_model(config["dimensions"], tree, parameters)
    model.load_state_dict(load(contents[WEIGHTS_FILE]))
    model.eval()
    split = json.loads(contents[SPLIT_FILE]) if SPLIT_FILE in contents else None
    return TrainedClassifier(
        model=model,
        tree=tree,
        temperatures=tuple(config["temperatures"]),
        dimensions=config["dimensions"],
        decoding=parameters.decode,
        parameters=parameters,
        report=_report(config, contents),
        split_sizes=config["split_sizes"],
        curve=tuple(config["curve"]),
        split=_split(split) if split is not None else None,
        dropped=tuple(split["dropped"]) if split is not None else (),
        test=read_held_out(contents[TEST_FILE]) if TEST_FILE in contents else None,
        extra_config=config["extra"],
    )


def _report(config: dict[str, Any], contents: dict[str, bytes]) -> TestReport:
    if config["format_version"] != EARLY_FORMAT_VERSION:
        return report_from_dict(json.loads(contents[METRICS_FILE]))
    nodes = tuple(NodeMetrics(**node) for node in config["node_metrics"])
    return TestReport(metrics_from_dict(config["metrics"]), nodes, (), (), (), (), share_invalid=0.0)


def _split(parts: dict[str, list[int]]) -> Split:
    return Split(*(np.array(parts[name], dtype=np.int64) for name in ("train", "validation", "test")))


def _checksums(config: dict[str, Any]) -> dict[str, str]:
    """Checksum of every file that belongs to the artefact, by its plain name."""
    if config["format_version"] == EARLY_FORMAT_VERSION:
        return {WEIGHTS_FILE: config["weights_sha256"]}
    if config["format_version"] != FORMAT_VERSION:
        raise ValueError(f"expected format {FORMAT_VERSION}, got {config['format_version']}")
    unknown = set(config["sha256"]) - {WEIGHTS_FILE, METRICS_FILE, SPLIT_FILE, TEST_FILE}
    if unknown:
        raise ValueError(f"it names files that are none of a classifier: {', '.join(sorted(unknown))}")
    return {WEIGHTS_FILE: "", METRICS_FILE: ""} | config["sha256"]


def _require_whole(config: dict[str, Any], contents: dict[str, bytes]) -> None:
    for name, expected in _checksums(config).items():
        if _sha256(contents[name]) != expected:
            raise ValueError(f"{name} is not the file that was saved")
    if _checksum(config) != config["config_sha256"]:
        raise ValueError(f"{CONFIG_FILE} is not the file that was saved")


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, indent=1).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checksum(config: dict[str, Any]) -> str:
    rest = {key: value for key, value in config.items() if key != "config_sha256"}
    return _sha256(json.dumps(rest, sort_keys=True).encode())


def _not_found(folder: Path, why: str) -> ModelNotFoundError:
    return ModelNotFoundError(f"No usable classifier in {folder}: {why}.", "Train again, or choose another model.")
