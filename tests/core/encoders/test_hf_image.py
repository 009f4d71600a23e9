"""Vision models, small and with random weights, saved as transformers saves them."""

import numpy as np
import pytest
import torch
from PIL import Image

from core.domain.errors import EncoderUnavailableError, ImageError
from core.domain.progress import NullProgress
from core.encoders.registry import check_available, load_image_encoder

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def save(model, folder):
    from transformers import ViTImageProcessor

    model.save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def vit_folder(tmp_path_factory):
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    return save(ViTModel(ViTConfig(**SIZES, image_size=32, patch_size=8)), tmp_path_factory.mktemp("vit"))


@pytest.fixture(scope="module")
def resnet_folder(tmp_path_factory):
    from transformers import ResNetConfig, ResNetModel

    torch.manual_seed(0)
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic")
    return save(ResNetModel(config), tmp_path_factory.mktemp("resnet"))


@pytest.fixture
def image_paths(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in ("red", "green", "blue")]
    for path in paths:
        Image.new("RGB", (40, 30), path.stem).save(path)
    return paths


def reference(folder, paths):
    """What transformers itself gives, one image at a time."""
    from transformers import AutoImageProcessor, AutoModel

    processor, network = AutoImageProcessor.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        return [network(**processor(images=Image.open(path), return_tensors="pt")) for path in paths]


def assert_alike(embeddings, expected):
    stacked = torch.nn.functional.normalize(torch.cat(expected), dim=1).numpy()
    assert embeddings.shape == stacked.shape
    assert ((embeddings * stacked).sum(axis=1) > 0.999).all()  # bf16
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


def test_vit_gives_the_class_token(vit_folder, image_paths):
    embeddings = load_image_encoder(f"vit:{vit_folder}", vit_folder).encode(image_paths, NullProgress())
    assert_alike(embeddings, [output.last_hidden_state[:, 0] for output in reference(vit_folder, image_paths)])


def test_an_image_model_gives_its_pooled_output(vit_folder, resnet_folder, image_paths):
    for folder in (vit_folder, resnet_folder):
        embeddings = load_image_encoder(f"hf-image:{folder}", folder).encode(image_paths, NullProgress())
        assert_alike(embeddings, [output.pooler_output.flatten(1) for output in reference(folder, image_paths)])


def test_without_a_trained_pooler_the_patches_are_averaged(tmp_path, image_paths):
    from transformers import ViTConfig, ViTModel

    model = ViTModel(ViTConfig(**SIZES, image_size=32, patch_size=8), add_pooling_layer=False)
    folder = save(model, tmp_path / "model")
    first = load_image_encoder(f"hf-image:{folder}", folder).encode(image_paths, NullProgress())
    assert_alike(first, [output.last_hidden_state[:, 1:].mean(dim=1) for output in reference(folder, image_paths)])


def test_a_model_of_images_and_texts_gives_its_image_side(tmp_path, image_paths):
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(0)
    towers = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2, "num_hidden_layers": 1}
    config = CLIPConfig(
        text_config={**towers, "vocab_size": 10},
        vision_config={**towers, "image_size": 32, "patch_size": 8},
        projection_dim=12,
    )
    folder = save(CLIPModel(config), tmp_path / "model")
    assert load_image_encoder(f"hf-image:{folder}", folder).encode(image_paths, NullProgress()).shape == (3, 12)


def test_the_version_follows_the_weights_and_the_pooling(vit_folder, resnet_folder):
    by_token = load_image_encoder(f"vit:{vit_folder}", vit_folder).version
    assert by_token == load_image_encoder(f"vit:{vit_folder}", vit_folder).version
    assert by_token != load_image_encoder(f"hf-image:{vit_folder}", vit_folder).version
    assert by_token != load_image_encoder(f"hf-image:{resnet_folder}", resnet_folder).version


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "preprocessor_config.json"])
def test_an_incomplete_folder_says_what_is_missing(vit_folder, tmp_path, missing):
    import shutil

    copy = shutil.copytree(vit_folder, tmp_path / "copy")
    (copy / missing).unlink()
    expected = "weights" if missing.startswith("model") else missing
    with pytest.raises(EncoderUnavailableError, match=expected):
        check_available(f"hf-image:{copy}")


def test_a_text_model_is_refused_as_one_of_images(tmp_path):
    from transformers import BertConfig, BertModel

    folder = save(BertModel(BertConfig(**SIZES, vocab_size=9)), tmp_path / "model")
    with pytest.raises(EncoderUnavailableError, match="could not"):
        load_image_encoder(f"hf-image:{folder}", folder)


def test_a_broken_image_says_which(vit_folder, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"broken")
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        load_image_encoder(f"vit:{vit_folder}", vit_folder).encode([tmp_path / "broken.jpg"], NullProgress())
