"""Finds pretrained weights on this machine. Light to import, and never touches the network.

Shelfwise downloads nothing by itself: weights lie in the Hugging Face cache, or in a folder or file that is named.
"""

import ast
import hashlib
import importlib.util
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.domain.errors import EncoderUnavailableError
from core.encoders.cards import find_card

WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth")
_LOCAL_DIR, _HF_HUB = "local-dir:", "hf-hub:"
_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)?")
_CLIP_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model")
PROCESSOR_FILES = ("preprocessor_config.json", "processor_config.json")


@dataclass(frozen=True, slots=True)
class ClipSource:
    """What open_clip is asked to build, and the files that decide the outcome."""

    model: str
    pretrained: str | None
    files: tuple[Path, ...]


def find_clip(source: str) -> ClipSource:
    """Resolve the part of an encoder's name after `clip:`.

    Args:
        source: `MODEL/TAG`, `MODEL/FILE`, `hf-hub:ORG/REPO` or `local-dir:FOLDER`. Tags and repositories are looked up
            in the Hugging Face cache; a folder holds `open_clip_config.json` and weights.

    Raises:
        EncoderUnavailableError: If the weights are not on this machine; says where to put them.
    """
    if source.startswith(_HF_HUB):
        folder = cached_snapshot(source.removeprefix(_HF_HUB), f"clip:{source}")
        return _clip_folder(folder, f"clip:{source}")
    if source.startswith(_LOCAL_DIR):
        return _clip_folder(Path(source.removeprefix(_LOCAL_DIR)).expanduser(), f"clip:{source}")
    model, _, pretrained = source.partition("/")
    file = Path(pretrained).expanduser()
    if pretrained and file.is_file():
        return ClipSource(model, str(file), (file,))
    return ClipSource(model, pretrained, (_cached_clip_tag(model, pretrained),))


def find_text_model(name: str) -> Path:
    """The folder of the text model that an encoder's full name stands for, such as `roberta` or `hf-text:FOLDER`.

    Raises:
        EncoderUnavailableError: If something is missing; says what and where to put it.
    """
    return find_hf_model(weights_of(name), name, TOKENIZER_FILES)


def find_image_model(name: str) -> Path:
    """The folder of the vision model that an encoder's full name stands for, such as `vit` or `hf-image:FOLDER`.

    Raises:
        EncoderUnavailableError: If something is missing; says what and where to put it.
    """
    return find_hf_model(weights_of(name), name, PROCESSOR_FILES)


def find_hf_model(source: str, name: str = "", beside: tuple[str, ...] = TOKENIZER_FILES) -> Path:
    """The folder that holds a transformers model, its weights, and what prepares its input.

    Args:
        source: A folder, or a repository name to look up in the Hugging Face cache.
        name: The encoder's full name, for messages.
        beside: One of these files must lie beside the weights.

    Raises:
        EncoderUnavailableError: If something is missing; says what and where to put it.
    """
    name = name or f"hf-text:{source}"
    folder = Path(source).expanduser()
    if not folder.is_dir():
        folder = cached_snapshot(source, name)
    _require(folder, ("config.json",), name)
    _require(folder, beside, name)
    _require_weights(folder, name)
    return folder


def weights_of(name: str) -> str:
    """The folder or repository that an encoder's full name asks for: `roberta` stands for its default weights."""
    return name.partition(":")[2] or find_card(name).default_weights


def hash_files(files: Iterable[Path], *parameters: object) -> str:
    """Identity of weights: hash of the files' names and content, and of the parameters they are used with."""
    digest = hashlib.sha256(repr(parameters).encode())
    for file in sorted(files, key=lambda file: file.name):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def stay_offline() -> None:
    """Forbid the Hugging Face libraries every request in this process, so that loading cannot wait on a network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from huggingface_hub import constants

    constants.HF_HUB_OFFLINE = True  # read from the environment only once, perhaps before this


def cached_snapshot(repository: str, name: str) -> Path:
    """The folder of a repository in the Hugging Face cache, under its name or its former one without an owner.

    Args:
        repository: Such as `FacebookAI/roberta-base`.
        name: The encoder's full name, for messages.

    Raises:
        EncoderUnavailableError: If it is not there; says where to put it.
    """
    for known_as in (repository, repository.rpartition("/")[2]):
        snapshot = snapshot_in(hub_folder() / f"models--{known_as.replace('/', '--')}")
        if snapshot is not None:
            return snapshot
    reason = f"'{repository}' is neither a folder nor in the Hugging Face cache"
    raise unavailable(name, reason, repository if _REPOSITORY.fullmatch(repository) else "")


def snapshot_in(folder: Path) -> Path | None:
    """The revision of a cached repository that is called main; None where there is none."""
    try:
        revision = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    snapshot = folder / "snapshots" / revision
    return snapshot if snapshot.is_dir() else None


def hub_folder() -> Path:
    """The Hugging Face cache of this machine."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _clip_folder(folder: Path, name: str) -> ClipSource:
    _require(folder, ("open_clip_config.json",), name)
    _require_weights(folder, name)
    files = tuple(file for file in sorted(folder.iterdir()) if file.suffix in (*WEIGHT_SUFFIXES, ".json"))
    return ClipSource(f"{_LOCAL_DIR}{folder}", None, files)


def _cached_clip_tag(model: str, tag: str) -> Path:
    from huggingface_hub import try_to_load_from_cache

    name = f"clip:{model}/{tag}"
    repository, _, filename = clip_repositories().get((model, tag.lower().replace("-", "_")), "").rpartition("/")
    if not repository:
        raise unavailable(name, f"'{tag}' is neither a file nor a tag of open_clip's model '{model}'")
    for candidate in [f"{Path(filename).stem}.safetensors", filename] if filename else _CLIP_FILES:
        cached = try_to_load_from_cache(repository, candidate)
        if isinstance(cached, str):
            return Path(cached)
    raise unavailable(name, f"'{repository}' is not in the Hugging Face cache", repository)


def clip_repositories() -> dict[tuple[str, str], str]:
    """Hugging Face repository of each (model, tag), read off open_clip's source: importing it takes seconds."""
    package = importlib.util.find_spec("open_clip")
    if package is None or not package.submodule_search_locations:
        return {}
    source = (Path(package.submodule_search_locations[0]) / "pretrained.py").read_text(encoding="utf-8")
    assigned = {
        node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    models = assigned["_PRETRAINED"]
    return {
        (f"{model.value}{suffix}", tag.arg): argument.value.value
        for model, table in zip(models.keys, models.values, strict=True)
        for tag in assigned.get(getattr(table, "id", ""), table).keywords
        for argument in tag.value.keywords
        if argument.arg == "hf_hub" and isinstance(argument.value, ast.Constant)
        for suffix in ("", "-quickgelu")
    }


def _require(folder: Path, any_of: tuple[str, ...], name: str) -> None:
    if not any((folder / file).is_file() for file in any_of):
        raise unavailable(name, f"{folder} holds no {' or '.join(any_of)}")


def _require_weights(folder: Path, name: str) -> None:
    if not any(file.suffix in WEIGHT_SUFFIXES for file in folder.iterdir()):
        raise unavailable(name, f"{folder} holds no weights ({', '.join(WEIGHT_SUFFIXES)})")


def unavailable(name: str, reason: str, repository: str = "") -> EncoderUnavailableError:
    """The fault to raise where weights are missing.

    Args:
        name: The encoder's full name.
        reason: What was looked for, and where.
        repository: What to download; empty where nobody knows.
    """
    family = name.partition(":")[0]
    place = f"{family}:local-dir:FOLDER" if family == "clip" else f"{family}:FOLDER"
    download = f"hf download {repository}" if repository else "hf download"
    return EncoderUnavailableError(
        f"The weights of encoder '{name}' are not on this machine: {reason}.",
        f"Run `{download}` where there is a network and put the folder it makes into {hub_folder()}; or choose "
        f"{place} for a folder that holds the files.",
    )
