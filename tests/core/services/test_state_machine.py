"""Any sequence of acts by two curators, with undo, redo and versions between, loses and doubles nothing.

The model is plain dicts: product → cluster, product → category, category → parent and name. Each act says what it does
to them, and the database must agree. Which acts stand decides the state alone: whenever the same ones stand again, in
whatever order they were taken back and done again, everything must be as it was. `SHELFWISE_LONG_TESTS=1` runs longer.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select, text

from core.domain.errors import AppError, TaxonomyError
from core.domain.workspace import Workspace
from core.services import bulk_approval, cluster_merge, cluster_split, history, review, taxonomy_edit, versions
from core.services.context import Context, open_context
from db.models import ClusterRow, EventRow, MemberRow, NodeRow, ProductRow, RunRow

IS_LONG = bool(os.environ.get("SHELFWISE_LONG_TESTS"))
RUN = history.run_scope(1)
SCOPES = (RUN, history.TAXONOMY)
NAMES = ("Boots", "Heels", "boots", "Sandals", "Trainers")
CURATORS = st.sampled_from(("Ada", "Bob"))
PICK = st.integers(0, 10**6)


@dataclass(frozen=True)
class World:
    """What no act may lose: clusters, the cluster of each product, live categories, the category of each product."""

    clusters: dict[int, tuple[Any, ...]]  # id → level, parent, status, name, number
    homes: dict[int, tuple[Any, ...]]  # product → cluster of level 1, deepest below, is excluded
    nodes: dict[str, tuple[str | None, str]]  # live ones: id → parent, name
    places: dict[int, str]  # product → category

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
        return World(
            {key: tuple(rest) for key, *rest in clusters},
            homes,
            {key: (parent, name) for key, parent, name in live},
            dict(session.execute(select(ProductRow.id, ProductRow.node_id)).all()),
        )


class Curators(RuleBasedStateMachine):
    """Two curators at work in a copy of the template."""

    make_bench: Callable[[], Context]

    @initialize()
    def open(self) -> None:
        self.context = type(self).make_bench()
        self.world = read_world(self.context)
        self.first = self.world
        self.is_straight = True
        self.state_of: dict[tuple[Any, ...], World] = {self.standing(): self.world}
        with self.context.database.read() as session:
            self.category = session.get_one(RunRow, 1).category_id
            self.n_products = len(self.world.places)

    def standing(self) -> tuple[Any, ...]:
        """The acts that stand. A drag of the slider goes on in one event: its summary and image tell which one."""
        with self.context.database.read() as session:
            query = select(EventRow.id, EventRow.summary).where(
                EventRow.undone_at.is_(None), EventRow.image.is_not(None)
            )
            return tuple(session.execute(query.order_by(EventRow.id)).all())

    def attempt(self, act: Callable[[], Any], model: Callable[[World, World, Any], None]) -> None:
        """Do an act; refused, it changes nothing; else the model must agree, and undo and redo lead back and here."""
        before, stood = self.world, self.standing()
        try:
            result = act()
        except AppError as error:
            assert error.message and error.remedy
            assert read_world(self.context) == before, "a refused act changed something"
            return
        after = read_world(self.context)
        self.check(after)
        model(before, after, result)
        self.world = after
        if (now := self.standing()) != stood:
            self.state_of[now] = after
            self.back_and_forth(before, now, stood)

    def back_and_forth(self, before: World, now: tuple[Any, ...], stood: tuple[Any, ...]) -> None:
        event_id = now[-1][0]
        if event_id in {key for key, _ in stood}:
            return  # a drag that went on: its undo leads to where it began
        assert history.take_back(self.context, event_id, "Ada") is not None
        assert read_world(self.context) == before, "undo after an act is not the identity"
        assert history.do_again(self.context, event_id, "Ada") is not None
        assert read_world(self.context) == self.world, "redo after undo is not the identity"

    def check(self, world: World) -> None:
        """Nothing is lost, doubled or hung upon nothing."""
        assert len(world.places) == self.n_products
        assert set(self.first.homes) <= set(world.homes), "a product of the run is lost"
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
        with self.context.database.read() as session:
            gone = dict(
                session.execute(select(NodeRow.id, NodeRow.replaced_by).where(NodeRow.status == "deprecated")).all()
            )
        for node_id in gone:
            end, steps = node_id, 0
            while end in gone:
                end, steps = gone[end], steps + 1
                assert steps <= len(gone), "replacements lead in a circle"
            assert end in world.nodes, "a replacement leads nowhere"

    def cluster(self, pick: int) -> int:
        keys = sorted(self.world.clusters)
        return keys[pick % len(keys)]

    def products(self, pick: int, *, is_aside: bool = False) -> list[int]:
        """Some products: of a cluster, or set aside; now and then with some from outside the run."""
        aside = {product for product, home in self.world.homes.items() if home[0] is None}
        chosen = sorted(aside if is_aside else self.world.inside(self.cluster(pick // 7)))
        outside = sorted(set(self.world.places) - set(self.world.homes))
        return [*chosen[: 1 + pick % 13], *(outside[pick % 50 :][:2] if pick % 5 == 0 and not is_aside else [])]

    @rule(who=CURATORS, a=PICK, b=PICK)
    def move(self, who: str, a: int, b: int) -> None:
        products, target = self.products(a), self.cluster(b)

        def model(before: World, after: World, _: Any) -> None:
            top = before.above(target)[-1]
            home = (top, None if top == target else target, False)
            assert after.homes == before.homes | dict.fromkeys(products, home)
            assert {key for key in after.places if after.places[key] != before.places[key]} <= set(products)

        self.attempt(lambda: review.move_products(self.context, 1, products, target, who), model)

    @rule(who=CURATORS, a=PICK)
    def exclude(self, who: str, a: int) -> None:
        products = [key for key in self.products(a) if key in self.world.homes]

        def model(before: World, after: World, _: Any) -> None:
            expected = before.homes | dict.fromkeys(products, (None, None, True))
            assert after == replace(before, homes=expected)

        self.attempt(lambda: review.exclude_products(self.context, 1, products, who), model)

    @rule(who=CURATORS, a=PICK)
    def send_back(self, who: str, a: int) -> None:
        products = self.products(a, is_aside=True)

        def model(before: World, after: World, _: Any) -> None:
            for product in products:
                cluster_id, sub_id, is_excluded = after.homes[product]
                assert before.clusters[cluster_id][2] == "open" and sub_id is None and not is_excluded
            assert without(after.homes, products) == without(before.homes, products)
            assert after.places == before.places

        self.attempt(lambda: review.send_back(self.context, 1, products, who), model)

    @rule(who=CURATORS, a=PICK, b=PICK)
    def name(self, who: str, a: int, b: int) -> None:
        key, name = self.cluster(a), ("", *NAMES)[b % 6]
        revision = next(found.revision for found in review.open_review(self.context, 1).clusters if found.id == key)

        def model(before: World, after: World, _: Any) -> None:
            row = before.clusters[key]
            assert after == replace(before, clusters=before.clusters | {key: (*row[:3], name, row[4])})

        self.attempt(lambda: review.name_cluster(self.context, key, name, revision, who), model)

    @rule(who=CURATORS, a=PICK, is_reject=st.booleans())
    def decide(self, who: str, a: int, is_reject: bool) -> None:
        key = self.cluster(a)

        def model(before: World, after: World, _: Any) -> None:
            row = before.clusters[key]
            changed = (*row[:2], "rejected" if is_reject else "open", *row[3:])
            assert after == replace(before, clusters=before.clusters | {key: changed})

        act = review.reject_cluster if is_reject else review.reopen_cluster
        self.attempt(lambda: act(self.context, key, who), model)

    @rule(who=CURATORS, a=PICK, b=PICK)
    def approve(self, who: str, a: int, b: int) -> None:
        names = {self.cluster(a): NAMES[b % 5], self.cluster(b): NAMES[a % 5]}
        self.attempt(lambda: review.approve_clusters(self.context, 1, names, "", who),
                     lambda before, after, _: self.approved(before, after, names))  # fmt: skip

    @rule(who=CURATORS, a=PICK)
    def approve_above(self, who: str, a: int) -> None:
        threshold = (-1.0, 0.3, 0.6, 0.8)[a % 4]
        preview = bulk_approval.preview_above(self.context, 1, threshold)
        names = {item.cluster.id: item.name for item in preview.taken}
        act = bulk_approval.approve_above
        self.attempt(lambda: act(self.context, 1, threshold, "silhouette", who, preview.revisions),
                     lambda before, after, _: self.approved(before, after, names))  # fmt: skip

    def approved(self, before: World, after: World, names: dict[int, str]) -> None:
        assert after.homes == before.homes
        placed: set[int] = set()
        for key, name in names.items():
            assert after.clusters[key][2:4] == ("approved", name)
            placed |= before.inside(key)
        back = {key for key in after.places if after.places[key] not in before.nodes}  # a category that came back
        assert without(after.places, placed | back) == without(before.places, placed | back)
        for product in placed:
            cluster_id = after.homes[product][1] or after.homes[product][0]
            nearest = next(key for key in after.above(cluster_id) if after.clusters[key][2] == "approved")
            if nearest in names:
                assert after.nodes[after.places[product]][1].casefold() == names[nearest].casefold()

    @rule(who=CURATORS, a=PICK, b=PICK)
    def merge(self, who: str, a: int, b: int) -> None:
        chosen = {self.cluster(a), self.cluster(b), self.cluster(a // 3)}

        def model(before: World, after: World, target: int) -> None:
            gone = chosen - {target}
            home = {key: (target if key in gone else key) for key in [*before.clusters, None]}
            moved = {key: (home[top], home[sub], out) for key, (top, sub, out) in before.homes.items()}
            assert after.homes == moved and after.places == before.places
            assert set(before.clusters) - set(after.clusters) == gone

        self.attempt(lambda: cluster_merge.merge_clusters(self.context, 1, sorted(chosen), who), model)

    @rule(who=CURATORS, a=PICK, b=PICK)
    def split(self, who: str, a: int, b: int) -> None:
        key = self.cluster(a)

        def model(before: World, after: World, parts: list[int]) -> None:
            assert sorted(key for part in parts for key in after.inside(part)) == sorted(before.inside(key))
            inside = before.inside(key)
            assert without(after.homes, inside) == without(before.homes, inside) and after.places == before.places

        act = cluster_split.split_cluster
        self.attempt(lambda: act(self.context, 1, key, who, (None, 2, 3, 4)[b % 4]), model)

    @rule(who=CURATORS, a=PICK, b=PICK)
    def split_off(self, who: str, a: int, b: int) -> None:
        products, name = self.products(a, is_aside=b % 7 == 0), ("", *NAMES)[b % 6]

        def model(before: World, after: World, made: int) -> None:
            assert after.homes == before.homes | dict.fromkeys(products, (made, None, False))
            assert made not in before.clusters and after.clusters[made][3] == name and after.places == before.places

        self.attempt(lambda: cluster_split.split_off(self.context, 1, products, who, name), model)

    @rule(who=CURATORS, a=PICK)
    def recut(self, who: str, a: int) -> None:
        with self.context.database.read() as session:
            touched = {row.id for row in session.scalars(select(ClusterRow)) if row.is_touched or row.status != "open"}
        kept = {self.world.above(key)[-1] for key in touched}

        def model(before: World, after: World, _: Any) -> None:
            for product, home in before.homes.items():
                assert after.homes[product] == home if home[0] in kept | {None} else after.homes[product][0] is not None
            assert after.places == before.places and after.nodes == before.nodes

        self.attempt(lambda: review.recut_run(self.context, 1, 1 + a % 12, who), model)

    def node(self, pick: int) -> str:
        keys = list(self.world.nodes)
        return keys[pick % len(keys)]

    @rule(who=CURATORS, a=PICK, b=PICK)
    def add_node(self, who: str, a: int, b: int) -> None:
        parent, name = self.node(a), NAMES[b % 5]

        def model(before: World, after: World, result: Any) -> None:
            assert after == replace(before, nodes=before.nodes | {result.node_ids[0]: (parent, name)})

        act = taxonomy_edit.add_category
        self.attempt(lambda: act(self.context, parent, name, revisions={}, author=who), model)

    @rule(who=CURATORS, a=PICK, b=PICK)
    def rename_node(self, who: str, a: int, b: int) -> None:
        key, name = self.node(a), NAMES[b % 5]

        def model(before: World, after: World, _: Any) -> None:
            assert after == replace(before, nodes=before.nodes | {key: (before.nodes[key][0], name)})

        self.attempt(lambda: taxonomy_edit.rename(self.context, key, name, revisions={}, author=who), model)

    @rule(who=CURATORS, a=PICK, b=PICK)
    def move_node(self, who: str, a: int, b: int) -> None:
        key, parent = self.node(a), self.node(b)

        def model(before: World, after: World, _: Any) -> None:
            assert after == replace(before, nodes=before.nodes | {key: (parent, before.nodes[key][1])})

        self.attempt(lambda: taxonomy_edit.move(self.context, [key], parent, revisions={}, author=who), model)

    @rule(who=CURATORS, a=PICK, b=PICK, is_merge=st.booleans())
    def retire_node(self, who: str, a: int, b: int, is_merge: bool) -> None:
        key, target = self.node(a), self.node(b)

        def model(before: World, after: World, _: Any) -> None:
            if is_merge and key == target:
                return
            assert key not in after.nodes
            towards = target if is_merge else before.nodes[key][0]
            there = {product for product, node_id in before.places.items() if node_id == key}
            assert {after.places[product] for product in there} <= {towards}
            assert after.homes == before.homes

        def act() -> Any:
            if is_merge:
                return taxonomy_edit.merge(self.context, [key], target, revisions={}, author=who)
            return taxonomy_edit.deprecate(self.context, [key], revisions={}, author=who)

        self.attempt(act, model)

    @rule(who=CURATORS, a=PICK)
    def restore_node(self, who: str, a: int) -> None:
        with self.context.database.read() as session:
            is_gone = NodeRow.status == "deprecated"
            gone = list(session.scalars(select(NodeRow.id).where(is_gone).order_by(text("rowid"))))
        if gone:
            key = gone[a % len(gone)]
            self.attempt(lambda: taxonomy_edit.restore(self.context, key, revisions={}, author=who),
                         lambda before, after, _: self.same_review(before, after, key in after.nodes))  # fmt: skip

    def same_review(self, before: World, after: World, holds: bool = True) -> None:
        assert holds and (after.clusters, after.homes) == (before.clusters, before.homes)

    @rule(who=CURATORS)
    def save_version(self, who: str) -> None:
        self.attempt(lambda: versions.save_version(self.context, "", who),
                     lambda before, after, _: self.same_review(before, after, after == before))  # fmt: skip

    @rule(who=CURATORS, a=PICK)
    def roll_back(self, who: str, a: int) -> None:
        self.attempt(lambda: versions.roll_back(self.context, 1 + a % 4, "", who),
                     lambda before, after, _: self.same_review(before, after))  # fmt: skip

    @rule(who=CURATORS, scope=st.sampled_from(SCOPES), is_undo=st.booleans())
    def step(self, who: str, scope: str, is_undo: bool) -> None:
        act = history.undo if is_undo else history.redo
        self.attempt_step(lambda: act(self.context, scope, who))

    @rule(who=CURATORS, a=PICK, is_back=st.booleans())
    def choose_from_history(self, who: str, a: int, is_back: bool) -> None:
        with self.context.database.read() as session:
            state = EventRow.undone_at.is_(None) if is_back else EventRow.undone_at.is_not(None)
            chosen = select(EventRow.id).where(state, EventRow.image.is_not(None))
            ids = list(session.scalars(chosen.order_by(EventRow.id)))
        if ids:
            act = history.take_back if is_back else history.do_again
            self.attempt_step(lambda: act(self.context, ids[a % len(ids)], who))

    @rule()
    def restart(self) -> None:
        self.context.database.engine.dispose()
        self.context = open_context(self.context.workspace)
        assert read_world(self.context) == self.world

    def attempt_step(self, act: Callable[[], Any]) -> None:
        before = self.world
        try:
            act()
        except AppError as error:
            assert error.message and error.remedy
            assert read_world(self.context) == before, "a refused step changed something"
            return
        self.is_straight = False
        self.world = read_world(self.context)
        self.check(self.world)
        known = self.state_of.setdefault(self.standing(), self.world)
        assert self.world == known, "the same acts stand, but the state is another"

    def teardown(self) -> None:
        """Everything taken back, newest step first, leaves everything as it was at first.

        After steps out of order a name that would come back may be taken by one that does not go: that is refused.
        """
        if not hasattr(self, "context"):
            return
        while (newest := self.newest_standing()) is not None:
            before = read_world(self.context)
            try:
                assert history.take_back(self.context, newest, "Ada") is not None
            except TaxonomyError:
                assert not self.is_straight
                assert read_world(self.context) == before
                break
        else:
            assert read_world(self.context) == self.first
        self.check(read_world(self.context))
        self.context.database.engine.dispose()
        shutil.rmtree(self.context.workspace.home.parent)

    def newest_standing(self) -> int | None:
        with self.context.database.read() as session:
            stands = select(EventRow.id).where(EventRow.undone_at.is_(None), EventRow.image.is_not(None))
            return session.scalar(stands.order_by(EventRow.seq.desc()).limit(1))


def without(values: dict[int, Any], keys: Iterable[int]) -> dict[int, Any]:
    """The other ones."""
    left_out = set(keys)
    return {key: value for key, value in values.items() if key not in left_out}


def test_no_sequence_of_acts_loses_anything(discovered_template, subdivide, tmp_path_factory, quick_encoders):
    def make_bench() -> Context:
        home = Path(shutil.copytree(discovered_template, tmp_path_factory.mktemp("acts") / "home"))
        context = open_context(Workspace(home))
        subdivide(context, 1)
        return context

    machine = type("Machine", (Curators,), {"make_bench": staticmethod(make_bench)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=150 if IS_LONG else 5,
            stateful_step_count=50 if IS_LONG else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
