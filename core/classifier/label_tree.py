"""The classes of every level, and which child may follow which parent."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np

from core.domain.arrays import BoolArray, IntArray
from core.domain.errors import TrainingDataError

Path = tuple[str, ...]


class LevelClass(NamedTuple):
    """One class of a level: a node, or the *stop* of a path that ended above this level.

    A stop's `node_id` is the node where its path ended.
    """

    node_id: str
    is_stop: bool


class LabelTree:
    """Turns ragged paths into one class per level, and back.

    A path that ends early goes on as a *stop* class down to the deepest level, so that every path is one class on
    each level and the classes of the deepest level are exactly the distinct paths. Classes are ordered depth first
    by node id: the same set of paths always gives the same classes.

    Args:
        paths: Node ids from below the root, one path per product; repetitions are fine.

    Raises:
        TrainingDataError: If there are no paths, one is empty or holds an empty id, or a node has two parents.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths: tuple[Path, ...] = tuple(sorted({tuple(path) for path in paths}))
        _require_tree(self.paths)
        self.depth = max(len(path) for path in self.paths)
        self.levels: list[tuple[LevelClass, ...]] = []
        self.parents: list[IntArray] = []
        self.path_class_ids: IntArray = np.zeros((len(self.paths), self.depth), dtype=np.int64)
        for level in range(self.depth):
            self._add_level(level)
        self.masks: list[BoolArray] = [self._mask(level) for level in range(self.depth)]
        self.stops: list[BoolArray] = [np.array([label.is_stop for label in level]) for level in self.levels]
        self._index = {path: i for i, path in enumerate(self.paths)}

    def _add_level(self, level: int) -> None:
        keys = [(path[: level + 1], len(path) <= level) for path in self.paths]
        ids = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        self.path_class_ids[:, level] = [ids[key] for key in keys]
        self.levels.append(tuple(LevelClass(prefix[-1], is_stop) for prefix, is_stop in ids))
        parents = np.zeros(len(ids), dtype=np.int64)
        if level:
            parents[self.path_class_ids[:, level]] = self.path_class_ids[:, level - 1]
        self.parents.append(parents)

    def _mask(self, level: int) -> BoolArray:
        n_parents = len(self.levels[level - 1]) if level else 1
        return np.arange(n_parents)[:, None] == self.parents[level][None, :]

    @property
    def n_classes(self) -> tuple[int, ...]:
        """Number of classes of each level, from level 1 down."""
        return tuple(len(level) for level in self.levels)

    def encode(self, paths: Sequence[Path]) -> IntArray:
        """Class of each path on each level.

        Args:
            paths: Paths that this tree holds.

        Returns:
            Class ids. Shape: (n_paths, depth).

        Raises:
            TrainingDataError: If a path is not one of the tree's.
        """
        try:
            rows = [self._index[tuple(path)] for path in paths]
        except KeyError as error:
            raise TrainingDataError(
                f"Expected one of {len(self.paths)} paths of the label tree, got {error.args[0]}.",
                "Train again on the present taxonomy.",
            ) from None
        return self.path_class_ids[rows]

    def decode(self, class_ids: IntArray) -> list[Path]:
        """Paths of rows of class ids, the inverse of `encode`.

        Args:
            class_ids: One class per level. Shape: (n_paths, depth).

        Returns:
            Node ids from below the root, without stops, one path per row.
        """
        return [self.paths[i] for i in class_ids[:, -1].tolist()]

    def decode_levels(self, class_ids: IntArray) -> list[Path]:
        """The node chosen on each level, down to the first stop, whether or not they lie below each other.

        What a classifier without a mask predicts. For rows that keep to the tree this is what `decode` gives.

        Args:
            class_ids: One class per level, each of any parent. Shape: (n_paths, depth).

        Returns:
            Node ids from below the root, without stops, one path per row; never empty.
        """
        distinct, rows = np.unique(class_ids, axis=0, return_inverse=True)
        paths = [self._nodes_until_stop(row) for row in distinct.tolist()]
        return [paths[i] for i in rows.reshape(-1).tolist()]

    def _nodes_until_stop(self, class_ids: Sequence[int]) -> Path:
        labels = (level[i] for level, i in zip(self.levels, class_ids, strict=True))
        return tuple(label.node_id for label in takewhile(lambda label: not label.is_stop, labels))

    def to_dict(self) -> dict[str, Any]:
        """What JSON needs to build the same tree again."""
        return {"paths": [list(path) for path in self.paths]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "LabelTree":
        """The tree that `to_dict` described."""
        return cls([tuple(path) for path in data["paths"]])


def _require_tree(paths: tuple[Path, ...]) -> None:
    remedy = "Assign every product to a subcategory below the root, then train again."
    if not paths:
        raise TrainingDataError("Expected labelled products, got none.", remedy)
    places: dict[str, Path] = {}
    for path in paths:
        if not path or not all(path):
            raise TrainingDataError(f"Expected node ids from below the root, got the path {path!r}.", remedy)
        for end in range(1, len(path) + 1):
            if places.setdefault(path[end - 1], path[:end]) != path[:end]:
                raise TrainingDataError(
                    f"Node {path[end - 1]!r} stands at {places[path[end - 1]]} and at {path[:end]}.",
                    "Give every node one parent.",
                )
