"""Several categories at once: what was selected, and what was dropped onto another."""

import streamlit as st

from core.services import taxonomy_edit
from core.services.context import Context
from pages._parts import taxonomy_acts as acts
from pages._parts import taxonomy_forms as forms
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import words
from pages._shared.tree import TreeAct, choose

SHOWN = 8
FORMS = {"move": "Move them", "merge": "Merge them", "deprecate": "Deprecate them"}


def draw(ctx: Context, data: TaxonomyData, node_ids: tuple[str, ...]) -> None:
    """Draw what can be done with several chosen categories."""
    tree = data.view.taxonomy
    chosen = [tree.node(node_id) for node_id in node_ids]
    revisions = {node.id: node.revision for node in chosen}
    with st.container(border=True, key="chosen_nodes"):
        st.markdown(f"### {len(chosen)} categories")
        for node in chosen[:SHOWN]:
            n_products = words.count(data.view.counts.get(node.id, 0), "product")
            st.markdown(
                f"**{words.plain(node.name)}** · :gray[{words.plain(data.paths.get(node.id, ''))} · {n_products}]"
            )
        if len(chosen) > SHOWN:
            st.caption(f"… and {len(chosen) - SHOWN} more")
        if any(data.nodes.rows[data.nodes.index[node.id]].fixed for node in chosen):
            st.info("The highest level and categories out of use stay as they are: choose others.")
            return
        if st.session_state.get(acts.FORM_OF) != node_ids:
            acts.open_form(None, node_ids)
        form = st.pills("Change them", list(FORMS), key=acts.FORM, format_func=FORMS.get, label_visibility="collapsed")
        if form is not None:
            _form(ctx, data, form, node_ids, revisions)


def _form(ctx: Context, data: TaxonomyData, form: str, node_ids: tuple[str, ...], revisions: dict[str, int]) -> None:
    key = f"{form}_{hash(tuple(revisions.items()))}"
    if form == "merge":
        names = {node_id: data.paths.get(node_id, "") for node_id in node_ids}
        into = st.radio("Which one stays?", list(names), key=f"bulk_{key}", format_func=lambda i: words.plain(names[i]))
    else:
        label = "Move them below" if form == "move" else "Replaced by (else each by the one above it)"
        into = forms.target(data, label, f"bulk_{key}", root=True)
    reason = forms.why(key)
    edits = {"move": taxonomy_edit.move, "merge": taxonomy_edit.merge, "deprecate": taxonomy_edit.deprecate}

    def act() -> None:
        into = forms.picked(f"bulk_{key}")
        done = acts.do(edits[form], ctx, list(node_ids), into, revisions=revisions, why=forms.given(reason))
        if done and form == "merge" and into:
            choose(acts.TREE, [into])

    go = {"move": "Move", "merge": "Merge", "deprecate": "Take out of use"}[form]
    forms.go(f"{go} {len(node_ids)} categories", f"bulk_go_{key}", act, disabled=form == "move" and into is None)


def dropped(ctx: Context, data: TaxonomyData) -> None:
    """Ask about what was dragged onto another category."""
    drop: TreeAct | None = st.session_state.get(acts.DROPPED)
    tree = data.view.taxonomy
    if drop is None or any(node_id not in tree for node_id in (*drop.node_ids, drop.target)):
        return
    names, onto = taxonomy_edit.named(tree, drop.node_ids), tree.node(drop.target)
    n_products = sum(data.view.counts.get(node_id, 0) for node_id in drop.node_ids)
    with st.container(border=True, key="taxonomy_dropped"):
        st.markdown(f"**Move {words.plain(names)} below '{words.plain(onto.name)}'?**")
        st.caption(f"{words.count(n_products, 'product')} come along. Nothing has been moved yet.")
        reason = forms.why("dropped")

        def act(edit: acts.Edit) -> None:
            done = acts.do(edit, ctx, list(drop.node_ids), drop.target, revisions=drop.revisions,
                           why=forms.given(reason))  # fmt: skip
            if done:
                choose(acts.TREE, [drop.target if edit is taxonomy_edit.merge else drop.node_ids[0]])

        with st.container(horizontal=True):
            st.button("Move", key="drop_move", type="primary", on_click=lambda: act(taxonomy_edit.move))
            if onto.parent_id is not None:
                st.button(
                    f"Merge into '{words.plain(onto.name)}' instead",
                    key="drop_merge",
                    on_click=lambda: act(taxonomy_edit.merge),
                )
            st.button("Cancel", key="drop_cancel", type="tertiary", on_click=acts.close_form)
