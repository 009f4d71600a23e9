"""timm models, small and with random weights, saved as timm and torchvision publish theirs."""

import json

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.local_timm import find_timm, timm_weights
from core.encoders.registry import check_available, load_image_encoder


@pytest.fixture(scope="module")
def resnet():
    torch.manual_seed(0)
    return timm.create_model("test_resnet", pretrained=False).eval()


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    """Empty caches of Hugging Face and torch."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "torch" / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def image_paths(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in ("red", "green", "blue")]
    for path in paths:
        Image.new("RGB", (40, 30), path.stem).save(path)
    return paths


def assert_features_of(network, embeddings, paths):
    """The features before the classifier, prepared as timm evaluates the model."""
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network), is_training=False)
    with torch.inference_mode():
        pixels = torch.stack([transform(Image.open(path).convert("RGB")) for path in paths])
        hidden = network.forward_head(network.forward_features(pixels), pre_logits=True)
    expected = torch.nn.functional.normalize(hidden.flatten(1), dim=1).numpy()
    assert embeddings.shape == expected.shape
    assert ((embeddings * expected).sum(axis=1) > 0.998).all()  # bf16


def cache(tmp_path, repository):
    folder = tmp_path / "hub" / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("1" * 40)
    snapshot = folder / "snapshots" / ("1" * 40)
    snapshot.mkdir(parents=True)
    return snapshot


def test_a_weights_file_named_with_its_model_gives_its_features(resnet, tmp_path, image_paths):
    save_file(resnet.state_dict(), tmp_path / "weights.safetensors")
    name = f"timm:test_resnet@{tmp_path / 'weights.safetensors'}"
    check_available(name)
    embeddings = load_image_encoder(name, tmp_path).encode(image_paths, NullProgress())
    assert_features_of(resnet, embeddings, image_paths)
    by_folder = load_image_encoder(f"timm:test_resnet@{tmp_path}", tmp_path)
    np.testing.assert_array_equal(by_folder.encode(image_paths, NullProgress()), embeddings)


def test_weights_without_a_classifier_give_the_same(resnet, tmp_path, image_paths):
    whole, cut = tmp_path / "whole.pth", tmp_path / "cut.pth"
    torch.save(resnet.state_dict(), whole)
    torch.save({name: tensor for name, tensor in resnet.state_dict().items() if not name.startswith("fc.")}, cut)
    first = load_image_encoder(f"timm:test_resnet@{whole}", tmp_path).encode(image_paths, NullProgress())
    second = load_image_encoder(f"timm:test_resnet@{cut}", tmp_path).encode(image_paths, NullProgress())
    np.testing.assert_array_equal(first, second)


def test_weights_of_another_number_of_classes_give_their_features(tmp_path, image_paths):
    torch.manual_seed(1)
    tuned = timm.create_model("test_resnet", pretrained=False, num_classes=7).eval()
    save_file(tuned.state_dict(), tmp_path / "tuned.safetensors")
    name = f"timm:test_resnet@{tmp_path / 'tuned.safetensors'}"
    assert_features_of(tuned, load_image_encoder(name, tmp_path).encode(image_paths, NullProgress()), image_paths)


def test_a_vgg_in_a_folder_with_its_configuration(tmp_path, image_paths):
    torch.manual_seed(0)
    network = timm.create_model("vgg11", pretrained=False, mlp_ratio=0.005, num_classes=3).eval()
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    small = {"input_size": [3, 64, 64], "num_classes": 3, "classifier": "head.fc", "first_conv": "features.0"}
    config = {"architecture": "vgg11", "num_classes": 3, "model_args": {"mlp_ratio": 0.005}, "pretrained_cfg": small}
    (tmp_path / "config.json").write_text(json.dumps(config))
    encoder = load_image_encoder(f"timm:{tmp_path}", tmp_path)
    assert encoder.n_dimensions == 4096
    network.pretrained_cfg.update(input_size=(3, 64, 64))
    assert_features_of(network, encoder.encode(image_paths, NullProgress()), image_paths)


def test_published_weights_are_found_in_the_hugging_face_cache(resnet, caches, image_paths):
    save_file(resnet.state_dict(), cache(caches, "timm/test_resnet.r160_in1k") / "model.safetensors")
    for name in ("timm:test_resnet", "timm:test_resnet.r160_in1k"):
        embeddings = load_image_encoder(name, caches).encode(image_paths, NullProgress())
        assert_features_of(resnet, embeddings, image_paths)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("resnet50", "resnet50-0676ba61.pth"),
        ("vgg16", "vgg16-397923af.pth"),
        ("resnet50", "resnet50_a1_0-14fe96d1.pth"),
    ],
)
def test_published_weights_are_found_in_torch_s_cache(caches, name, file):
    place = caches / "torch" / "hub" / "checkpoints" / file
    place.write_bytes(b"weights")
    assert find_timm(name).file == place
    check_available(f"timm:{name}")


def test_our_reading_of_timm_s_tables_agrees_with_timm():
    for model in ("resnet50", "vgg16", "resnet18", "vit_base_patch16_224", "convnext_tiny", "inception_v4"):
        default = timm.get_pretrained_cfg(model)
        assert next(iter(timm_weights(model))) == f"{model}.{default.tag}"
    assert timm_weights("resnet50")["resnet50.tv_in1k"] == timm.get_pretrained_cfg("resnet50.tv_in1k").url


def test_missing_weights_say_where_to_put_them(caches):
    with pytest.raises(EncoderUnavailableError, match=r"timm/resnet50\.a1_in1k") as fault:
        check_available("timm:resnet50")
    assert str(caches / "hub") in fault.value.remedy
    assert "timm:resnet50@FILE_OR_FOLDER" in fault.value.remedy
    assert str(caches / "torch" / "hub" / "checkpoints") in fault.value.message


@pytest.mark.parametrize("source", ["no_such_model", "test_resnet@/none.pth", "/none", "org/none"])
def test_what_is_not_there_is_unavailable(source):
    with pytest.raises(EncoderUnavailableError):
        check_available(f"timm:{source}")


def test_weights_that_do_not_fit_are_refused(resnet, tmp_path):
    state = {name: tensor for name, tensor in resnet.state_dict().items() if "layer2" not in name}
    save_file(state, tmp_path / "lacking.safetensors")
    with pytest.raises(EncoderUnavailableError, match="could not be loaded"):
        load_image_encoder(f"timm:test_resnet@{tmp_path / 'lacking.safetensors'}", tmp_path)


def test_a_weights_file_that_would_run_code_is_refused(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").mkdir, ())

    torch.save({"fc.weight": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(EncoderUnavailableError):
        load_image_encoder(f"timm:test_resnet@{tmp_path / 'trap.pth'}", tmp_path)
    assert not (tmp_path / "ran").exists()
