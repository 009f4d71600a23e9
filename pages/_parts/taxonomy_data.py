"""What the taxonomy's page reads, made once for as long as nothing changes. Shared between sessions, never altered."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services import taxonomy, versions
from core.services.context import Context
from core.services.taxonomy import TaxonomyView, VersionSummary
from core.taxonomy.diff import KINDS, NodeChange, TaxonomyDiff
from pages._parts import taxonomy_rows
from pages._shared import caches
from pages._shared.tree import TreeNodes


@dataclass(frozen=True)
class TaxonomyData:
    """The taxonomy as the page shows it.

    Attributes:
        view: The tree with its counts.
        nodes: The same as rows of the tree.
        paths: Path of every category in use, by id, in the order of the tree.
        versions: All versions but the empty one, newest first.
        unsaved: What was edited since the newest version.
    """

    view: TaxonomyView
    nodes: TreeNodes
    paths: dict[str, str]
    versions: list[VersionSummary]
    unsaved: TaxonomyDiff


Key = tuple[str, str]


@st.cache_resource(show_spinner=False, max_entries=4)
def _saved(_ctx: Context, database_url: str, number: int, created_at: datetime) -> tuple[TaxonomyNode, ...]:
    return versions.load(_ctx, number).nodes


@st.cache_resource(show_spinner=False, max_entries=4)
def _data(_ctx: Context, key: Key) -> TaxonomyData:
    view = taxonomy.taxonomy_view(_ctx)
    every = taxonomy.list_versions(_ctx)
    saved = _saved(_ctx, key[0], view.version, every[0].created_at)
    unsaved = versions.unsaved_diff(saved, view.taxonomy.nodes)
    paths: dict[str, str] = {}
    for node in view.taxonomy.walk():
        if node.parent_id is not None:
            above = paths.get(node.parent_id)
            paths[node.id] = f"{above} > {node.name}" if above else format_path((node.name,))
    known = [version for version in every if version.number > 1]  # the first is empty
    nodes = TreeNodes(tuple(taxonomy_rows.editor_rows(view, changed_ids(unsaved))))
    return TaxonomyData(view, nodes, paths, known, unsaved)


def data(ctx: Context) -> TaxonomyData:
    """The taxonomy as it is now."""
    return _data(ctx, caches.revision(ctx))


@st.cache_resource(show_spinner=False, max_entries=8)
def _changed_since(_ctx: Context, key: Key, number: int) -> frozenset[str]:
    saved = versions.version_diff(_ctx, number, data(_ctx).view.version)
    return changed_ids(saved) | changed_ids(data(_ctx).unsaved)


def changed_since(ctx: Context, number: int) -> frozenset[str]:
    """Ids of the nodes that changed since a version."""
    return _changed_since(ctx, caches.revision(ctx), number)


def changed_ids(difference: TaxonomyDiff) -> frozenset[str]:
    """Ids of all nodes in a difference."""
    found = (item for kind in KINDS for item in getattr(difference, kind))
    return frozenset(item.after.id if isinstance(item, NodeChange) else item.id for item in found)


def deprecated_ids(view: TaxonomyView) -> list[str]:
    """Ids of nodes that are out of use."""
    return [node.id for node in view.taxonomy.nodes if node.status is NodeStatus.DEPRECATED]


def empty_ids(view: TaxonomyView) -> list[str]:
    """Ids of categories in use that hold no products, in them or below."""
    return [node.id for node in view.taxonomy.walk() if not view.counts.get(node.id, 0)]
