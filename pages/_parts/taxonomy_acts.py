"""What a curator can do to the tree from its page."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.services import history, taxonomy_edit, versions
from core.services.context import Context
from core.services.edit_transaction import EditResult
from core.services.history import TAXONOMY
from pages._shared import state, words
from pages._shared.layout import acting
from pages._shared.tree import TreeAct, choose

TREE = "taxonomy_tree"
FORM = "taxonomy_form"
FORM_OF = "_taxonomy_form_of"
DROPPED = "_taxonomy_dropped"

Edit = Callable[..., EditResult]


def do(edit: Edit, *arguments: object, revisions: Mapping[str, int], why: str = "") -> EditResult | None:
    """Do one edit as the person at the browser, say how it went, and close the open form.

    Args:
        edit: A function of `core.services.taxonomy_edit`, or one called like them.
        arguments: Its own, the context first.
        revisions: Node id → revision as the page showed it.
        why: The reason given.

    Returns:
        What was done; None where it was refused.
    """
    done: list[EditResult] = []

    def act() -> str:
        result = edit(*arguments, revisions=revisions, author=state.author(), why=why)
        done.append(result)
        moved = f" {words.count(result.n_products, 'product')} moved along." if result.n_products else ""
        return f"{result.summary}.{moved}"

    if not acting(act):
        return None
    close_form()
    return done[0]


def open_form(name: str | None, node_ids: Sequence[str]) -> None:
    """Open one of the forms beside the tree, for these nodes."""
    st.session_state[FORM] = name
    st.session_state[FORM_OF] = tuple(node_ids)
    st.session_state.pop(DROPPED, None)


def close_form() -> None:
    """Close whatever form is open."""
    open_form(None, ())


def on_tree(ctx: Context, act: TreeAct) -> None:
    """Do what was done in the tree; what moves products or categories is asked about first."""
    first = act.node_ids[0]
    if act.act == "rename":
        if do(taxonomy_edit.rename, ctx, first, act.name, revisions=act.revisions):
            choose(TREE, act.node_ids)  # its place in the alphabet is another now: bring it into sight
    elif act.act == "add":
        add(ctx, first, act.name, {})
    elif act.act == "reorder":
        do(taxonomy_edit.reorder, ctx, first, act.index, revisions=act.revisions)
    elif act.act == "deprecate":
        open_form("deprecate", act.node_ids)
    elif act.act == "drop":
        close_form()
        st.session_state[DROPPED] = act


def add(ctx: Context, parent_id: str, name: str, revisions: Mapping[str, int], why: str = "") -> None:
    """Add a category and choose it."""
    result = do(taxonomy_edit.add_category, ctx, parent_id, name, revisions=revisions, why=why)
    if result is not None:
        choose(TREE, result.node_ids[:1])


def undo(ctx: Context) -> None:
    """Take back the newest act of this person on the taxonomy."""
    acting(lambda: _said("Taken back", history.undo(ctx, TAXONOMY, state.author())), tone="info")


def redo(ctx: Context) -> None:
    """Do again what this person took back last."""
    acting(lambda: _said("Done again", history.redo(ctx, TAXONOMY, state.author())), tone="info")


def _said(what: str, summary: str | None) -> str:
    return f"{what}: {summary}" if summary else "There is nothing left to do that to."


def save_version(ctx: Context, note: str) -> None:
    """Save the edits as a version."""
    acting(lambda: f"Saved as version {versions.save_version(ctx, note, state.author())}.")


def roll_back(ctx: Context, number: int, note: str) -> None:
    """Go back to a version, as a new one."""
    acting(
        lambda: (
            f"The taxonomy is as it was in version {number}; "
            f"saved as version {versions.roll_back(ctx, number, note, state.author())}."
        )
    )
