"""What one cell of the discovery benchmark measured, and the file that keeps it: a run goes on where it was stopped."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

from core.discovery.quality import ari, nmi, purity
from core.domain.arrays import IntArray

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "core/discovery/*.py",
    "core/domain/discovery.py",
    "core/services/discovery.py",
    "core/services/guidance.py",
    "core/services/type_words.py",
    "core/encoders/type_focus.py",
    "core/encoders/tfidf.py",
    "core/encoders/ngrams.py",
    "bench/discovery_ceiling.py",
    "bench/discovery_methods.py",
    "bench/discovery_peers.py",
    "bench/discovery_records.py",
    "bench/peers.py",
)
"""What decides a cell besides its parameters: a change in any of these files measures everything anew."""
PACKAGES = ("numpy", "scikit-learn", "umap-learn", "hdbscan", "fastcluster", "torch", "bertopic")


@dataclass(frozen=True, slots=True)
class Score:
    """How one cut compares with the truth. `n_clusters` is what came, `k` what was asked for."""

    k: int
    n_clusters: int
    purity: float
    nmi: float
    ari: float


@dataclass(frozen=True, slots=True)
class Record:
    """One method on one category with one seed. `ceiling` is what a supervised model reaches on the same features."""

    method: str
    category: str
    seed: int
    n_products: int
    n_noise: int
    seconds: float
    peak_gib: float
    scores: tuple[Score, ...]
    ceiling: float | None = None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `asdict` wrote."""
        return cls(**{**values, "scores": tuple(Score(**score) for score in values["scores"])})

    def at(self, k: int) -> Score:
        """The score of the cut at `k` clusters."""
        return next(score for score in self.scores if score.k == k)


def score_cuts(cuts: Mapping[int, IntArray], truth: Sequence[str]) -> tuple[Score, ...]:
    """Score each cut of one method.

    Args:
        cuts: Wanted number of clusters → cluster of each product, -1 for noise. Shapes: (n_products,).
        truth: Reference label of each product, same order. Shape: (n_products,).

    Returns:
        One score per cut, by rising number. Noise counts as wrong in the purity, as one cluster in NMI and ARI.
    """
    return tuple(
        Score(k, len(set(ids[ids >= 0].tolist())), purity(ids, truth), nmi(ids, truth), ari(ids, truth))
        for k, ids in sorted(cuts.items())
    )


class RecordCache:
    """Records by everything that decides them, in a file of JSON lines; a line is written as soon as its cell is done.

    Args:
        file_path: Where; made with its first line. A last line that was cut off is passed over.
    """

    def __init__(self, file_path: Path) -> None:
        self._file_path = file_path
        self._known: dict[str, list[Record]] = {}
        for line in file_path.read_text(encoding="utf-8").splitlines() if file_path.exists() else ():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            self._known[entry["key"]] = [Record.from_json(values) for values in entry["records"]]

    def get(self, settings: Mapping[str, Any]) -> list[Record] | None:
        """Records measured under exactly these settings and versions; None where there are none yet."""
        return self._known.get(_key(settings))

    def put(self, settings: Mapping[str, Any], records: list[Record]) -> None:
        """Keep the records of a cell."""
        key = _key(settings)
        self._known[key] = records
        entry = {"key": key, "settings": settings, "records": [asdict(record) for record in records]}
        with self._file_path.open("a", encoding="utf-8") as stream:
            stream.write(f"\n{json.dumps(entry)}")  # a new line first: the one before may have been cut off


def current_versions() -> dict[str, str]:
    """Versions of the packages and of the code that decide a cell."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.name.encode() + file.read_bytes())
    return {**{name: _package_version(name) for name in PACKAGES}, "code": digest.hexdigest()[:16]}


def _package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _key(settings: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:24]
