"""The one place that knows every way in which the modalities of a product may meet."""

from collections.abc import Callable, Mapping

from core.classifier.attention_fusion import AttentionFusion
from core.classifier.early_fusion import EarlyFusion
from core.classifier.late_fusion import LateFusion
from core.classifier.modality_fusion import ModalityFusion
from core.classifier.parameters import TrainingParameters
from core.domain.classifier import Fusion
from core.domain.errors import TrainingDataError

_Builder = Callable[[Mapping[str, int], TrainingParameters], ModalityFusion]

_BUILDERS: dict[str, _Builder] = {
    Fusion.EARLY: lambda dimensions, p: EarlyFusion(dimensions, p.shared_width, p.modality_dropout),
    Fusion.LATE: lambda dimensions, p: LateFusion(dimensions, p.modality_width, p.shared_width, p.modality_dropout),
    Fusion.ATTENTION: lambda dimensions, p: AttentionFusion(
        dimensions, p.modality_width, p.shared_width, p.modality_dropout
    ),
}


def build_fusion(dimensions: Mapping[str, int], parameters: TrainingParameters) -> ModalityFusion:
    """The fusion that the parameters name, untrained.

    Args:
        dimensions: Length of each modality's embedding by name, one at least.
        parameters: Fusion, widths and modality dropout.

    Returns:
        A module whose weights come from torch's global generator.

    Raises:
        TrainingDataError: If there is no modality. An unknown fusion is refused by `TrainingParameters`.
    """
    if not dimensions:
        raise TrainingDataError("Expected embeddings of at least one modality, got none.", "Encode the products first.")
    return _BUILDERS[parameters.fusion](dimensions, parameters)
