"""A page with nothing but a tree for editing: Shopify's categories, and a list of what the tree said.

The address says what it shows: `small` for three categories with a hostile name instead of 10,281. A button edits one
name; another runs the script again with nothing changed.
"""

import csv
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages._shared.tree import TreeAct, TreeNodes, TreeRow, choose, taxonomy_tree

SHOPIFY = Path(__file__).resolve().parents[3] / "shared" / "data" / "taxonomies" / "shopify_taxonomy_2024-07.csv"
HOSTILE = '<img src=x onerror="window.harmed = true">'
SMALL = (
    TreeRow("root", None, "All products", 30, fixed="root"),
    TreeRow("a", "root", "Schuhe für Kinder", 20, synonyms=("Kids' footwear",)),
    TreeRow("b", "a", HOSTILE, 5, revision=3),
    TreeRow("c", "root", "Bags", 10),
    TreeRow("d", "root", "Old bags", 0, "now Bags", "old", fixed="gone"),
)


@st.cache_resource
def shopify() -> TreeNodes:
    rows = [TreeRow("root", None, "All products", 0, fixed="root")]
    ids = {(): "root"}
    with SHOPIFY.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            path = tuple(row["path"].split(" > "))
            ids[path] = row["id"]
            rows.append(TreeRow(row["id"], ids[path[:-1]], path[-1], len(path[-1])))
    return TreeNodes(tuple(rows))


def heard(act: TreeAct) -> None:
    st.session_state.acts = [*st.session_state.get("acts", []), act]


def edit() -> None:
    nodes = st.session_state.get("nodes") or shopify()
    last = replace(nodes.rows[-1], name="Edited name", revision=1)
    st.session_state.nodes = TreeNodes((*nodes.rows[:-1], last))


nodes = TreeNodes(SMALL) if "small" in st.query_params else st.session_state.get("nodes") or shopify()
kept = ["d"] if st.checkbox("Only what is out of use") else None
chosen = taxonomy_tree(nodes, key="tree", label="Categories", on_act=heard, kept=kept, height=600)
st.text("chosen: " + " ".join(chosen))
for act in st.session_state.get("acts", []):
    said = (act.act, ",".join(act.node_ids), act.name, act.index, act.target, dict(act.revisions))
    st.text("act: " + " ".join(str(part) for part in said if part not in ("",)))
st.button("Edit", on_click=edit)
st.button("Again")
st.button("Choose Bags", on_click=lambda: choose("tree", ["c"]))
st.text(f"runs: {st.session_state.setdefault('runs', 0)}")
st.session_state.runs += 1
