"""Any sequence of acts by two curators, with undo, redo and versions between, loses and doubles nothing.

The model is plain dicts: product → cluster, product → category, category → parent and name. Each act says what it does
to them, and the database must agree. Which acts stand decides the state alone: whenever the same ones stand again, in
whatever order they were taken back and done again, everything must be as it was. `SHELFWISE_LONG_TESTS=1` runs longer.
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import select, text

from core.domain.workspace import Workspace
from core.services import bulk_approval, cluster_merge, cluster_split, review, taxonomy_edit, versions
from core.services.context import Context, open_context
from db.models import ClusterRow, NodeRow
from tests.core.services.review_desk import CURATORS, PICK, Desk
from tests.core.services.review_world import World, without

IS_LONG = bool(os.environ.get("SHELFWISE_LONG_TESTS"))
NAMES = ("Boots", "Heels", "boots", "Sandals", "Trainers")


class Curators(Desk):
    """Two curators at work."""

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
                wanted = names[nearest].casefold()
                is_part = any(after.clusters[key][3].casefold() == wanted for key in after.above(nearest)[1:])
                assert is_part or after.nodes[after.places[product]][1].casefold() == wanted

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
            max_examples=150 if IS_LONG else 4,
            stateful_step_count=50 if IS_LONG else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
