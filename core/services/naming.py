"""Names for the clusters that a cascade found, from every source that is at hand. Worker only."""

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from core.discovery.cascade import Cascade
from core.discovery.groups import FoundCluster
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.name_index import NameIndex, squashed
from core.discovery.naming import add_known_names, is_makeshift
from core.domain.discovery import NameSource, NameSuggestion
from core.domain.product import Product, format_path
from core.domain.progress import Progress
from core.services.context import Context
from core.services.known_names import name_index
from core.services.name_endpoint import EndpointSettings, GroupToName, NameEndpointError, ask_for_names
from core.services.reference import load_references
from core.taxonomy.tree import Taxonomy

N_TITLES = 12
N_WORDS = 8


def name_clusters(
    context: Context,
    taxonomy: Taxonomy,
    category_id: str,
    products: Sequence[Product],
    cascade: Cascade,
    progress: Progress,
) -> Cascade:
    """Offer names from taxonomies and, where one is configured, from a language model beside those out of the titles.

    Args:
        context: The open workspace.
        taxonomy: The catalogue's own.
        category_id: The category that was discovered.
        products: Of the category, in the order of the run.
        cascade: What was found.
        progress: Told while a language model is waited for.

    Returns:
        The cascade with more suggestions; its details say where names came from, and why a source failed.
    """
    category = tuple(taxonomy.names(category_id))
    index = name_index(context, taxonomy, category_id)
    settings, note = _settings()
    named: dict[int, FoundCluster] = {}
    for parent, siblings in _sibling_groups(cascade.clusters):
        avoid = category if parent is None else (*category, named[parent].suggested_names[0])
        found = _with_known(cascade, siblings, index, avoid)
        if settings is not None:
            try:
                found = _with_model(settings, category, products, found, avoid, progress)
            except NameEndpointError as error:
                settings, note = None, error.message  # asked once too often is a minute lost on every group
        named.update({cluster.number: cluster for cluster in found})
    sources = ["titles", *(reference.label for reference in load_references(context))]
    details = {**cascade.details, "names from": ", ".join(sources)}
    if settings is not None:
        details["language model"] = settings.model
    elif note:
        details["language model"] = f"not used: {note}"
    return replace(cascade, clusters=tuple(named[cluster.number] for cluster in cascade.clusters), details=details)


def _settings() -> tuple[EndpointSettings | None, str]:
    try:
        return EndpointSettings.from_environment(os.environ), ""
    except NameEndpointError as error:
        return None, error.message


def _sibling_groups(clusters: Sequence[FoundCluster]) -> list[tuple[int | None, list[FoundCluster]]]:
    """Clusters by parent, those of level 1 first; parents come before their children."""
    in_order = sorted(clusters, key=lambda cluster: (cluster.level, cluster.parent_number or 0, cluster.number))
    return [(parent, list(group)) for parent, group in groupby(in_order, key=lambda cluster: cluster.parent_number)]


def _with_known(
    cascade: Cascade, siblings: Sequence[FoundCluster], index: NameIndex, avoid: Collection[str]
) -> list[FoundCluster]:
    file = cascade.run_file
    rows = np.concatenate([cluster.positions for cluster in siblings])
    cluster_ids = np.repeat(np.arange(len(siblings)), [len(cluster.positions) for cluster in siblings])
    suggestions = [cluster.suggestions for cluster in siblings]
    merged = add_known_names(suggestions, file.counts[rows], file.vocabulary, cluster_ids, index, avoid)
    return [replace(cluster, suggestions=items) for cluster, items in zip(siblings, merged, strict=True)]


def _with_model(
    settings: EndpointSettings,
    category: Sequence[str],
    products: Sequence[Product],
    siblings: Sequence[FoundCluster],
    avoid: Collection[str],
    progress: Progress,
) -> list[FoundCluster]:
    groups = [_told(cluster, products) for cluster in siblings]
    names = run_with_heartbeat(
        lambda _: ask_for_names(settings, format_path(category), groups), progress, f"Asking {settings.model} for names"
    )
    firsts = {squashed(cluster.suggested_names[0]) for cluster in siblings}
    taken = firsts | {squashed(name) for name in avoid}
    found = []
    for cluster, name, group in zip(siblings, names, groups, strict=True):
        known = {squashed(item) for item in cluster.suggested_names}
        if name is None or squashed(name) in taken | known:
            found.append(cluster)
            continue
        evidence = f"{settings.model} proposes it after reading {len(group.titles)} of its titles"
        first, *others = cluster.suggestions
        own = NameSuggestion(name, NameSource.LANGUAGE_MODEL, evidence)
        leading = (own, first) if is_makeshift(first) else (first, own)
        found.append(replace(cluster, suggestions=(*leading, *others)))
    return found


def _told(cluster: FoundCluster, products: Sequence[Product]) -> GroupToName:
    """The titles nearest to the cluster's centre, each once, and its strongest words."""
    nearest = cluster.positions[np.argsort(cluster.distances, kind="stable")]
    titles = dict.fromkeys(products[position].title for position in nearest.tolist())
    return GroupToName(tuple(titles)[:N_TITLES], cluster.keywords[:N_WORDS])
