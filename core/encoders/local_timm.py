"""Finds the weights of a timm model on this machine. Light to import, and never touches the network."""

import ast
import importlib.util
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.domain.errors import EncoderUnavailableError
from core.encoders.local_weights import WEIGHT_SUFFIXES, cached_snapshot, unavailable

_LOCAL_DIR, _HF_HUB = "local-dir:", "hf-hub:"
_TORCHVISION_HASH = "[0-9a-f]" * 8
_FULL_NAME = re.compile(r"\w+\.(?!untrained)\w+")


@dataclass(frozen=True, slots=True)
class TimmSource:
    """What timm is asked to build: `model` with the weights of `file`, or the model a folder describes."""

    model: str
    file: Path | None
    files: tuple[Path, ...]


def find_timm(source: str) -> TimmSource:
    """Resolve the part of an encoder's name after `timm:`.

    Args:
        source: `FOLDER` with timm's `config.json` and weights; `NAME@FILE` or `NAME@FOLDER`; `NAME` or `NAME.TAG`,
            looked up in the Hugging Face cache and then in torch's; or `ORG/REPO` in the Hugging Face cache.

    Raises:
        EncoderUnavailableError: If the weights are not on this machine; says where to put them.
    """
    name = f"timm:{source}"
    plain = source.removeprefix(_HF_HUB).removeprefix(_LOCAL_DIR)
    folder = Path(plain).expanduser()
    if folder.is_dir():
        return _described(folder, name)
    model, at, place = plain.partition("@")
    if at:
        return _placed(model, Path(place).expanduser(), name)
    if "/" in plain:
        return _described(cached_snapshot(plain, name), name)
    return _cached(plain, name)


def timm_weights(model: str) -> Mapping[str, str]:
    """Published weights of a timm model: its full names, timm's default first, each with its URL or "".

    Read off timm's source: importing it takes seconds. Empty where there is no such model.
    """
    architecture, _, tag = model.partition(".")
    found = {
        key: url
        for text in _sources()
        if f"'{architecture}." in text or f'"{architecture}.' in text
        for key, url in _entries(text).items()
        if key.partition(".")[0] == architecture
    }
    return {key: url for key, url in found.items() if not tag or key == model}


def torch_hub_folder() -> Path:
    """Where torch keeps the weights it downloaded."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or f"{cache}/torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def _described(folder: Path, name: str) -> TimmSource:
    config = folder / "config.json"
    try:
        described = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise unavailable(name, f"{config} cannot be read as JSON") from fault
    if "architecture" not in described:
        raise unavailable(name, f"{config} names no timm architecture")
    weights = _weights_in(folder)
    if weights is None:
        raise unavailable(name, f"{folder} holds no weights ({', '.join(WEIGHT_SUFFIXES)})")
    return TimmSource(f"{_LOCAL_DIR}{folder}", None, (config, weights))


def _placed(model: str, place: Path, name: str) -> TimmSource:
    file = _weights_in(place) if place.is_dir() else place
    if file is None or not file.is_file():
        raise unavailable(name, f"{place} is no weights file and holds none ({', '.join(WEIGHT_SUFFIXES)})")
    return TimmSource(model, file, (file,))


def _cached(model: str, name: str) -> TimmSource:
    published = timm_weights(model)
    if not published:
        raise unavailable(name, f"timm publishes no weights of a model '{model}'")
    hub = torch_hub_folder()
    for full_name, url in published.items():
        file = _in_hugging_face_cache(f"timm/{full_name}") or _in_torch_cache(hub, url)
        if file is not None:
            return TimmSource(full_name, file, (file,))
    for file in sorted(hub.glob(f"{model}-{_TORCHVISION_HASH}.pth")):
        return TimmSource(model, file, (file,))
    default = next(iter(published))
    raise _not_cached(name, default, hub)


def _not_cached(name: str, default: str, hub: Path) -> EncoderUnavailableError:
    fault = unavailable(name, f"'timm/{default}' is neither in the Hugging Face cache nor in {hub}", f"timm/{default}")
    remedy = fault.remedy.replace("timm:FOLDER for a folder", f"{name}@FILE_OR_FOLDER for a file or folder")
    return EncoderUnavailableError(fault.message, remedy)


def _in_hugging_face_cache(repository: str) -> Path | None:
    try:
        return _weights_in(cached_snapshot(repository, repository))
    except EncoderUnavailableError:
        return None


def _in_torch_cache(hub: Path, url: str) -> Path | None:
    file = hub / url.rpartition("/")[2]
    return file if url and file.is_file() else None


def _weights_in(folder: Path) -> Path | None:
    """The weights file of a folder: safetensors before the formats that pickle."""
    files = sorted(folder.iterdir())
    return next((file for suffix in WEIGHT_SUFFIXES for file in files if file.suffix == suffix), None)


@lru_cache(maxsize=1)
def _sources() -> tuple[str, ...]:
    package = importlib.util.find_spec("timm")
    if package is None or not package.submodule_search_locations:
        return ()
    folder = Path(package.submodule_search_locations[0]) / "models"
    return tuple(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.py")))


@lru_cache(maxsize=32)
def _entries(text: str) -> dict[str, str]:
    """URL of each `name.tag` in a source's tables of weights, "" where it has none."""
    entries: dict[str, str] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                name = getattr(key, "value", None)
                if isinstance(name, str) and _FULL_NAME.fullmatch(name) and isinstance(value, ast.Call | ast.Dict):
                    entries[name] = _url(value)
    return entries


def _url(weights: ast.Call | ast.Dict) -> str:
    if isinstance(weights, ast.Call):
        values = {argument.arg: argument.value for argument in weights.keywords}
    else:
        values = {getattr(key, "value", None): value for key, value in zip(weights.keys, weights.values, strict=True)}
    url = getattr(values.get("url"), "value", "")
    return url if isinstance(url, str) else ""
