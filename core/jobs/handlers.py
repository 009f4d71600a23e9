"""What each kind of job does: arguments to a service, and its result back as JSON.

Services that load models are imported inside, so that the web process, which submits jobs, never loads them.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.domain.discovery import DiscoveryParameters
from core.domain.job import JobKind
from core.domain.progress import Progress
from core.jobs.after_import import queue_classification
from core.jobs.warm_up import wait_until_warm
from core.services.context import Context

Arguments = dict[str, Any]
Handler = Callable[[Context, Arguments, str, Progress], dict[str, Any]]


def _demo(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    from core.services.demo import load_demo

    return asdict(load_demo(context, author, progress))


def _import(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    from core.services.importing import run_import

    images = arguments.get("images_path")
    file_path = Path(arguments["file_path"])
    platform = arguments.get("default_platform") or file_path.stem
    images_path = Path(images) if images else None
    result = run_import(context, file_path, images_path, arguments.get("mapping"), platform, author, progress,
                        without_category=bool(arguments.get("without_category")))  # fmt: skip
    return {**asdict(result), "classify_job_id": queue_classification(context, result, author)}


def _encode(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.services.encoding import encode_catalogue

    return dict(encode_catalogue(context, progress))


def _discover(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.services.discovery import run_discovery

    parameters = DiscoveryParameters(**arguments.get("parameters", {}))
    return {"run_id": run_discovery(context, arguments["category_id"], parameters, author, progress)}


def _train(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.classifier.parameters import TrainingParameters
    from core.services.training import run_training

    chosen = ("fusion", "seed", "class_balance", "logit_adjustment", "decode")
    parameters = TrainingParameters(**{name: arguments[name] for name in chosen if name in arguments})
    modalities = tuple(arguments["modalities"]) if arguments.get("modalities") is not None else None
    share = float(arguments.get("drop_label_errors", 0.0))
    return {"model_id": run_training(context, parameters, author, progress, modalities, share)}


def _classify(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.services.classification import classify_file

    chosen = ("escalate_below", "keep_columns", "fetch_urls", "n_workers", "mapping")
    options = {name: arguments[name] for name in chosen if name in arguments}
    files = (arguments["file_path"], arguments.get("images_path"), arguments["output_path"])
    return asdict(classify_file(context, *files, progress, **options))


def _classify_new(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.services.new_products import classify_new

    return asdict(classify_new(context, author, progress))


def _drift(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    from core.services.drift_measurement import measure_drift

    return {"n_weeks": measure_drift(context, progress)}


def _check_labels(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.services.label_check import SHARE, run_label_check

    return dict(run_label_check(context, author, progress, float(arguments.get("share", SHARE))))


def _experiment(context: Context, arguments: Arguments, author: str, progress: Progress) -> dict[str, Any]:
    wait_until_warm()
    from core.services.experiment_run import run_experiment

    return run_experiment(context, arguments["name"], arguments.get("settings", {}), author, progress)


HANDLERS: dict[JobKind, Handler] = {
    JobKind.DEMO: _demo,
    JobKind.IMPORT: _import,
    JobKind.ENCODE: _encode,
    JobKind.DISCOVER: _discover,
    JobKind.TRAIN: _train,
    JobKind.CLASSIFY: _classify,
    JobKind.CLASSIFY_NEW: _classify_new,
    JobKind.DRIFT: _drift,
    JobKind.EXPERIMENT: _experiment,
    JobKind.CHECK_LABELS: _check_labels,
}
