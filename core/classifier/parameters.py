"""Everything that decides a training, besides the data."""

import math
from dataclasses import dataclass

from core.domain.classifier import Fusion
from core.domain.errors import TrainingDataError

DECODINGS = ("best_path", "greedy")
_SHARES = ("dropout", "modality_dropout", "label_smoothing", "class_balance", "word_dropout")


@dataclass(frozen=True, slots=True)
class TrainingParameters:
    """What decides the outcome of a training.

    `batch_size` is that of a large catalogue; where products are few, batches are smaller. `dropout` is of the head,
    `modality_dropout` the chance that a product trains without one of its modalities, `label_smoothing` the mass
    spread over the siblings of the true class, `class_balance` the beta of effective-number weights (0 = every product
    counts the same; 0.999 favours rare classes), `logit_adjustment` how far the loss makes up for the frequency of a
    class among its siblings (0 = not at all, 1 = wholly). `averaged_epochs` is how far back the running mean reaches
    whose weights are validated and kept (0 = the newest weights). `is_masked` False is the baseline whose levels know
    nothing of the tree. `decode` is how paths are chosen. Widths are of dense layers. `word_lr` and `word_dropout` are
    of the weights of single words, where titles come with word ids.

    Raises:
        TrainingDataError: If a value is out of its range.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013; Cui et al. 2019, https://arxiv.org/abs/1901.05555
        (weights); Menon et al. 2021, https://arxiv.org/abs/2007.07314 (logit adjustment)
    """

    fusion: str = Fusion.LATE
    lr: float = 1e-3
    batch_size: int = 256
    max_epochs: int = 60
    patience: int = 5
    dropout: float = 0.3
    modality_dropout: float = 0.1
    label_smoothing: float = 0.05
    class_balance: float = 0.0
    logit_adjustment: float = 0.0
    averaged_epochs: float = 1.0
    is_masked: bool = True
    decode: str = "best_path"
    modality_width: int = 128
    shared_width: int = 512
    level_width: int = 256
    word_lr: float = 3e-2
    word_dropout: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.fusion not in list(Fusion):
            raise TrainingDataError(f"Unknown fusion {self.fusion!r}.", f"Choose one of {', '.join(Fusion)}.")
        if self.decode not in DECODINGS:
            raise TrainingDataError(f"Unknown decoding {self.decode!r}.", f"Choose one of {', '.join(DECODINGS)}.")
        for name in ("batch_size", "max_epochs", "patience", "modality_width", "shared_width", "level_width"):
            low = 4 if name == "batch_size" else 1
            _require(getattr(self, name) >= low, f"{name} of at least {low}", getattr(self, name))
        for name in _SHARES:
            _require(0.0 <= getattr(self, name) < 1.0, f"{name} in [0, 1)", getattr(self, name))
        _require(0 <= self.averaged_epochs < math.inf, "averaged_epochs of at least 0", self.averaged_epochs)
        _require(0 <= self.logit_adjustment < math.inf, "a logit_adjustment of at least 0", self.logit_adjustment)
        _require(self.lr > 0, "a positive lr", self.lr)
        _require(self.word_lr > 0, "a positive word_lr", self.word_lr)
        _require(self.seed >= 0, "a seed of at least 0", self.seed)


def _require(condition: bool, expected: str, value: float) -> None:
    if not condition:
        raise TrainingDataError(f"Expected {expected}, got {value}.", "Change the parameter and train again.")
