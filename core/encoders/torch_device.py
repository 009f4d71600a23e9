"""Where torch computes, and how precisely."""

from contextlib import AbstractContextManager
from typing import Any

import torch


def default_device() -> torch.device:
    """The first CUDA device where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_bf16(device: torch.device) -> bool:
    """Whether the device computes bf16 natively."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(feature, False) for feature in ("avx512_bf16", "amx_bf16", "bf16"))


def autocast(device: torch.device) -> AbstractContextManager[Any]:
    """bf16 arithmetic where the device computes it natively, float32 elsewhere."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device))
