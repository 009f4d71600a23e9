import json
import math
from dataclasses import asdict

import numpy as np
import pytest
import torch
from lightly.loss import NTXentLoss
from PIL import Image
from torch import nn

from core.domain.errors import EncoderUnavailableError, ImageError, JobCancelledError, TooFewProductsError
from core.domain.progress import NullProgress
from core.encoders.image_trainer import ImageTrainingOptions, learning_rate_share
from core.encoders.image_training import CHECKPOINT_NAME, TrainingLength
from core.encoders.resnet import CONFIG_NAME, WEIGHTS_NAME
from core.encoders.simclr import SimclrEncoder, SimclrTrainer, train_simclr
from core.encoders.workers import Workers

OPTIONS = ImageTrainingOptions(size=32, canvas=40, batch_size=8, warmup=0.2)


class Recorder:
    """Keeps reports and cancels at the one asked for."""

    def __init__(self, cancel_at=None):
        self.reports, self.cancel_at = [], cancel_at

    def report(self, fraction, message="", **metrics):
        self.reports.append((fraction, message, metrics))
        if message.startswith("Learning") and self.n_steps == self.cancel_at:
            raise JobCancelledError

    @property
    def n_steps(self):
        return sum(message.startswith("Learning") for _, message, _ in self.reports)


@pytest.fixture(scope="module")
def image_paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for index in range(20):
        pixels = np.full((30, 24, 3), 255, dtype=np.uint8)
        pixels[5:25, 4:20] = rng.integers(0, 255, 3)
        pixels[:: index + 2] = rng.integers(0, 255, 3)
        Image.fromarray(pixels).save(folder / f"{index:02}.png")
    return sorted(folder.iterdir())


def train(image_paths, folder, steps=4, progress=None, seed=0, options=OPTIONS):
    return train_simclr(image_paths, folder, seed, 1e9, progress or NullProgress(), max_steps=steps, options=options)


def weights(folder):
    return (folder / WEIGHTS_NAME).read_bytes()


def test_same_seed_and_steps_give_the_same_weights(image_paths, tmp_path):
    first = train(image_paths, tmp_path / "a", steps=3)
    again = train(list(reversed(image_paths)), tmp_path / "b", steps=3)
    other = train(image_paths, tmp_path / "c", steps=1, seed=1)
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert first.version == again.version != other.version


def test_a_cancelled_training_resumes_to_the_weights_of_an_uninterrupted_one(image_paths, tmp_path):
    train(image_paths, tmp_path / "whole")
    with pytest.raises(JobCancelledError):
        train(image_paths, tmp_path / "halved", progress=Recorder(cancel_at=2))
    assert (tmp_path / "halved" / CHECKPOINT_NAME).exists()
    rest = Recorder()
    train(image_paths, tmp_path / "halved", progress=rest)
    assert rest.n_steps == 2
    assert weights(tmp_path / "whole") == weights(tmp_path / "halved")


def test_a_checkpoint_of_other_images_or_options_is_not_resumed(image_paths, tmp_path):
    with pytest.raises(JobCancelledError):
        train(image_paths, tmp_path, progress=Recorder(cancel_at=2))
    checkpoint = (tmp_path / CHECKPOINT_NAME).read_bytes()
    for paths, seed in ((image_paths[1:], 0), (image_paths, 1)):
        (tmp_path / CHECKPOINT_NAME).write_bytes(checkpoint)
        rest = Recorder()
        train(paths, tmp_path, seed=seed, progress=rest)
        assert rest.n_steps == 4


@pytest.mark.parametrize("content", [b"", b"broken" * 100])
def test_a_broken_checkpoint_starts_over(image_paths, tmp_path, content):
    (tmp_path / CHECKPOINT_NAME).write_bytes(content)
    rest = Recorder()
    train(image_paths, tmp_path, steps=1, progress=rest)
    assert rest.n_steps == 1


def test_a_finished_training_leaves_weights_and_a_readable_account(image_paths, tmp_path):
    encoder = train(image_paths, tmp_path, steps=10)
    assert sorted(file.name for file in tmp_path.iterdir()) == [CONFIG_NAME, WEIGHTS_NAME]
    config = json.loads((tmp_path / CONFIG_NAME).read_text())
    assert config["version"] == encoder.version
    assert (config["steps"], config["epochs"], config["n_images"], config["size"]) == (10, 5, 20, 32)
    assert [point["step"] for point in config["curve"]] == [10]
    assert math.isfinite(config["curve"][0]["loss"])


def test_the_loss_is_reported_with_its_epoch(image_paths, tmp_path):
    progress = Recorder()
    train(image_paths, tmp_path, steps=10, progress=progress)
    (metrics,) = [metrics for _, _, metrics in progress.reports if metrics]
    assert set(metrics) == {"step", "epoch", "loss"}
    fractions = [fraction for fraction, _, _ in progress.reports]
    assert fractions == sorted(fractions)


def test_the_loss_falls_on_the_same_views_of_one_batch():
    options = ImageTrainingOptions(size=32, canvas=40, batch_size=16, learning_rate=1e-3)
    images = torch.randint(0, 255, (16, 3, 40, 40), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    losses = []
    with Workers(2) as workers:
        trainer = SimclrTrainer(16, 0, options, "one batch", workers)
        for _ in range(12):
            trainer.generator.manual_seed(0)
            losses.append(trainer.learn(torch.arange(16), images, share=0.05))
    assert losses[-1] < 0.5 * losses[0]


def test_replicas_give_the_gradient_of_the_whole_batch():
    """Two replicas of a network without batch statistics, against one backward pass over everything."""
    with Workers(2) as workers:
        trainer = SimclrTrainer(16, 0, OPTIONS, "", workers)
        trainer.network.eval()
        for replica in trainer.replicas:
            replica.eval()
            for layer in replica.modules():
                if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                    layer.running_var.fill_(4.0)
        generator = torch.Generator().manual_seed(0)
        chunks = [torch.randint(0, 255, (4, 3, 40, 40), dtype=torch.uint8, generator=generator) for _ in range(2)]
        views = [trainer._sample(4, 40) for _ in chunks]
        trainer._accumulate(list(zip(chunks, views, strict=True)), torch.arange(8))
        gathered = [parameter.grad.clone() for parameter in trainer.network.parameters()]
        trainer.network.zero_grad(set_to_none=True)
        parts = [trainer._forward((trainer.network, pair)).chunk(2) for pair in zip(chunks, views, strict=True)]
        first, second = (torch.cat(side) for side in zip(*parts, strict=True))
        NTXentLoss(OPTIONS.temperature)(first, second).backward()
    for ours, parameter in zip(gathered, trainer.network.parameters(), strict=True):
        scale = parameter.grad.abs().max().clamp(min=1e-6)
        assert ((ours - parameter.grad).abs().max() / scale) < 0.05  # bf16 sums in another order


def test_a_time_budget_ends_the_training(image_paths, tmp_path):
    encoder = train_simclr(image_paths, tmp_path, 0, 0.5, NullProgress(), options=OPTIONS)
    assert encoder.config["steps"] >= 1
    assert encoder.config["elapsed_s"] >= 0.5


def test_length_is_whichever_comes_first():
    length = TrainingLength(budget_s=100, max_epochs=10, max_steps=None)
    assert length.share(elapsed_s=50, step=0, steps_per_epoch=5) == 0.5
    assert length.share(elapsed_s=10, step=40, steps_per_epoch=5) == 0.8
    assert length.share(elapsed_s=200, step=1, steps_per_epoch=5) == 1.0
    assert TrainingLength(1, 1, max_steps=8).share(elapsed_s=99, step=2, steps_per_epoch=1) == 0.25


def test_the_learning_rate_rises_then_falls_to_nothing():
    rates = [learning_rate_share(share, 0.1) for share in np.linspace(0, 1, 101)]
    assert max(rates) == rates[10] == 1
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-9


def test_too_few_images_say_so(image_paths, tmp_path):
    with pytest.raises(TooFewProductsError, match="16"):
        train(image_paths[:15] * 2, tmp_path)


def test_a_missing_image_says_which(image_paths, tmp_path):
    with pytest.raises(ImageError, match="nowhere"):
        train([*image_paths, tmp_path / "nowhere.png"], tmp_path)


def test_embeddings_are_unit_length_and_independent_of_company(image_paths, tmp_path):
    encoder = train(image_paths, tmp_path, steps=2)
    embeddings = encoder.encode(image_paths, NullProgress())
    assert embeddings.dtype == np.float32
    assert embeddings.shape == (20, encoder.n_dimensions)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-4)
    alone = encoder.encode(image_paths[3:4], NullProgress())
    assert float(alone[0] @ embeddings[3]) > 0.999
    assert encoder.encode([], NullProgress()).shape == (0, encoder.n_dimensions)


def test_a_loaded_encoder_embeds_as_before(image_paths, tmp_path):
    trained = train(image_paths, tmp_path, steps=2)
    loaded = SimclrEncoder.load(tmp_path)
    assert loaded.version == trained.version
    np.testing.assert_array_equal(
        loaded.encode(image_paths, NullProgress()), trained.encode(image_paths, NullProgress())
    )


@pytest.mark.parametrize("fault", ["no folder", "no config", "other weights", "other network"])
def test_incomplete_or_foreign_weights_are_refused(image_paths, tmp_path, fault):
    folder = tmp_path / "encoder"
    if fault != "no folder":
        train(image_paths, folder, steps=1)
    if fault == "no config":
        (folder / CONFIG_NAME).unlink()
    if fault == "other weights":
        train(image_paths, tmp_path / "other", steps=1, seed=5)
        (folder / WEIGHTS_NAME).write_bytes(weights(tmp_path / "other"))
    if fault == "other network":
        (folder / WEIGHTS_NAME).write_bytes(weights(folder)[:1000])
    with pytest.raises(EncoderUnavailableError, match="trained image encoder"):
        SimclrEncoder.load(folder)


def test_options_are_part_of_the_account(image_paths, tmp_path):
    config = train(image_paths, tmp_path, steps=1).config
    assert config["options"] == json.loads(json.dumps(asdict(OPTIONS)))
