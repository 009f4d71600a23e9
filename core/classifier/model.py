"""The hierarchical classifier: fused modalities, shared features, one head per level."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.classifier.fusion import build_fusion
from core.classifier.label_tree import LabelTree
from core.classifier.masking import level_masks
from core.classifier.modality_fusion import ModalityFusion
from core.classifier.parameters import TrainingParameters
from core.classifier.word_path import N_BUCKETS, WORDS, WordPath


class MaskedHierarchicalClassifier(nn.Module):
    """Predicts a class per level, each level seeing the shared features and the level above.

    What a level sees of the level above is the probability of reaching each class there, the same in training as in
    prediction. So no level depends on a choice made above it, and the best path over the whole tree is exact. In
    the unmasked baseline all classes of a level compete; nothing else differs.

    Args:
        fusion: Turns modalities into features of `fusion.width`.
        tree: The classes and which may follow which.
        parameters: Widths, dropout and whether the tree is enforced.
        words: Adds to the logits what single words of the title say; None where they are not told.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013; Ozyegen et al. 2022 (dynamic masking)
    """

    def __init__(
        self, fusion: ModalityFusion, tree: LabelTree, parameters: TrainingParameters, words: WordPath | None = None
    ) -> None:
        super().__init__()
        self.fusion = fusion
        self.shared = _dense(fusion.width, parameters.shared_width, parameters.dropout)
        seen = [0, *tree.n_classes]
        self.levels = nn.ModuleList(
            nn.Sequential(
                _dense(parameters.shared_width + n_above, parameters.level_width, parameters.dropout),
                nn.Linear(parameters.level_width, n_classes),
            )
            for n_above, n_classes in zip(seen, tree.n_classes, strict=False)
        )
        self.masks = level_masks(tree, parameters.is_masked)
        self.words = words

    def forward(self, features: Mapping[str, Tensor]) -> list[Tensor]:
        """Log-probability of each class among its siblings, or among all of its level where unmasked.

        Args:
            features: Embedding of every modality, a zero vector where it is missing, and word ids where the model has
                a word path. Shapes: (n_products, dimension).

        Returns:
            Per level, shape (n_products, n_classes).
        """
        shared = self.shared(self.fusion(features))
        by_words = self.words(features[WORDS]) if self.words is not None else (0.0,) * len(self.levels)
        seen, above = shared, shared.new_zeros(len(shared), 1)  # above level 1 there is the root, reached for certain
        log_conditionals = []
        for level, mask, from_words in zip(self.levels, self.masks, by_words, strict=True):
            log_conditionals.append(mask.log_softmax(level(seen) + from_words))
            above = mask.reach(log_conditionals[-1], above)
            seen = torch.cat([shared, above.exp()], dim=1)
        return log_conditionals


def build_model(
    dimensions: Mapping[str, int], tree: LabelTree, parameters: TrainingParameters
) -> MaskedHierarchicalClassifier:
    """An untrained classifier.

    Args:
        dimensions: Length of each modality's embedding by name; with `WORDS` among them the model has a word path.
        tree: The classes and which may follow which.
        parameters: Fusion, widths, dropout and whether the tree is enforced.

    Returns:
        A module whose weights come from torch's global generator.
    """
    embedded = {name: length for name, length in dimensions.items() if name != WORDS}
    words = WordPath(N_BUCKETS, tree.n_classes, parameters.word_dropout) if WORDS in dimensions else None
    return MaskedHierarchicalClassifier(build_fusion(embedded, parameters), tree, parameters, words)


def _dense(n_in: int, n_out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU(), nn.Dropout(dropout))
