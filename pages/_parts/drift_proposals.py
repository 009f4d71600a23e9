"""Categories that deserve another discovery: the evidence, the products, one click to start."""

from collections.abc import Sequence
from dataclasses import asdict
from html import escape

import streamlit as st

from core.domain.discovery import DiscoveryParameters
from core.domain.drift import DiscoveryProposal
from core.domain.job import JobKind
from core.domain.product import PATH_SEPARATOR
from core.services import discovery_proposals
from core.services.context import Context
from core.services.grid_items import GridItem
from pages._shared import drift_caches, launch, state, words
from pages._shared.grid import thumb_url
from pages._shared.layout import acting

SHOWN, EXAMPLES = 5, 6
LOOKS_AT = (
    "Where you correct most, what grew, where the classifier is unsure, and what lies in no subcategory; only what "
    "came since the category's last discovery. Each figure counts by its lower bound, so that a few products raise "
    "no alarm."
)


def draw(ctx: Context) -> None:
    """Draw the proposals, and on demand those that were dismissed."""
    found, dismissed = drift_caches.proposals(ctx, SHOWN), drift_caches.dismissed(ctx)
    st.subheader("Worth another discovery", anchor=False, help=LOOKS_AT)
    if not found:
        st.caption(
            "No category stands out now. One is proposed here when its predictions are often corrected, when it grows, "
            "or when the classifier is unsure of it."
        )
    job = launch.latest_job(ctx, {JobKind.DISCOVER}) if found else None
    for proposal in found:
        _card(ctx, proposal, is_first=proposal is found[0], is_busy=job is not None and not job.state.is_final)
    if dismissed:
        with st.expander(f"Dismissed ({len(dismissed)})", key="drift_dismissed", type="compact"):
            st.caption("They come back by themselves when much more speaks for them.")
            for proposal in dismissed:
                _dismissed(ctx, proposal)


def _card(ctx: Context, proposal: DiscoveryProposal, *, is_first: bool, is_busy: bool) -> None:
    *above, name = proposal.path.split(PATH_SEPARATOR)
    with st.container(border=True, key=f"proposal_{proposal.node_id}"):
        what, pictures, act = st.columns([4.6, 4.4, 1.6], vertical_alignment="center", gap="medium")
        with what.container(gap="xsmall"):
            lead = f":gray[{words.plain(' › '.join(above))} ›] " if above else ""
            size = words.count(proposal.n_products, "product")
            st.markdown(f"{lead}**{words.plain(name)}** &ensp;:small[:gray[{size}]]")
            st.markdown("  \n".join(words.plain(reason) for reason in proposal.reasons))
        pictures.html(_strip(drift_caches.examples(ctx, proposal.node_id, EXAMPLES)))
        with act.container(gap="xsmall"):
            if st.button(
                "Discover",
                key=f"proposal_go_{proposal.node_id}",
                type="primary" if is_first else "secondary",
                icon=":material/search:",
                width="stretch",
                disabled=is_busy,
                help="A discovery runs already." if is_busy else None,
            ):
                _discover(ctx, proposal.node_id)
            st.button("Dismiss", key=f"proposal_dismiss_{proposal.node_id}", type="tertiary", width="stretch",
                      help="It comes back when much more speaks for it.",
                      on_click=lambda: _dismiss(ctx, proposal))  # fmt: skip


def _discover(ctx: Context, node_id: str) -> None:
    """Start it with the usual parameters and go where it is watched; it waits for the name of whoever asks."""
    arguments = {"category_id": node_id, "parameters": asdict(DiscoveryParameters())}
    if not state.held_for_name(lambda: launch.launch(ctx, JobKind.DISCOVER, arguments)):
        launch.launch(ctx, JobKind.DISCOVER, arguments)
    st.switch_page("discover.py", query_params={state.CATEGORY: node_id})


def _dismiss(ctx: Context, proposal: DiscoveryProposal) -> None:
    def act() -> str:
        discovery_proposals.dismiss_proposal(ctx, proposal.node_id, state.author())
        return f"Dismissed {proposal.path}. It stays under 'Dismissed'."

    acting(act)


def _restore(ctx: Context, proposal: DiscoveryProposal) -> None:
    def act() -> str:
        discovery_proposals.restore_proposal(ctx, proposal.node_id, state.author())
        return f"{proposal.path} is proposed again."

    acting(act, tone="info")


def _dismissed(ctx: Context, proposal: DiscoveryProposal) -> None:
    what, who, act = st.columns([5, 3, 1.6], vertical_alignment="center")
    what.markdown(words.plain(proposal.path))
    who.caption(f"{words.plain(proposal.dismissed_by)} · {words.ago(proposal.dismissed_at)}")
    act.button("Bring back", key=f"proposal_restore_{proposal.node_id}", type="tertiary",
               on_click=lambda: _restore(ctx, proposal))  # fmt: skip


def _strip(items: Sequence[GridItem]) -> str:
    return f'<div class="sw-evidence">{"".join(_tile(item) for item in items)}</div>'


def _tile(item: GridItem) -> str:
    url, title = thumb_url(item.image_hash), escape(item.title)
    picture = f'<img src="{escape(url)}" alt="" loading="lazy">' if url else '<span class="sw-noimage">no image</span>'
    return f'<div title="{title}">{picture}<p>{escape(item.note)}</p></div>'
