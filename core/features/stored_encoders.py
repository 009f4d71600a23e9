"""Which encoders a feature store holds embeddings of, without loading any of them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoredEncoder:
    """An encoder by the names under which `FeatureStore` keeps its embeddings."""

    name: str
    version: str


def stored_encoders(folder: Path) -> list[StoredEncoder]:
    """Encoders with embeddings in the folder, the last one written to first."""
    found = [(written_ns, path, _encoder_of(folder / path)) for path, written_ns in store_state(folder)]
    return [encoder for _, _, encoder in sorted(found, key=lambda item: item[:2], reverse=True) if encoder is not None]


def store_state(folder: Path) -> tuple[tuple[str, int], ...]:
    """Name of each dataset and when it was last written to, in nanoseconds: another value means other embeddings."""
    versions = sorted(folder.glob("*.lance/_versions")) if folder.is_dir() else []
    return tuple((path.parent.name, path.stat().st_mtime_ns) for path in versions)


def _encoder_of(path: Path) -> StoredEncoder | None:
    """What the dataset says of itself; None where it says nothing."""
    import lance

    said = lance.dataset(str(path)).schema.metadata or {}
    if b"encoder" not in said or b"version" not in said:
        return None
    return StoredEncoder(said[b"encoder"].decode(), said[b"version"].decode())
