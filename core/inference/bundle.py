"""Everything that predictions need, as one value: where the stages and encoders lie, the thresholds, the names.

A bundle travels: pickled to the workers of a batch, or copied with its files into a folder that needs no workspace.
Light to import: no deep-learning library.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Self

from core.classifier.whole_folder import replace_folder
from core.domain.errors import AppError, EncoderUnavailableError, ModelNotFoundError

BUNDLE_FILE = "bundle.json"
FORMAT_VERSION = 1
_ARTEFACT_CONFIG = "config.json"
_FULL, _TEXT, _ENCODERS = "full", "text", "encoders"
_EXPORT_AGAIN = "Export the model again with `python -m core models export`."
_DAMAGES = (OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class ModelBundle:
    """What predictions need of one trained classifier. Files are named, not loaded.

    Attributes:
        model_id: As the workspace numbered it.
        taxonomy_version: The version that it learned.
        full_stage: Folder of the artefact that sees all modalities.
        text_stage: Folder of the one that sees text alone; None where there is none, so that all is the full stage's.
        encoders: Modality -> folder of its fitted encoder.
        escalate_below: Products of which the text stage is less sure go on to the full stage; None where all do.
        stop_below: Paths stop at the parent where they are less sure; 0 never stops.
        node_paths: Id of every node that the stages know -> names from below the root in the present taxonomy; a
            node that was merged has the names of what it became.
    """

    model_id: int
    taxonomy_version: int
    full_stage: str
    text_stage: str | None
    encoders: dict[str, str]
    escalate_below: float | None
    stop_below: float
    node_paths: dict[str, tuple[str, ...]]

    @cached_property
    def fingerprint(self) -> str:
        """Identity of the content, wherever the files lie: equal bundles say the same of every product.

        Raises:
            ModelNotFoundError: If a stage is missing.
            EncoderUnavailableError: If an encoder is missing.
        """
        names = sorted((node_id, list(path)) for node_id, path in self.node_paths.items())
        content = [_checksums(self), self.escalate_below, self.stop_below, names]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def n_levels(self) -> int:
        """Most names that a path of this model can have."""
        return max(map(len, self.node_paths.values()), default=0)

    def to_dict(self) -> dict[str, Any]:
        """What JSON needs to build the same bundle again."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The bundle that `to_dict` described."""
        paths = {node_id: tuple(names) for node_id, names in values["node_paths"].items()}
        return cls(**{**values, "node_paths": paths})


def save_bundle(bundle: ModelBundle, folder: Path) -> None:
    """Copy a bundle with its files into one folder that needs nothing else: whole or not at all.

    Args:
        bundle: What to copy.
        folder: New, empty, or an earlier bundle, which is replaced; its parents are made.

    Raises:
        AppError: If the folder holds anything else, or cannot be written.
        ModelNotFoundError: If a stage is missing.
        EncoderUnavailableError: If an encoder is missing.
    """
    folder = folder.absolute()
    if folder.exists() and not (folder / BUNDLE_FILE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise AppError(f"{folder} holds something else than a model.", "Choose a new or an empty folder.")
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        for source, name in _files(bundle):
            target = partial / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        _write_facts(bundle, partial)
        replace_folder(partial, folder)
    except OSError as error:
        message = f"The model cannot be written to {folder}: {error.strerror}."
        raise AppError(message, "Choose another folder.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def load_bundle(folder: Path) -> ModelBundle:
    """Read what `save_bundle` wrote, and make sure that every file is the one that was saved. Nothing in it is run.

    Raises:
        ModelNotFoundError: If there is no bundle, it is of another format, or a stage is damaged.
        EncoderUnavailableError: If an encoder is missing or damaged.
    """
    try:
        facts = json.loads((folder / BUNDLE_FILE).read_text(encoding="utf-8"))
        if facts["format_version"] != FORMAT_VERSION:
            raise ValueError(f"expected format {FORMAT_VERSION}, got {facts['format_version']}")
        stored = ModelBundle.from_dict(facts["bundle"])
        bundle = _moved(stored, folder.absolute())
        checksums = dict(facts["sha256"])
    except FileNotFoundError as error:
        raise ModelNotFoundError(f"There is no exported model in {folder}.", _EXPORT_AGAIN) from error
    except _DAMAGES as error:
        message = f"No usable model in {folder}: {BUNDLE_FILE} is damaged: {error}."
        raise ModelNotFoundError(message, _EXPORT_AGAIN) from error
    _require_whole(folder, bundle, checksums)
    return bundle


def artefact_nodes(folder: Path) -> tuple[tuple[str, ...], ...]:
    """Paths of node ids that a stage's artefact knows, from below the root, without loading its weights.

    Raises:
        ModelNotFoundError: If there is none, or its description is damaged.
    """
    try:
        config = json.loads((folder / _ARTEFACT_CONFIG).read_text(encoding="utf-8"))
        return tuple(tuple(path) for path in config["tree"]["paths"])
    except _DAMAGES as error:
        raise _no_stage(folder) from error


def _moved(stored: ModelBundle, folder: Path) -> ModelBundle:
    """The same bundle with the places of its files below a folder."""

    def place(name: str) -> str:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"{name!r} lies outside the folder")
        return str(folder / name)

    text_stage = None if stored.text_stage is None else place(stored.text_stage)
    encoders = {name: place(path) for name, path in stored.encoders.items()}
    return replace(stored, full_stage=place(stored.full_stage), text_stage=text_stage, encoders=encoders)


def _write_facts(bundle: ModelBundle, folder: Path) -> None:
    inside = replace(
        bundle,
        full_stage=_FULL,
        text_stage=None if bundle.text_stage is None else _TEXT,
        encoders={name: f"{_ENCODERS}/{name}" for name in bundle.encoders},
    )
    checksums = {name: _sha256(folder / name) for _, name in _files(bundle)}
    facts = {"format_version": FORMAT_VERSION, "bundle": inside.to_dict(), "sha256": checksums}
    (folder / BUNDLE_FILE).write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")


def _files(bundle: ModelBundle) -> Iterator[tuple[Path, str]]:
    """Every file of a bundle, and its name in an exported folder."""
    stages = {_FULL: bundle.full_stage} | ({_TEXT: bundle.text_stage} if bundle.text_stage is not None else {})
    for name, place in stages.items():
        folder = Path(place)
        if not (folder / _ARTEFACT_CONFIG).is_file():
            raise _no_stage(folder)
        yield from _plain_files(folder, name)
    for modality, place in sorted(bundle.encoders.items()):
        found = list(_plain_files(Path(place), f"{_ENCODERS}/{modality}")) if Path(place).is_dir() else []
        if not found:
            raise EncoderUnavailableError(f"There is no {modality} encoder in {place}.", "Retrain the classifier.")
        yield from found


def _plain_files(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Files directly in a folder; what is half written, hidden or a checkpoint of a training is no part of it."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".json", ".safetensors", ".parquet") and not path.name.startswith("."):
            yield path, f"{name}/{path.name}"


def _checksums(bundle: ModelBundle) -> dict[str, str]:
    """Checksum of everything that decides a prediction; an artefact's description holds those of its other files."""
    return {
        name: _sha256(path)
        for path, name in _files(bundle)
        if name.startswith(_ENCODERS) or name.endswith(f"/{_ARTEFACT_CONFIG}")
    }


def _require_whole(folder: Path, bundle: ModelBundle, checksums: Mapping[str, str]) -> None:
    expected = {name for _, name in _files(bundle)} | set(checksums)
    for name in sorted(expected):
        path = folder / name
        if path.is_file() and _sha256(path) == checksums.get(name):
            continue
        what = "is not the file that was saved" if path.is_file() else "is missing"
        fault = EncoderUnavailableError if name.startswith(f"{_ENCODERS}/") else ModelNotFoundError
        raise fault(f"No usable model in {folder}: {name} {what}.", _EXPORT_AGAIN)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _no_stage(folder: Path) -> ModelNotFoundError:
    return ModelNotFoundError(
        f"No usable classifier in {folder}: {_ARTEFACT_CONFIG} is missing or damaged.",
        "Train again, or choose another model.",
    )
