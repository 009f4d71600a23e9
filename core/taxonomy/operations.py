"""What a curator does to a taxonomy, as pure functions: a tree in, the nodes of the new tree out."""

from core.taxonomy.restoring import restore_node, rollback
from core.taxonomy.rules import LONGEST_NAME, Nodes, check_name, validate
from core.taxonomy.splitting import split_node
from core.taxonomy.structure import add_node, deprecate_node, merge_nodes, move_node, reorder_node
from core.taxonomy.words import describe_node, rename_node, set_synonyms

__all__ = [
    "LONGEST_NAME",
    "Nodes",
    "add_node",
    "check_name",
    "deprecate_node",
    "describe_node",
    "merge_nodes",
    "move_node",
    "rename_node",
    "reorder_node",
    "restore_node",
    "rollback",
    "set_synonyms",
    "split_node",
    "validate",
]
