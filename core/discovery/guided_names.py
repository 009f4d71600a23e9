"""Names of clusters that continue what the curator already knows by a name."""

from collections.abc import Sequence

import numpy as np

from core.discovery.guidance import Group
from core.domain.arrays import IntArray
from core.domain.discovery import NameSource, NameSuggestion


def group_names(groups: Sequence[Group]) -> tuple[str, ...]:
    """Names that are given: no other cluster should be offered one of them."""
    return tuple(group.name for group in groups if group.name)


def continued_suggestions(
    suggestions: tuple[NameSuggestion, ...], member_labels: IntArray, groups: Sequence[Group]
) -> tuple[NameSuggestion, ...]:
    """Put the name of the group that a cluster continues first.

    Args:
        suggestions: What the cluster's titles suggest, best first.
        member_labels: Group of each of its products, -1 where unknown. Shape: (n_members,).
        groups: The groups.

    Returns:
        The group's name with its evidence, then the others; `suggestions` where the cluster holds no named group.
    """
    counts = np.bincount(member_labels[member_labels >= 0], minlength=len(groups))
    named = [index for index, group in enumerate(groups) if group.name and counts[index]]
    if not named:
        return suggestions
    largest = max(named, key=lambda index: (counts[index], -index))
    group, n_seeds = groups[largest], int(counts[largest])
    source = NameSource.APPROVED if group.node_id is not None else NameSource.CURATOR
    first = NameSuggestion(group.name, source, f"continues '{group.name}', {n_seeds:,} of its products")
    return (first, *(item for item in suggestions if item.name.casefold() != group.name.casefold()))
