"""Second opinions: an approval or a rejection that counts once another curator wants the same.

Each judges without knowing what the other said. The newest opinion of each curator counts for the decision; how far
curators agree is measured on what they said before they could see each other's.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.discovery.agreement import Ratings, pairwise_agreement
from core.discovery.consensus import blind_labels, newest, standing
from core.domain.errors import TaxonomyError
from core.domain.opinion import Opinion, Standing, StandingKind, Verdict
from core.domain.product import format_path
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.review_rows import cluster_label, load_cluster, load_open_cluster
from core.services.settings import SECOND_CURATOR
from core.taxonomy.operations import check_name
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, OpinionRow
from db.repositories import events
from db.repositories import opinions as rows
from db.repositories import settings as setting_rows
from db.repositories import taxonomy as taxonomy_rows

__all__ = [
    "CategoryAgreement", "Given", "Opinion", "Standing", "StandingKind", "Verdict", "agreement", "check_agreed", "give",
    "give_all", "of_run", "required", "standing",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CategoryAgreement:
    """How far curators agree on the clusters of a category that at least two of them judged.

    `observed` is the share of clusters on which two said the same, `kappa` Cohen's: that share beyond what chance
    would give, None where everybody said the same about everything. With more than two curators both are means over
    all pairs of them.
    """

    category_id: str
    path: str
    n_clusters: int
    observed: float
    kappa: float | None
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Where the curators of some clusters stand after one gave opinions on them.

    `agreed` holds the clusters to be approved now, with their names. A subcluster is not among them as long as the
    curators differ about the cluster it is part of.
    """

    standings: dict[int, Standing]
    agreed: dict[int, str]


def required(context: Context) -> int:
    """How many curators must want the same before it is done: 1, or 2 where the workspace asks for a second."""
    with context.database.read() as session:
        return _required(session)


def give(
    context: Context, run_id: int, cluster_id: int, verdict: Verdict, name: str, revision: int, author: str
) -> Standing:
    """Say what should become of a cluster. The curator's earlier opinion on it no longer counts.

    Args:
        context: The open workspace.
        run_id: The run.
        cluster_id: An open cluster of it.
        verdict: What the curator would do.
        name: Under which name to approve it; of no meaning for a rejection.
        revision: Of the cluster as the curator saw it.
        author: Who says so.

    Returns:
        Where the curators stand now. Once it is agreed, approving or rejecting is the caller's to do.

    Raises:
        RunNotFoundError: If the cluster is not part of the run.
        StaleRevisionError: If somebody changed the cluster since it was seen.
        TaxonomyError: If it is decided already, or the name cannot be a node's.
    """
    names = {cluster_id: name}
    return give_all(context, run_id, names, {cluster_id: revision}, author, verdict).standings[cluster_id]


def give_all(
    context: Context,
    run_id: int,
    names: Mapping[int, str],
    revisions: Mapping[int, int],
    author: str,
    verdict: Verdict = Verdict.APPROVE,
) -> Given:
    """Give the same verdict on several clusters, in one act that is taken back as one.

    Args:
        context: The open workspace.
        run_id: The run.
        names: Cluster id → name to approve it under.
        revisions: Cluster id → revision as the curator saw it; those left out are taken as they are.
        author: Who says so.
        verdict: What the curator would do with them; see `give` for what it raises.
    """
    with context.database.write() as session:
        clusters = {key: _open_cluster(session, run_id, key, revisions.get(key)) for key in names}
        before = rows.of_run(session, run_id, list(names))
        journal = Journal(session)
        journal.keep(ClusterRow, clusters, is_weak=True)
        made: list[int] = []
        for key, cluster in clusters.items():
            name = check_name(names[key]) if verdict is Verdict.APPROVE else ""
            if not _says_so_already(before.get(key, []), author, verdict, name):
                made.append(rows.add(session, run_id, key, author, verdict, name))
            cluster.is_touched = True  # a re-cut must not take from under them what curators are judging
        if made:
            _record(session, run_id, journal, made, [cluster_label(cluster) for cluster in clusters.values()], author)
        n_needed, after = _required(session), rows.of_run(session, run_id, list(names))
        standings = {key: standing(after[key], n_needed) for key in names}
        parents = {key: cluster.parent_id for key, cluster in clusters.items()}
    return Given(standings, _agreed(standings, parents))


def of_run(context: Context, run_id: int) -> dict[int, tuple[Opinion, ...]]:
    """Cluster id → the newest opinion of each curator, in the order they came."""
    with context.database.read() as session:
        return {key: newest(opinions) for key, opinions in rows.of_run(session, run_id).items()}


def agreement(context: Context) -> list[CategoryAgreement]:
    """How far curators agree in each category where two of them judged a cluster, by path."""
    with context.database.read() as session:
        given = rows.by_category(session)
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session)) if given else None
    found = []
    for category_id, clusters in given.items():
        measured = pairwise_agreement(_ratings(clusters))
        if measured is not None and taxonomy is not None:
            path = format_path(taxonomy.names(category_id)) or taxonomy.root.name
            spelled = {opinion.curator: opinion.author for opinions in clusters.values() for opinion in opinions}
            authors = tuple(spelled[curator] for curator in measured.raters)
            found.append(
                CategoryAgreement(category_id, path, measured.n_items, measured.observed, measured.kappa, authors)
            )
    return sorted(found, key=lambda item: item.path)


def check_agreed(session: Session, run_id: int, names: Mapping[int, str], verdict: Verdict = Verdict.APPROVE) -> None:
    """Refuse a decision that needs a second curator and has none; called by what approves and rejects.

    Args:
        session: The session of the act.
        run_id: The run.
        names: Cluster id → name it would be approved under; for a rejection any.
        verdict: What is to be done.

    Raises:
        TaxonomyError: If the workspace asks for a second curator, and two do not want exactly this.
    """
    n_needed = _required(session)
    if n_needed == 1:
        return
    given = rows.of_run(session, run_id, list(names))
    for key, name in names.items():
        agreed = standing(given.get(key, []), n_needed)
        wanted = (verdict, name.strip().casefold() if verdict is Verdict.APPROVE else "")
        reached = Verdict.REJECT if agreed.kind is StandingKind.AGREED_REJECTION else Verdict.APPROVE
        if not agreed.is_agreed or (reached, agreed.name.casefold()) != wanted:
            raise TaxonomyError(
                "Here a decision needs two curators, and a second one has not said the same yet.",
                "Give your opinion, and ask somebody for theirs.",
            )


def _required(session: Session) -> int:
    return 2 if setting_rows.get(session, SECOND_CURATOR.key, SECOND_CURATOR.default) else 1


def _open_cluster(session: Session, run_id: int, cluster_id: int, revision: int | None) -> ClusterRow:
    load_cluster(session, cluster_id, run_id)
    return load_open_cluster(session, cluster_id, revision)


def _ratings(clusters: Mapping[int, Sequence[Opinion]]) -> Ratings:
    """Curator → cluster → what they said of it before they could see the others'."""
    ratings: dict[str, dict[int, Hashable]] = {}
    for cluster_id, opinions in clusters.items():
        for curator, label in blind_labels(opinions).items():
            ratings.setdefault(curator, {})[cluster_id] = label
    return ratings


def _says_so_already(opinions: Sequence[Opinion], author: str, verdict: Verdict, name: str) -> bool:
    own = [opinion for opinion in opinions if opinion.curator == author.casefold()]
    return bool(own) and (own[-1].verdict, own[-1].name) == (verdict, name)


def _record(
    session: Session, run_id: int, journal: Journal, made: Sequence[int], labels: Sequence[str], author: str
) -> None:
    """The history says that there is an opinion, never which: the other curator reads it, too."""
    journal.made(OpinionRow, made)
    about = labels[0] if len(labels) == 1 else f"{len(labels)} clusters"
    events.record(session, author, "opinion", f"Gave an opinion on {about}", run_id, scope=run_scope(run_id),
                  journal=journal)  # fmt: skip


def _agreed(standings: Mapping[int, Standing], parents: Mapping[int, int | None]) -> dict[int, str]:
    agreed = {key: found.name for key, found in standings.items() if found.kind is StandingKind.AGREED_NAME}
    return {key: name for key, name in agreed.items() if parents[key] not in standings or parents[key] in agreed}
