"""Cases for the simulated curator, out of a workspace: the product's own discovery of one category, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bench.curator_case import Case, make_case
from bench.discovery_methods import AUTHOR, DEFAULT, encode_images, split_set
from bench.discovery_workspace import HiddenCategory
from core.discovery.features import weighted_features
from core.discovery.run_file import RunFile
from core.domain.arrays import AnyArray
from core.domain.discovery import DiscoveryParameters
from core.domain.progress import NullProgress
from core.services.context import Context
from core.services.discovery import run_discovery
from core.services.discovery_inputs import gather_inputs
from core.services.review import open_review

Modalities = Mapping[str, tuple[AnyArray, float]]


def load_case(context: Context, category: HiddenCategory, encoders: str, seed: int) -> Case:
    """Discover in a category as the page does, and keep what a curator and a classifier would work with.

    Args:
        context: A workspace that `open_hidden` made.
        category: Where to discover.
        encoders: An image encoder and a text encoder joined by `+`, or one alone.
        seed: Of the run and of everything that is drawn afterwards.

    Raises:
        EncoderUnavailableError: If an encoder cannot be used on this machine.
    """
    parameters = _parameters(encoders, seed)
    if parameters.image_weight > 0:
        encode_images(context, [category], parameters.image_encoder)
    run_id = run_discovery(context, category.node_id, parameters, AUTHOR, NullProgress())
    run_file = RunFile.load(context.workspace.runs / f"{run_id}.npz")
    modalities = gather_inputs(context, category.node_id, parameters, NullProgress()).modalities
    return make_case(
        category.truth_of(run_file.product_ids.tolist()),
        {name: np.asarray(embedding) for name, (embedding, _) in modalities.items()},
        weighted_features(modalities, parameters),
        run_file.reduced,
        run_file.dendrogram,
        open_review(context, run_id).k_suggested,
        seed,
    )


def load_cases(context: Context, category: HiddenCategory, encoders: str, seeds: Sequence[int]) -> list[Case]:
    """`load_case` for each seed."""
    return [load_case(context, category, encoders, seed) for seed in seeds]


def _parameters(encoders: str, seed: int) -> DiscoveryParameters:
    image, text = split_set(encoders)
    chosen = replace(DEFAULT, seed=seed, levels=1, n_clusters=None)
    chosen = replace(chosen, image_encoder=image) if image else replace(chosen, image_weight=0.0, image_filter="none")
    return replace(chosen, text_encoder=text) if text else replace(chosen, text_weight=0.0)
