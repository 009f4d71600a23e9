"""Bends the features of a category so that known groups draw together, and all else keeps its neighbours. Worker only.

A linear map close to the identity is learnt from three sides: products of one known group in the category should be
more alike than products of two (supervised contrastive loss); so should products of known groups elsewhere; and every
pair of products of the category should stay as alike as it was. The last holds the map back where little is known, and
keeps apart what nobody has named yet.
"""

import numpy as np

from core.discovery.cross_smoothing import smooth_across
from core.discovery.features import Modalities, modality_features, present_rows
from core.discovery.guidance import Guidance, Teachers, can_teach
from core.discovery.reduction import principal_components
from core.discovery.supervised_contrast import learn_map
from core.domain.arrays import AnyArray, FloatArray, IntArray
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import ShapeError

MAP_ROWS = 5_000
"""Enough products to read the axes of a category from."""


def adapt(
    features: FloatArray,
    labels_inside: IntArray,
    teacher_features: FloatArray | None,
    teacher_labels: IntArray | None,
    seed: int,
) -> FloatArray:
    """Bend features towards what is known.

    Args:
        features: Combined modality features of a category. Shape: (n_products, d).
        labels_inside: Known group of each product, -1 where unknown. Shape: (n_products,).
        teacher_features: Products elsewhere in the same space; None without any. Shape: (n_teachers, d).
        teacher_labels: Their groups. Shape: (n_teachers,).
        seed: Decides the batches.

    Returns:
        Bent features; `features` itself where fewer than two groups are known inside and elsewhere. The same input
        and seed give the same result. Shape: (n_products, d).

    Raises:
        ShapeError: If features and labels differ in length, or the spaces in width.

    Source:
        Khosla et al. 2020, supervised contrastive learning, https://arxiv.org/abs/2004.11362; Vaze et al. 2022,
        generalised category discovery, https://arxiv.org/abs/2201.02609
    """
    _check_shapes(features, labels_inside, teacher_features, teacher_labels)
    known = np.flatnonzero(labels_inside >= 0)
    if not can_teach(labels_inside[known]):
        known = known[:0]
    if teacher_features is None or teacher_labels is None or not can_teach(teacher_labels):
        teacher_features, teacher_labels = features[:0], labels_inside[:0]
    if not len(known) and not len(teacher_features):
        return features
    return learn_map(features, known, labels_inside[known], teacher_features, teacher_labels, seed)


def guided_features(
    features: FloatArray, modalities: Modalities, parameters: DiscoveryParameters, guidance: Guidance | None
) -> FloatArray:
    """Features of a run, bent by what is known in the category; unchanged where that is too little.

    Groups elsewhere are heard only beside known groups here: on their own they were measured to change next to nothing.

    Args:
        features: What `weighted_features` gave for these modalities. Shape: (n_products, d).
        modalities: Embeddings and weights.
        parameters: Of the run.
        guidance: Labels of the products, and teachers.

    Returns:
        Shape: (n_products, d).
    """
    if guidance is None or not guidance.teaches:
        return features
    teachers = guidance.teachers
    taught = None if teachers is None else teacher_features(modalities, teachers, parameters)
    if taught is None or taught.shape[1] != features.shape[1]:  # the features are made in a way not followed here
        return adapt(features, guidance.labels, None, None, parameters.seed)
    return adapt(features, guidance.labels, taught, None if teachers is None else teachers.labels, parameters.seed)


def teacher_features(modalities: Modalities, teachers: Teachers, parameters: DiscoveryParameters) -> FloatArray | None:
    """Products elsewhere in the space of a category's features.

    Each family is centred on its own, for what all its products share tells none of its groups from another; then it
    is seen along the axes of the category.

    Args:
        modalities: Embeddings and weights of the category's own products.
        teachers: Embeddings of the same modalities; one that is missing counts as zero.
        parameters: Of the run.

    Returns:
        Shape: (n_teachers, d). None where the category has no features.
    """
    parts: dict[str, FloatArray] = {}
    for name, (embedding, weight) in modalities.items():
        if weight > 0 and modality_features(embedding, parameters.pca_components, parameters.seed).any():
            rows = teachers.embeddings.get(name)
            taught = np.zeros((len(teachers.labels), np.shape(embedding)[1])) if rows is None else rows
            parts[name] = _along_axes(embedding, taught, teachers.families, parameters)
    for family in np.unique(teachers.families):
        inside = teachers.families == family
        for name, smoothed in smooth_across({name: rows[inside] for name, rows in parts.items()}).items():
            parts[name][inside] = smoothed
    return np.hstack([rows * np.float32(modalities[name][1]) for name, rows in parts.items()]) if parts else None


def _along_axes(
    embedding: AnyArray, taught: AnyArray, families: IntArray, parameters: DiscoveryParameters
) -> FloatArray:
    """Unit vectors of the teachers along the principal axes of the category."""
    rows = np.asarray(embedding)[present_rows(embedding)]
    components = principal_components(rows, parameters.pca_components, parameters.seed)  # (n_present, k)
    some = np.linspace(0, len(rows) - 1, min(len(rows), MAP_ROWS)).astype(np.int64)
    centred = np.float64(rows[some]) - np.float64(rows).mean(axis=0)
    axes = np.linalg.lstsq(centred, np.float64(components[some]), rcond=None)[0]  # (d, k)
    found = np.zeros((len(taught), components.shape[1]), dtype=np.float32)
    has = present_rows(taught)
    for family in np.unique(families):
        inside = np.flatnonzero((families == family) & has)
        if len(inside):
            members = np.asarray(taught, dtype=np.float64)[inside]
            found[inside] = (members - members.mean(axis=0)) @ axes
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)


def _check_shapes(
    features: FloatArray, labels: IntArray, teacher_features: FloatArray | None, teacher_labels: IntArray | None
) -> None:
    if len(features) != len(labels):
        raise ShapeError(
            f"Expected one label per product, got {len(labels)} for {len(features)} products.",
            "Pass -1 for products of unknown group.",
        )
    if teacher_features is None or teacher_labels is None:
        return
    if len(teacher_features) != len(teacher_labels) or teacher_features.shape[1] != features.shape[1]:
        raise ShapeError(
            f"Teachers expected one label each and features of width {features.shape[1]}, got "
            f"{len(teacher_labels)} labels and features of shape {teacher_features.shape}.",
            "Embed the teachers with the encoders of the run.",
        )
