"""What stands beside the tree: the chosen category, what can be done with it, and its history."""

from html import escape

import streamlit as st

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services import taxonomy
from core.services.context import Context
from core.services.node_history import history_of_node
from pages._parts import taxonomy_acts, taxonomy_forms
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import state, words
from pages._shared.grid import thumb_url
from pages._shared.tree import choose

N_THUMBS = 6
N_GRID = 60
N_HISTORY = 30


def node(ctx: Context, data: TaxonomyData, node_id: str) -> None:
    """Draw one category."""
    chosen = data.view.taxonomy.node(node_id)
    with st.container(border=True, key="chosen_node"):
        _breadcrumbs(data, chosen)
        st.markdown(f"### {words.plain(chosen.name)}")
        if chosen.status is NodeStatus.DEPRECATED:
            _gone(ctx, data, chosen)
        else:
            _words(chosen)
            _products(ctx, data, chosen)
            taxonomy_forms.draw(ctx, data, chosen)
    _history(ctx, chosen)


def _breadcrumbs(data: TaxonomyData, chosen: TaxonomyNode) -> None:
    above = (data.view.taxonomy.root, *data.view.taxonomy.path(chosen.id)[:-1])
    if chosen.parent_id is None:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="taxonomy_breadcrumbs"):
        for step in above:
            st.button(
                words.plain(step.name),
                key=f"crumb_{step.id}",
                type="tertiary",
                on_click=lambda node_id=step.id: choose(taxonomy_acts.TREE, [node_id]),
            )
            st.markdown(":gray[›]", width="content")


def _gone(ctx: Context, data: TaxonomyData, chosen: TaxonomyNode) -> None:
    became = data.view.taxonomy.replacement(chosen.id)
    parts = [data.view.taxonomy.node(part) for part in chosen.split_into]
    if parts:
        names = ", ".join(words.plain(part.name) for part in parts)
        st.markdown(f":orange-badge[Out of use] It was split into **{names}**.")
    else:
        st.markdown(f":orange-badge[Out of use] Its products are now in **{words.plain(became.name)}**.")
    with st.container(horizontal=True):
        st.button("Go there", key="gone_go", on_click=lambda: choose(taxonomy_acts.TREE, [became.id]))
        taxonomy_forms.restore(ctx, chosen)


def _words(chosen: TaxonomyNode) -> None:
    if chosen.description:
        st.markdown(words.plain(chosen.description))
    facts = []
    if chosen.synonyms:
        facts.append(f"Also called {words.plain(', '.join(chosen.synonyms))}")
    if chosen.external_id:
        facts.append(f"Published as {words.plain(chosen.external_id)}")
    if facts:
        st.caption(" · ".join(facts))


def _products(ctx: Context, data: TaxonomyData, chosen: TaxonomyNode) -> None:
    below, direct = data.view.counts.get(chosen.id, 0), data.view.direct_counts.get(chosen.id, 0)
    if not below:
        st.caption(
            "No products yet. Discovery, an import or a move can bring some; so can a split of another category."
        )
        return
    apart = f", {direct:,} of them in no subcategory" if 0 < direct < below else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{below:,}** {'product' if below == 1 else 'products'}{apart}", width="stretch")
        shows_all = st.toggle("See more", key=f"taxonomy_see_{chosen.id}", help=f"Up to {N_GRID} of them.")
        if st.button("Discover subcategories", key="node_discover", icon=":material/search:", type="tertiary"):
            st.switch_page("discover.py", query_params={state.CATEGORY: chosen.id})
    items = taxonomy.products_of(ctx, chosen.id, N_GRID if shows_all else N_THUMBS)
    pictures = "".join(
        f'<img src="{thumb_url(item.image_hash)}" alt="{title}" title="{title}" loading="lazy">'
        for item, title in ((item, escape(item.title)) for item in items if item.image_hash)
    )
    if pictures:
        columns = f"grid-template-columns: repeat({N_THUMBS}, 1fr)"
        st.html(f'<div class="sw-strip" style="{columns}" data-testid="node-products">{pictures}</div>')


def _history(ctx: Context, chosen: TaxonomyNode) -> None:
    events = history_of_node(ctx, chosen.id, N_HISTORY)
    label = f"History · {words.count(len(events), 'act')}" if events else "History"
    with st.expander(label, icon=":material/history:", key=f"node_history_{chosen.id}"):
        if not events:
            since = f" It has been here since version {chosen.created_in_version}."
            st.caption(f"Nobody has changed this category by hand.{since}")
        for event in events:
            summary = words.plain(event.summary)
            said = f":gray[~~{summary}~~] :small[:gray[taken back]]" if event.is_undone else summary
            why = f" — “{words.plain(event.why)}”" if event.why else ""
            st.markdown(f"{said}{why}  \n:small[:gray[{words.plain(event.author)} · {words.ago(event.at)}]]")
