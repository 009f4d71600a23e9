"""Everything that decides a training, besides the data."""

from dataclasses import dataclass

from core.domain.classifier import Fusion
from core.domain.errors import TrainingDataError


@dataclass(frozen=True, slots=True)
class TrainingParameters:
    """What decides the outcome of a training.

    `dropout` is of the head, `modality_dropout` the chance that a product trains without one of its modalities,
    `label_smoothing` the mass spread over the siblings of the true class, `class_balance` the beta of effective-number
    weights (0 = every product counts the same; 0.999 favours rare classes). Widths are of dense layers.

    Raises:
        TrainingDataError: If a value is out of its range.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013; Cui et al. 2019, https://arxiv.org/abs/1901.05555 (weights)
    """

    fusion: str = Fusion.LATE
    lr: float = 1e-3
    batch_size: int = 128
    max_epochs: int = 60
    patience: int = 5
    dropout: float = 0.3
    modality_dropout: float = 0.1
    label_smoothing: float = 0.05
    class_balance: float = 0.0
    modality_width: int = 256
    shared_width: int = 512
    level_width: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        if self.fusion not in list(Fusion):
            raise TrainingDataError(f"Unknown fusion {self.fusion!r}.", f"Choose one of {', '.join(Fusion)}.")
        for name in ("batch_size", "max_epochs", "patience", "modality_width", "shared_width", "level_width"):
            low = 4 if name == "batch_size" else 1
            _require(getattr(self, name) >= low, f"{name} of at least {low}", getattr(self, name))
        for name in ("dropout", "modality_dropout", "label_smoothing", "class_balance"):
            _require(0.0 <= getattr(self, name) < 1.0, f"{name} in [0, 1)", getattr(self, name))
        _require(self.lr > 0, "a positive lr", self.lr)
        _require(self.seed >= 0, "a seed of at least 0", self.seed)


def _require(condition: bool, expected: str, value: float) -> None:
    if not condition:
        raise TrainingDataError(f"Expected {expected}, got {value}.", "Change the parameter and train again.")
