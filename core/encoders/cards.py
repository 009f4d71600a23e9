"""What a person needs to know of every encoder. Light to import."""

from dataclasses import dataclass, replace
from typing import Literal

from core.domain.errors import EncoderUnavailableError

Modality = Literal["text", "image", "image and text"]


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What a person needs to know to choose an encoder.

    `name` of a family holds an upper-case placeholder, filled by whoever chooses one of its members. `description` says
    what it is and what it is good for, `size` what it takes on disk. `default_weights` are the repository that a name
    without weights stands for; another one, or a folder, may follow the name after a colon. `example` is a member of
    the family worth having.
    """

    name: str
    modality: Modality
    title: str
    description: str
    licence: str
    needs_download: bool
    size: str
    default_weights: str = ""
    example: str = ""

    @property
    def family(self) -> str:
        """What comes before the colon of every name on this card."""
        return self.name.partition(":")[0]

    @property
    def is_family(self) -> bool:
        """Whether `name` holds a placeholder that must be filled."""
        return self.name.partition(":")[2].isupper()

    @property
    def is_trained_here(self) -> bool:
        """Whether it learns from the catalogue instead of coming with weights."""
        return not self.needs_download

    def covers(self, name: str) -> bool:
        """Whether an encoder's full name is on this card."""
        family, _, rest = name.partition(":")
        if family != self.family:
            return False
        if self.is_family:
            return bool(rest)
        return name == self.name or bool(self.default_weights and family == self.name and rest)


SHORT_NAMES = {"simclr": "simclr:middle"}
"""Names that stand for another one."""
CARDS = (
    EncoderCard(
        "tfidf",
        "text",
        "Words of this catalogue (TF-IDF)",
        "Words and character n-grams of the titles, weighted by rarity and reduced to 256 dimensions. Good for titles "
        "that name the kind of product, in any language; fitted in seconds.",
        "none needed",
        False,
        "about 50 MB",
    ),
    EncoderCard(
        "aligned",
        "image",
        "Images taught by the titles",
        "A ResNet-18 that learns from this catalogue which pictures go with which words for a kind of product. Good "
        "for finding kinds of products; the best encoder of images without a download.",
        "none needed",
        False,
        "45 MB",
    ),
    EncoderCard(
        "simclr:low",
        "image",
        "Images of this catalogue, mild views (SimCLR)",
        "A ResNet-18 that learns from the images alone. Mild views keep colour and outline: good where small "
        "differences in looks matter.",
        "none needed",
        False,
        "45 MB",
    ),
    EncoderCard(
        "simclr:middle",
        "image",
        "Images of this catalogue (SimCLR)",
        "A ResNet-18 that learns from the images alone, without labels or titles. Good where titles say little; "
        "`simclr` is short for it.",
        "none needed",
        False,
        "45 MB",
    ),
    EncoderCard(
        "simclr:high",
        "image",
        "Images of this catalogue, strong views (SimCLR)",
        "A ResNet-18 that learns from the images alone. Strong views make it blind to colour, light and framing: good "
        "for photos of many styles from many shops.",
        "none needed",
        False,
        "45 MB",
    ),
    EncoderCard(
        "clip:MODEL/PRETRAINED",
        "image and text",
        "CLIP (open_clip)",
        "A pretrained model of images and texts: a model with a tag or a weights file, hf-hub:ORG/REPO or "
        "local-dir:FOLDER. Good for most products from the first day; Marqo's fashionSigLIP for fashion.",
        "that of the weights (OpenAI's and LAION's: MIT; fashionSigLIP: Apache 2.0)",
        True,
        "0.3 to 5 GB",
        example="clip:hf-hub:Marqo/marqo-fashionSigLIP",
    ),
    EncoderCard(
        "vit",
        "image",
        "Vision Transformer (ViT-B/16)",
        "Class token of a ViT pretrained on ImageNet-21k, reduced to 90 % of its variance in this catalogue. The "
        "encoder of the reference paper; good for comparing with it.",
        "Apache 2.0",
        True,
        "350 MB",
        "google/vit-base-patch16-224-in21k",
    ),
    EncoderCard(
        "hf-image:NAME_OR_FOLDER",
        "image",
        "Image model (transformers)",
        "Any vision model of the transformers library, such as DINOv2, Swin or ConvNeXt: its pooled output, or the "
        "mean of its patches. Good for trying what is new.",
        "that of the weights",
        True,
        "0.05 to 5 GB",
        example="hf-image:facebook/dinov2-small",
    ),
    EncoderCard(
        "timm:NAME_OR_FOLDER",
        "image",
        "Image model (timm)",
        "Any model of the timm library, such as vgg16 or resnet50, without its classifier. Good for comparing with "
        "older work.",
        "that of the weights",
        True,
        "0.02 to 2 GB",
        example="timm:resnet50",
    ),
    EncoderCard(
        "roberta",
        "text",
        "RoBERTa",
        "The mean of its last hidden state, title and brand separately. The text encoder of the reference paper; good "
        "for long English descriptions.",
        "MIT",
        True,
        "500 MB",
        "FacebookAI/roberta-base",
    ),
    EncoderCard(
        "hf-text:NAME_OR_FOLDER",
        "text",
        "Language model (transformers)",
        "Any text model of the transformers library, such as BERT, ALBERT, DistilBERT or a sentence encoder: the mean "
        "of its last hidden state. Good for titles that name one thing in different words.",
        "that of the weights",
        True,
        "0.05 to 2 GB",
        example="hf-text:sentence-transformers/all-MiniLM-L6-v2",
    ),
)

AUTO_CARD = EncoderCard(
    "auto",
    "image and text",
    "The best at hand",
    "What `core.encoders.choose` finds best among the encoders that can be used now.",
    "that of the encoder taken",
    False,
    "that of the encoder taken",
)


def find_card(name: str) -> EncoderCard:
    """The card of an encoder; one of a family, or under a short name, carries the name asked for.

    Raises:
        EncoderUnavailableError: If there is no such encoder; lists the valid names.
    """
    if name == AUTO_CARD.name:
        return AUTO_CARD
    full_name = SHORT_NAMES.get(name, name)
    for card in CARDS:
        if card.covers(full_name):
            return replace(card, name=name)
    raise EncoderUnavailableError(
        f"There is no encoder '{name}'.", f"Choose one of: {', '.join(card.name for card in (AUTO_CARD, *CARDS))}."
    )
