"""What a discovery needs to know, most of it decided already."""

from dataclasses import asdict, replace

import streamlit as st

from core.domain.discovery import CLUSTERERS, IMAGE_FILTERS, LINKAGES, DiscoveryParameters
from core.domain.job import JobKind
from core.services.context import Context
from core.services.taxonomy import TaxonomyView
from pages._parts import guidance_note, taxonomy_rows
from pages._shared import caches, launch, words

FEWEST = 8
IMAGE_HELP = (
    "`auto` takes the best that can be used now; the Encoders page says which and why. "
    "Another one can be typed, such as `clip:MODEL/PRETRAINED` or `timm:NAME_OR_FOLDER`."
)
TEXT_HELP = (
    "`tfidf` needs nothing. The Encoders page lists what can be used now; another one can be typed, such as "
    "`hf-text:NAME_OR_FOLDER`."
)

FILTER_NAMES = {"hdbscan": "HDBSCAN", "kmeans": "K-Means", "none": "Keep every image"}
FILTER_HELP = (
    "Sets aside the few images that look like nothing else in the category, at most 1 in 20. HDBSCAN goes by how "
    "crowded an image's surroundings are; K-Means by how far it is from the middle of any group."
)
CLUSTERER_NAMES = {"agglomerative": "Merge step by step", "hdbscan": "Find dense groups (HDBSCAN)"}
CLUSTERER_HELP = (
    "Merging puts every product into a cluster, at any number of clusters. HDBSCAN chooses how many groups there are, "
    "and leaves products that lie between two of them for you to place."
)
LINKAGE_NAMES = {"ward": "Ward: even, round clusters", "average": "Average: by the mean distance",
                 "complete": "Complete: by the furthest pair"}  # fmt: skip
LINKAGE_HELP = "Which two clusters are merged next. Ward suits most catalogues; average keeps small odd groups apart."


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
        is_guided = guidance_note.toggle()
        parameters = replace(_advanced(ctx), is_guided=is_guided)
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


def _advanced(ctx: Context) -> DiscoveryParameters:
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
        with left:
            image_encoder = _encoder(ctx, "image", defaults.image_encoder, "Image encoder", IMAGE_HELP)
        with right:
            text_encoder = _encoder(ctx, "text", defaults.text_encoder, "Title encoder", TEXT_HELP)
        image_filter = left.selectbox(
            "Image filter", IMAGE_FILTERS, key="discover_image_filter", format_func=FILTER_NAMES.get, help=FILTER_HELP
        )
        clusterer = right.selectbox(
            "Method", CLUSTERERS, key="discover_clusterer", format_func=CLUSTERER_NAMES.get, help=CLUSTERER_HELP
        )
        linkage = right.selectbox(
            "Linkage",
            LINKAGES,
            key="discover_linkage",
            format_func=LINKAGE_NAMES.get,
            help=LINKAGE_HELP,
            disabled=clusterer != "agglomerative",
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
        image_filter=image_filter,
        clusterer=clusterer,
        linkage=linkage,
    )


def _encoder(ctx: Context, modality: str, default: str, label: str, tip: str) -> str:
    names = caches.encoder_names(ctx, modality)
    return st.selectbox(
        label,
        names if default in names else (default, *names),
        index=names.index(default) if default in names else 0,
        accept_new_options=True,
        key=f"discover_{modality}_encoder",
        help=tip,
    )
