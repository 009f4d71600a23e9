"""Which pretrained encoders have their weights in the caches of this machine. Light to import, touches no network."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.encoders.cards import CARDS
from core.encoders.local_timm import timm_weights, torch_hub_folder
from core.encoders.local_weights import (
    PROCESSOR_FILES,
    TOKENIZER_FILES,
    WEIGHT_SUFFIXES,
    clip_repositories,
    hub_folder,
    snapshot_in,
)

_TORCHVISION_FILE = re.compile(r"(\w+)-[0-9a-f]{8}\.pth")


def encoders_at_hand() -> tuple[str, ...]:
    """Full names of the encoders whose weights lie in the Hugging Face cache or in torch's, sorted.

    A folder's kind is told by its files; that they belong together shows when the encoder is loaded.
    """
    return tuple(sorted({*_in_hugging_face_cache(), *_in_torch_cache()}))


def _in_hugging_face_cache() -> Iterator[str]:
    tags: dict[str, list[str]] = {}
    for (model, tag), file in clip_repositories().items():
        if not model.endswith("-quickgelu"):
            tags.setdefault(file.rpartition("/")[0], []).append(f"clip:{model}/{tag}")
    for folder in sorted(hub_folder().glob("models--*")):
        repository = folder.name.removeprefix("models--").replace("--", "/")
        snapshot = snapshot_in(folder)
        if snapshot is not None:
            yield from _names(repository, {file.name for file in snapshot.iterdir()}, tags)


def _names(repository: str, files: set[str], tags: dict[str, list[str]]) -> Iterator[str]:
    if not any(Path(file).suffix in WEIGHT_SUFFIXES for file in files):
        return
    if "open_clip_config.json" in files:
        yield f"clip:hf-hub:{repository}"
        return
    if repository in tags:
        yield from tags[repository][:1]
        return
    owner, _, model = repository.rpartition("/")
    if owner == "timm":
        yield f"timm:{model}"
        return
    if "config.json" not in files:
        return
    by_default = [card.name for card in CARDS if card.default_weights.rpartition("/")[2] == model]
    is_image, is_text = bool(files & set(PROCESSOR_FILES)), bool(files & set(TOKENIZER_FILES))
    if by_default:
        yield from by_default
    elif is_image:
        yield f"hf-image:{repository}"
    elif is_text:
        yield f"hf-text:{repository}"


def _in_torch_cache() -> Iterator[str]:
    for file in sorted(torch_hub_folder().glob("*.pth")):
        found = _TORCHVISION_FILE.fullmatch(file.name)
        if found and timm_weights(found[1]):
            yield f"timm:{found[1]}"
