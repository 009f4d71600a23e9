"""Which categories deserve another discovery: where curators correct most, what grew, what the model is unsure of.

Only what came since a category's last discovery counts, of it or of one above it: what that discovery looked at speaks
for no other one. A proposal that a curator dismissed stays away until much more speaks for it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.domain.drift import DiscoveryProposal
from core.domain.job import JobKind
from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus
from core.inference.discovery_worth import Evidence, is_markedly_worse, worth
from core.inference.drift import UNSURE_BELOW, iso_week
from core.inference.drift_change import GrowingCategory, growing_categories, newest_telling_week
from core.services.context import Context
from core.services.drift import category_path
from core.services.grid_items import GridItem, load_items
from core.services.jobs import ACTIVE
from core.services.models import active_row
from core.services.shown_prediction import shown_prediction
from core.services.taxonomy import products_of, subtree_counts
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.models import ModelRow
from db.repositories import discovery_evidence as evidence_rows
from db.repositories import drift, events
from db.repositories import jobs as job_rows
from db.repositories import products as product_rows
from db.repositories import settings as setting_rows
from db.repositories import taxonomy as taxonomy_rows

N_MODELS = 3
"""Decisions on the predictions of so many models count, the newest that have any."""
WORTHWHILE = 30
"""A category of fewer products is looked through by eye."""
DISMISSED = "dismissed_proposals"
"""Key of the setting that holds who turned down what, when, and how much spoke for it then."""


@dataclass(frozen=True, slots=True)
class _Eras:
    """When categories were last discovered. `times` rise; evidence of era `k` came after `k` of them."""

    times: tuple[datetime, ...]
    of_category: Mapping[str, datetime]
    path: Callable[[str], tuple[str, ...]]

    def last(self, node_id: str) -> datetime | None:
        """The newest discovery of a category or of one above it."""
        return max((self.of_category[key] for key in self.path(node_id) if key in self.of_category), default=None)

    def sum_up(self, counts: Sequence[tuple[Any, ...]]) -> Counter[str]:
        """(node, era, how many) → node and all above it → how many came since the last discovery of each."""
        found: Counter[str] = Counter()
        since: dict[str, int] = {}
        for node_id, era, n in counts:
            for key in self.path(node_id):
                if key not in since:
                    last = self.last(key)
                    since[key] = 0 if last is None else bisect_right(self.times, last)
                if era >= since[key]:
                    found[key] += n
        return found


def discovery_proposals(context: Context, limit: int = 5) -> list[DiscoveryProposal]:
    """Categories that deserve another discovery, most of all first.

    Of a category and one above or below it, at most one is proposed. One whose clusters wait for review, or whose
    discovery waits or runs, is not, nor is one above or below it.

    Args:
        context: The open workspace.
        limit: How many at most.
    """
    with context.database.read() as session:
        return [found for found in _proposals(session) if not found.dismissed_by][:limit]


def dismissed_proposals(context: Context) -> list[DiscoveryProposal]:
    """Proposals that a curator turned down and that nothing brought back since."""
    with context.database.read() as session:
        return [found for found in _proposals(session) if found.dismissed_by]


def dismiss_proposal(context: Context, node_id: str, author: str) -> None:
    """Turn a proposal down; it comes back when much more speaks for it, or by `restore_proposal`.

    Raises:
        NodeNotFoundError: If there is no such category.
    """
    with context.database.read() as session:  # what weighs the evidence keeps no writer waiting
        names = Taxonomy(taxonomy_rows.load_nodes(session)).names(node_id)
        score = next((found.score for found in _proposals(session) if found.node_id == node_id), 0.0)
    with context.database.write() as session:
        said = {"score": score, "by": author, "at": utc_now().isoformat()}
        setting_rows.put(session, DISMISSED, {**setting_rows.get(session, DISMISSED, {}), node_id: said})
        summary = f"Dismissed the proposal to discover {format_path(names)}"
        events.record(session, author, "dismiss_proposal", summary, nodes=[node_id])


def restore_proposal(context: Context, node_id: str, author: str) -> None:
    """Bring a dismissed proposal back; one that is not dismissed stays as it is.

    Raises:
        NodeNotFoundError: If there is no such category.
    """
    with context.database.write() as session:
        names = Taxonomy(taxonomy_rows.load_nodes(session)).names(node_id)
        known = setting_rows.get(session, DISMISSED, {})
        if node_id not in known:
            return
        setting_rows.put(session, DISMISSED, {key: said for key, said in known.items() if key != node_id})
        summary = f"Brought back the proposal to discover {format_path(names)}"
        events.record(session, author, "restore_proposal", summary, nodes=[node_id])


def proposal_examples(context: Context, node_id: str, limit: int = 6) -> list[GridItem]:
    """Products to look at before a discovery: those the active model puts into a category and is least sure of.

    Args:
        context: The open workspace.
        node_id: The category; those below it count too.
        limit: How many at most; those with a picture first.

    Returns:
        Products with their confidence as a note; the first of the category where no model says anything of it.
    """
    with context.database.read() as session:
        model = active_row(session)
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        if model is not None and (found := _least_sure(session, taxonomy, model.id, node_id, limit)):
            notes = {product_id: f"{100 * confidence:.0f} % sure" for product_id, confidence in found}
            return load_items(session, list(notes), notes)
    return products_of(context, node_id, limit)


def _least_sure(
    session: Session, taxonomy: Taxonomy, model_id: int, node_id: str, limit: int
) -> list[tuple[int, float]]:
    path = category_path(taxonomy)
    meant = [node.id for node in taxonomy.nodes if node_id in path(node.id)]
    found: list[tuple[bool, float, int]] = []
    for part in product_rows.chunks(meant):
        found += evidence_rows.least_sure(session, model_id, part, limit)
    return [(product_id, confidence) for _, confidence, product_id in sorted(found)[:limit]]


def _proposals(session: Session) -> list[DiscoveryProposal]:
    """All proposals, dismissed ones too, best first and one of each line."""
    taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    path = category_path(taxonomy)
    runs = evidence_rows.last_runs(session)
    eras = _Eras(tuple(sorted({at for at, _ in runs.values()})), {key: at for key, (at, _) in runs.items()}, path)
    share_unsure, found = _evidence(session, taxonomy, eras)
    dismissed = setting_rows.get(session, DISMISSED, {})
    candidates = []
    for node_id, evidence in found.items():
        score, reasons = worth(evidence, share_unsure)
        if reasons:
            names = format_path(taxonomy.names(node_id))
            proposal = DiscoveryProposal(node_id, names, score, reasons, evidence.n_products)
            candidates.append(_with_dismissal(proposal, dismissed.get(node_id), eras.last(node_id)))
    # Equal evidence is that of a category below: the deepest says most exactly where it is.
    candidates.sort(key=lambda one: (-round(one.score, 9), -len(path(one.node_id)), one.path))
    blocked = {key for key, (_, is_open) in runs.items() if is_open} | _being_discovered(session)
    return _one_of_each_line(candidates, blocked, path)


def _with_dismissal(
    proposal: DiscoveryProposal, said: Mapping[str, Any] | None, discovered_at: datetime | None
) -> DiscoveryProposal:
    if said is None:
        return proposal
    at = datetime.fromisoformat(said["at"])
    is_over = discovered_at is not None and discovered_at > at
    if is_over or is_markedly_worse(proposal.score, said["score"]):
        return proposal
    return replace(proposal, dismissed_by=said["by"], dismissed_at=at)


def _one_of_each_line(
    candidates: Sequence[DiscoveryProposal], blocked: set[str], path: Callable[[str], tuple[str, ...]]
) -> list[DiscoveryProposal]:
    kept: list[DiscoveryProposal] = []
    for one in candidates:
        line = path(one.node_id)
        # What stands above a dismissed one would ask the same again; what stands below asks something narrower.
        is_told = any(
            one.node_id in path(other.node_id) or (other.node_id in line and not other.dismissed_by) for other in kept
        )
        if not is_told and not any(key in line or one.node_id in path(key) for key in blocked):
            kept.append(one)
    return kept


def _being_discovered(session: Session) -> set[str]:
    waiting = job_rows.load_jobs(session, 100, ACTIVE)
    return {str(job.arguments.get("category_id")) for job in waiting if job.kind is JobKind.DISCOVER}


def _evidence(session: Session, taxonomy: Taxonomy, eras: _Eras) -> tuple[float, dict[str, Evidence]]:
    """Share of unsure predictions in all, and what is known of every category that is large enough."""
    decided, corrected = _decisions(session, eras)
    predicted, unsure, share_unsure = _unsure(session, eras)
    direct = evidence_rows.arrived(session, eras.times)
    unsorted = _direct_since(direct, eras)
    sizes = subtree_counts(taxonomy, product_rows.direct_counts(session))
    growth, week = _growth(session, eras)
    found = {}
    for node in taxonomy.nodes:
        is_live = node.status is not NodeStatus.DEPRECATED and node.parent_id is not None
        if is_live and sizes[node.id] >= WORTHWHILE:
            key = node.id
            found[key] = Evidence(
                sizes[key], decided[key], corrected[key], predicted[key], unsure[key], unsorted[key],
                len(taxonomy.children(key)), eras.last(key) is not None, growth.get(key), week,
            )  # fmt: skip
    return share_unsure, found


def _decisions(session: Session, eras: _Eras) -> tuple[Counter[str], Counter[str]]:
    rows: list[tuple[str, int, bool, int]] = []
    for model in evidence_rows.models_with_decisions(session, N_MODELS):
        rows += evidence_rows.decided(session, model.id, shown_prediction(session, model).node_id, eras.times)
    return _all_and_hits(rows, eras)


def _unsure(session: Session, eras: _Eras) -> tuple[Counter[str], Counter[str], float]:
    model = active_row(session)
    if model is None:
        return Counter(), Counter(), 0.0
    rows = evidence_rows.unsure(session, model.id, limit_of_sureness(model), eras.times)
    total = sum(n for *_, n in rows)
    return *_all_and_hits(rows, eras), sum(n for *_, is_unsure, n in rows if is_unsure) / max(total, 1)


def limit_of_sureness(model: ModelRow) -> float:
    """Predictions of a model that are less sure than this are of low confidence, in [0, 1]."""
    return model.stop_below or UNSURE_BELOW


def _all_and_hits(rows: Sequence[tuple[str, int, bool, int]], eras: _Eras) -> tuple[Counter[str], Counter[str]]:
    of = eras.sum_up([(node_id, era, n) for node_id, era, _, n in rows])
    hits = eras.sum_up([(node_id, era, n) for node_id, era, is_hit, n in rows if is_hit])
    return of, hits


def _direct_since(direct: Sequence[tuple[str, int, int]], eras: _Eras) -> Counter[str]:
    """Products at each node itself that came since its last discovery."""
    found: Counter[str] = Counter()
    for node_id, era, n in direct:
        last = eras.last(node_id)
        if last is None or era >= bisect_right(eras.times, last):
            found[node_id] += n
    return found


def _growth(session: Session, eras: _Eras) -> tuple[dict[str, GrowingCategory], str]:
    """What grew in the newest week that says something, unless a discovery has looked at that week's products."""
    weeks = drift.load_weeks(session)
    week = newest_telling_week(weeks)
    if week is None:
        return {}, ""
    grown = {one.node_id: one for one in growing_categories(weeks, week, eras.path)}
    lasts = {key: eras.last(key) for key in grown}
    return {key: one for key, one in grown.items() if lasts[key] is None or iso_week(lasts[key]) < week}, week
