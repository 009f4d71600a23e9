"""One doubt: the product, where it is, where products like it are, and what to do."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.domain.label_issue import LabelIssueState
from core.services.context import Context
from core.services.grid_items import GridItem
from core.services.label_issues import LabelItem
from core.services.label_look_alikes import look_alikes
from pages._parts import category_field, label_acts
from pages._shared import words
from pages._shared.grid import thumb_url

STATES = LabelIssueState
FITS = "How likely it belongs there, judged from all other products"


def draw_all(ctx: Context, items: Sequence[LabelItem]) -> None:
    """Draw doubts, each with its buttons."""
    waiting = [item for item in items if item.issue.state is STATES.PENDING]
    alike = look_alikes(ctx, waiting) if waiting else {}
    for item in items:
        with st.container(border=True, key=f"label_{item.issue.id}"):
            picture, what, evidence, act = st.columns([1, 5.2, 3, 2.6], vertical_alignment="center", gap="medium")
            picture.html(_picture(item.product))
            what.html(_paths(item) + _look_alikes(alike.get(item.issue.id, ())))
            evidence.html(_evidence(item))
            with act.container(gap="xsmall"):
                _decision(item)
                _buttons(ctx, item)
            if label_acts.is_choosing(item.issue.id):
                _chooser(ctx, item)


def _picture(product: GridItem) -> str:
    url = thumb_url(product.image_hash)
    inside = f'<img src="{escape(url)}" alt="" loading="lazy">' if url else '<span class="sw-noimage">no image</span>'
    return f'<div class="sw-thumb">{inside}</div>'


def _paths(item: LabelItem) -> str:
    told = " · ".join(escape(text) for text in (item.product.brand, item.product.platform) if text)
    title = f'<div class="sw-title">{escape(item.product.title)}</div><div class="sw-path sw-quiet">{told}</div>'
    labelled, now = item.labelled_path, item.product.path
    lines = {
        STATES.PENDING: (("now in", now, False), ("more like", item.suggested_path, True)),
        STATES.KEPT: (("kept in", labelled, False), ("more like", item.suggested_path, False)),
        STATES.CORRECTED: (("was in", labelled, False), ("now in", now, True)),
        STATES.OUTDATED: (("was in", labelled, False), ("now in", now, False)),
    }[item.issue.state]
    if item.issue.state is STATES.KEPT and now != labelled:
        lines = (*lines, ("now in", now, True))
    return title + "".join(_line(*line) for line in lines if line[1])


def _line(label: str, path: str, is_new: bool) -> str:
    *above, last = path.split(" > ")
    lead = "".join(f"{escape(name)} › " for name in above)
    name = f'<span><span class="sw-quiet">{lead}</span><b>{escape(last)}</b></span>'
    return f'<div class="sw-path{" sw-new" if is_new else ""}"><span class="sw-label">{label}</span>{name}</div>'


def _look_alikes(products: Sequence[GridItem]) -> str:
    pictures = ((thumb_url(product.image_hash) or "", product.title) for product in products)
    images = "".join(
        f'<img src="{escape(url)}" title="{escape(title)}" alt="" loading="lazy">' for url, title in pictures
    )
    return f'<div class="sw-alike">{images}</div>' if images else ""


def _evidence(item: LabelItem) -> str:
    shares = ((item.labelled_path, item.issue.quality), (item.suggested_path, item.issue.suggested_confidence))
    rows = "".join(
        f'<div class="sw-bar-row"><span>{escape(path.split(" > ")[-1])}</span>'
        f'<i><b style="width:{100 * share:.1f}%"></b></i><em>{escape(words.sure(share))}</em></div>'
        for path, share in shares
        if path
    )
    head = '<div class="sw-bar-row"><span class="sw-quiet">how well it fits</span></div>'
    return f'<div class="sw-bars" title="{FITS}">{head}{rows}</div>'


def _decision(item: LabelItem) -> None:
    if item.issue.state is STATES.OUTDATED:
        st.caption("Another act moved it since.")
    elif item.issue.state is not STATES.PENDING:
        what = "Kept" if item.issue.state is STATES.KEPT else "Moved"
        st.caption(f"{what} {words.ago(item.issue.decided_at)} by {words.plain(item.issue.decided_by)}")


def _buttons(ctx: Context, item: LabelItem) -> None:
    key, seen = item.issue.id, item.issue.state
    if seen is STATES.OUTDATED:
        return
    with st.container(horizontal=True, gap="xsmall", wrap=False):
        if seen is not STATES.KEPT:
            label = "Keep" if seen is STATES.PENDING else "Move back"
            st.button(label, key=f"label_keep_{key}", width="stretch",
                      on_click=lambda: label_acts.keep(ctx, [key], seen))  # fmt: skip
        if seen is not STATES.CORRECTED and item.suggested_node_id:
            target = item.suggested_node_id
            st.button("Move", key=f"label_move_{key}", width="stretch", type="primary",
                      help=f"Move to {words.plain(item.suggested_path)}",
                      on_click=lambda: label_acts.move(ctx, {key: target}, seen))  # fmt: skip
    st.button("Choose another", key=f"label_choose_{key}", width="stretch",
              on_click=lambda: label_acts.choose_another(key))  # fmt: skip


def _chooser(ctx: Context, item: LabelItem) -> None:
    issue = item.issue
    key = f"label_target_{issue.id}"

    def choose() -> None:
        node_id = st.session_state[key]
        if node_id is not None:
            label_acts.move(ctx, {issue.id: node_id}, issue.state)

    category_field.draw(
        ctx, "Where does it belong?", key=key, placeholder="Type to search the categories", on_change=choose
    )
