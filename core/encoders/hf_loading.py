"""Loads a transformers model from a folder, and refuses one whose weights are not all there."""

from pathlib import Path
from typing import Any

from torch import nn

from core.domain.errors import EncoderUnavailableError

_POOLER = "pooler"


def load_hf_model(name: str, folder: Path, reader: Any) -> tuple[Any, nn.Module]:
    """Load what prepares a model's input, and the model. Runs no code from the folder.

    Args:
        name: The encoder's full name, for messages.
        folder: Holds `config.json`, weights, and the files of the tokenizer or image processor.
        reader: `AutoTokenizer` or `AutoImageProcessor`.

    Returns:
        The tokenizer or processor, and the network in evaluation mode on the CPU. A pooler without trained weights,
        which transformers would fill with random ones, is marked by `has_trained_pooler` being False.

    Raises:
        EncoderUnavailableError: If something cannot be read, or weights other than the pooler's are missing.
    """
    from transformers import AutoModel

    try:
        prepare = reader.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        network, loaded = AutoModel.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, output_loading_info=True
        )
        lacking = sorted(key for key in loaded["missing_keys"] if _POOLER not in key)
        if lacking:
            raise ValueError(f"the weights lack {len(lacking)} tensors, such as {lacking[0]}")
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, ImportError, AttributeError) as fault:
        raise EncoderUnavailableError(
            f"Encoder '{name}' could not be loaded from {folder}: {str(fault)[:300]}",
            "Download the model again, with all files of its repository, by a current version of transformers.",
        ) from fault
    network.has_trained_pooler = not any(_POOLER in key for key in loaded["missing_keys"])
    return prepare, network.eval()
