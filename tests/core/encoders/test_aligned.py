"""An image encoder taught by titles: it learns what they name, and forgets what they never speak of."""

import json
import math

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from sklearn.metrics import silhouette_score
from torch.nn import functional

from core.domain.errors import EncoderUnavailableError, JobCancelledError, ShapeError, TooFewProductsError
from core.domain.progress import NullProgress
from core.encoders.aligned import (
    MOST_SCALE,
    WORD_SHARE,
    AlignedEncoder,
    AlignedTrainer,
    TitleTargets,
    train_aligned,
    word_shares,
)
from core.encoders.image_trainer import ImageTrainingOptions
from core.encoders.image_training import CHECKPOINT_NAME
from core.encoders.resnet import CONFIG_NAME, WEIGHTS_NAME
from core.encoders.simclr import SimclrEncoder, train_simclr
from core.encoders.simclr_augment import AugmentOptions
from core.encoders.workers import Workers

PLAIN_VIEWS = AugmentOptions(min_scale=0.8, cj_prob=0.0, random_gray_scale=0.0, gaussian_blur=0.0)
OPTIONS = ImageTrainingOptions(size=32, canvas=32, batch_size=32, learning_rate=1e-3, augment=PLAIN_VIEWS)
SHAPES = ("ring", "block", "bar")


class CancelAt:
    """Cancels at a step."""

    def __init__(self, step):
        self.left = step

    def report(self, fraction, message="", **metrics):
        if message.startswith("Learning"):
            self.left -= 1
            if self.left == 0:
                raise JobCancelledError


def draw(shape, rng, path):
    """A dark shape at a random place on a backdrop of a random, strong colour."""
    image = Image.new("RGB", (32, 32), tuple(int(value) for value in rng.integers(90, 255, 3)))
    pen, (x, y) = ImageDraw.Draw(image), rng.integers(2, 10, 2).tolist()
    ink = tuple(int(value) for value in rng.integers(0, 60, 3))
    if shape == "ring":
        pen.ellipse((x, y, x + 20, y + 20), outline=ink, width=3)
    if shape == "block":
        pen.rectangle((x, y, x + 18, y + 18), fill=ink)
    if shape == "bar":
        pen.rectangle((x, y + 8, x + 20, y + 11), fill=ink)
    image.save(path)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    shapes = [SHAPES[index % 3] for index in range(180)]
    paths = [folder / f"{index:03}.png" for index in range(180)]
    for shape, path in zip(shapes, paths, strict=True):
        draw(shape, rng, path)
    return paths, shapes


def train(shop, folder, steps=4, progress=None, seed=0, n=60):
    paths, shapes = shop
    return train_aligned(
        paths[:n], shapes[:n], folder, seed, 1e9, progress or NullProgress(), max_steps=steps, options=OPTIONS
    )


def neighbour_accuracy(encoder, paths, shapes):
    """Share of the images whose nearest other image shows the same shape."""
    embeddings = encoder.encode(paths, NullProgress())
    similarity = embeddings @ embeddings.T
    np.fill_diagonal(similarity, -1)
    labels = np.array(shapes)
    return float((labels[similarity.argmax(axis=1)] == labels).mean())


def separation(encoder, paths, shapes):
    """Silhouette of the shapes, in [-1, 1]."""
    return silhouette_score(encoder.encode(paths, NullProgress()), shapes, metric="cosine")


def test_images_it_never_saw_are_told_apart_by_what_titles_name(shop, tmp_path):
    paths, shapes = shop
    taught = train(shop, tmp_path / "taught", steps=60, n=120)
    untaught = train(shop, tmp_path / "untaught", steps=1, n=120)
    held_out = paths[120:], shapes[120:]
    assert neighbour_accuracy(taught, *held_out) > 0.9
    assert separation(taught, *held_out) > separation(untaught, *held_out) + 0.2


def test_same_seed_and_steps_give_the_same_weights_whatever_the_order(shop, tmp_path):
    paths, shapes = shop
    first = train(shop, tmp_path / "a")
    reverse = train_aligned(
        paths[59::-1], shapes[59::-1], tmp_path / "b", 0, 1e9, NullProgress(), max_steps=4, options=OPTIONS
    )
    other = train(shop, tmp_path / "c", seed=1)
    assert first.version == reverse.version != other.version


def test_a_cancelled_training_resumes_to_the_weights_of_an_uninterrupted_one(shop, tmp_path):
    whole = train(shop, tmp_path / "whole")
    with pytest.raises(JobCancelledError):
        train(shop, tmp_path / "halved", progress=CancelAt(2))
    assert (tmp_path / "halved" / CHECKPOINT_NAME).exists()
    assert train(shop, tmp_path / "halved").version == whole.version


def test_other_titles_start_over(shop, tmp_path):
    with pytest.raises(JobCancelledError):
        train(shop, tmp_path, progress=CancelAt(3))
    paths, shapes = shop
    renamed = [f"{shape} thing" for shape in shapes[:60]]
    encoder = train_aligned(paths[:60], renamed, tmp_path, 0, 1e9, NullProgress(), max_steps=2, options=OPTIONS)
    assert encoder.config["steps"] == 2


def test_the_account_names_its_kind(shop, tmp_path):
    encoder = train(shop, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [CONFIG_NAME, WEIGHTS_NAME]
    config = json.loads((tmp_path / CONFIG_NAME).read_text())
    assert (config["encoder"], config["steps"], config["n_images"]) == ("aligned", 4, 60)
    assert config["version"] == encoder.version


def test_encoders_of_another_kind_are_refused(shop, tmp_path):
    train(shop, tmp_path / "aligned", steps=1)
    train_simclr(shop[0][:20], tmp_path / "simclr", 0, 1e9, NullProgress(), max_steps=1, options=OPTIONS)
    with pytest.raises(EncoderUnavailableError, match="of kind 'aligned'"):
        SimclrEncoder.load(tmp_path / "aligned")
    with pytest.raises(EncoderUnavailableError, match="of kind 'simclr'"):
        AlignedEncoder.load(tmp_path / "simclr")


def test_the_loss_is_contrast_plus_words():
    """Against both losses written out: cross-entropy over the similarities in both directions, and over the words."""
    texts = ["red ring", "blue block", "blue bar", "red bar"]
    targets = TitleTargets.of(texts)
    views = torch.randn(4, 256 + targets.words.shape[1], generator=torch.Generator().manual_seed(0))
    with Workers(1) as workers:
        trainer = AlignedTrainer(targets, 0, OPTIONS, "", workers)
    indices = torch.tensor([2, 0, 3, 1])
    judge = trainer.judge
    images = functional.normalize(views[:, :256], dim=1)
    titles = functional.normalize(judge.place(torch.from_numpy(targets.embeddings[indices.numpy()])), dim=1)
    similarity = judge.log_scale.exp().clamp(max=MOST_SCALE) * images @ titles.T
    contrast = sum(-part.log_softmax(dim=1).diagonal().mean() for part in (similarity, similarity.T)) / 2
    shares = torch.from_numpy(targets.words.toarray())[indices]
    words = -(shares * views[:, 256:].log_softmax(dim=1)).sum(dim=1).mean()
    expected = contrast + WORD_SHARE * words
    assert math.isclose(trainer.loss([views], indices).item(), expected.item(), rel_tol=1e-5)


def test_word_shares_are_even_over_the_words_that_repeat():
    shares = word_shares(["canvas shoe", "shoe", "leather boot", "boot shoe", ""]).toarray()
    np.testing.assert_allclose(shares.sum(axis=1), [1, 1, 1, 1, 0])
    np.testing.assert_allclose(np.sort(shares[3]), [0.5, 0.5])  # only "boot" and "shoe" are in two texts


def test_words_that_never_repeat_leave_the_contrast_alone():
    assert word_shares(["ring", "block"]).shape == (2, 0)


def test_titles_that_say_nothing_are_refused_with_another_way(shop, tmp_path):
    paths, shapes = shop
    with pytest.raises(TooFewProductsError) as refusal:
        train_aligned(paths, [*shapes[:30], *[""] * 150], tmp_path, 0, 1, NullProgress(), options=OPTIONS)
    assert "simclr" in refusal.value.remedy


def test_images_without_a_telling_title_are_left_out(shop, tmp_path):
    paths, shapes = shop
    texts = [*shapes[:40], *[""] * 20]
    encoder = train_aligned(paths[:60], texts, tmp_path, 0, 1e9, NullProgress(), max_steps=1, options=OPTIONS)
    assert encoder.config["n_images"] == 40


def test_one_text_per_image_is_asked_for(shop, tmp_path):
    with pytest.raises(ShapeError, match="2 titles for 3 images"):
        train_aligned(shop[0][:3], ["a", "b"], tmp_path, 0, 1, NullProgress())
