"""The small forms below a chosen category: one open at a time, none of them in the way of the rest."""

from collections.abc import Callable

import streamlit as st

from core.domain.taxonomy import TaxonomyNode
from core.services import taxonomy_edit
from core.services.context import Context
from pages._parts import taxonomy_acts as acts
from pages._parts import taxonomy_split_form
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import words

FORMS = {
    "rename": "Rename",
    "add": "Add below",
    "words": "Describe",
    "move": "Move",
    "merge": "Merge",
    "split": "Split",
    "deprecate": "Deprecate",
}
FORMS_HELP = (
    "Rename, describe or rearrange this category. Deprecate takes it out of use: it stays in the history and in "
    "exports, pointing at what replaces it, and its products go there."
)
ROOT_FORMS = ("add",)


def draw(ctx: Context, data: TaxonomyData, node: TaxonomyNode) -> None:
    """Draw the choice of forms and the open one."""
    if st.session_state.get(acts.FORM_OF) != (node.id,):
        acts.open_form(None, (node.id,))
    known = [form for form in FORMS if node.parent_id is not None or form in ROOT_FORMS]
    chosen = st.pills("Change it", known, key=acts.FORM, format_func=FORMS.get, help=FORMS_HELP)
    if chosen is None:
        return
    st.space("xxsmall")
    {"rename": _rename, "add": _add, "words": _words, "move": _move, "merge": _merge,
     "split": taxonomy_split_form.draw, "deprecate": _deprecate}[chosen](ctx, data, node)  # fmt: skip


def restore(ctx: Context, node: TaxonomyNode) -> None:
    """A button that takes a category into use again."""
    st.button(
        "Bring it back",
        key=f"restore_{node.id}",
        icon=":material/undo:",
        help="It is in use again, with the products that were put there.",
        on_click=lambda: acts.do(taxonomy_edit.restore, ctx, node.id, revisions={node.id: node.revision}),
    )


def why(node_key: str) -> str:
    """Draw the field for a reason; its key."""
    key = f"why_{node_key}"
    st.text_input("Why", key=key, placeholder="For the history; may stay empty", max_chars=300)
    return key


def given(key: str) -> str:
    """What a field holds."""
    return str(st.session_state.get(key) or "").strip()


def picked(key: str) -> str | None:
    """The category a field holds when the button is pressed: it may have changed since the form was drawn."""
    return st.session_state.get(key)


def target(
    data: TaxonomyData, label: str, key: str, leaves_out: str | None = None, *, root: bool = False
) -> str | None:
    """Draw a field to find a category by its path.

    Args:
        data: The taxonomy.
        label: What the category is for.
        key: Widget key.
        leaves_out: A category that is not offered, nor those below it.
        root: Whether the highest level is offered too.
    """
    without = data.view.taxonomy.subtree_ids(leaves_out) if leaves_out else frozenset()
    top = {data.view.taxonomy.root.id: f"{data.view.taxonomy.root.name} (highest level)"} if root else {}
    paths = top | {node_id: path for node_id, path in data.paths.items() if node_id not in without}
    return st.selectbox(
        label, list(paths), index=None, key=key, format_func=paths.get, placeholder="Type part of its name or path"
    )


def go(label: str, key: str, act: Callable[[], object], *, disabled: bool = False) -> None:
    """Draw the button that does it, and the one that does not."""
    with st.container(horizontal=True):
        st.button(label, key=key, type="primary", on_click=act, disabled=disabled)
        st.button("Cancel", key=f"{key}_cancel", type="tertiary", on_click=acts.close_form)


def _key(node: TaxonomyNode) -> str:
    return f"{node.id}_{node.revision}"  # an act makes a new key: the form starts afresh


def _rename(ctx: Context, _data: TaxonomyData, node: TaxonomyNode) -> None:
    key = _key(node)
    st.text_input("New name", value=node.name, key=f"rename_{key}", max_chars=120)
    reason, seen = why(key), {node.id: node.revision}
    go("Rename", f"rename_go_{key}", lambda: acts.do(
        taxonomy_edit.rename, ctx, node.id, given(f"rename_{key}"), revisions=seen, why=given(reason)))  # fmt: skip


def _add(ctx: Context, _data: TaxonomyData, node: TaxonomyNode) -> None:
    key = _key(node)
    st.text_input(f"Name of the new category below {words.plain(node.name)}", key=f"add_{key}", max_chars=120)
    reason = why(key)
    go("Add", f"add_go_{key}", lambda: acts.add(ctx, node.id, given(f"add_{key}"), {}, given(reason)))


def _words(ctx: Context, _data: TaxonomyData, node: TaxonomyNode) -> None:
    key, seen = _key(node), {node.id: node.revision}
    st.text_area("What belongs here", value=node.description, key=f"describe_{key}", height=90)
    st.text_input("Also called", value=", ".join(node.synonyms), key=f"synonyms_{key}", placeholder="Parted by commas")
    reason = why(key)

    def save() -> None:
        synonyms = [part.strip() for part in given(f"synonyms_{key}").split(",") if part.strip()]
        acts.do(taxonomy_edit.set_words, ctx, node.id, given(f"describe_{key}"), synonyms, revisions=seen,
                why=given(reason))  # fmt: skip

    go("Save", f"words_go_{key}", save)


def _move(ctx: Context, data: TaxonomyData, node: TaxonomyNode) -> None:
    key, seen = _key(node), {node.id: node.revision}
    parent = target(data, "Move it, with all below it, to", f"move_{key}", node.id, root=True)
    reason = why(key)
    go("Move", f"move_go_{key}", disabled=parent is None, act=lambda: acts.do(
        taxonomy_edit.move, ctx, [node.id], picked(f"move_{key}"), revisions=seen, why=given(reason)))  # fmt: skip


def _merge(ctx: Context, data: TaxonomyData, node: TaxonomyNode) -> None:
    key, seen = _key(node), {node.id: node.revision}
    into = target(data, "Merge it into", f"merge_{key}", node.id)
    st.caption(_follow(data, node))
    reason = why(key)
    go("Merge", f"merge_go_{key}", disabled=into is None, act=lambda: acts.do(
        taxonomy_edit.merge, ctx, [node.id], picked(f"merge_{key}"), revisions=seen, why=given(reason)))  # fmt: skip


def _deprecate(ctx: Context, data: TaxonomyData, node: TaxonomyNode) -> None:
    key, seen = _key(node), {node.id: node.revision}
    parent = data.view.taxonomy.node(str(node.parent_id))
    target(data, f"Replaced by (else {words.plain(parent.name)})", f"deprecate_{key}", node.id, root=True)
    st.caption(_follow(data, node))
    reason = why(key)

    def act() -> None:
        into = picked(f"deprecate_{key}")
        acts.do(taxonomy_edit.deprecate, ctx, [node.id], into, revisions=seen, why=given(reason))

    go("Take out of use", f"deprecate_go_{key}", act)


def _follow(data: TaxonomyData, node: TaxonomyNode) -> str:
    n_products = data.view.direct_counts.get(node.id, 0)
    n_children = len(data.view.taxonomy.children(node.id))
    return (
        f"{words.count(n_products, 'product')} and {words.count(n_children, 'subcategory', 'subcategories')} go along. "
        "The old path keeps pointing at the new one."
    )
