"""Collect what the curator already decided about a category, so that the next discovery respects it.

Later words win over earlier ones, and what was undone was never said. Three things count: where products were approved
or put by hand, which groups were named or filled in reviews, and which products were moved apart or excluded there.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.guidance import UNKNOWN, Group, Guidance, Separation, Teachers
from core.domain.arrays import FloatArray, IntArray
from core.domain.discovery import RunStatus
from core.domain.product import Product
from core.domain.taxonomy import AssignmentSource
from core.services.review_words import ReviewWords, read_review
from core.taxonomy.tree import Taxonomy
from db.models import RunRow
from db.repositories import assignments

DECIDED_BY_HAND = (str(AssignmentSource.CLUSTER), str(AssignmentSource.CURATOR))
"""Sources of an assignment that are somebody's decision; a platform's own category and a classifier's guess are not."""
FEWEST_BY_HAND = 5
"""Fewer products, each put into a subcategory by hand, hold no cluster of their own: single corrections, scattered over
many kinds, would take up the clusters asked for."""
MIN_GROUP, MAX_GROUP = 10, 100
"""Groups elsewhere of fewer products teach nothing; of larger ones so many do."""
MAX_TEACHERS = 3_000


@dataclass(slots=True)
class _Known:
    """What is known so far of the products of a category, by product id."""

    group: dict[int, tuple[str, str]] = field(default_factory=dict)
    said_at: dict[int, datetime] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    set_aside: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    apart: list[tuple[list[int], list[int]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SiblingGroups:
    """Products elsewhere whose groups are known, with the group and the category it is a child of."""

    products: tuple[Product, ...]
    labels: IntArray
    families: IntArray

    def teachers(self, embeddings: Mapping[str, FloatArray]) -> Teachers:
        """Teachers with the embeddings of `products`, one row each, by the encoders of the run."""
        return Teachers(embeddings, self.labels, self.families)


def collect_guidance(session: Session, taxonomy: Taxonomy, category_id: str, products: Sequence[Product]) -> Guidance:
    """What earlier acts say about the products of a category.

    Args:
        session: A session that may read.
        taxonomy: The present tree.
        category_id: The category to be discovered.
        products: Its products, in the order of the run.

    Returns:
        Seeds, what to set aside and what must be apart; without teachers. It says nothing where nobody acted.
    """
    known = _Known()
    _read_assignments(session, taxonomy, category_id, products, known)
    child = {node.name.casefold(): node.id for node in taxonomy.children(category_id)}
    silent: set[int] = set()
    ready = (RunRow.category_id == category_id) & (RunRow.status == str(RunStatus.READY))
    for run_id in session.scalars(select(RunRow.id).where(ready).order_by(RunRow.id.desc())):
        words = read_review(session, run_id)
        _take_words(words, silent, child, known)
        silent |= words.decided
    return _assembled(known, [product.id for product in products])


def with_teachers(
    guidance: Guidance,
    taxonomy: Taxonomy,
    catalogue: Sequence[Product],
    category_id: str,
    embed: Callable[[Sequence[Product]], Mapping[str, FloatArray]],
) -> Guidance:
    """Add known groups elsewhere, where they are heard and there are any.

    Args:
        guidance: Of the category.
        taxonomy: The present tree.
        catalogue: All products, by id.
        category_id: The category to be discovered.
        embed: Gives products elsewhere their embeddings per modality, in the space of the run's own.
    """
    siblings = sibling_groups(taxonomy, catalogue, category_id) if guidance.teaches else None
    return guidance if siblings is None else replace(guidance, teachers=siblings.teachers(embed(siblings.products)))


def sibling_groups(taxonomy: Taxonomy, catalogue: Sequence[Product], category_id: str) -> SiblingGroups | None:
    """Known groups elsewhere that can teach: children of other categories, with some of their products.

    Args:
        taxonomy: The present tree.
        catalogue: All products, by id.
        category_id: The category to be discovered; neither what is in it nor its own siblings teach.

    Returns:
        At most `MAX_TEACHERS` products of categories with two known children or more; None where there are none.
    """
    left_out = taxonomy.subtree_ids(category_id) | {node.id for node in taxonomy.path(category_id)} | {taxonomy.root.id}
    members: dict[str, list[Product]] = defaultdict(list)
    for product in catalogue:
        members[product.node_id].append(product)
    of_family: dict[str, list[str]] = defaultdict(list)
    for node_id in sorted(members):
        parent_id = taxonomy.node(node_id).parent_id
        if parent_id is not None and parent_id not in left_out and len(members[node_id]) >= MIN_GROUP:
            of_family[parent_id].append(node_id)
    families = [(family, nodes) for family, nodes in sorted(of_family.items()) if len(nodes) > 1]
    if not families:
        return None
    share = max(2, min(MAX_GROUP, MAX_TEACHERS // sum(len(nodes) for _, nodes in families)))
    chosen: list[tuple[Product, int, int]] = []
    n_groups = 0
    for family, (_, nodes) in enumerate(families):
        for node_id in nodes:
            chosen.extend((product, n_groups, family) for product in _spread(members[node_id], share))
            n_groups += 1
    chosen = chosen[:MAX_TEACHERS]
    labels, homes = (np.array([item[column] for item in chosen], dtype=np.int64) for column in (1, 2))
    return SiblingGroups(tuple(item[0] for item in chosen), labels, homes)


def _spread(products: Sequence[Product], n: int) -> list[Product]:
    """So many of them, evenly over their order."""
    if len(products) <= n:
        return list(products)
    return [products[position] for position in np.linspace(0, len(products) - 1, n).astype(int).tolist()]


def _read_assignments(
    session: Session, taxonomy: Taxonomy, category_id: str, products: Sequence[Product], known: _Known
) -> None:
    depth = taxonomy.depth(category_id)
    seeds = [p for p in products if p.source in DECIDED_BY_HAND and taxonomy.depth(p.node_id) > depth]
    strongest = assignments.strongest(session, [product.id for product in seeds])
    child_of = {product.id: taxonomy.path(product.node_id)[depth] for product in seeds}
    by_hand = Counter(child_of[product.id].id for product in seeds)
    approved = {child_of[product.id].id for product in seeds if product.source == str(AssignmentSource.CLUSTER)}
    for product in seeds:
        child = child_of[product.id]
        if child.id not in approved and by_hand[child.id] < FEWEST_BY_HAND:
            continue
        known.group[product.id], known.names["node", child.id] = ("node", child.id), child.name
        known.said_at[product.id] = strongest[product.id].created_at


def _take_words(words: ReviewWords, silent: set[int], child: Mapping[str, str], known: _Known) -> None:
    """Add what one review said of products that no later review decided and no later assignment placed."""

    def is_news(product_id: int, at: datetime) -> bool:
        return product_id not in silent and not (product_id in known.said_at and known.said_at[product_id] >= at)

    for product_id, (cluster_id, name, at) in words.groups.items():
        if is_news(product_id, at):
            node_id = child.get(name.casefold()) if name else None
            key = ("node", node_id) if node_id else ("name", name.casefold()) if name else ("cluster", str(cluster_id))
            known.group[product_id], known.said_at[product_id] = key, at
            known.names.setdefault(key, name)
    for product_id, at in words.excluded.items():
        if is_news(product_id, at):
            known.group.pop(product_id, None)
            known.set_aside.add(product_id)
    known.moved |= words.moved - silent
    for movers, stayers in words.apart:
        kept = [key for key in movers if key not in silent], [key for key in stayers if key not in silent]
        if all(kept):
            known.apart.append(kept)


def _assembled(known: _Known, product_ids: Sequence[int]) -> Guidance:
    position = {product_id: place for place, product_id in enumerate(product_ids)}
    labels = np.full(len(product_ids), UNKNOWN, dtype=np.int64)
    number: dict[tuple[str, str], int] = {}
    for place, product_id in enumerate(product_ids):
        if product_id in known.group:
            key = known.group[product_id]
            labels[place] = number.setdefault(key, len(number))
    groups = tuple(Group(known.names[key], key[1] if key[0] == "node" else None) for key in number)
    aside = np.array([product_id in known.set_aside for product_id in product_ids], dtype=bool)
    separations = [_separation(movers, stayers, position, labels, aside) for movers, stayers in known.apart]
    return Guidance(
        labels,
        groups,
        aside,
        tuple(separation for separation in separations if len(separation.movers) and len(separation.stayers)),
        len(known.moved & set(product_ids)),
    )


def _separation(
    movers: Sequence[int], stayers: Sequence[int], position: Mapping[int, int], labels: IntArray, aside: np.ndarray
) -> Separation:
    """The two sides by position, without products that are gone or set aside, or known to go with the others."""
    first, second = (
        np.array(sorted(position[key] for key in keys if key in position and not aside[position[key]]), dtype=np.int64)
        for keys in (movers, stayers)
    )
    shared = set(labels[first][labels[first] >= 0].tolist())
    together = np.array([label in shared for label in labels[second].tolist()], dtype=bool)
    return Separation(first, second[~together] if len(second) else second)
