"""How strongly SimCLR changes an image between its two views: *low*, *middle* or *high*, as in the reference paper.

A view differs from its image by crop, colour, grey and blur; whatever views may change, the encoder learns to ignore.
So a low intensity keeps colour and outline in the embedding, a high one leaves little but shape.

Source: Gross et al. 2025, https://arxiv.org/abs/2508.20013; Chen et al. 2020, https://arxiv.org/abs/2002.05709
"""

from core.encoders.simclr_augment import AugmentOptions

LOW = AugmentOptions(strength=0.25, min_scale=0.6, random_gray_scale=0.2, gaussian_blur=0.2)
"""Views show 60 % of the image at least; half of middle's colour jitter; one in five is grey, one in five blurred."""
MIDDLE = AugmentOptions(min_scale=0.4, random_gray_scale=0.5)
"""Views show 40 % at least, as a product fills its photo; half of them are grey, as colour says little of a kind."""
HIGH = AugmentOptions(strength=1.0, min_scale=0.08, random_gray_scale=0.5)
"""Crops down to 8 % of the image and colour jitter at full strength, as SimCLR uses for photographs; blur to twice."""
INTENSITIES: dict[str, AugmentOptions] = {"low": LOW, "middle": MIDDLE, "high": HIGH}
"""By the part of the encoder's name after `simclr:`."""
