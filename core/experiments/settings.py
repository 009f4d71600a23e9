"""Everything that decides an experiment, besides the data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.domain.errors import ParameterError

MODALITIES = ("title", "brand", "description", "image")
LEAVE_OUT, CUT_UP = "leave_out", "cut_up"
RARE_PATHS = (LEAVE_OUT, CUT_UP)
TOGETHER, APART = "together", "apart"
DUPLICATES = (TOGETHER, APART)
_LOWEST = {"seed": 0, "seeds": 1, "min_products": 1, "max_epochs": 1, "folds": 2, "run_id": 0}


@dataclass(frozen=True, slots=True)
class ExperimentSettings:
    """What decides an experiment; figures are means over `seeds` runs from `seed` on.

    `encoders` are names in the registry: every one a row of `flat`, elsewhere the first of images and the first of
    texts count; none takes what is best at hand. `modalities`: none takes all that the catalogue has. `train_platforms`
    teach in `cross-platform`; none takes the largest. A path needs `min_products`: products of rarer ones are left out
    (`rare_paths="leave_out"`, so that no category changes its meaning), or counted for the nearest category above
    that has enough below it (`"cut_up"`, for deep trees whose last levels name single products); what is still rare
    then is left out. Products with the same title or image are never parted by a split (`duplicates="together"`); where
    they may be (`"apart"`, the plain random split of most papers), figures flatter: a twin of a tested product may
    have taught. `folds` are of out-of-fold predictions. `recategorization` looks at discovery run `run_id` (0: the
    newest) and compares with `truth_file`, a CSV with the columns product_id and label ("": the categories that the
    catalogue came with).

    Raises:
        ParameterError: If a value is out of its range or has no such choice.
    """

    seed: int = 0
    seeds: int = 1
    encoders: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    train_platforms: tuple[str, ...] = ()
    min_products: int = 10
    rare_paths: str = LEAVE_OUT
    duplicates: str = TOGETHER
    max_epochs: int = 60
    folds: int = 5
    run_id: int = 0
    truth_file: str = ""

    def __post_init__(self) -> None:
        for name, lowest in _LOWEST.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
                raise ParameterError(
                    f"{name} expected a whole number of at least {lowest}, got {value!r}.", "Change it."
                )
        for name in ("encoders", "modalities", "train_platforms"):
            _require_names(name, getattr(self, name))
        for name, choices in (("rare_paths", RARE_PATHS), ("duplicates", DUPLICATES)):
            value = getattr(self, name)
            if value not in choices:
                raise ParameterError(
                    f"{name} expected a known treatment, got {value!r}.", f"Choose one of: {', '.join(choices)}."
                )
        unknown = [name for name in self.modalities if name not in MODALITIES]
        if unknown:
            raise ParameterError(f"There is no modality {unknown[0]!r}.", f"Choose among: {', '.join(MODALITIES)}.")

    @property
    def all_seeds(self) -> range:
        """Every seed that each row is run with."""
        return range(self.seed, self.seed + self.seeds)

    def to_dict(self) -> dict[str, Any]:
        """What JSON needs to make the same settings again."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ExperimentSettings":
        """Settings from their names; those left out keep their defaults.

        Raises:
            ParameterError: If there is no such setting, or a value is wrong.
        """
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ParameterError(f"There is no setting {unknown[0]!r}.", f"Choose among: {', '.join(known)}.")
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _require_names(setting: str, names: object) -> None:
    if not isinstance(names, tuple) or not all(isinstance(name, str) and name for name in names):
        raise ParameterError(f"{setting} expected names, got {names!r}.", "Pass a list of names.")
    if len(set(names)) < len(names):
        raise ParameterError(f"{setting} expected each name once, got {', '.join(names)}.", "Name each once.")
