"""What can be chosen for a training, out of the way of those who just press Retrain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.domain.classifier import Fusion
from pages._parts.model_words import FUSION_HINTS, FUSION_NAMES, MODALITIES

FAVOUR_RARE = 0.99
"""Beta of the effective-number weights."""
DOUBTFUL = 0.1
ABSENT = {"title": "a title", "brand": "a brand", "description": "a description", "image": "an image"}


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen; no `modalities` are all that the catalogue has. `problems` is empty where it can begin."""

    fusion: Fusion
    modalities: tuple[str, ...] | None
    favours_rare: bool
    drop_label_errors: bool

    @property
    def problems(self) -> tuple[str, ...]:
        """Why a training cannot begin."""
        return ("It must read something: choose at least one.",) if self.modalities == () else ()

    @property
    def arguments(self) -> dict[str, Any]:
        """What the job is told."""
        return {
            "fusion": str(self.fusion),
            "modalities": None if self.modalities is None else list(self.modalities),
            "class_balance": FAVOUR_RARE if self.favours_rare else 0.0,
            "drop_label_errors": DOUBTFUL if self.drop_label_errors else 0.0,
        }


def draw(present: Sequence[str]) -> Options:
    """Draw the options, folded, and return what they say; `present` are the modalities that the catalogue has."""
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
                list(present),
                selection_mode="multi",
                default=list(present),
                format_func=lambda name: MODALITIES[name],
                key="retrain_modalities",
                help="A product that lacks one of them is classified by the others.",
            )
            if absent := [name for name in MODALITIES if name not in present]:
                st.caption(f"Too few products have {' or '.join(ABSENT[name] for name in absent)}.")
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
    chosen = tuple(name for name in present if name in modalities)
    return Options(fusion, None if chosen == tuple(present) else chosen, favours_rare, drops)
