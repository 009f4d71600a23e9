"""A plain-Python picture of a run under review and of the taxonomy, and what must always hold in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.services.context import Context
from db.models import ClusterRow, MemberRow, NodeRow, ProductRow


@dataclass(frozen=True)
class World:
    """What no act may lose: clusters, the cluster of each product, live categories, the category of each product."""

    clusters: dict[int, tuple[Any, ...]]  # id → level, parent, status, name, number
    homes: dict[int, tuple[Any, ...]]  # product → cluster of level 1, deepest below, is excluded
    nodes: dict[str, tuple[str | None, str]]  # live ones: id → parent, name
    places: dict[int, str]  # product → category
    gone: dict[str, str | None] = field(compare=False, default_factory=dict)  # out of use: id → what replaces it

    def inside(self, cluster_id: int) -> set[int]:
        """Products of a cluster of any level."""
        below = {key for key in self.clusters if cluster_id in self.above(key)}
        return {product for product, home in self.homes.items() if home[0] in below or home[1] in below}

    def above(self, cluster_id: int | None) -> list[int]:
        """A cluster and those it is part of, upwards."""
        chain = []
        while cluster_id is not None:
            chain.append(cluster_id)
            cluster_id = self.clusters[cluster_id][1]
        return chain


def read_world(context: Context) -> World:
    """The state of run 1 and of the taxonomy."""
    with context.database.read() as session:
        clusters = session.execute(select(ClusterRow.id, ClusterRow.level, ClusterRow.parent_id, ClusterRow.status,
                                          ClusterRow.name, ClusterRow.number))  # fmt: skip
        members = session.execute(select(MemberRow.product_id, MemberRow.cluster_id, MemberRow.subcluster_id,
                                         MemberRow.is_excluded)).all()  # fmt: skip
        live = session.execute(
            select(NodeRow.id, NodeRow.parent_id, NodeRow.name).where(NodeRow.status != "deprecated")
        )
        homes = {key: tuple(rest) for key, *rest in members}
        assert len(homes) == len(members), "a product is in the run twice"
        is_gone = NodeRow.status == "deprecated"
        return World(
            {key: tuple(rest) for key, *rest in clusters},
            homes,
            {key: (parent, name) for key, parent, name in live},
            dict(session.execute(select(ProductRow.id, ProductRow.node_id)).all()),
            dict(session.execute(select(NodeRow.id, NodeRow.replaced_by).where(is_gone)).all()),
        )


def check_world(world: World, first: World) -> None:
    """Nothing is lost, doubled or hung upon nothing."""
    assert world.places.keys() == first.places.keys()
    assert set(first.homes) <= set(world.homes), "a product of the run is lost"
    for cluster_id, sub_id, _ in world.homes.values():
        assert cluster_id is None or world.clusters[cluster_id][0] == 1
        assert sub_id is None or (sub_id != cluster_id and cluster_id in world.above(sub_id))
    numbers = [row[4] for row in world.clusters.values()]
    assert len(set(numbers)) == len(numbers) and min(numbers) > 0
    assert [key for key, (parent, _) in world.nodes.items() if parent is None] == ["root"]
    for node_id in world.nodes:
        above, steps = node_id, 0
        while above is not None:
            assert above in world.nodes, "a live category hangs below one that is out of use"
            above, steps = world.nodes[above][0], steps + 1
            assert steps <= len(world.nodes), "categories lie in a circle"
    siblings = [(parent, name.casefold()) for parent, name in world.nodes.values()]
    assert len(set(siblings)) == len(siblings), "two categories beside each other have one name"
    assert set(world.places.values()) <= set(world.nodes), "a product is in a category that is out of use"
    for node_id in world.gone:
        end, steps = node_id, 0
        while end in world.gone:
            end, steps = world.gone[end], steps + 1
            assert steps <= len(world.gone), "replacements lead in a circle"
        assert end in world.nodes, "a replacement leads nowhere"


def without(values: dict[int, Any], keys: Iterable[int]) -> dict[int, Any]:
    """The other ones."""
    left_out = set(keys)
    return {key: value for key, value in values.items() if key not in left_out}
