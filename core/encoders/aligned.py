"""Image encoder taught by the catalogue's own titles. No download, no labels.

A title names what its photo shows. The network learns to match each image with the embedding of its title's telling
words (a contrastive loss, as CLIP), and to say which of the frequent words the title holds: what titles call alike
comes to look alike, and what titles never speak of, such as a backdrop, is forgotten.

Source: Radford et al. 2021, https://arxiv.org/abs/2103.00020, loss by open_clip; words as targets: Joulin et al. 2016,
https://arxiv.org/abs/1511.02251, spread evenly over an image's words as in Mahajan et al. 2018,
https://arxiv.org/abs/1805.00932
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from open_clip.loss import ClipLoss
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize
from torch import Tensor, nn
from torch.nn import functional

from core.domain.arrays import FloatArray
from core.domain.errors import ShapeError, TooFewProductsError
from core.domain.progress import NullProgress, Progress
from core.encoders.image_trainer import ImageTrainer, ImageTrainingOptions
from core.encoders.image_training import TrainingLength, check_enough_images, train_images, training_fingerprint
from core.encoders.resnet import N_DIMENSIONS, ResnetEncoder
from core.encoders.simclr_augment import AugmentOptions
from core.encoders.tfidf import TfidfEncoder, TfidfParameters
from core.encoders.workers import Workers

ALIGNED_VIEWS = AugmentOptions(min_scale=0.5, cj_prob=0.0, random_gray_scale=0.3, gaussian_blur=0.0)
"""Crops, mirrors and some grey. The titles themselves teach what colour does not say."""
ALIGNED_OPTIONS = ImageTrainingOptions(batch_size=256, augment=ALIGNED_VIEWS)
TITLE_WORDS = TfidfParameters(n_dimensions=256, char_weight=0.0)
N_SHARED = 256
"""Dimensions of the space in which images and titles meet."""
WORD_SHARE = 0.5
"""Weight of the words beside the contrastive loss."""
FEWEST_IMAGES_PER_WORD = 0.0005
MOST_WORDS = 1_000
MOST_SCALE = 50.0
START_SCALE = 14.0
TELLING_SHARE = 0.2
"""Where fewer of the images have a telling word, titles teach nothing."""


class AlignedEncoder(ResnetEncoder):
    """What `train_aligned` makes."""

    name: ClassVar[str] = "aligned"


@dataclass(frozen=True, slots=True)
class TitleTargets:
    """What images are to be matched with.

    Attributes:
        embeddings: Unit vectors of the telling words, zero where there are none. Shape: (n_images, d).
        words: Share of each frequent word among those of an image, rows that sum to 1 or 0. Shape: (n_images, n_words).
    """

    embeddings: FloatArray
    words: csr_matrix

    @classmethod
    def of(cls, texts: Sequence[str]) -> "TitleTargets":
        """Targets from type-focused titles, one per image."""
        encoder = TfidfEncoder.fit(texts, NullProgress(), TITLE_WORDS)
        return cls(encoder.encode(texts, NullProgress()), word_shares(texts))


class TitleJudge(nn.Module):
    """The part of the loss that learns: where titles lie in the shared space, and how sharply it compares."""

    def __init__(self, n_text_dimensions: int) -> None:
        super().__init__()
        self.place = nn.Linear(n_text_dimensions, N_SHARED)
        self.log_scale = nn.Parameter(torch.tensor(float(np.log(START_SCALE))))
        self.contrast = ClipLoss()

    def forward(self, images: Tensor, titles: Tensor) -> Tensor:
        """Contrastive loss. Shapes: (B, N_SHARED), (B, n_text_dimensions)."""
        placed = functional.normalize(self.place(titles), dim=1)
        return self.contrast(functional.normalize(images, dim=1), placed, self.log_scale.exp().clamp(max=MOST_SCALE))


class AlignedTrainer(ImageTrainer):
    """An image is to be like its own title, and unlike the others of its batch."""

    def __init__(
        self, targets: TitleTargets, seed: int, options: ImageTrainingOptions, fingerprint: str, workers: Workers
    ) -> None:
        n_words = targets.words.shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = nn.Linear(N_DIMENSIONS, N_SHARED + n_words)
            judge = TitleJudge(targets.embeddings.shape[1])
        super().__init__(head, judge, len(targets.embeddings), seed, options, fingerprint, workers)
        self._embeddings, self._words = torch.from_numpy(targets.embeddings), targets.words

    def loss(self, views: list[Tensor], indices: Tensor) -> Tensor:
        """Contrastive loss and, beside it, the cross-entropy of the words. Shape: (B, N_SHARED + n_words)."""
        placed, logits = views[0][:, :N_SHARED], views[0][:, N_SHARED:]
        contrast = self.judge(placed, self._embeddings[indices].to(self.device))
        shares = torch.from_numpy(self._words[indices.numpy()].toarray()).to(self.device)  # (B, n_words)
        words = -(shares * functional.log_softmax(logits, dim=1)).sum(dim=1).mean()
        return contrast + WORD_SHARE * words


def train_aligned(
    image_paths: Sequence[Path],
    texts: Sequence[str],
    folder: Path,
    seed: int,
    budget_s: float,
    progress: Progress,
    *,
    max_epochs: int = 30,
    max_steps: int | None = None,
    options: ImageTrainingOptions = ALIGNED_OPTIONS,
) -> AlignedEncoder:
    """Train an image encoder on images and their titles, and store it in `folder`.

    Budget, steps and resuming are as in `core.encoders.simclr.train_simclr`.

    Args:
        image_paths: Image files, each once.
        texts: Type-focused title of each image, '' where it says nothing: such an image teaches nothing.
        folder: Where checkpoint, weights and configuration go.
        seed: Decides initial weights, order and views.
        budget_s: Seconds of training, without reading the images.
        progress: Hears of every step; `loss` and `epoch` every ten.
        max_epochs: End after so many passes over the images, even if time is left.
        max_steps: End after exactly so many steps, whatever the clock says.
        options: Sizes, optimiser and augmentations.

    Returns:
        The trained encoder, as loaded from `folder`.

    Raises:
        ShapeError: If there is not one text per image.
        TooFewProductsError: If there are fewer than 16 different images with a telling title, or it is one in five.
        ImageError: If a file is missing or is not a picture.
        JobCancelledError: If `progress` was told to stop; a checkpoint is kept.
    """
    paths, telling = _telling_pairs(image_paths, texts)
    progress.report(0.0, f"Reading the titles of {len(paths):,} images")
    targets = TitleTargets.of(telling)
    fingerprint = training_fingerprint(paths, AlignedEncoder.name, seed, asdict(options), telling)

    def make_trainer(workers: Workers) -> AlignedTrainer:
        return AlignedTrainer(targets, seed, options, fingerprint, workers)

    length = TrainingLength(budget_s, max_epochs, max_steps)
    train_images(paths, folder, AlignedEncoder.name, make_trainer, length, progress)
    return AlignedEncoder.load(folder)


def word_shares(texts: Sequence[str]) -> csr_matrix:
    """Which of the frequent words each text holds, evenly shared: 1 over their number.

    A word counts from two texts on, or one in 2,000; the 1,000 most frequent are kept. Shape: (n_texts, n_words).
    """
    fewest = max(2, int(FEWEST_IMAGES_PER_WORD * len(texts)))
    counter = CountVectorizer(token_pattern=r"\S+", binary=True, min_df=fewest, max_features=MOST_WORDS)
    try:
        held = counter.fit_transform(texts)
    except ValueError:  # no word is in two texts
        return csr_matrix((len(texts), 0), dtype=np.float32)
    return csr_matrix(normalize(held.astype(np.float32), norm="l1"))


def _telling_pairs(image_paths: Sequence[Path], texts: Sequence[str]) -> tuple[list[Path], list[str]]:
    if len(image_paths) != len(texts):
        raise ShapeError(
            f"Expected a title for every image, got {len(texts)} titles for {len(image_paths)} images.",
            "Pass an empty title where there is none.",
        )
    pairs = dict(sorted(zip(image_paths, texts, strict=True), key=lambda pair: (pair[0].name, pair[0])))
    telling = {path: text for path, text in pairs.items() if text}
    if len(telling) < TELLING_SHARE * len(pairs):
        raise TooFewProductsError(
            f"Titles teach an image encoder where one in five says what a product is, got {len(telling):,} telling "
            f"titles for {len(pairs):,} images.",
            "Choose the image encoder 'simclr', which needs no titles.",
        )
    check_enough_images(len(telling))
    return list(telling), list(telling.values())
