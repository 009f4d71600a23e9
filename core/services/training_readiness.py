"""Whether there is enough to train a classifier on."""

from dataclasses import dataclass

from core.services.context import Context
from core.services.training_set import teaching_placements
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

MIN_PRODUCTS = 10


@dataclass(frozen=True, slots=True)
class TrainingReadiness:
    """What a training would learn from now. `problems` is empty where it can begin."""

    n_products: int
    n_nodes: int
    n_left_out: int
    problems: tuple[str, ...]
    taxonomy_version: int


def training_readiness(context: Context) -> TrainingReadiness:
    """Whether there is enough to train on, and if not, why."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        counts = product_rows.placement_counts(session)
        version = taxonomy_rows.latest_version_number(session)
    teaching = teaching_placements(taxonomy, ((node_id, source) for node_id, source, _ in counts))
    n_products = sum(count for node_id, source, count in counts if (node_id, source) in teaching)
    n_nodes = len({node_id for node_id, _ in teaching})
    problems = []
    if n_products < MIN_PRODUCTS:
        problems.append(f"Only {n_products} products have a category to learn from; {MIN_PRODUCTS} are needed.")
    if n_nodes < 2:
        problems.append("At least two categories must hold products: approve clusters, or import another category.")
    n_left_out = sum(count for _, _, count in counts) - n_products
    return TrainingReadiness(n_products, n_nodes, n_left_out, tuple(problems), version)
