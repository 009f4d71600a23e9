"""Where everything of one workspace lies. Paths only: nothing here touches the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """One directory that holds a catalogue, its taxonomy and its models."""

    home: Path
    database_url_override: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Workspace":
        """The workspace named by `SHELFWISE_HOME` (default `./workspace`) and `DATABASE_URL`."""
        home = Path(environment.get("SHELFWISE_HOME") or "workspace").expanduser().absolute()
        return cls(home, environment.get("DATABASE_URL") or None)

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL: SQLite in the workspace, or what `DATABASE_URL` says."""
        return self.database_url_override or f"sqlite:///{self.home / 'shelfwise.db'}"

    @property
    def queue_path(self) -> Path:
        """The job queue's SQLite file."""
        return self.home / "queue.db"

    @property
    def worker_lock_path(self) -> Path:
        """Held (flock) by the one worker of this workspace while it lives."""
        return self.home / "worker.lock"

    @property
    def images(self) -> Path:
        """Originals by content hash."""
        return self.home / "images"

    @property
    def thumbs(self) -> Path:
        """Thumbnails by the original's content hash."""
        return self.home / "thumbs"

    @property
    def features(self) -> Path:
        """Embeddings (Lance)."""
        return self.home / "features"

    @property
    def encoders(self) -> Path:
        """Fitted encoders and their checkpoints."""
        return self.home / "encoders"

    @property
    def runs(self) -> Path:
        """Dendrograms and projections of discovery runs."""
        return self.home / "runs"

    @property
    def reference(self) -> Path:
        """Imported reference taxonomies."""
        return self.home / "reference"

    @property
    def models(self) -> Path:
        """Classifier artefacts."""
        return self.home / "models"

    @property
    def experiments(self) -> Path:
        """Results of experiments, cell by cell, and their tables."""
        return self.home / "experiments"

    @property
    def exports(self) -> Path:
        """Files made for download."""
        return self.home / "exports"

    @property
    def batches(self) -> Path:
        """Unfinished runs over files of products, each in a folder of its own."""
        return self.home / "batches"

    @property
    def uploads(self) -> Path:
        """Files received from the browser, by content: an import can be run again."""
        return self.home / "uploads"

    def thumb_path(self, sha256: str) -> Path:
        """Where the thumbnail of an image lies."""
        return self.thumbs / sha256[:2] / f"{sha256}.webp"

    def image_path(self, sha256: str) -> Path:
        """Where an original lies, without its suffix's meaning: bytes as they came."""
        return self.images / sha256[:2] / sha256
