"""SimCLR's random views of whole batches of images, each image with its own random parameters.

The set and its defaults are those of Lightly's `SimCLRTransform` (random resized crop, flip, colour jitter, greyscale,
Gaussian blur), computed on tensors: cropping, flipping and blurring are products with one matrix per image and axis.

Source: Chen et al. 2020, https://arxiv.org/abs/2002.05709
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_GREY = (0.2989, 0.587, 0.114)
_CROP_TRIES = 10


@dataclass(frozen=True, slots=True)
class AugmentOptions:
    """Lightly's defaults. `strength` scales colour jitter and the widest blur: 1 for photographs, less for 64 px."""

    strength: float = 0.5
    min_scale: float = 0.08
    hf_prob: float = 0.5
    cj_prob: float = 0.8
    cj_bright: float = 0.8
    cj_contrast: float = 0.8
    cj_sat: float = 0.8
    cj_hue: float = 0.2
    random_gray_scale: float = 0.2
    gaussian_blur: float = 0.5
    sigmas: tuple[float, float] = (0.1, 2.0)


@dataclass(frozen=True, slots=True)
class ViewParameters:
    """What is done to each image. Every tensor has shape (n_images,).

    Crops are in pixels of the source. A jitter factor of 1 and a hue shift or blur of 0 change nothing.
    `jitter_order` holds for the whole batch.
    """

    top: Tensor
    left: Tensor
    height: Tensor
    width: Tensor
    is_flipped: Tensor
    brightness: Tensor
    contrast: Tensor
    saturation: Tensor
    hue: Tensor
    is_grey: Tensor
    sigma: Tensor
    jitter_order: tuple[str, ...]


def sample_views(n_images: int, side: int, options: AugmentOptions, generator: torch.Generator) -> ViewParameters:
    """Draw the parameters of one view of each image.

    Args:
        n_images: Images in the batch.
        side: Side of the square source images, in pixels.
        options: What to draw from.
        generator: A CPU generator; its state alone decides the draw.

    Returns:
        One set of parameters per image, on the CPU.
    """

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n_images, generator=generator)

    def chance(probability: float) -> Tensor:
        return torch.rand(n_images, generator=generator) < probability

    top, left, height, width = _sample_crops(n_images, side, options.min_scale, generator)
    is_flipped, is_jittered = chance(options.hf_prob), chance(options.cj_prob)
    spread = {"brightness": options.cj_bright, "contrast": options.cj_contrast, "saturation": options.cj_sat}
    factors = {
        name: torch.where(is_jittered, uniform(max(0.0, 1 - options.strength * by), 1 + options.strength * by), 1.0)
        for name, by in spread.items()
    }
    hue = torch.where(is_jittered, uniform(-1, 1) * options.strength * options.cj_hue, 0.0)
    is_grey, is_blurred = chance(options.random_gray_scale), chance(options.gaussian_blur)
    lowest, highest = options.sigmas
    sigma = torch.where(is_blurred, uniform(lowest, max(lowest, options.strength * highest)), 0.0)
    operations = (*factors, "hue")
    order = tuple(operations[index] for index in torch.randperm(4, generator=generator))
    crop = {"top": top, "left": left, "height": height, "width": width}
    return ViewParameters(
        **crop, **factors, is_flipped=is_flipped, hue=hue, is_grey=is_grey, sigma=sigma, jitter_order=order
    )


def render_views(images: Tensor, views: ViewParameters, size: int) -> Tensor:
    """Crop, flip, jitter, grey and blur each image by its own parameters.

    Args:
        images: Colours in [0, 1]. Shape: (B, 3, side, side).
        views: One set of parameters per image.
        size: Side of the views in pixels.

    Returns:
        Colours in [0, 1]. Shape: (B, 3, size, size).
    """
    views = _on_device(views, images.device)
    rows = _crop_matrix(views.top, views.height, images.shape[2], size)
    columns = _crop_matrix(views.left, views.width, images.shape[3], size)
    columns = torch.where(views.is_flipped[:, None, None], columns.flip(1), columns)
    cropped = _separable(images, rows, columns)
    jittered = _jitter(cropped, views)
    greyed = torch.where(_per_image(views.is_grey), _grey(jittered), jittered)
    blur = _blur_matrix(views.sigma, size)
    return _separable(greyed, blur, blur)


def _sample_crops(n_images: int, side: int, min_scale: float, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Boxes of random area and aspect ratio; the first of ten tries that fits, the whole image where none does."""
    tries = (_CROP_TRIES, n_images)
    area = (min_scale + (1 - min_scale) * torch.rand(tries, generator=generator)) * side * side
    ratio = torch.exp(math.log(4 / 3) * (2 * torch.rand(tries, generator=generator) - 1))
    width, height = torch.round(torch.sqrt(area * ratio)), torch.round(torch.sqrt(area / ratio))
    fits = (width >= 1) & (width <= side) & (height >= 1) & (height <= side)
    first, every = fits.int().argmax(dim=0), torch.arange(n_images)
    width = torch.where(fits.any(dim=0), width[first, every], float(side))
    height = torch.where(fits.any(dim=0), height[first, every], float(side))
    top = torch.floor(torch.rand(n_images, generator=generator) * (side - height + 1))
    left = torch.floor(torch.rand(n_images, generator=generator) * (side - width + 1))
    return top, left, height, width


def _crop_matrix(start: Tensor, length: Tensor, side: int, size: int) -> Tensor:
    """Antialiased bilinear resampling of [start, start + length) to `size` pixels. Shape: (B, size, side)."""
    scale = (length / size)[:, None, None]
    centres = start[:, None, None] + (torch.arange(size, device=start.device)[None, :, None] + 0.5) * scale
    pixels = torch.arange(side, device=start.device)[None, None, :]
    weights = (1 - (pixels + 0.5 - centres).abs() / scale.clamp(min=1)).clamp(min=0)
    inside = (pixels >= start[:, None, None]) & (pixels < (start + length)[:, None, None])
    weights = weights * inside
    return weights / weights.sum(dim=2, keepdim=True)


def _blur_matrix(sigma: Tensor, size: int) -> Tensor:
    """Gaussian blur along one axis, edge pixels repeated outwards; the identity where sigma is 0. Shape: (B, S, S)."""
    reach = max(1, math.ceil(4 * float(sigma.max()))) if len(sigma) else 1
    offsets = torch.arange(-reach, reach + 1, device=sigma.device)
    kernel = torch.exp(-0.5 * (offsets[None, :] / sigma.clamp(min=1e-3)[:, None]) ** 2)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)  # (B, K)
    pixels = torch.arange(size, device=sigma.device)
    sources = (pixels[:, None] + offsets[None, :]).clamp(0, size - 1)  # (S, K)
    shape = (len(sigma), size, len(offsets))
    matrix = torch.zeros(len(sigma), size, size, device=sigma.device)
    return matrix.scatter_add_(2, sources.expand(shape), kernel[:, None, :].expand(shape))


def _separable(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Apply one matrix per image along each axis: (B, T, H) · (B, C, H, W) · (B, U, W)ᵀ -> (B, C, T, U)."""
    return rows[:, None] @ (images @ columns.transpose(1, 2)[:, None])


def _jitter(images: Tensor, views: ViewParameters) -> Tensor:
    for name in views.jitter_order:
        factor = _per_image(getattr(views, name))
        if name == "brightness":
            images = (images * factor).clamp(0, 1)
        elif name == "contrast":
            images = torch.lerp(_grey(images).mean(dim=(2, 3), keepdim=True), images, factor).clamp(0, 1)
        elif name == "saturation":
            images = torch.lerp(_grey(images), images, factor).clamp(0, 1)
        else:
            images = _shift_hue(images, factor)
    return images


def _shift_hue(images: Tensor, shift: Tensor) -> Tensor:
    """Turn the hue by a share of the colour circle, keeping value and saturation. Shape: (B, 3, H, W)."""
    red, green, blue = images.unbind(dim=1)
    value, chroma = images.amax(dim=1), images.amax(dim=1) - images.amin(dim=1)
    safe = chroma.clamp(min=1e-8)
    sixths = torch.where(
        value == red,
        (green - blue) / safe,
        torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    turned = sixths[:, None] + 6 * shift  # (B, 1, H, W)
    phases = torch.tensor([5.0, 3.0, 1.0], device=images.device).view(1, 3, 1, 1)
    wave = (phases + turned).remainder(6)
    return value[:, None] - chroma[:, None] * torch.minimum(wave, 4 - wave).clamp(0, 1)


def _grey(images: Tensor) -> Tensor:
    weights = torch.tensor(_GREY, device=images.device).view(1, 3, 1, 1)
    return (images * weights).sum(dim=1, keepdim=True)


def _per_image(values: Tensor) -> Tensor:
    return values[:, None, None, None]


def _on_device(views: ViewParameters, device: torch.device) -> ViewParameters:
    moved = {name: getattr(views, name) for name in ViewParameters.__slots__}
    return ViewParameters(**{k: v.to(device) if isinstance(v, Tensor) else v for k, v in moved.items()})
