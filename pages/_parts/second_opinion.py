"""Second opinions on the review page: who judged a cluster, what is still missing, and how far curators agree.

Nobody sees what another said about a cluster before having given an opinion on it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.domain.opinion import Opinion, Standing, Verdict
from core.services import opinions as service
from core.services import settings
from core.services.context import Context
from core.services.settings import SECOND_CURATOR
from pages._shared import caches, state, words
from pages._shared.layout import acting

N_NEEDED = 2
Colour = Literal["orange", "red", "green", "gray"]
ICONS: dict[Colour, str] = {
    "orange": ":material/hourglass_empty:", "red": ":material/call_split:", "green": ":material/handshake:",
    "gray": ":material/person:",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What one curator may see of the opinions on a cluster. `ways_out`: label of a button, and what it would do."""

    badge: str
    colour: Colour
    text: str
    ways_out: tuple[tuple[str, Opinion], ...] = ()


def toggle(ctx: Context) -> None:
    """Draw the switch that makes approvals need a second curator, for everybody in the workspace."""
    is_on = caches.needs_second_curator(ctx)
    # A switch of its own for each position: a browser that has not heard yet that somebody else changed it would
    # otherwise send the old position, which reads like a click.
    st.toggle(
        SECOND_CURATOR.label,
        value=is_on,
        key=f"second_opinion_{'on' if is_on else 'off'}",
        help="For everybody who works here. Approve and Reject then count once another curator chose the same, "
        "without having seen what the first one chose.",
        on_change=lambda: acting(lambda: settings.put(ctx, SECOND_CURATOR, not is_on, state.author())),
    )


def approve(
    ctx: Context,
    run_id: int,
    names: Mapping[int, str],
    revisions: Mapping[int, int],
    for_real: Callable[[dict[int, str]], str],
) -> str:
    """Approve clusters, or say that one would where a second curator must agree.

    Args:
        ctx: The open workspace.
        run_id: Their run.
        names: Cluster id → name.
        revisions: Cluster id → revision as the curator saw it.
        for_real: Approves under the names it is handed, and returns what to say.

    Returns:
        What to say.
    """
    if not caches.needs_second_curator(ctx):
        return for_real(dict(names))
    given = service.give_all(ctx, run_id, names, revisions, state.author())
    told = [for_real(given.agreed)] if given.agreed else []
    return " ".join([*told, *_still_open([given.standings[key] for key in names if key not in given.agreed])])


def reject(ctx: Context, cluster: Cluster, for_real: Callable[[], str]) -> str:
    """Turn a cluster down, or say that one would where a second curator must agree; see `approve`."""
    if not caches.needs_second_curator(ctx):
        return for_real()
    found = service.give(ctx, cluster.run_id, cluster.id, Verdict.REJECT, "", cluster.revision, state.author())
    return for_real() if found.is_agreed else " ".join(_still_open([found]))


def badge(ctx: Context, cluster: Cluster) -> None:
    """Draw a word on where the curators of a cluster stand; nothing where nobody judged it."""
    seen = _seen(ctx, cluster)
    if seen is not None:
        st.badge(seen.badge, color=seen.colour, icon=ICONS[seen.colour], help=words.plain(seen.text))


def line(ctx: Context, cluster: Cluster, join: Callable[[Opinion], None]) -> None:
    """Draw where the curators of a cluster stand, with a button for each way out of a dispute.

    Args:
        ctx: The open workspace.
        cluster: An open cluster.
        join: Does what an opinion says in the curator's own name: approves under its name, or rejects.
    """
    seen = _seen(ctx, cluster)
    if seen is None:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="second_opinion"):
        st.badge(seen.badge, color=seen.colour, icon=ICONS[seen.colour])
        st.markdown(words.plain(seen.text), width="content")
        for label, opinion in seen.ways_out:
            st.button(
                words.plain(label),
                key=f"join_{opinion.id}",
                help=words.plain(said(opinion).capitalize()),
                on_click=lambda opinion=opinion: join(opinion),
            )


def view(opinions: Sequence[Opinion], viewer: str) -> View | None:
    """What a curator may see of the newest opinions on a cluster, where two must agree.

    Args:
        opinions: The newest of each curator.
        viewer: Who looks; '' for a reader without a name.

    Returns:
        None where nobody judged the cluster yet.
    """
    if not opinions:
        return None
    own = next((opinion for opinion in opinions if opinion.curator == viewer.casefold()), None)
    found = service.standing(opinions, N_NEEDED)
    if found.is_agreed:
        what = f"approving it as “{found.name}”" if found.name else "rejecting it"
        agreed = next(opinion for opinion in opinions if opinion.author in found.authors)
        return View("agreed", "green", f"{' and '.join(found.authors)} agree on {what}.", (("Do it now", agreed),))
    if own is None:
        differ = "Curators differ on this cluster." if found.is_disputed else "Another curator has judged this cluster."
        return View("waits for a second opinion", "orange", f"{differ} You see theirs once you have given yours.")
    if not found.is_disputed:
        return View("your opinion", "gray", f"You: {said(own)}. Waits for another curator.")
    others = [opinion for opinion in opinions if opinion is not own]
    listed = " · ".join(f"{opinion.author}: {said(opinion)}" for opinion in others)
    ways_out = tuple((f"Agree with {opinion.author}", opinion) for opinion in others if opinion.label != own.label)
    return View("disputed", "red", f"You: {said(own)} · {listed}", ways_out)


def said(opinion: Opinion) -> str:
    """An opinion in words: `approve as “Boots”`."""
    return f"approve as “{opinion.name}”" if opinion.verdict is Verdict.APPROVE else "reject"


def _seen(ctx: Context, cluster: Cluster) -> View | None:
    if cluster.status is not ClusterStatus.OPEN or not caches.needs_second_curator(ctx):
        return None
    return view(caches.run_opinions(ctx, cluster.run_id).get(cluster.id, ()), state.given_name())


def _still_open(standings: Sequence[Standing]) -> list[str]:
    n_disputed = sum(standing.is_disputed for standing in standings)
    n_waiting = len(standings) - n_disputed
    told = []
    if n_waiting:
        told.append("Your opinion is kept: another curator decides with you.")
    if n_disputed:
        told.append(f"You and another curator differ on {words.count(n_disputed, 'cluster')}.")
    return told
