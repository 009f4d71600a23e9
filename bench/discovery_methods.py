"""What the discovery benchmark compares: the product's own discovery, under each set of encoders."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from bench.discovery_ceiling import supervised_ceiling
from bench.discovery_workspace import HiddenCategory
from core.discovery.cut import cut
from core.discovery.run_file import RunFile
from core.domain.arrays import AnyArray, IntArray
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import AppError, EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.registry import get_card
from core.services.context import Context
from core.services.discovery import run_discovery
from core.services.discovery_inputs import gather_inputs
from core.services.encoding import Encoders, embed_products
from core.services.image_encoders import prepare_image_encoder
from db.repositories import products as product_rows

AUTHOR = "benchmark"
DEFAULT = DiscoveryParameters()
NOT_SMOOTHED = ", not smoothed"
Cuts = Mapping[int, IntArray]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Cuts by the name of the method's variant, in the order of `product_ids`; a ceiling where it was asked for."""

    product_ids: Sequence[int]
    cuts: Mapping[str, Cuts]
    modalities: Mapping[str, AnyArray] | None = None

    def ceiling(self, category: HiddenCategory) -> float | None:
        """What a supervised model reaches on the features that were clustered."""
        return supervised_ceiling(self.modalities, category.truth_of(self.product_ids)) if self.modalities else None


class Method(Protocol):
    """Finds groups in a category."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    def prepare(self, context: Context, categories: Sequence[HiddenCategory]) -> None:
        """Train and encode what outlasts a run, outside of the time that is measured."""

    def settings(self, seed: int) -> dict[str, Any]:
        """Everything that decides the outcome besides the products. Asked for after `prepare`."""

    def run(self, context: Context, category: HiddenCategory, seed: int, counts: Sequence[int]) -> Outcome:
        """Cut the category at each number of clusters."""


@dataclass
class ProductMethod:
    """The product's own discovery under one set of encoders.

    Args:
        encoders: Names joined by `+`, an image encoder and a text encoder at most; one alone switches the other off.
        is_smoothed: Whether modalities borrow from their neighbours in each other.
        keeps_modalities: Whether an outcome holds what was clustered, for the ceiling.
    """

    encoders: str
    is_smoothed: bool = True
    keeps_modalities: bool = False
    version: str = ""

    @property
    def name(self) -> str:
        """The set, and what was switched off."""
        return self.encoders + ("" if self.is_smoothed else NOT_SMOOTHED)

    def prepare(self, context: Context, categories: Sequence[HiddenCategory]) -> None:
        """Train the image encoder where that is due, and encode all images.

        Raises:
            EncoderUnavailableError: If an encoder of the set cannot be used on this machine.
        """
        version, _ = encode_images(context, categories, self.parameters(0).image_encoder)
        self.version = version if split_set(self.encoders)[0] else ""

    def settings(self, seed: int) -> dict[str, Any]:
        """The parameters of the run, and the version of the image encoder where the set has one."""
        return {"method": self.name, "image version": self.version, **asdict(self.parameters(seed))}

    def parameters(self, seed: int) -> DiscoveryParameters:
        """The product's defaults, with these encoders; an image filter needs images to be asked for."""
        image, text = split_set(self.encoders)
        chosen = replace(DEFAULT, seed=seed, levels=1, n_clusters=12)
        if not self.is_smoothed:
            chosen = replace(chosen, smoothing_neighbors=0)
        chosen = (
            replace(chosen, image_encoder=image) if image else replace(chosen, image_weight=0.0, image_filter="none")
        )
        return replace(chosen, text_encoder=text) if text else replace(chosen, text_weight=0.0)

    def run(self, context: Context, category: HiddenCategory, seed: int, counts: Sequence[int]) -> Outcome:
        """Discover as the page does, then cut the stored dendrogram."""
        parameters = self.parameters(seed)
        run_id = run_discovery(context, category.node_id, parameters, AUTHOR, NullProgress())
        run_file = RunFile.load(context.workspace.runs / f"{run_id}.npz")
        cuts = {k: cut(run_file.dendrogram, k) for k in counts}
        seen = None
        if self.keeps_modalities:
            inputs = gather_inputs(context, category.node_id, parameters, NullProgress())
            seen = {name: rows for name, (rows, _) in inputs.modalities.items()}
        return Outcome(run_file.product_ids.tolist(), {self.name: cuts}, seen)


def split_set(encoders: str) -> tuple[str | None, str | None]:
    """Image and text encoder of a set such as `simclr+tfidf`; None where it has none.

    Raises:
        EncoderUnavailableError: If a name is unknown.
        AppError: If two encoders are of one modality.
    """
    image = text = None
    for name in encoders.split("+"):
        if "image" in get_card(name).modality and image is None:
            image = name
        elif "text" in get_card(name).modality and text is None:
            text = name
        else:
            raise AppError(
                f"The set '{encoders}' has two encoders of one modality.", "Join an image and a text encoder."
            )
    return image, text


def encode_images(context: Context, categories: Sequence[HiddenCategory], name: str) -> tuple[str, AnyArray]:
    """Version of an image encoder, and its embeddings of the products of all categories. Shape: (n_products, d).

    Raises:
        EncoderUnavailableError: If it cannot be used here, or the catalogue has too few images to train it.
    """
    with context.database.read() as session:
        catalogue = product_rows.all_products(session)
    encoder = prepare_image_encoder(context, catalogue, name, NullProgress())
    if encoder is None:
        raise EncoderUnavailableError(f"The catalogue has too few images to train '{name}'.", "Choose a text encoder.")
    products = [product for category in categories for product in category.products]
    return encoder.version, embed_products(context, Encoders({"image": encoder}), products, NullProgress())["image"]
