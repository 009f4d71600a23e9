"""What a discovery needs to know, most of it decided already."""

from dataclasses import asdict

import streamlit as st

from core.domain.discovery import DiscoveryParameters
from core.domain.job import JobKind
from core.services.context import Context
from core.services.taxonomy import TaxonomyView
from pages._parts import taxonomy_rows
from pages._shared import launch, words

FEWEST = 8
IMAGE_ENCODERS, TEXT_ENCODERS = ("simclr",), ("tfidf",)
IMAGE_HELP = "`simclr` learns from your own images. With weights at hand, type `clip:MODEL/PRETRAINED`."
TEXT_HELP = "`tfidf` needs nothing. With weights at hand, type `hf-text:NAME_OR_FOLDER`."


def draw(ctx: Context, view: TaxonomyView, category_id: str | None, *, is_busy: bool) -> None:
    """Draw the chosen category, how much it holds, the advanced settings and the button."""
    if category_id is None:
        st.info("Choose a category in the tree.", icon=":material/arrow_back:")
        return
    n_products = view.counts.get(category_id, 0)
    with st.container(border=True, key="discover_form"):
        st.caption(words.plain(taxonomy_rows.path_above(view, category_id)) or "Whole catalogue")
        st.markdown(f"### {words.plain(taxonomy_rows.name(view, category_id))}")
        st.markdown(f"**{n_products:,}** {'product' if n_products == 1 else 'products'} in it and below it")
        parameters = _advanced()
        if n_products < FEWEST:
            st.caption(f"Too few to find clusters in: at least {FEWEST} are needed.")
        if st.button(
            "Discover",
            key="discover_go",
            type="primary",
            icon=":material/search:",
            width="stretch",
            disabled=is_busy or n_products < FEWEST,
        ):
            arguments = {"category_id": category_id, "parameters": asdict(parameters)}
            launch.launch_and_show(ctx, JobKind.DISCOVER, arguments)


def _advanced() -> DiscoveryParameters:
    defaults = DiscoveryParameters()
    with st.expander("Advanced", key="discover_advanced", icon=":material/tune:", type="compact"):
        chooses = st.toggle("Set the number of clusters myself", key="discover_choose_k")
        n_clusters = st.number_input("Number of clusters", 2, 200, 8, key="discover_k", disabled=not chooses)
        levels = st.segmented_control(
            "Levels",
            [1, 2],
            default=defaults.levels,
            required=True,
            key="discover_levels",
            format_func=lambda n: "Clusters only" if n == 1 else "Clusters and sub-clusters",
        )
        left, right = st.columns(2)
        image_weight = left.slider(
            "Weight of images", 0.0, 2.0, defaults.image_weight, 0.1, key="discover_image_weight"
        )
        text_weight = right.slider("Weight of titles", 0.0, 2.0, defaults.text_weight, 0.1, key="discover_text_weight")
        image_encoder = left.selectbox(
            "Image encoder", IMAGE_ENCODERS, accept_new_options=True, key="discover_image_encoder", help=IMAGE_HELP
        )
        text_encoder = right.selectbox(
            "Title encoder", TEXT_ENCODERS, accept_new_options=True, key="discover_text_encoder", help=TEXT_HELP
        )
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, defaults.seed, key="discover_seed", help="The same seed gives the same clusters."
        )
    return DiscoveryParameters(
        n_clusters=int(n_clusters) if chooses else None,
        levels=int(levels or defaults.levels),
        seed=int(seed),
        image_encoder=image_encoder,
        text_encoder=text_encoder,
        image_weight=image_weight,
        text_weight=text_weight,
    )
