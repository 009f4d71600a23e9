import json

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from core.domain.errors import EncoderUnavailableError, ImageError
from core.domain.progress import NullProgress
from core.encoders.registry import check_available, load_image_encoder, load_text_encoder

CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny CLIP with random weights, as open_clip keeps one in a folder."""
    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    save_file(open_clip.CLIP(**CONFIG).state_dict(), folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": CONFIG}))
    return folder


@pytest.fixture(scope="module")
def reference(folder):
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    return model.eval(), preprocess, open_clip.get_tokenizer(f"local-dir:{folder}")


@pytest.fixture
def image_paths(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in ("red", "green", "blue")]
    for path in paths:
        Image.new("RGB", (40, 30), path.stem).save(path)
    return paths


def test_images_embed_as_open_clip_embeds_them(folder, reference, image_paths):
    network, preprocess, _ = reference
    embeddings = load_image_encoder(f"clip:local-dir:{folder}", folder).encode(image_paths, NullProgress())
    with torch.inference_mode():
        pixels = torch.stack([preprocess(Image.open(path)) for path in image_paths])
        expected = network.encode_image(pixels, normalize=True).numpy()
    assert ((embeddings * expected).sum(axis=1) > 0.999).all()  # bf16
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


def test_texts_embed_as_open_clip_embeds_them(folder, reference):
    network, _, tokenize = reference
    texts = ["red shoes", "a blue bag"]
    embeddings = load_text_encoder(f"clip:local-dir:{folder}", folder).encode([*texts, ""], NullProgress())
    with torch.inference_mode():
        expected = network.encode_text(tokenize(texts), normalize=True).numpy()
    assert ((embeddings[:2] * expected).sum(axis=1) > 0.999).all()
    assert not embeddings[2].any()


def test_a_named_model_takes_weights_from_a_file(folder, tmp_path, image_paths):
    (tmp_path / "tiny-shelf-clip.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(tmp_path / "tiny-shelf-clip.json")
    name = f"clip:tiny-shelf-clip/{folder / 'open_clip_model.safetensors'}"
    check_available(name)
    by_file = load_image_encoder(name, folder).encode(image_paths, NullProgress())
    by_folder = load_image_encoder(f"clip:local-dir:{folder}", folder).encode(image_paths, NullProgress())
    np.testing.assert_allclose(by_file, by_folder, atol=1e-3)


def test_both_towers_share_a_version_and_a_space(folder):
    name = f"clip:local-dir:{folder}"
    image, text = load_image_encoder(name, folder), load_text_encoder(name, folder)
    assert (image.version, image.n_dimensions, image.name) == (text.version, 16, name)
    assert text.n_dimensions == 16


def test_weights_of_another_model_are_refused(folder):
    with pytest.raises(EncoderUnavailableError, match="could not be loaded"):
        load_text_encoder(f"clip:ViT-B-32/{folder / 'open_clip_model.safetensors'}", folder)


def test_an_unknown_model_is_refused(folder):
    with pytest.raises(EncoderUnavailableError):
        load_text_encoder(f"clip:no-such-model/{folder / 'open_clip_model.safetensors'}", folder)


def test_a_folder_without_weights_is_unavailable(tmp_path):
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": CONFIG}))
    with pytest.raises(EncoderUnavailableError, match="weights"):
        check_available(f"clip:local-dir:{tmp_path}")


def test_a_broken_image_says_which(folder, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"broken")
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        load_image_encoder(f"clip:local-dir:{folder}", folder).encode([tmp_path / "broken.jpg"], NullProgress())
