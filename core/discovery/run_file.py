"""Everything of a run that the review page needs to cut it again, in one file."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.dendrogram import Dendrogram
from core.discovery.guidance import Group
from core.domain.arrays import BoolArray, FloatArray, IntArray
from core.domain.errors import RunNotFoundError, ShapeError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunFile:
    """The arrays of one discovery run. All are in the order of `product_ids`.

    Attributes:
        product_ids: Shape: (n_products,).
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        projection: Positions on the map. Shape: (n_products, 2).
        dendrogram: The tree of merges; noise sits on leaf -1.
        is_noise: What the image filter set aside. Shape: (n_products,).
        outlier_scores: How unlike its surroundings an image is, in [0, 1]; how ambiguous a product between clusters.
            Shape: (n_products,).
        counts: Terms of the titles. Shape: (n_products, n_terms).
        vocabulary: The terms. Length: n_terms.
        outlier_reasons: An `OutlierReason` per product; all 0 in runs of before there were reasons.
            Shape: (n_products,).
        labels: Group that guided each product, -1 without one; None where nothing guided the run.
            Shape: (n_products,).
        groups: The groups.
    """

    product_ids: IntArray
    reduced: FloatArray
    projection: FloatArray
    dendrogram: Dendrogram
    is_noise: BoolArray
    outlier_scores: FloatArray
    counts: csr_matrix
    vocabulary: tuple[str, ...]
    outlier_reasons: IntArray | None = None
    labels: IntArray | None = None
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        lengths = {
            "product_ids": len(self.product_ids),
            "reduced": len(self.reduced),
            "projection": len(self.projection),
            "dendrogram": self.dendrogram.n_products,
            "is_noise": len(self.is_noise),
            "outlier_scores": len(self.outlier_scores),
            "counts": self.counts.shape[0],
        }
        if self.labels is not None:
            lengths["labels"] = len(self.labels)
        if self.outlier_reasons is not None:
            lengths["outlier_reasons"] = len(self.outlier_reasons)
        if len(set(lengths.values())) > 1:
            raise ShapeError(
                f"The arrays of a run expected one row per product each, got {lengths}.",
                "Run the discovery again.",
            )

    def save(self, file_path: Path) -> None:
        """Write the run to one `.npz` file, whole or not at all.

        Args:
            file_path: Where; its folder is made. A run already there is replaced.
        """
        file_path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file_path.with_name(f".{file_path.name}.{os.getpid()}.tmp")
        try:
            with unfinished.open("wb") as stream:
                np.savez(stream, allow_pickle=False, **self._arrays())
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(file_path)
        finally:
            unfinished.unlink(missing_ok=True)

    @classmethod
    def load(cls, file_path: Path) -> Self:
        """Read a run.

        Args:
            file_path: What `save` wrote.

        Raises:
            RunNotFoundError: If there is no such file, or it is not one of a run.
        """
        try:
            with file_path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            return cls._from_arrays(arrays)
        except FileNotFoundError as error:
            raise RunNotFoundError(
                f"The run's file {file_path.name} is missing.", "Run the discovery again."
            ) from error
        except (OSError, ValueError, KeyError, EOFError, AttributeError, BadZipFile) as error:
            raise RunNotFoundError(
                f"The run file {file_path.name} cannot be read: {error}.", "Run the discovery again."
            ) from error

    def _arrays(self) -> dict[str, np.ndarray]:
        return {
            "format": np.array(FORMAT),
            "product_ids": self.product_ids,
            "reduced": self.reduced,
            "projection": self.projection,
            "linkage": self.dendrogram.linkage,
            "leaf_of_product": self.dendrogram.leaf_of_product,
            "linkage_method": np.array(self.dendrogram.method),
            "is_noise": self.is_noise,
            "outlier_scores": self.outlier_scores,
            "counts_data": self.counts.data,
            "counts_indices": self.counts.indices,
            "counts_indptr": self.counts.indptr,
            # One string is read far quicker than an array of padded ones.
            "vocabulary": np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8),
            **({} if self.outlier_reasons is None else {"outlier_reasons": self.outlier_reasons}),
            **({} if self.labels is None else {"labels": self.labels, "groups": _groups_as_bytes(self.groups)}),
        }

    @classmethod
    def _from_arrays(cls, arrays: dict[str, np.ndarray]) -> Self:
        if int(arrays["format"]) != FORMAT:
            raise ValueError(f"expected format {FORMAT}, got {arrays['format']}")
        text = arrays["vocabulary"].tobytes().decode()
        vocabulary = tuple(text.split("\n")) if text else ()
        counts = csr_matrix(
            (arrays["counts_data"], arrays["counts_indices"], arrays["counts_indptr"]),
            shape=(len(arrays["product_ids"]), len(vocabulary)),
        )
        dendrogram = Dendrogram(arrays["linkage"], arrays["leaf_of_product"], str(arrays["linkage_method"]))
        return cls(
            product_ids=arrays["product_ids"],
            reduced=arrays["reduced"],
            projection=arrays["projection"],
            dendrogram=dendrogram,
            is_noise=arrays["is_noise"],
            outlier_scores=arrays["outlier_scores"],
            counts=counts,
            vocabulary=vocabulary,
            outlier_reasons=arrays.get("outlier_reasons"),
            labels=arrays.get("labels"),
            groups=_groups_of(arrays["groups"]) if "groups" in arrays else (),
        )


def _groups_as_bytes(groups: tuple[Group, ...]) -> np.ndarray:
    return np.frombuffer(json.dumps([[group.name, group.node_id] for group in groups]).encode(), dtype=np.uint8)


def _groups_of(stored: np.ndarray) -> tuple[Group, ...]:
    return tuple(Group(name, node_id) for name, node_id in json.loads(stored.tobytes().decode()))
