"""Whatever a curator does, in any order, every rule holds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import AppError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.operations import (
    add_node,
    deprecate_node,
    merge_nodes,
    move_node,
    rename_node,
    reorder_node,
    restore_node,
    rollback,
    set_synonyms,
    split_node,
    validate,
)
from core.taxonomy.tree import Taxonomy
from tests.core.taxonomy.trees import tree

DEPRECATED = NodeStatus.DEPRECATED


index = st.integers(0, 30)
some_name = st.sampled_from(["Boots", "boots", "Heels", "Bags", "Flats", "Clogs", "Mules"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), index, some_name),
        st.tuples(st.just("rename"), index, some_name),
        st.tuples(st.just("synonyms"), index, some_name),
        st.tuples(st.sampled_from(["move", "merge", "deprecate", "reorder", "restore"]), index, index),
        st.tuples(st.sampled_from(["split", "split off", "split below"]), index, some_name),
        st.tuples(st.just("rollback"), index, index),
    ),
    max_size=40,
)


def apply(history: list[Taxonomy], step: tuple, number: int) -> tuple[TaxonomyNode, ...]:
    taxonomy = history[-1]
    kind, first, second = step
    ids = [node.id for node in taxonomy.nodes]
    one = ids[first % len(ids)]
    match kind:
        case "add":
            return add_node(taxonomy, TaxonomyNode(f"n{number}", one, second))
        case "rename":
            return rename_node(taxonomy, one, second)
        case "synonyms":
            return set_synonyms(taxonomy, one, [second, "Wellies"])
        case "split" | "split off" | "split below":
            parts = [TaxonomyNode(f"n{number}", None, second), TaxonomyNode(f"m{number}", None, "Pumps")]
            return split_node(taxonomy, one, parts, keep=kind != "split", below=kind == "split below")
        case "reorder":
            return reorder_node(taxonomy, one, second)
        case "restore":
            return restore_node(taxonomy, one)
        case "rollback":
            return rollback(taxonomy, history[first % len(history)].nodes)
    other = ids[second % len(ids)]
    act = {"move": move_node, "deprecate": deprecate_node}.get(kind)
    return act(taxonomy, one, other) if act else merge_nodes(taxonomy, [one], other)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_any_sequence_of_operations_keeps_every_rule_and_every_identity(sequence):
    history = [tree(("a", "root", "Shoes"), ("b", "a", "Boots"), ("c", "root", "Bags"))]
    for number, step in enumerate(sequence):
        taxonomy = history[-1]
        try:
            nodes = apply(history, step, number)
        except AppError:
            continue
        after = validate(nodes)
        assert {node.id for node in taxonomy.nodes} <= {node.id for node in after.nodes}
        for node in after.nodes:
            assert after.replacement(node.id).status is not DEPRECATED
            above = None if node.parent_id is None else after.node(node.parent_id)
            assert node.status is DEPRECATED or above is None or above.status is not DEPRECATED
            live = [child.name.casefold() for child in after.children(node.id)]
            assert len(live) == len(set(live))
        if step[0] == "rollback":
            version = history[step[1] % len(history)]
            assert {node for node in after.nodes if node.id in version} == set(version.nodes)
        history.append(after)
    assert history[-1].root.id == "root"
