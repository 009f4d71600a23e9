"""What can be chosen for a training, out of the way of those who just press Retrain."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.domain.classifier import Fusion
from pages._parts.model_words import FUSION_HINTS, FUSION_NAMES, MODALITIES

FAVOUR_RARE = 0.999
"""Beta of the effective-number weights."""
DOUBTFUL = 0.1


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen. `problems` is empty where a training can begin with it."""

    fusion: Fusion
    modalities: tuple[str, ...]
    favours_rare: bool
    drop_label_errors: bool

    @property
    def problems(self) -> tuple[str, ...]:
        """Why a training cannot begin."""
        return () if self.modalities else ("It must read something: choose a title, a brand, a description or images.",)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the job is told; no modalities are all that the catalogue has."""
        return {
            "fusion": str(self.fusion),
            "modalities": None if len(self.modalities) == len(MODALITIES) else list(self.modalities),
            "class_balance": FAVOUR_RARE if self.favours_rare else 0.0,
            "drop_label_errors": DOUBTFUL if self.drop_label_errors else 0.0,
        }


def draw() -> Options:
    """Draw the options, folded, and return what they say."""
    with st.expander("Options", key="retrain_options", icon=":material/tune:"):
        left, right = st.columns(2, gap="large")
        with left:
            fusion = st.radio(
                "How titles, brands and images are put together",
                [Fusion.LATE, Fusion.EARLY, Fusion.ATTENTION],
                format_func=lambda choice: FUSION_NAMES[choice],
                captions=[FUSION_HINTS[choice] for choice in (Fusion.LATE, Fusion.EARLY, Fusion.ATTENTION)],
                key="retrain_fusion",
            )
        with right:
            modalities = st.pills(
                "What it reads of a product",
                list(MODALITIES),
                selection_mode="multi",
                default=list(MODALITIES),
                format_func=lambda name: MODALITIES[name],
                key="retrain_modalities",
                help="A product that lacks one of them is classified by the others.",
            )
            favours_rare = st.toggle(
                "Favour rare categories",
                key="retrain_favour_rare",
                help="Each product of a small category counts more. Small ones are found more often, at some cost to "
                "the large ones.",
            )
            drops = st.toggle(
                "Leave out the 10 % most doubtful labels",
                key="retrain_drop_label_errors",
                help="Products whose category the others contradict most are not learned from. Takes several times as "
                "long.",
            )
    return Options(fusion, tuple(name for name in MODALITIES if name in modalities), favours_rare, drops)
